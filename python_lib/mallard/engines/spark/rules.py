"""What DuckDB says in other words than Spark, one rule for each kind of expression.

A rule takes an expression whose parts are already translated and returns what stands for it on Spark; the same
expression, perhaps changed, if nothing has to. Rules of lists are in `list_rules`.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import Expr, exp

from mallard.engines.spark import list_rules
from mallard.engines.spark.trees import aliased, call, cast, is_known, number, paren, struct, whole
from mallard.errors import MallardError

Rule = Callable[[Expr], Expr]

SHARE_BITS = 21
"""An exact sum adds numbers in three shares, of this many bits but for the highest: their sums don't overflow."""


def translated(tree: Expr) -> Expr:
    """The tree with every rule applied, from the leaves to the root."""
    tree = list_rules.without_zips(tree)
    for node in reversed(list(tree.bfs())):
        parent, key, index = node.parent, node.arg_key, node.index
        new = _of(node)
        if new is node:
            continue
        if parent is None:
            tree = new
        else:
            parent.set(str(key), new, index)
    return tree


def _of(node: Expr) -> Expr:
    if isinstance(node, exp.Anonymous):
        by_name = BY_NAME.get(node.name.lower())
        return by_name(node) if by_name else node
    rule = BY_KIND.get(type(node))
    return rule(node) if rule else node


def _any_value(node: Expr) -> Expr:
    """Of those that aren't null."""
    return call("any_value", node.this, exp.true())


def _ignore_nulls(node: Expr) -> Expr:
    found: Expr = node.this
    return found


def _arg_min(node: Expr) -> Expr:
    """Of the nearest few, Spark has all sorted, and then takes some."""
    count = node.args.get("count")
    if count is None:
        return node
    return list_rules.first_of_sorted(node.this, node.expression, count)


def _asinh(node: Expr) -> Expr:
    """Spark's own loses all digits near zero and far below it."""

    def size() -> Expr:
        return call("abs", node.this.copy())

    length = paren(exp.Add(this=number(1), expression=call("hypot", number(1), node.this.copy())))
    excess = exp.Mul(this=size(), expression=paren(exp.Div(this=size(), expression=length)))
    of_size = call("log1p", exp.Add(this=size(), expression=excess))
    return paren(exp.Mul(this=call("sign", node.this.copy()), expression=of_size))


def _cast(node: Expr) -> Expr:
    kind: exp.DataType = node.args["to"]
    _name_kind(kind)
    value = node.this.unnest()
    if kind.this == exp.DataType.Type.ARRAY and isinstance(value, exp.Literal):
        return call("from_json", value, exp.Literal.string(kind.sql("spark").lower()))
    if kind.this in exp.DataType.INTEGER_TYPES and isinstance(value, exp.Mul | exp.Div):
        node.set("this", call("rint", value))  # Spark truncates
    return node


KINDS = {
    "INT128": "decimal(38, 0)",
    "UINT128": "decimal(38, 0)",
    "UBIGINT": "decimal(20, 0)",
    "UINT": "bigint",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP": "timestamp",
    "TIMESTAMPTZ": "timestamp",
    "TIMESTAMPNTZ": "timestamp",
}
"""Types that Spark lacks or calls otherwise. Spark's timestamps are moments, shown in the session's zone, UTC."""


def _name_kind(kind: exp.DataType) -> None:
    """The type for Spark, with lists in place of arrays of fixed size."""
    for part in kind.find_all(exp.DataType):
        if part.this == exp.DataType.Type.ARRAY:
            part.set("values", None)
        elif part.this.name in KINDS:
            named = exp.DataType.build(KINDS[part.this.name], dialect="spark")
            part.set("this", named.this)
            part.set("expressions", named.expressions)


def _collate(node: Expr) -> Expr:
    """Texts are compared byte by byte on Spark."""
    found: Expr = node.this
    return found


def _concat(node: Expr) -> Expr:
    node.set("coalesce", False)
    return node


def _create(node: Expr) -> Expr:
    """A temporary table is a view."""
    if any(isinstance(of, exp.TemporaryProperty) for of in node.find_all(exp.TemporaryProperty)):
        node.set("kind", "VIEW")
    return node


def _cte(node: Expr) -> Expr:
    node.set("materialized", None)
    return node


def _div(node: Expr) -> Expr:
    """A division by zero is an error on Spark, or null, by a setting: it is null here."""
    if not _is_other_than_zero(node.expression):
        node.set("expression", call("nullif", node.expression, exp.Literal.number(0)))
    return node


def _is_other_than_zero(divisor: Expr) -> bool:
    match divisor.unnest():
        case exp.Nullif() | exp.Literal():
            return True
        case exp.Cast(this=exp.Literal()):
            return True
        case exp.Anonymous() as function:
            return function.name.lower() == "nullif"
    return False


