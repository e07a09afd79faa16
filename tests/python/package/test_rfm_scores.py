"""Scores of recency, frequency and monetary value against numpy, and the adjusted Rand index against scikit-learn."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

QUINTILES = [0.2, 0.4, 0.6, 0.8]
SIZES = [1, 2, 3, 6, 7, 10, 11, 1003]
MEASURES = ["days since", "orders", "spent"]
NAMES = {
    "Champions": "54 55",
    "Loyal customers": "34 35 44 45",
    "Potential loyalists": "42 43 52 53",
    "New customers": "51",
    "Promising": "41",
    "Need attention": "33",
    "About to sleep": "31 32",
    "At risk": "13 14 23 24",
    "Can't lose them": "15 25",
    "Hibernating": "11 12 21 22",
}
"""By the scores of recency and frequency, as https://www.putler.com/rfm-analysis/ has them."""
LABELS = {
    "random": ([1, 2, 3, 4], ["a", "b", "c"]),
    "same_but_for_names": None,
    "one_cluster": ([1], ["a"]),
    "one_against_some": ([1], ["a", "b"]),
    "singletons": None,
    "singletons_against_some": None,
    "cases_differ": (["a", "A", "b"], ["x", "X"]),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with customers to score, in groups of several sizes, and with pairs of labels."""
    consumer = make_consumer(tmp_path_factory.mktemp("rfm_scores"))
    with duckdb.connect() as connection:
        for name, frame in [("customers", _customers()), ("labels", _labels())]:
            connection.register("frame", frame)
            connection.execute(f"copy frame to '{consumer.path / name}.parquet'")
            consumer.write(f"models/{name}.sql", f"select * from read_parquet('{consumer.path / name}.parquet')")
    for size in SIZES:
        relation = f"'(select * from customers where size = {size})'"
        names = ", ".join(
            f"{key}='{column}'" for key, column in zip(["recency", "frequency", "monetary"], MEASURES, strict=True)
        )
        scores = f"{{{{ mallard.rfm_scores({relation}, 'Nr.', {names}) }}}}"
        consumer.write(f"models/scores_{size}.sql", f"-- depends_on: {{{{ ref('customers') }}}}\n{scores}")
    ties = (
        "(select n as customer_id, n as recency_days, n as orders, 100 - n as revenue from range(0, 101, 10) as t(n))"
    )
    consumer.write("models/ties.sql", f"{{{{ mallard.rfm_scores('{ties}') }}}}")
    agreements = [
        f"select '{name}' as name, * from ({{{{ mallard.adjusted_rand_index("
        f"\"(select * from labels where name = '{name}')\", 'first label', 'other label') }}}})"
        for name in [*LABELS, "nobody"]
    ]
    text = "\nunion all by name\n".join(agreements)
    consumer.write("models/agreements.sql", f"-- depends_on: {{{{ ref('labels') }}}}\n{text}")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    return consumer


def _customers() -> pd.DataFrame:
    """Measures with ties, and values that interpolation would round; of the last, some are missing."""
    rng = np.random.default_rng(3)
    groups = []
    for size in SIZES:
        group = pd.DataFrame({"Nr.": np.arange(size), "size": size})
        group["days since"] = rng.choice([0.0, 7.3, 123.45, 200.1, 365.0], size, p=[0.1, 0.3, 0.3, 0.2, 0.1])
        group["orders"] = 1.0 + rng.geometric(0.5, size)
        group["spent"] = np.round(rng.lognormal(4, 1, size), 2)
        groups.append(group)
    last = groups[-1]
    last.loc[::50, "days since"] = np.nan
    last.loc[7, "spent"] = np.inf
    return pd.concat(groups)


def _labels() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frames = []
    for name, of in LABELS.items():
        i = np.arange(500)
        if of:
            first, other = (rng.choice(np.array(labels, dtype=object), len(i)) for labels in of)
        else:
            first = i if name.startswith("singletons") else i % 7
            other = -first if not name.endswith("some") else i % 7
        frame = pd.DataFrame({"name": name, "first label": first, "other label": other}).astype(str)
        if name == "random":
            frame.loc[::11, "first label"] = None
            frame.loc[::17, "other label"] = None
        frames.append(frame)
    return pd.concat(frames)


def _score(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return 1 + np.searchsorted(np.quantile(values, QUINTILES), values, side="left")


@pytest.mark.parametrize("size", SIZES)
def test_scores_are_the_quintiles_of_numpy(shop: Consumer, size: int) -> None:
    customers = _customers().query(f"size == {size}").set_index("Nr.")
    known = customers[np.isfinite(customers[MEASURES]).all(axis=1)]
    recency, *others = (known[column].to_numpy() for column in MEASURES)
    r, f, m = (_score(values) for values in (-recency, *others))
    names = {scores: name for name, cells in NAMES.items() for scores in cells.split()}
    expected = {
        number: (*scores, "{}{}{}".format(*scores), names["{}{}".format(*scores)])
        for number, *scores in zip(known.index, r, f, m, strict=True)
    }
    found = shop.query(f'select "Nr.", r_score, f_score, m_score, rfm_score, rfm_segment from scores_{size}')
    assert {number: row for number, *row in found} == {
        number: list(expected.get(number, (None,) * 5)) for number in customers.index
    }
    assert len(found) == size


def test_who_is_at_a_border_has_the_worse_score_in_every_measure(shop: Consumer) -> None:
    """Of 0, 10, ..., 100 the borders are 20, 40, 60 and 80, which are values as well."""
    values = pd.Series(range(0, 101, 10))
    scores = [pd.qcut(measure, 5, labels=False) + 1 for measure in (-values, values, 100 - values)]
    found = shop.query("select r_score, f_score, m_score from ties order by customer_id")
    assert found == list(zip(*scores, strict=True))


def test_scores_keep_the_measures(shop: Consumer) -> None:
    types = shop.query("select column_name, column_type from (describe scores_10)")
    scores = [("r_score", "INTEGER"), ("f_score", "INTEGER"), ("m_score", "INTEGER")]
    texts = [("rfm_score", "VARCHAR"), ("rfm_segment", "VARCHAR")]
    assert types == [("Nr.", "BIGINT"), *((name, "DOUBLE") for name in MEASURES), *scores, *texts]
    customers = _customers().query("size == 10")
    columns = ", ".join(f'"{name}"' for name in MEASURES)
    found = shop.query(f'select {columns} from scores_10 order by "Nr."')
    assert found == [tuple(row) for row in customers[MEASURES].to_numpy().tolist()]


def test_every_pair_of_scores_has_its_name(shop: Consumer) -> None:
    grid = "'(select r, f from range(1, 6) as t(r), range(1, 6) as u(f))'"
    shop.write(
        "macros/names.sql",
        f"{{% macro names() %}}{{{{ print('select r, f, ' ~ mallard._rfm_segment('r', 'f') ~ ' from ' ~ {grid}) }}}}"
        "{% endmacro %}",
    )
    printed = shop.dbt("--quiet", "run-operation", "names").stdout
    found = duckdb.sql(printed).fetchall()
    assert {f"{r}{f}": name for r, f, name in found} == {
        scores: name for name, cells in NAMES.items() for scores in cells.split()
    }
    assert len(found) == 25


@pytest.mark.parametrize("collation", ["", "nocase"])
def test_the_adjusted_rand_index_is_that_of_scikit_learn(shop: Consumer, collation: str) -> None:
    with duckdb.connect(shop.database, read_only=True) as connection:
        connection.execute(f"set default_collation = '{collation}'")
        found = {name: rest for name, *rest in connection.execute("from agreements").fetchall()}
    assert found.pop("nobody") == [None, 0]
    assert found.keys() == LABELS.keys()
    for name, labels in _labels().dropna().groupby("name"):
        expected = adjusted_rand_score(labels["first label"], labels["other label"])
        assert found[name] == [pytest.approx(expected, rel=1e-12, abs=1e-15), len(labels)]
    assert [found[name][0] for name in ("same_but_for_names", "one_cluster", "singletons")] == [1.0] * 3


def test_the_adjusted_rand_index_of_a_billion_rows_doesnt_overflow(shop: Consumer) -> None:
    """Of two by two cells of which each counts as many rows: by hand, with Python's integers."""
    counts = [1_900_000_000, 100_000_000, 300_000_000, 1_700_000_000]
    relation = "(select i // 2 as a, i % 2 as b from range(4) as t(i))"
    shop.write(
        "macros/large.sql",
        f"{{% macro large() %}}{{{{ print(mallard.adjusted_rand_index('{relation}', 'a', 'b')) }}}}{{% endmacro %}}",
    )
    sql = shop.dbt("--quiet", "run-operation", "large").stdout
    assert sql.count("count(*) as n") == 1
    rows = f"[{', '.join(map(str, counts))}][2 * cast(any_value(a) as integer) + cast(any_value(b) as integer) + 1]"
    [(found, n)] = duckdb.sql(sql.replace("count(*) as n", f"{rows} as n")).fetchall()
    assert (found, n) == (pytest.approx(_of_counts(counts), rel=1e-15), sum(counts))


def _of_counts(counts: list[int]) -> float:
    a, b, c, d = counts

    def pairs(*groups: int) -> int:
        return sum(n * (n - 1) // 2 for n in groups)

    both, first, second, total = pairs(*counts), pairs(a + b, c + d), pairs(a + c, b + d), pairs(sum(counts))
    expected = first * second / total
    return (both - expected) / ((first + second) / 2 - expected)


REFUSED: dict[str, tuple[str, str]] = {
    "no_columns": ("rfm(ref('customers'))", "setting customer_id is null: give the name of a column."),
    "no_relation": (
        "rfm(7, 'a', 'b', 'c')",
        "setting relation is 7: give ref('orders'), a source, or a query in brackets.",
    ),
    "a_list": ("rfm(ref('customers'), 'a', ['b'], 'c')", 'setting ordered_at is ["b"]: give the name of a column.'),
    "order_id": (
        "rfm(ref('customers'), 'a', 'b', 'c', order_id=1)",
        "setting order_id is 1: give the name of a column.",
    ),
    "as_of": (
        "rfm_left_out(ref('customers'), 'Nr.', 'days since', 'spent', as_of=20260131)",
        "setting as_of is 20260131: give a day such as '2026-01-31', or SQL such as 'current_date'.",
    ),
    "score": ("rfm_scores(ref('customers'), recency=none)", "setting recency is null: give the name of a column."),
    "label": ("adjusted_rand_index(ref('customers'), 'a', ' ')", 'setting second is " ": give the name of a column.'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_make_no_sense_are_refused_in_one_line(shop: Consumer, name: str) -> None:
    call, message = REFUSED[name]
    shop.write("models/refused.sql", f"{{{{ mallard.{call} }}}}")
    result = shop.dbt("--quiet", "compile", "--select", "refused")
    (shop.path / "models/refused.sql").unlink()
    assert result.returncode != 0
    assert f"mallard: {message}\n" in result.stdout


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("'a' as id, '31.01.2026' as day, 1.0 as amount", 'invalid timestamp field format: "31.01.2026"'),
        ("'a' as id, 20260131 as day, 1.0 as amount", "INTEGER -> TIMESTAMP"),
        ("'a' as id, date '2026-01-31' as day, '1,50' as amount", "Could not convert string '1,50' to DOUBLE"),
    ],
)
def test_texts_that_are_no_dates_or_numbers_are_named(shop: Consumer, select: str, message: str) -> None:
    call = f"mallard.rfm(\"(select {select})\", 'id', 'day', 'amount')"
    shop.write("models/refused.sql", f"{{{{ config(materialized='table') }}}}\n{{{{ {call} }}}}")
    result = shop.dbt("--quiet", "run", "--select", "refused")
    (shop.path / "models/refused.sql").unlink()
    assert result.returncode == 1
    assert message in result.stdout
