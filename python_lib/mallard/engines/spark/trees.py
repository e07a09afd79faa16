"""Parts of SQL's syntax trees, in short words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import Expr, exp


def call(function: str, *arguments: Expr) -> Expr:
    """A call of a function that has this name on Spark. An argument that stands elsewhere too has to be a copy."""
    return exp.Anonymous(this=function, expressions=list(arguments))


def number(value: float) -> Expr:
    """A double, with all its digits."""
    return exp.Var(this=f"{float(value)!r}D")


def whole(value: int) -> Expr:
    return exp.Literal.number(value)


def name(text: str) -> Expr:
    return exp.column(exp.to_identifier(text, quoted=True))


def aliased(value: Expr, alias: str) -> Expr:
    return exp.Alias(this=value, alias=exp.to_identifier(alias, quoted=True))


def cast(value: Expr, kind: str) -> Expr:
    return exp.Cast(this=value, to=exp.DataType.build(kind, dialect="spark"))


def paren(value: Expr) -> Expr:
    return exp.Paren(this=value)


def is_known(value: Expr) -> Expr:
    """Whether a value isn't null."""
    return paren(exp.Not(this=exp.Is(this=value, expression=exp.null())))


def struct(members: Sequence[Expr]) -> Expr:
    """A struct of values with names."""
    return call("struct", *members)


def member(of: Expr, field: str) -> Expr:
    return exp.Dot(this=of, expression=exp.to_identifier(field, quoted=True))


def function(body: Expr, *variables: str) -> Expr:
    """A lambda."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier(variable) for variable in variables])


def ctes_of(query: Expr) -> list[exp.CTE]:
    """The common table expressions of a query itself, in order."""
    clause = query.args.get("with_")
    return list(clause.expressions) if isinstance(clause, exp.With) else []