WHOLE_FROM = 2.0**53
"""Doubles of this size are whole. Spark's whole numbers end at 2^63, and it has no infinite ones."""


def _floor(node: Expr) -> Expr:
    """A double, as its argument."""
    fits = exp.LT(this=call("abs", node.this.copy()), expression=number(WHOLE_FROM))
    return call("if", fits, cast(type(node)(this=node.this), "double"), cast(node.this.copy(), "double"))


def _greatest(node: Expr) -> Expr:
    return node if node.expressions else node.this


def _literal(node: Expr) -> Expr:
    """Spark's fractions are decimals unless they end in D."""
    if not node.is_string and "." in node.name and "e" not in node.name.lower():
        return exp.Var(this=f"{node.name}D")
    return node


def _is(node: Expr) -> Expr:
    """Spark reads no comparison before `is` without brackets."""
    if isinstance(node.this, exp.Binary | exp.Predicate):
        node.set("this", paren(node.this))
    return node


def _log(node: Expr) -> Expr:
    """Of a whole power of 2, exactly the exponent, as a quotient of logarithms isn't."""
    if node.expression and node.this.name == "2":
        return call("round", call("log2", node.expression), whole(12))
    return node


def _quantile(node: Expr) -> Expr:
    return call("percentile", node.this, node.expression)


def _regexp(node: Expr) -> Expr:
    flag = node.args.get("flag")
    if flag is not None and "i" in flag.name:
        node.set("expression", exp.Literal.string(f"(?i){node.expression.name}"))
    node.set("flag", None)
    return node


def _regexp_replace(node: Expr) -> Expr:
    """Spark replaces every match; at an end of a text there is one at most."""
    flags, pattern = node.args.get("modifiers"), node.expression.name
    has_all = flags is not None and "g" in flags.name
    if not (has_all or pattern.startswith("^") or pattern.endswith("$")):
        raise MallardError(f"{node.sql('duckdb')} replaces one match only, which Spark can't: give the flag g.")
    return node


def _round(node: Expr) -> Expr:
    """To decimal places as DuckDB does it: multiplied, rounded, divided. Spark would round the shortest text."""
    places = node.args.get("decimals")
    if places is None or places.name == "0":
        return call("round", node.this)
    power = exp.Literal.number(f"1e{places.name}")
    rounded = call("round", exp.Mul(this=paren(node.this), expression=power))
    return paren(exp.Div(this=rounded, expression=power.copy()))


def _star(node: Expr) -> Expr:
    """What is replaced comes last on Spark: see `_select`."""
    replaced = node.args.get("replace")
    if replaced:
        left_out = [*(node.args.get("except_") or []), *(exp.to_identifier(of.alias, quoted=True) for of in replaced)]
        node.set("except_", left_out)
        node.set("replace", None)
        node.meta["replaced"] = replaced
    return node


def _select(node: Expr) -> Expr:
    columns = []
    for column in node.expressions:
        columns.append(column)
        star = column.this if isinstance(column, exp.Column) else column
        columns.extend(star.meta.pop("replaced", []))
    node.set("expressions", columns)
    return list_rules.unnested(node)


def _sum(node: Expr) -> Expr:
    """Exact sums of whole numbers; Spark's own overflows, or wraps in silence."""
    term = node.this
    if not (isinstance(term, exp.Cast) and term.to.this == exp.DataType.Type.BIGINT):
        return node
    if isinstance(node.parent, exp.Window):
        return call("sum", cast(term, "decimal(28, 0)"))
    condition = node.parent.expression if isinstance(node.parent, exp.Filter) else None

    def sum_of(share: Expr) -> Expr:
        added = call("sum", share)
        return exp.Filter(this=added, expression=condition.copy()) if condition is not None else added

    return exact_sum(term, sum_of)


def exact_sum(term: Expr, sum_of: Callable[[Expr], Expr]) -> Expr:
    """The sum of 62-bit integers as a decimal without fractions: right for 2^40 rows, whatever their order."""
    mask = whole(2**SHARE_BITS - 1)
    low = exp.BitwiseAnd(this=paren(term.copy()), expression=mask)
    middle = exp.BitwiseAnd(this=call("shiftright", term.copy(), whole(SHARE_BITS)), expression=mask.copy())
    high = call("shiftright", term, whole(2 * SHARE_BITS))
    total: Expr | None = None
    for share, factor in ((high, 2 ** (2 * SHARE_BITS)), (middle, 2**SHARE_BITS), (low, 1)):
        part: Expr = cast(sum_of(share), "decimal(20, 0)")
        if factor > 1:
            part = exp.Mul(this=part, expression=cast(whole(factor), "decimal(14, 0)"))
        total = part if total is None else exp.Add(this=total, expression=part)
    assert total is not None  # there are three shares
    return paren(total)


