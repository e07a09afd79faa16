"""Queries in steps: Spark runs several short ones over a stored table faster than one long one.

Spark puts a common table expression wherever its name stands, and so runs it as often. The statistics of Mallard are
sums that need to know the largest term beforehand, one common table expression from the other; each gives few rows.
These are run once, in order, and the driver holds their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import Expr, exp

from mallard.engines.spark.trees import ctes_of

Keep = Callable[[Expr], str | None]
"""Runs a query and returns the name of a view of its rows, or None if there are too many."""


def with_small_tables(tree: Expr, keep: Keep) -> Expr:
    """The query, with the names of views in place of common table expressions that add up rows."""
    _settle(tree, [], keep)
    return tree


def _settle(tree: Expr, around: Sequence[exp.CTE], keep: Keep) -> None:
    """Settle the common table expressions of a query, and of the queries that it selects from.

    Args:
        around: those that the query can use besides its own.
    """
    left: list[exp.CTE] = []
    for cte in ctes_of(tree):
        _settle(cte.this, [*around, *left], keep)
        view = keep(_by_itself(cte.this, [*around, *left])) if _adds_up(cte.this) else None
        if view is None:
            left.append(cte)
        else:
            _rename(tree, cte, view)
    clause = tree.args.get("with_")
    if clause is not None:
        clause.set("expressions", left)
        if not left:
            tree.set("with_", None)
    for query in _selected_from(tree):
        _settle(query, [*around, *left], keep)


def _adds_up(query: Expr) -> bool:
    """Whether a query gives one row, or one for each group of rows."""
    if not isinstance(query, exp.Select):
        return False
    if query.args.get("group") is not None:
        return True
    of_query = [node for item in query.expressions for node in _within(item)]
    return any(isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window) for node in of_query)


def _within(tree: Expr) -> list[Expr]:
    """The parts of an expression, but for subqueries."""
    return list(tree.walk(prune=lambda node: isinstance(node, exp.Subquery)))


def _by_itself(query: Expr, known: Sequence[exp.CTE]) -> Expr:
    """A copy of the query, with those of the common table expressions that it needs."""
    names = {table.name for table in query.find_all(exp.Table)}
    needed: list[exp.CTE] = []
    for cte in reversed(known):
        if cte.alias in names:
            needed.insert(0, cte)
            names |= {table.name for table in cte.this.find_all(exp.Table)}
    alone = query.copy()
    own = ctes_of(alone)
    if needed or own:
        alone.set("with_", exp.With(expressions=[cte.copy() for cte in needed] + own))
    return alone


def _rename(tree: Expr, cte: exp.CTE, view: str) -> None:
    """Have a query read a view in place of one of its common table expressions."""
    for table in list(tree.find_all(exp.Table)):
        if table.name == cte.alias and not table.db and not _is_hidden(table, tree, cte):
            alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
            if not alias.columns:
                alias.set("columns", [column.copy() for column in cte.args["alias"].columns])
            table.set("alias", alias)
            table.set("this", exp.to_identifier(view, quoted=True))


def _is_hidden(table: Expr, tree: Expr, cte: exp.CTE) -> bool:
    """Whether the name means another common table expression, of a query within the query."""
    query = table.parent
    while query is not None and query is not tree:
        if any(other is not cte and other.alias == cte.alias for other in ctes_of(query)):
            return True
        query = query.parent
    return False


def _selected_from(tree: Expr) -> list[Expr]:
    """The queries in the from clause of a query, or that a union is made of."""
    if isinstance(tree, exp.Create):
        return [tree.expression] if isinstance(tree.expression, exp.Query) else []
    if isinstance(tree, exp.Subquery):
        return [tree.this]
    if isinstance(tree, exp.SetOperation):
        return [tree.left, tree.right]
    sources = [tree.args.get("from_"), *(tree.args.get("joins") or [])]
    return [source.this.this for source in sources if source is not None and isinstance(source.this, exp.Subquery)]
