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


GROUP = click.option("--group", metavar="GROUP", help="The group, if there is a segmentation for each.")
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
@GROUP
def summary(database: Path, segmentation: str | None, group: str | None) -> None:
    """Show the customers, the number of segments and the reason for it, and a line for each segment.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.
    """
    with _refusals():
        from rich.console import Console

        from mallard.summary import print_summary

        print_summary(database, Console(), segmentation, group)


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
@GROUP
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
    group: str | None,
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
        written = write_report(database, output, segmentation, id_column, pictures, disclosure, group)
        click.echo(f"{written.page}, {written.page.stat().st_size / 1e6:.1f} MB")
        if written.pictures:
            click.echo(f"{written.pictures[0].parent}, {len(written.pictures)} pictures")
        for name, reason in written.not_drawn.items():
            click.echo(f"{name} can't be drawn: {reason}")
        click.echo(f"Personal data: {written.personal_data}")


@main.command()
@click.argument("file", metavar="DATABASE_OR_FILE", type=FilePath(path_type=Path))
@click.argument("table", required=False)
@click.option(
    "--project",
    type=FilePath(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="The folder of the dbt project.",
)
@click.option("--customer-id", metavar="COLUMN", help="The column that identifies a customer.")
@click.option("--ordered-at", metavar="COLUMN", help="The date or moment of an order.")
@click.option("--amount", metavar="COLUMN", help="The amount of an order, or of one of its lines.")
@click.option("--order-id", metavar="COLUMN", help="The column that tells orders apart.")
@click.option("--entity", metavar="WORD", help="What a row of the segmentation is called, such as product.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def init(
    file: Path,
    table: str | None,
    project: Path,
    customer_id: str | None,
    ordered_at: str | None,
    amount: str | None,
    order_id: str | None,
    entity: str | None,
    force: bool,
) -> None:
    """Write a first segmentation of a table: models, tests, and the settings that you can change.

    DATABASE_OR_FILE is a DuckDB file, of which TABLE is a table, or a CSV or Parquet file.

    A table of orders becomes a model with a row for each customer and a segmentation of these. Any other table is
    segmented as it is. The columns are found by their names, types and values; options name them where that fails.
    """
    with _refusals():
        from mallard.start.options import Options
        from mallard.start.start import start

        options = Options(customer_id, ordered_at, amount, order_id, entity)
        started = start(file, table, project, options, force)
        click.echo("\n".join(map(str, started.files)))
        click.echo(f"Next: {started.next_steps}")


@main.command()
@DATABASE
@click.option("-s", "--segmentation", metavar="TABLE", help="The segmentation, if there are several.")
@GROUP
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
    database: Path,
    segmentation: str | None,
    group: str | None,
    segments: tuple[str, ...],
    output: Path,
    columns: tuple[str, ...],
) -> None:
    """Write the customers of a segment, or of several, into a file for other programs.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.

    Customers are in the order of the table's first column. Customers without a segment can't be asked for.
    """
    with _refusals():
        from mallard.export.members import write_members

        written = write_members(database, output, segmentation, segments, columns, group)
        click.echo(f"{written.file}, {written.members}: {', '.join(segment.label for segment in written.segments)}")
        click.echo(f"Personal data: {written.personal_data}")


@main.command()
@DATABASE
@click.option("-s", "--segmentation", metavar="TABLE", help="The segmentation, if there are several.")
@GROUP
@click.option(
    "--format",
    "format",
    type=click.Choice(["keras", "saved_model", "onnx", "sql", "json"]),
    required=True,
    help="What to write: models for Keras, TensorFlow or ONNX, a query, or a model card.",
)
@click.option(
    "-o",
    "--output",
    type=FilePath(path_type=Path),
    required=True,
    help="The file to write, which ends in .keras, .onnx, .sql or .json, or the folder of a SavedModel.",
)
@click.option("--dialect", metavar="NAME", help="Of the SQL, such as postgres or sqlite. Default: duckdb.")
@click.option("--relation", metavar="TABLE", help="The table that the SQL reads. Default: customers.")
def export(
    database: Path,
    segmentation: str | None,
    group: str | None,
    format: str,
    output: Path,
    dialect: str | None,
    relation: str | None,
) -> None:
    """Write a segmentation for programs without DuckDB: from raw columns to segments and distances.

    DATABASE is a DuckDB file that dbt built or published, or a folder with Parquet or CSV copies of its tables.
    Default: mallard.duckdb.
    """
    with _refusals():
        from mallard.export.export import export_segmentation

        size = export_segmentation(database, segmentation, format, output, dialect, relation, group)
        click.echo(f"{output}, {size / 1e3:.1f} kB")


@main.command()
@click.argument("file", type=FilePath(path_type=Path))
@click.option("--relation", metavar="TABLE", required=True, help="The table or view with a row for each customer.")
@click.option("--name", metavar="TABLE", required=True, help="The segmentation to write.")
@click.option("--schema", default="main", show_default=True, help="The schema to write it into.")
@click.option("--id", "id_column", metavar="COLUMN", help="The column that identifies a customer.")
@click.option(
    "--feature", "features", metavar="COLUMN", multiple=True, help="A column to compare customers by. Repeat it."
)
@click.option("--n-clusters", metavar="N", help="The number of segments, or auto.")
@click.option("--scale", metavar="SCALE", help="How numbers are made comparable.")
@click.option("--nulls", metavar="WHAT", help="What to do with a customer who lacks a value.")
@click.option("--metric", metavar="METRIC", help="The distance measure.")
@click.option("--weight-column", metavar="COLUMN", help="How often each customer counts.")
@click.option("--value-column", metavar="COLUMN", help="What each customer is worth.")
@click.option("--entity", metavar="WORD", help="What a row is called, such as product.")
@click.option("--refit", metavar="WHEN", help="When to fit again: when_needed, always or never.")
@click.option(
    "--settings", "settings_file", metavar="FILE.yml", type=FilePath(path_type=Path), help="All settings, as YAML."
)
@click.option("--full-refresh", is_flag=True, help="Fit a new version, whatever there is.")
def fit(
    file: Path,
    relation: str,
    name: str,
    schema: str,
    id_column: str | None,
    features: tuple[str, ...],
    n_clusters: str | None,
    settings_file: Path | None,
    full_refresh: bool,
    **others: str | None,
) -> None:
    """Fit a segmentation of a table, and write it and the tables beside it into FILE, a DuckDB file.

    For projects whose dbt runs no Python, such as those of dbt 2: they score with the macro mallard.score. Tables,
    versions and ids are those of the materialization segmentation; without a reason to fit, the version that is there
    scores. `mallard settings` lists all settings.
    """
    with _refusals():
        from mallard.fitting.fit import fit_relation
        from mallard.fitting.settings import merged_settings

        number = int(n_clusters) if n_clusters and n_clusters.isdecimal() else n_clusters
        options = {"id": id_column, "features": list(features), "n_clusters": number, **others}
        fit_relation(file, relation, name, schema, merged_settings(settings_file, options), full_refresh, click.echo)
        click.echo(f"{file} has {name} and the tables beside it.")


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
