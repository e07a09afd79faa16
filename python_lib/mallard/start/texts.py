"""Names in the files of a dbt project, where Jinja, SQL and YAML read them."""

from __future__ import annotations

import json
import re

from mallard.labels import plain
from mallard.sql.text import quoted

BARE = re.compile(r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[a-z_][a-z0-9_]*", re.IGNORECASE)
"""A text that YAML takes for one without quotation marks."""
JINJA = re.compile(r"\{[{%#]")


def in_jinja(text: str) -> str:
    """A text in an expression of Jinja.

    dbt reads names of tables without Jinja, and keeps the backslash of an escaped quotation mark.
    """
    mark = '"' if "'" in text and '"' not in text else "'"
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}").replace("\n", "\\n").replace("\r", "\\r")
    return f"{mark}{escaped}{mark}"


def in_sql(name: str) -> str:
    """The name of a column in SQL, out of Jinja's sight."""
    return f"{{{{ {in_jinja(quoted(name))} }}}}" if JINJA.search(name) else quoted(name)


def in_comment(text: str) -> str:
    """A text on one line, without what Jinja would run."""
    return JINJA.sub("{ ", plain(text))


def in_yaml(text: str) -> str:
    """A text in YAML."""
    return text if BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
