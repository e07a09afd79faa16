"""What DuckDB says of lists in other words than Spark. On DuckDB, lists begin at place 1 and have nulls in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import Expr, exp

from mallard.engines.spark.trees import aliased, call, cast, function, is_known, member, name, paren, struct, whole
from mallard.errors import MallardError

VALUE = "mallard_value"
"""Names a value in a struct that is made on the way."""


OTHERS, LAST = "mallard_others", "mallard_last"
"""Variables for what stands at a place of three lists or more; no column has such a name."""


def without_zips(tree: Expr) -> Expr:
    """`[f(x[1], x[2]) for x in list_zip(a, b)]` as a function of two variables over both lists."""
    for each in list(tree.find_all(exp.Comprehension)):
        lists = each.args["iterator"]
        if not (isinstance(lists, exp.Anonymous) and lists.name.lower() == "list_zip") or each.args.get("condition"):
            continue
        variable, parts = each.expression.name, lists.expressions
        names = [f"{variable}_{place}" for place in range(1, len(parts) + 1)]
        for bracket in list(each.this.find_all(exp.Bracket)):
            if isinstance(bracket.this, exp.Column) and bracket.this.name == variable:
                place = int(bracket.expressions[0].name)
                last = LAST if place == len(parts) else OTHERS
                bracket.replace(exp.column(names[place - 1]) if len(parts) == 2 else _of_pair(place, last))
        around = each.parent
        assert around is not None  # the brackets of the list
        around.replace(_zipped_with(each.this, names, parts))
    return tree


def _of_pair(place: int, last: str) -> Expr:
    return exp.column(LAST) if last == LAST else member(exp.column(OTHERS), f"p{place}")


def _zipped_with(body: Expr, names: Sequence[str], lists: Sequence[Expr]) -> Expr:
    if len(lists) == 2:
        return call("zip_with", *lists, function(body, *names))
    return call(
        "zip_with",
        zipped([f"p{place}" for place in range(1, len(lists))], lists[:-1]),
        lists[-1],
        function(body, OTHERS, LAST),
    )


def zipped(names: Sequence[str], lists: Sequence[Expr]) -> Expr:
    """A list of structs of what stands at the same place of each list; nulls where a list is shorter."""
    if len(lists) == 1:
        return call("transform", lists[0], function(struct([aliased(exp.column("x"), names[0])]), "x"))
    members = [aliased(exp.column("x"), names[0]), aliased(exp.column("y"), names[1])]
    pairs = call("zip_with", lists[0], lists[1], function(struct(members), "x", "y"))
    for at in range(2, len(lists)):
        so_far = [aliased(member(exp.column("x"), of), of) for of in names[:at]]
        members = [*so_far, aliased(exp.column("y"), names[at])]
        pairs = call("zip_with", pairs, lists[at], function(struct(members), "x", "y"))
    return pairs


def unnested(select: Expr) -> Expr:
    """A select with `unnest` in its list: Spark makes rows in the from clause, of one list."""
    unnests = [
        node
        for column in select.expressions
        for node in column.find_all(exp.Unnest, exp.Explode)
        if node.find_ancestor(exp.Select) is select
    ]
    if not unnests:
        return select
    if len(unnests) == 1 and _is_recursive(unnests[0]):
        unnests[0].replace(call("inline", _list_of(unnests[0])))
        return select
    names = [f"mallard_unnested_{place}" for place in range(len(unnests))]
    lists = [_list_of(node) for node in unnests]
    for node, of in zip(unnests, names, strict=True):
        taken = name(of)
        if node.parent is select:
            taken = aliased(taken, "unnest")
        node.replace(taken)
    for star in select.expressions:
        if isinstance(star, exp.Star):
            star.set("except_", [*(star.args.get("except_") or []), *(exp.to_identifier(of) for of in names)])
    select.append(
        "laterals",
        exp.Lateral(
            this=_rows_of(lists, names),
            view=True,
            alias=exp.TableAlias(
                this=exp.to_identifier("mallard_unnested"), columns=[exp.to_identifier(of) for of in names]
            ),
        ),
    )
    return select


def _rows_of(lists: Sequence[Expr], names: Sequence[str]) -> Expr:
    """Rows of what stands at the same place of each list, without functions of lists if these are written out."""
    places = {len(of.expressions) if _is_written_out(of) else 0 for of in lists}
    if len(places) == 1 and places.pop():
        rows = zip(*(of.expressions for of in lists), strict=True)
        return call("inline", call("array", *(struct(list(map(aliased, row, names))) for row in rows)))
    return call("inline", zipped(names, lists))


def _is_written_out(values: Expr) -> bool:
    return isinstance(values, exp.Anonymous) and values.name.lower() == "array"


def _list_of(unnest: Expr) -> Expr:
    found: Expr = unnest.expressions[0] if isinstance(unnest, exp.Unnest) else unnest.this
    return found


def _is_recursive(unnest: Expr) -> bool:
    return "recursive" in unnest.sql("duckdb").lower().rsplit(",", 1)[-1]


def first_of_sorted(value: Expr, key: Expr, count: Expr) -> Expr:
    """The values with the lowest keys, as a list."""
    return _values(call("slice", _sorted_pairs(value, [key]), whole(1), count))


def _list(node: Expr) -> Expr:
    """All values, also nulls, which Spark's own leaves out; null if there is none."""
    value = node.this
    if isinstance(value, exp.Order):
        keys = []
        for ordered in value.expressions:
            if ordered.args.get("desc"):
                raise MallardError(f"{node.sql('duckdb')} is sorted downwards, which Spark can't: sort upwards.")
            keys.append(ordered.this)
        value = value.this
    else:
        keys = []
    return exp.Nullif(this=_values(_sorted_pairs(value, keys, _condition(node))), expression=call("array"))


