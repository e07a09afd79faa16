"""Write the reference pages of the documentation, and the descriptions of columns, from where they are defined.

Settings come from the library, tables and columns from the register in `macros/tables`, macros from their YAML, tests
from the comments above them, and commands from their help. `make format` runs this; a test fails when a page is not
current.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "python_lib"))

from mallard.cli import main as cli  # noqa: E402
from mallard.inputs.reference import settings_page  # noqa: E402

TABLES = """# Tables and columns

A model with the materialization `segmentation` makes the table of its name, and the tables beside it. Other models read
those with macros, so that dbt knows the dependency: `{{ mallard.profiles(ref('customer_segments')) }}`.

With the setting `group_by`, the tables beside it begin with the column `group`, and the table of its name has that
column at its end, see [Segment by group](../how-to/segment-by-group.md).

The descriptions are in the warehouse as comments. In YAML of your own, `{{ doc('mallard', '<column>') }}` gives them.
"""
MACROS = """# Macros

Call them with `mallard.` in front of the name. Every macro here is dispatched: a macro of the same name in your project
overrides it, if your `dispatch` configuration says so.
"""
TESTS = """# Data tests

Generic tests for models that Mallard makes, and for your own. Arguments stand under `arguments:`, see
[Test segments](../how-to/test-segments.md).
"""
COMMANDS = """# Command line

`pip install dbt-mallard` brings the command `mallard`. In a clone of the repository, `make summary` and `make report`
run it.
"""

Register = dict[str, dict[str, Any]]


def read_register() -> Register:
    """The tables of a segmentation: for each what a row is, and the type and meaning of every column."""
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "run-operation", "_describe_tables"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    register: Register = json.loads(printed[printed.index("{") :])
    return register


def tables_page(register: Register) -> str:
    """Every table with its columns."""
    parts = [TABLES]
    for name, table in register.items():
        title = "`<model>`" if name == "customers" else f"`<model>__{name}`"
        rows = [f"| `{column}` | {kind.upper()} | {meaning} |" for column, (kind, meaning) in table["columns"].items()]
        rows += [
            f"| `{column}` | {kind.upper()} | Only with {_quoted(settings)}. {meaning} |"
            for column, (settings, kind, meaning) in table.get("by_settings", {}).items()
        ]
        parts += [f"## {title}\n", f"{table['row']}\n", "| column | type | meaning |", "|---|---|---|", *rows, ""]
    return "\n".join(parts)


def _quoted(names: str) -> str:
    return " or ".join(f"`{name}`" for name in names.split(", "))


def column_docs(register: Register) -> str:
    """A doc block for every column; if it means something else than in an earlier table, with the name of its table."""
    meanings: dict[str, str] = {}
    for name, table in register.items():
        by_settings = {column: meaning for column, (_, _, meaning) in table.get("by_settings", {}).items()}
        always = {column: meaning for column, (_, meaning) in table["columns"].items()}
        for column, meaning in (always | by_settings).items():
            if meanings.setdefault(column, meaning) != meaning:
                meanings[f"{name}_{column}"] = meaning
    header = "{# Written by make format from the register in macros/tables. #}\n"
    return header + "".join(f"{{% docs {name} %}}{text}{{% enddocs %}}\n" for name, text in sorted(meanings.items()))


def macros_page() -> str:
    """Every documented macro with its arguments, under the headings of the YAML."""
    text = (ROOT / "macros" / "_macros.yml").read_text("utf-8")
    macros = {macro["name"]: macro for macro in yaml.safe_load(text)["macros"]}
    parts = [MACROS]
    for heading, names in _headings(text):
        parts.append(f"## {heading.capitalize()}\n")
        for name in names:
            macro = macros[name]
            signature = ", ".join(argument["name"] for argument in macro["arguments"])
            parts += [f"### `{name}({signature})`\n", f"{' '.join(macro['description'].split())}\n"]
            parts += [
                f"- `{argument['name']}` ({argument['type']}): {' '.join(argument['description'].split())}"
                for argument in macro["arguments"]
            ]
            parts.append("")
    return "\n".join(parts)


def _headings(text: str) -> list[tuple[str, list[str]]]:
    """The comments between macros, and the names of the macros below each."""
    sections: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if heading := re.fullmatch(r"  # --- (.*?) -+", line):
            sections.append((heading[1], []))
        elif name := re.fullmatch(r"  - name: (\w+)", line):
            sections[-1][1].append(name[1])
    return sections


def tests_page() -> str:
    """Every generic test with its arguments, and the comment above it."""
    parts = [TESTS]
    for file in sorted((ROOT / "tests" / "generic").glob("*.sql")):
        found = re.match(r"\{#(.*?)#\}\s*\{% test (\w+)\((.*?)\) %\}", file.read_text("utf-8"), re.DOTALL)
        if found is None:
            raise ValueError(f"{file.name} doesn't begin with a comment and a test")
        comment, name, arguments = found.groups()
        given = [argument.strip() for argument in arguments.split(",")][1:]
        parts += [f"## `{name}`\n", f"{' '.join(comment.split())}\n"]
        parts += [f"Arguments: {', '.join(f'`{argument}`' for argument in given)}.\n"] if given else []
    return "\n".join(parts)


def commands_page() -> str:
    """The help of every command."""
    parts = [COMMANDS]
    parent = click.Context(cli, info_name="mallard", **cli.context_settings)
    for name, command in sorted(cli.commands.items()):
        context = click.Context(command, parent, name, max_content_width=100, terminal_width=100)
        parts += [f"## `mallard {name}`\n", f"```\n{command.get_help(context)}\n```\n"]
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """What every file should say."""
    register = read_register()
    folder = ROOT / "docs" / "reference"
    return {
        folder / "settings.md": settings_page(),
        folder / "tables.md": tables_page(register),
        folder / "macros.md": macros_page(),
        folder / "tests.md": tests_page(),
        folder / "command-line.md": commands_page(),
        ROOT / "models" / "_columns.md": column_docs(register),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")
