"""Tables and page of a segmentation that hides figures of few customers, beside one that hides none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer

from mallard.cli import main
from mallard.report.disclosure import parts_to_hide

SHOP = """
with groups(segment, x, y, n) as (values (0, 0, 0, 60), (1, 50, 0, 40), (2, 0, 50, 3), (3, 60, 60, 30))
select
    segment * 100 + i + {moved} as customer_id,
    -- nobody knows x of three customers of the second group
    case when segment = 1 and i < 3 then null else x + hash(i) % 1000 / 250.0 end as x,
    y + hash(i + 7) % 1000 / 250.0 as y,
    -- four of the first group have gold, and six of the last are members
    case when (segment = 0 and i < 4) or (segment = 1 and i < 20) then 'gold' else 'base' end as plan,
    segment = 3 and i < 6 as is_member,
    case when segment = 1 and i < 6 then 'Oslo' when i % 3 = 0 then 'Rome' else 'Kyiv' end as city,
    case when segment = 0 and i >= 3 then null else i + 0.25 end as age,
    (i + segment) * 1.5 as revenue
from groups, range(n) as t(i)
where {where}
"""
SETTINGS = {
    "id": "customer_id",
    "features": ["x", "y"],
    "nulls": "mean",
    "value_column": "revenue",
    "n_clusters": 4,
    "min_clusters": 3,
    "max_clusters": 6,
    "rules": True,
}
OF_A_RUN = {"run_id", "built_at", "fitted_at", "settings", "settings_fingerprint", "scoring", "moments"}
KEYS = {
    "metrics": ("version", "n_clusters"),
    "profiles": ("version", "segment_id", "feature"),
    "features": ("version", "feature"),
    "attributes": ("segment_id", "attribute", "value"),
    "borders": ("segment_id", "other_segment_id"),
    "divisions": ("n_clusters", "segment_id", "parent_id"),
    "rules": ("version", "rule"),
    "versions": ("version",),
    "builds": ("build",),
    "lineage": ("version", "segment_id", "new_segment_id"),
    "transitions": ("build", "part", "kind", "from_segment_id", "to_segment_id"),
    "drift": ("build", "against", "segment_id", "feature", "measure"),
}
FEW = 5
PUBLISHED = [name for name in KEYS if name != "rules"]  # which say where a small segment is


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Two builds; at the second, a customer came and two went."""
    consumer = make_consumer(tmp_path_factory.mktemp("few") / "shop")
    for moved, where in (
        ("0", "true"),
        ("case when segment = 0 and i = 7 then 5000 else 0 end", "not (segment = 1 and i in (8, 9))"),
    ):
        select = SHOP.format(moved=moved, where=where)
        consumer.write_segmentation("plain", select, **SETTINGS, publish=False)
        consumer.write_segmentation("hiding", select, **SETTINGS, suppress_below=FEW, publish=PUBLISHED)
        options = ["--full-refresh", "--vars", "{mallard_publish: {dev: out/shop.duckdb}}"]
        result = consumer.dbt("build", *options)
        assert result.returncode == 0, result.stdout
    return consumer


