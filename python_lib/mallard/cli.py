"""The command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from mallard.errors import MallardError
from mallard.reference import settings_page
from mallard.summary import print_summary

DATABASE = click.argument("database", type=click.Path(path_type=Path), default="mallard.duckdb")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dbt-mallard", prog_name="mallard")
def main() -> None:
    """Customer segmentation inside the warehouse.

    dbt build makes the segments; these commands show them.
    """


@main.command()
@DATABASE
def summary(database: Path) -> None:
    """Say what a build has made: customers, the number of segments and why, and a line for each segment.

    DATABASE is a DuckDB file that dbt built or that was published; mallard.duckdb if left out.
    """
    with _refusals():
        print_summary(database, Console())


@main.command()
@DATABASE
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="segments.html",
    show_default=True,
    help="The page to write.",
)
@click.option("-s", "--segmentation", metavar="TABLE", help="Which, where the file has several.")
@click.option("--id", "id_column", metavar="COLUMN", help="What identifies a customer; the first column if left out.")
@click.option(
    "--pictures/--no-pictures", default=True, show_default=True, help="Whether to save each chart as PNG and SVG too."
)
def report(database: Path, output: Path, segmentation: str | None, id_column: str | None, pictures: bool) -> None:
    """Write a page to look at: cards, charts and the customers near a border, in one file that needs no network.

    DATABASE is a DuckDB file that dbt built or that was published; mallard.duckdb if left out.
    """
    with _refusals():
        try:
            from mallard.report.write import write_report
        except ModuleNotFoundError as error:
            raise MallardError(f"{error.name} isn't installed: pip install 'dbt-mallard[report]'.") from None
        page, *others = write_report(database, output, segmentation, id_column, pictures)
        click.echo(f"{page}, {page.stat().st_size / 1e6:.1f} MB")
        if others:
            click.echo(f"{others[0].parent}, {len(others)} pictures")


@main.command()
def settings() -> None:
    """Print every setting of a segmentation, in Markdown."""
    click.echo(settings_page(), nl=False)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (MallardError, OSError) as refusal:
        raise click.ClickException(f"mallard: {refusal}") from None