def _filter(node: Expr) -> Expr:
    """An exact sum has the condition at each of its shares."""
    return node if isinstance(node.this, exp.AggFunc | exp.Anonymous | exp.WithinGroup) else node.this


def _try(node: Expr) -> Expr:
    match node.this:
        case exp.Add(this=left, expression=right):
            return call("try_add", left, right)
    found: Expr = node.this
    return found


def _window(node: Expr) -> Expr:
    """Spark numbers rows in an order only, with integers."""
    numbering = isinstance(node.this, exp.RowNumber | exp.Rank | exp.DenseRank)
    if not numbering:
        return node
    if not node.args.get("order") and not node.args.get("alias"):
        node.set("order", exp.Order(expressions=[exp.Ordered(this=exp.null())]))
    return cast(node, "bigint")


def _json_object(node: Expr) -> Expr:
    """Members that are JSON stay so."""
    members = []
    for of in node.expressions:
        value = of.expression
        if isinstance(value, exp.JSONExtract | exp.JSONExtractScalar):
            value = call("parse_json", value)
        members.append(aliased(value, of.this.name))
    return call("to_json", struct(members))


def _row(node: Expr) -> Expr:
    return call("struct", *node.expressions)


def _hash(node: Expr) -> Expr:
    """Spark's hash passes over nulls."""
    arguments = [of for value in node.expressions for of in (value, call("isnull", value.copy()))]
    return call("xxhash64", *arguments)


def _isfinite(node: Expr) -> Expr:
    """NaN is above infinity."""
    [value] = node.expressions
    if _is_moment(value):
        return call("nullif", is_known(value), exp.false())
    infinity = cast(exp.Literal.string("infinity"), "double")
    return paren(exp.LT(this=call("abs", cast(value, "double")), expression=infinity))


def _is_moment(value: Expr) -> bool:
    """Moments are always finite on Spark."""
    match value.unnest():
        case exp.Cast(to=kind):
            return kind.is_type(*exp.DataType.TEMPORAL_TYPES)
        case exp.Case(args={"ifs": [first, *_]}):
            return _is_moment(first.args["true"])
        case exp.Anonymous() as function:
            return function.name.lower() == "timestamp_micros"
    return False


def _epoch_us(node: Expr) -> Expr:
    return call("unix_micros", cast(node.expressions[0], "timestamp"))


def _typeof(node: Expr) -> Expr:
    return call("upper", call("typeof", node.this))


def _regexp_full_match(node: Expr) -> Expr:
    pattern = rf"\A(?:{node.expression.name})\z"
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(pattern))


def _trim(node: Expr) -> Expr:
    """Of spaces of all kinds, which Spark's own keeps but for the plain one."""
    if node.expression is not None or node.args.get("position"):
        return node
    return call("regexp_replace", node.this, exp.Literal.string(r"^\p{Zs}+|\p{Zs}+\z"), exp.Literal.string(""))


def _round_even(node: Expr) -> Expr:
    value, places = node.expressions
    return call("rint", value) if places.name == "0" else call("bround", value, places)


def _error(node: Expr) -> Expr:
    return call("raise_error", *node.expressions)


BY_KIND: dict[type[Expr], Rule] = {
    exp.AnyValue: _any_value,
    exp.IgnoreNulls: _ignore_nulls,
    exp.ArgMin: _arg_min,
    exp.Asinh: _asinh,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Collate: _collate,
    exp.Concat: _concat,
    exp.Create: _create,
    exp.CTE: _cte,
    exp.Div: _div,
    exp.Floor: _floor,
    exp.Ceil: _floor,
    exp.Greatest: _greatest,
    exp.Least: _greatest,
    exp.Filter: _filter,
    exp.Is: _is,
    exp.Literal: _literal,
    exp.Log: _log,
    exp.PercentileCont: _quantile,
    exp.RegexpFullMatch: _regexp_full_match,
    exp.RegexpLike: _regexp,
    exp.RegexpReplace: _regexp_replace,
    exp.Round: _round,
    exp.Star: _star,
    exp.Select: _select,
    exp.Sum: _sum,
    exp.Trim: _trim,
    exp.Try: _try,
    exp.Window: _window,
    exp.JSONObject: _json_object,
    exp.Typeof: _typeof,
    **list_rules.BY_KIND,
}
BY_NAME: dict[str, Rule] = {
    "row": _row,
    "hash": _hash,
    "isfinite": _isfinite,
    "epoch_us": _epoch_us,
    "round_even": _round_even,
    "error": _error,
    **list_rules.BY_NAME,
}
"""Rules of functions that sqlglot knows by name only."""