def _rows(shop: Consumer, table: str) -> list[dict[str, Any]]:
    with duckdb.connect(shop.database, read_only=True) as connection:
        found = connection.execute(f"from {table}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _by(rows: list[dict[str, Any]], *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[key] for key in keys): row for row in rows}


def test_the_sizes_are_as_planned(shop: Consumer) -> None:
    [(sizes,)] = shop.query("select list(n order by n) from (select count(*) as n from plain group by segment_id)")
    assert sizes == [3, 30, 38, 60]


def test_without_the_setting_nothing_is_hidden_and_with_it_nothing_else_changes(shop: Consumer) -> None:
    for name in KEYS:
        columns = shop.query(f"select column_name, column_type from (describe hiding__{name})")
        assert columns == shop.query(f"select column_name, column_type from (describe plain__{name})")
        of_plain = _by(_rows(shop, f"plain__{name}"), *KEYS[name])
        of_hiding = _by(_rows(shop, f"hiding__{name}"), *KEYS[name])
        assert of_plain.keys() == of_hiding.keys()
        for key, row in of_hiding.items():
            for column, value in row.items():
                is_name = column.endswith("segment_name") and value == f"segment {row[column[:-4] + 'id']}"
                if value is None or is_name or column in OF_A_RUN:
                    continue
                expected = of_plain[key][column]
                if column == "profile":
                    expected = [n if n >= FEW else None for n in expected]
                assert value == expected, (name, column)


def test_no_table_counts_few_customers(shop: Consumer) -> None:
    n_all = 131
    for name in KEYS:
        for row in _rows(shop, f"hiding__{name}"):
            for column, value in row.items():
                if column in {"n_customers", "n_shared", "n_joined", "n_left", "n_moved", "smallest_segment", "weight"}:
                    assert value is None or name in ("features", "versions") or value == 0 or value >= FEW, (name, row)
                if column in ("n_border", "n_inside", "n_inside_other"):
                    assert value is None or value >= FEW
                if column == "profile":
                    assert value is None or all(n is None or n >= FEW for n in value)
                if column in ("share_missing", "overall_share") and value is not None:
                    assert value == 0 or value == 1 or FEW <= value * n_all + 1e-6 <= n_all - FEW + 2e-6, (name, row)


def test_profiles_hide_the_small_segment_and_one_more(shop: Consumer) -> None:
    sizes = dict(shop.query("select segment_id, count(*) from hiding group by all"))
    small = next(segment for segment, n in sizes.items() if n == 3)
    next_smallest = next(segment for segment, n in sizes.items() if n == 30)
    rows = [row for row in _rows(shop, "hiding__profiles") if row["version"] == 2]
    for row in rows:
        is_hidden = row["segment_id"] in (small, next_smallest)
        for column in ("n_customers", "share", "stability", "total_value", "share_of_value", "mean", "median"):
            # The three without x are hidden with the next fewest who have it: those in the small segment.
            is_few = column in ("mean", "median") and row["feature"] == "x" and sizes[row["segment_id"]] == 3
            assert (row[column] is None) == (is_hidden or is_few), (column, row)
        assert (row["segment_name"] == f"segment {row['segment_id']}") == is_hidden
        assert row["overall_mean"] is not None


def test_rules_hide_their_counts_beside_a_small_segment(shop: Consumer) -> None:
    rows = _rows(shop, "hiding__rules")
    assert len(rows) >= 4
    counts = ("n_customers", "n_of_segment", "coverage", "precision", "lift")
    assert {row[column] for row in rows for column in counts} == {None}
    assert {row["agreement"] for row in rows} == {1.0}


def test_a_text_of_few_customers_in_a_segment_is_hidden_everywhere_with_another(shop: Consumer) -> None:
    rows = _by(_rows(shop, "hiding__attributes"), "segment_id", "attribute", "value")
    plans = {value for _, attribute, value in rows if attribute == "plan"}
    assert plans == {"gold", "base"}
    for (_, attribute, _), row in rows.items():
        if attribute == "plan":
            assert row["n_customers"] is row["share"] is row["overall_share"] is None


def test_a_count_of_few_that_the_data_has_is_nowhere(shop: Consumer) -> None:
    """The figures of the small groups, and those that would give them away, don't occur in what is published."""
    sizes = dict(shop.query("select segment_id, count(*) from plain group by all"))
    small = [segment for segment, n in sizes.items() if n in (3, 30)]
    secret: set[float] = set()
    for name, columns in {
        "profiles": ["mean", "median", "z_score", "total_value", "share_of_value", "share"],
        "attributes": ["mean", "z_score"],
    }.items():
        for row in _rows(shop, f"plain__{name}"):
            if row["segment_id"] in small:
                secret |= {row[column] for column in columns if row[column] is not None}
    secret = {value for value in secret if not float(value * 4).is_integer()}
    assert len(secret) > 10
    with duckdb.connect(shop.path / "out" / "shop.duckdb", read_only=True) as connection:
        tables = {table for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert tables == {f"hiding__{name}" for name in PUBLISHED} | {"publication"}
        assert connection.execute(
            "select count(*) from duckdb_functions() where function_name like 'hiding%' and not internal"
        ).fetchall() == [(0,)]
        columns = {column for (column,) in connection.execute("select column_name from duckdb_columns()").fetchall()}
        assert not columns & {"scoring", "moments"}
        for table in tables:
            for row in connection.execute(f"from {table}").fetchall():
                assert not secret & {value for value in row if isinstance(value, float) and not math.isnan(value)}, (
                    table
                )


def test_the_history_hides_who_came_and_went(shop: Consumer) -> None:
    [last] = [row for row in _rows(shop, "hiding__builds") if row["build"] == 2]
    assert (last["n_joined"], last["n_left"], last["n_moved"], last["n_rows"]) == (None, None, 0, 131)
    flows = [row for row in _rows(shop, "hiding__transitions") if row["part"] == "behaviour"]
    assert len(flows) > 4
    assert all(row["n_customers"] is row["weight"] is row["value"] is row["value_before"] is None for row in flows)
    assert all(row["n_shared"] is row["jaccard_now"] is None for row in _rows(shop, "hiding__lineage"))
    drift = _rows(shop, "hiding__drift")
    assert all(row["value"] is row["value_before"] is None for row in drift)
    assert all(row["size"] is None for row in drift if row["segment_id"] is not None)
    assert any(row["size"] is not None for row in drift)


def test_a_build_that_only_scores_goes_on_from_exact_figures(shop: Consumer) -> None:
    for name in ("plain", "hiding"):
        where = {"plain": {}, "hiding": {"suppress_below": FEW, "publish": PUBLISHED}}[name]
        select = SHOP.format(moved="0", where="not (segment = 1 and i in (8, 9))")
        shop.write_segmentation(name, select, **SETTINGS, **where)
    result = shop.dbt("build")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("nothing to fit") == 2
    columns = "build, against, segment_id, feature, measure, size, p_value"
    last = "build = 3 and segment_id is null"
    found, expected = (
        shop.query(f"select {columns} from {name}__drift where {last} order by all") for name in ("hiding", "plain")
    )
    assert found == expected


@pytest.mark.parametrize("options", [[], ["--aggregate"]])
def test_the_page_hides_what_the_tables_hide(shop: Consumer, tmp_path: Path, options: list[str]) -> None:
    page = tmp_path / "page.html"
    asked = ["report", str(shop.database), "-s", "hiding", "-o", str(page), "--no-pictures", *options]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 0, said.output
    assert "Personal data: this page contains no row of a single customer." in said.output
    text = page.read_text()
    found = set(re.findall(r"-?\d+\.\d{3,}", text))
    names = dict(shop.query("select distinct segment_id, segment_name from plain"))
    for row in _rows(shop, "plain__profiles"):
        if row["n_customers"] in (3, 30):
            assert not {repr(row["mean"]), f"{row['mean']:.6g}", repr(row["z_score"])} & found
            assert names[row["segment_id"]] not in text
    result = CliRunner().invoke(main, ["summary", str(shop.database), "-s", "hiding"])
    assert result.exit_code == 0, result.output


def test_centroids_are_published_only_with_the_customers(shop: Consumer) -> None:
    shop.write_segmentation(
        "wrong", SHOP.format(moved="0", where="true"), **SETTINGS, suppress_below=5, publish=["centroids"]
    )
    result = shop.dbt("build", "--select", "wrong")
    (shop.path / "models" / "wrong.sql").unlink()
    assert 'setting publish is ["centroids"]: leave centroids out, because suppress_below is set' in result.stdout


def test_rows_of_few_customers_are_hidden_with_the_next_smallest(shop: Consumer) -> None:
    """Of a whole of twelve, three and the next four; of eleven, none, because five and six are enough."""
    rows = (
        "(select * from (values ('a', 1, 3), ('a', 2, 4), ('a', 3, 5), ('b', 1, 5), ('b', 2, 6)) as t(name, part, n))"
    )
    cells = f"select name as whole, part, 0 as cell_group, n from {rows}"
    shop.write(
        "models/counted.sql",
        f"""
        select counted.*, few.whole is not null as mallard__hides_row
        from {rows} as counted
        left join ({{{{ mallard._parts_to_hide("{cells}", 4) }}}}) as few
            on counted.name = few.whole and counted.part = few.part
        """,
    )
    result = shop.dbt("build", "--select", "counted")
    (shop.path / "models" / "counted.sql").unlink()
    assert result.returncode == 0, result.stdout
    assert shop.query("select name, part, mallard__hides_row from counted order by all") == [
        ("a", 1, True),
        ("a", 2, True),
        ("a", 3, False),
        ("b", 1, False),
        ("b", 2, False),
    ]


def test_macro_and_library_hide_the_same(shop: Consumer) -> None:
    """Random counts of up to six parts in up to three groups."""
    rng = np.random.default_rng(0)
    cases: list[Mapping[str, list[int]]] = []
    for _ in range(400):
        n_groups = int(rng.integers(1, 4))
        counts = rng.choice([0, 1, 2, 3, 4, 5, 6, 9, 20], size=(int(rng.integers(1, 7)), n_groups))
        cases.append({f"part {place}": [int(n) for n in of_part] for place, of_part in enumerate(counts)})
    values = ", ".join(
        f"({whole}, '{part}', {group}, {n})"
        for whole, case in enumerate(cases)
        for part, of_part in case.items()
        for group, n in enumerate(of_part)
    )
    cells = f"select * from (values {values}) as t(whole, part, cell_group, n)"
    shop.write("models/rule.sql", f'{{{{ mallard._parts_to_hide("{cells}", 5) }}}}')
    result = shop.dbt("build", "--select", "rule")
    (shop.path / "models" / "rule.sql").unlink()
    assert result.returncode == 0, result.stdout
    found: dict[int, set[str]] = {}
    for whole, part in shop.query("from rule"):
        found.setdefault(whole, set()).add(part)
    assert {whole: found.get(whole, set()) for whole in range(len(cases))} == {
        whole: parts_to_hide(case, 5) for whole, case in enumerate(cases)
    }
