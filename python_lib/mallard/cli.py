"""The command line. Commands import what they need when they run, so that help comes at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mallard import __version__
from mallard.errors import MallardError
from mallard.failures import explanation, was_interrupted

STOPPED_BY_CTRL_C = 130
"""The exit code of programs that end so."""


class FilePath(click.Path):
    """A path that a system can have."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "\x00" in str(value):
            self.fail("the path contains a NUL character: remove it.", param, ctx)
        return super().convert(value, param, ctx)


DATABASE = click.argument("database", type=FilePath(path_type=Path), default="mallard.duckdb")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mallard")
def main() -> None:
    """Customer segmentation inside the warehouse.

    dbt build makes the segments; these commands show them.
    """


@main.command()
@DATABASE
@click.option("-s", "--segmentation", metavar="TABLE", help="The segmentation to show. Default: all of them.")
def summary(database: Path, segmentation: str | None) -> None:
    """Show the customers, the number of segments and the reason for it, and a line for each segment.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.
    """
    with _refusals():
        from rich.console import Console

        from mallard.summary import print_summary

        print_summary(database, Console(), segmentation)


@main.command()
@DATABASE
@click.option(
    "-o",
    "--output",
    type=FilePath(path_type=Path, dir_okay=False),
    default="segments.html",
    show_default=True,
    help="The page to write.",
)
@click.option("-s", "--segmentation", metavar="TABLE", help="The segmentation to show, if there are several.")
@click.option("--id", "id_column", metavar="COLUMN", help="The column that identifies a customer. Default: the first.")
@click.option(
    "--pictures/--no-pictures", default=True, show_default=True, help="Whether to save each chart as PNG and SVG too."
)
@click.option("--no-ids", is_flag=True, help="Number the customers in place of their ids.")
@click.option("--aggregate", is_flag=True, help="Show counts and means only, and no row of a single customer.")
@click.option(
    "--suppress-below",
    metavar="N",
    type=click.IntRange(min=2),
    help="Hide figures of fewer than N customers. Default: 5 with --aggregate, and none without.",
)
def report(
    database: Path,
    output: Path,
    segmentation: str | None,
    id_column: str | None,
    pictures: bool,
    no_ids: bool,
    aggregate: bool,
    suppress_below: int | None,
) -> None:
    """Write a page with cards, charts and the customers near a border, in one file that needs no network.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.

    The page contains ids and values of up to some 2,000 customers, unless --no-ids or --aggregate leave them out.
    """
    with _refusals():
        from mallard.report.disclosure import FEWEST, Disclosure
        from mallard.report.write import write_report

        disclosure = Disclosure(
            ids=not (no_ids or aggregate),
            rows=not aggregate,
            suppress_below=suppress_below or (FEWEST if aggregate else 1),
        )
        written = write_report(database, output, segmentation, id_column, pictures, disclosure)
        click.echo(f"{written.page}, {written.page.stat().st_size / 1e6:.1f} MB")
        if written.pictures:
            click.echo(f"{written.pictures[0].parent}, {len(written.pictures)} pictures")
        for name, reason in written.not_drawn.items():
            click.echo(f"{name} can't be drawn: {reason}")
        click.echo(f"Personal data: {written.personal_data}")


@main.command()
@DATABASE
@click.option("-s", "--segmentation", metavar="TABLE", help="The segmentation, if there are several.")
@click.option(
    "--segment",
    "segments",
    metavar="ID_OR_NAME",
    multiple=True,
    required=True,
    help="The segment, by its id or name. Repeat the option for several.",
)
@click.option(
    "-o",
    "--output",
    type=FilePath(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write, which ends in .csv or .parquet.",
)
@click.option(
    "--column",
    "columns",
    metavar="COLUMN",
    multiple=True,
    help="A column to write. Repeat it for several. Default: all.",
)
def members(
    database: Path, segmentation: str | None, segments: tuple[str, ...], output: Path, columns: tuple[str, ...]
) -> None:
    """Write the customers of a segment, or of several, into a file for other programs.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.

    Customers are in the order of the table's first column. Customers without a segment can't be asked for.
    """
    with _refusals():
        from mallard.export.members import write_members

        written = write_members(database, output, segmentation, segments, columns)
        customers = "1 customer" if written.n_customers == 1 else f"{written.n_customers:,} customers"
        click.echo(f"{written.file}, {customers}: {', '.join(segment.label for segment in written.segments)}")
        click.echo(f"Personal data: {written.personal_data}")


@main.command()
def settings() -> None:
    """Print every setting of a segmentation, in Markdown."""
    from mallard.inputs.reference import settings_page

    click.echo(settings_page(), nl=False)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in one line what the person can do something about."""
    try:
        yield
    except (MallardError, OSError) as refusal:
        raise click.ClickException(f"mallard: {refusal}") from None
    except BaseException as failure:
        if was_interrupted(failure):
            click.echo("mallard: stopped before it was done.", err=True)
            raise SystemExit(STOPPED_BY_CTRL_C) from None
        said = explanation(failure)
        if said is None:
            raise
        raise click.ClickException(f"mallard: {said}") from None