def _condition(node: Expr) -> Expr | None:
    return node.parent.expression if isinstance(node.parent, exp.Filter) else None


def _sorted_pairs(value: Expr, keys: Sequence[Expr], condition: Expr | None = None) -> Expr:
    members = []
    for place, key in enumerate(keys):
        members += [aliased(call("isnull", key.copy()), f"n{place}"), aliased(key, f"k{place}")]
    found: Expr = call("collect_list", struct([*members, aliased(value, VALUE)]))
    if condition is not None:
        found = exp.Filter(this=found, expression=condition.copy())
    return call("array_sort", found) if keys else found


def _values(structs: Expr) -> Expr:
    return call("transform", structs, function(member(exp.column("s"), VALUE), "s"))


def _array(node: Expr) -> Expr:
    """A list comprehension."""
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Comprehension):
        return call("array", *node.expressions)
    [each] = node.expressions
    values, variable, condition = each.args["iterator"], each.expression.name, each.args.get("condition")
    if condition is not None:
        values = call("filter", values, function(condition, variable))
    return call("transform", values, function(each.this, variable))


def _bracket(node: Expr) -> Expr:
    """Null where a list has no such place."""
    [place] = node.expressions
    if isinstance(place, exp.Slice):
        start, end = place.this or whole(1), place.expression
        if start.is_int and end is not None and end.is_int:
            return call("slice", node.this, start, whole(int(end.name) - int(start.name) + 1))
        after = exp.Sub(this=end or call("array_size", node.this.copy()), expression=paren(start.copy()))
        return call("slice", node.this, start, call("greatest", exp.Add(this=after, expression=whole(1)), whole(0)))
    if place.is_string:
        return member(node.this, place.name)
    return call("try_element_at", node.this, place if place.is_int else cast(place, "int"))


def _sum(values: Expr) -> Expr:
    """Of those that aren't null, from the first to the last; null if there is none."""
    total, value = exp.column("total"), exp.column("x")
    added = call("coalesce", exp.Add(this=total, expression=value), total.copy(), value.copy())
    return call("aggregate", values, cast(exp.null(), "double"), function(added, "total", "x"))


def _products(left: Expr, right: Expr) -> Expr:
    return call("zip_with", left, right, function(exp.Mul(this=exp.column("x"), expression=exp.column("y")), "x", "y"))


def _inner_product(node: Expr) -> Expr:
    return _sum_of_known(_products(*_arguments(node)))


def _sum_of_known(values: Expr) -> Expr:
    """Null if one is."""
    added = exp.Add(this=exp.column("total"), expression=exp.column("x"))
    return call("aggregate", values, cast(whole(0), "double"), function(added, "total", "x"))


def _distance(node: Expr) -> Expr:
    difference = paren(exp.Sub(this=exp.column("x"), expression=exp.column("y")))
    square = exp.Mul(this=difference, expression=difference.copy())
    return call("sqrt", _sum_of_known(call("zip_with", *_arguments(node), function(square, "x", "y"))))


def _arguments(node: Expr) -> list[Expr]:
    return node.expressions if isinstance(node, exp.Anonymous) else [node.this, node.expression]


def _list_sum(node: Expr) -> Expr:
    return _sum(node.expressions[0])


def _list_extract(node: Expr) -> Expr:
    return call("try_element_at", *_arguments(node)[:2])


def _list_position(node: Expr) -> Expr:
    """Null if the value isn't in the list."""
    found = call("array_position", *_arguments(node)[:2])
    return cast(exp.Nullif(this=found, expression=whole(0)), "int")


def _contains(node: Expr) -> Expr:
    """Also where a value of the list is null, of which Spark's own knows nothing."""
    return paren(exp.GT(this=call("array_position", *_arguments(node)), expression=whole(0)))


def _aggregate(node: Expr) -> Expr:
    values, of = node.expressions
    known = call("filter", values.copy(), function(is_known(exp.column("x")), "x"))
    by_name: dict[str, Callable[[], Expr]] = {
        "count": lambda: call("array_size", known),
        "sum": lambda: _sum(values),
        "min": lambda: call("array_min", values),
        "max": lambda: call("array_max", values),
    }
    return by_name[of.name]()


def _size(node: Expr) -> Expr:
    return call("array_size", node.this)


def _sort(node: Expr) -> Expr:
    return call("array_sort", node.this)


def _range(node: Expr) -> Expr:
    """From 0 to below a number, as rows or as a list; sqlglot gives an empty list where Spark would count down."""
    if isinstance(node.parent, exp.Table):
        return call("range", node.args["end"])
    return node


BY_KIND: dict[type[Expr], Callable[[Expr], Expr]] = {
    exp.Array: _array,
    exp.ArrayAgg: _list,
    exp.ArrayContains: _contains,
    exp.ArraySize: _size,
    exp.ArraySort: _sort,
    exp.Bracket: _bracket,
    exp.EuclideanDistance: _distance,
    exp.GenerateSeries: _range,
}
BY_NAME: dict[str, Callable[[Expr], Expr]] = {
    "list_sum": _list_sum,
    "list_extract": _list_extract,
    "list_position": _list_position,
    "array_inner_product": _inner_product,
    "list_inner_product": _inner_product,
    "list_dot_product": _inner_product,
    "array_distance": _distance,
    "list_distance": _distance,
    "list_aggregate": _aggregate,
}
