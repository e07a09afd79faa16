"""Mallard's SQL, which is DuckDB's, as SQL for Spark.

There is one text of every query. What means the same on Spark in other words is translated here: sqlglot knows the
syntax of both, and `mallard.engines.spark.rules` what sqlglot doesn't.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from mallard.errors import MallardError, shortened

if TYPE_CHECKING:
    from sqlglot import Dialect, Expr

PREFIX = "mallard__"
"""What the names of Mallard's temporary tables and views begin with."""


@lru_cache(maxsize=1024)
def spark_sql(text: str, scratch: str | None = None, parameters: tuple[Any, ...] = ()) -> str:
    """A statement for Spark.

    Args:
        text: a statement in DuckDB's SQL; names may also be in backticks.
        scratch: what the names of temporary tables begin with in place of `mallard`; None leaves them as they are.
        parameters: what stands for question marks, in order. Spark takes none in the definition of a view.

    Raises:
        MallardError: the text can't be translated.
    """
    return text_of(spark_tree(text, scratch, parameters))


def spark_tree(text: str, scratch: str | None, parameters: tuple[Any, ...] = ()) -> Expr:
    """The same, as sqlglot's tree."""
    tree = _translated(text)
    _fill_in(tree, parameters)
    if scratch is not None:
        _rename_temporary_tables(tree, scratch)
    return tree


def text_of(tree: Expr) -> str:
    """A tree of Spark's SQL as text."""
    return tree.sql(dialect=_target(), comments=False)


@lru_cache(maxsize=1024)
def spark_expressions(text: str) -> str:
    """An expression, or several with commas between them, as in a select list, for Spark.

    Raises:
        MallardError: the text can't be translated.
    """
    return ", ".join(text_of(expression) for expression in _translated(f"select {text}").expressions)


@cache
def _source() -> type[Dialect]:
    """DuckDB's SQL as Mallard writes it: places count from 1, and a name may come from dbt-spark, in backticks."""
    from sqlglot import exp
    from sqlglot.dialects.duckdb import DuckDB

    class Source(DuckDB):
        INDEX_OFFSET = 0  # leaves places as they are written; the rules know that they count from 1

        class Tokenizer(DuckDB.Tokenizer):
            IDENTIFIERS: ClassVar = ['"', "`"]

        class Parser(DuckDB.Parser):  # type: ignore[misc, valid-type]
            FUNCTIONS: ClassVar = {**DuckDB.Parser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}

    return Source


@lru_cache(maxsize=1024)
def tables_read_by(text: str) -> frozenset[str]:
    """The tables that a statement reads, with their schema, if it says one; not its common table expressions.

    Raises:
        MallardError: the text can't be parsed.
    """
    from sqlglot import exp

    tree = _parsed(text)
    return frozenset(
        f"{table.db}.{table.name}" if table.db else table.name
        for table in tree.find_all(exp.Table)
        if table.name and not _is_cte(table) and not _is_made(table)
    )


@lru_cache(maxsize=1024)
def made_by(text: str) -> str | None:
    """The table or view that a statement creates; None if it creates none."""
    from sqlglot import exp

    return next((table.name for table in _parsed(text).find_all(exp.Table) if _is_made(table)), None)


def _is_made(table: Expr) -> bool:
    from sqlglot import exp

    return isinstance(table.parent, exp.Create) and table.arg_key == "this"


def _translated(text: str) -> Expr:
    from mallard.engines.spark.rules import translated

    with _translatable(text):
        return translated(_parsed(text))


def _parsed(text: str) -> Expr:
    import sqlglot

    with _translatable(text):
        return sqlglot.parse_one(text, read=_source())


@contextmanager
def _translatable(text: str) -> Iterator[None]:
    from sqlglot.errors import SqlglotError

    try:
        yield
    except (SqlglotError, ValueError) as error:
        raise MallardError(
            f"SQL that Mallard can't translate for Spark ({str(error).splitlines()[0]}): {shortened(text)}: give it "
            "to Spark as it is, or report it."
        ) from None


@cache
def _target() -> type[Dialect]:
    """Spark's SQL, which knows common table expressions in subqueries: there, several may have the same name."""
    from sqlglot.dialects.spark import Spark

    class Target(Spark):
        class Generator(Spark.Generator):  # type: ignore[misc, valid-type]
            EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set[type[Expr]]] = set()

    return Target


def in_backticks(name: str) -> str:
    """A name in Spark's own SQL."""
    return "`" + name.replace("`", "``") + "`"


def scratch_name(table: str, scratch: str | None) -> str:
    """What a temporary table is called on Spark."""
    is_temporary = scratch is not None and table.startswith(PREFIX)
    return f"{scratch}__{table.removeprefix(PREFIX)}" if is_temporary else table


def _fill_in(tree: Expr, parameters: tuple[Any, ...]) -> None:
    from sqlglot import exp

    from mallard.engines.spark.trees import number

    places = [node for node in tree.dfs() if isinstance(node, exp.Placeholder)]
    for place, value in zip(places, parameters, strict=True):
        place.replace(number(value) if isinstance(value, float) else exp.convert(value))


def _rename_temporary_tables(tree: Expr, scratch: str) -> None:
    """Columns may be qualified by the old name, which stays as an alias."""
    from sqlglot import exp

    for table in list(tree.find_all(exp.Table)):
        name = table.name
        if not name.startswith(PREFIX) or table.db or _is_cte(table):
            continue
        table.this.replace(exp.to_identifier(scratch_name(name, scratch), quoted=True))
        if isinstance(table.parent, exp.From | exp.Join) and not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))


def _is_cte(table: Expr) -> bool:
    """Whether a table is a common table expression of a statement around it."""
    from sqlglot import exp

    around = table.parent
    while around is not None:
        clause = around.args.get("with_")
        if isinstance(clause, exp.With) and any(of.alias == table.name for of in clause.expressions):
            return True
        around = around.parent
    return False
