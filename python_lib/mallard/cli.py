"""The command line."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from mallard.errors import MallardError
from mallard.reference import settings_page
from mallard.summary import print_summary


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Customer segmentation inside the warehouse."""


@main.command()
@click.argument("database", type=click.Path(path_type=Path), default="mallard.duckdb")
def summary(database: Path) -> None:
    """Say what a build has made: customers, the number of segments and why, and a line for each segment.

    DATABASE is the DuckDB file; mallard.duckdb if left out.
    """
    try:
        print_summary(database, Console())
    except MallardError as refusal:
        raise click.ClickException(f"mallard: {refusal}") from None


@main.command()
def settings() -> None:
    """Print every setting of a segmentation, in Markdown."""
    click.echo(settings_page(), nl=False)
