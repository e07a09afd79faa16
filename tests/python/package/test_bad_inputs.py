"""What a segmentation refuses: each with one message that says what to do, and nothing in the database is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from consumer import make_consumer
from once import made_once

GOOD = "select i as id, i as orders, i * i as revenue, 'p' || (i % 3) as plan from range(20) as t(i)"
SIDES = {
    "": "segment_name",
    "__metrics": (
        "metric, n_clusters, inertia, silhouette, davies_bouldin, n_iter, converged, is_elbow, is_selected, n_points, "
        "border_depth, bend, n_groups, verdict, is_natural"
    ),
    "__profiles": (
        "segment_name, segment_id, n_customers, share, feature, mean, median, overall_mean, overall_median, z_score"
    ),
    "__centroids": "segment_name, segment_id, feature, scale, unit, centroid, scaled_centroid",
}
"""The tables of a segmentation, and columns by which it knows them for its own."""


Refused = dict[str, tuple[str, str, list[list[list[Any]]]]]


class Case(NamedTuple):
    """A model that can't be built.

    Attributes:
        meta: the settings beside the id.
        message: what dbt says, or how that begins after "mallard: ".
        select: the query of the model.
        starts: that of a model beside it, which `init` names and the model depends on.
    """

    meta: dict[str, Any]
    message: str
    select: str = GOOD
    starts: str = ""


def _with(columns: str) -> str:
    return f"select i as id, i as orders, {columns} from range(20) as t(i)"


def _starts(message: str, starts: str, **meta: Any) -> Case:
    return Case(meta, message, starts=starts)


CASES = {
    # --- settings ---
    "unknown_setting": Case(
        {"n_cluster": 3}, "setting n_cluster is 3: there is no such setting; did you mean n_clusters?"
    ),
    "foreign_setting": Case({"zzz": 1}, "setting zzz is 1: there is no such setting; choose from id, features, scale,"),
    "no_id": Case(
        {"id": None},
        "setting id is null: set it to the column that identifies each customer, one of id, orders, revenue, plan.",
    ),
    "empty_id": Case({"id": ""}, 'setting id is "": give the name of a column.'),
    "id_elsewhere": Case({"id": "key"}, 'setting id is "key": the select has no such column; choose from id, orders,'),
    "n_clusters_text": Case(
        {"n_clusters": "five"}, 'setting n_clusters is "five": set it to auto or to a whole number of 1'
    ),
    "n_clusters_zero": Case(
        {"n_clusters": 0}, "setting n_clusters is 0: set it to auto or to a whole number of 1 or more."
    ),
    "n_clusters_too_many": Case(
        {"n_clusters": 21}, "setting n_clusters is 21: the 20 customers have only 20 different combinations of orders,"
    ),
    "max_clusters_too_many": Case(
        {"max_clusters": 30},
        "setting max_clusters is 30: the 20 customers have only 20 different combinations of orders,",
    ),
    "min_above_max": Case(
        {"min_clusters": 5, "max_clusters": 3}, "setting min_clusters is 5: it is above the largest number to try, 3;"
    ),
    "n_clusters_not_tried": Case(
        {"n_clusters": 9, "min_clusters": 2, "max_clusters": 5}, "setting n_clusters is 9: only 2 to 5 are tried;"
    ),
    "min_clusters_text": Case(
        {"min_clusters": "2"},
        'setting min_clusters is "2": set it to a whole number of 1 or more; this is text: remove',
    ),
    "n_clusters_number_as_text": Case(
        {"n_clusters": "3"},
        'setting n_clusters is "3": set it to auto or to a whole number of 1 or more; this is text: remove the',
    ),
    "settings_in_two_places": Case(
        {"n_clusters": 3, "mallard": {"id": "id"}},
        "setting id is in meta, but others are under mallard in meta, perhaps from dbt_project.yml, and only those",
    ),
    "selection_misspelt": Case(
        {"selection": "ellbow"}, 'setting selection is "ellbow": choose from evidence, elbow, silhouette.'
    ),
    "n_init_zero": Case({"n_init": 0}, "setting n_init is 0: set it to a whole number from 1 to 10000."),
    "random_state_negative": Case(
        {"random_state": -1}, "setting random_state is -1: set it to a whole number from 0 to"
    ),
    "compression_misspelt": Case(
        {"compression": "lossy"}, 'setting compression is "lossy": choose from auto, exact, coreset'
    ),
    "max_points_few": Case({"max_points": 10}, "setting max_points is 10: set it to a whole number of 1000 or more."),
    "scale_misspelt": Case(
        {"scale": "standrad"}, 'setting scale is "standrad": choose from auto, standard, minmax, robust, log1p'
    ),
    "nulls_misspelt": Case({"nulls": "drop"}, 'setting nulls is "drop": choose from exclude, mean, median, error.'),
    "constant_misspelt": Case(
        {"constant_features": "keep"}, 'setting constant_features is "keep": choose from error, drop.'
    ),
    "max_categories_one": Case(
        {"max_categories": 1}, "setting max_categories is 1: set it to a whole number of 2 or more."
    ),
    "words_list": Case(
        {"feature_words": ["orders"]}, 'setting feature_words is ["orders"]: give it as {column: word, ...}.'
    ),
    "features_empty": Case({"features": []}, "setting features is []: give columns as a list,"),
    "features_text": Case({"features": "orders"}, 'setting features is "orders": give columns as a list,'),
    "feature_twice": Case(
        {"features": ["orders", "orders"]}, 'setting features is ["orders", "orders"]: \'orders\' is listed twice'
    ),
    "feature_is_id": Case(
        {"features": ["id", "orders"]}, 'setting features is ["id", "orders"]: \'id\' is the id, which says'
    ),
    "feature_unknown": Case(
        {"features": ["orders", "sales"]},
        'setting features is ["orders", "sales"]: the select has no column \'sales\'; choose from orders,',
    ),
    "feature_scale": Case(
        {"features": {"orders": {"scale": "log"}}},
        'setting features is {"orders": {"scale": "log"}}: scale of \'orders\' is "log"; choose from auto, standard,',
    ),
    "feature_weight": Case(
        {"features": {"orders": {"weight": 0}}},
        'setting features is {"orders": {"weight": 0}}: weight of \'orders\' is 0; set it to a number from 0.0001 to '
        "10,000.",
    ),
    "feature_weight_too_large": Case(
        {"features": {"orders": {"weight": 1e9}}},
        'setting features is {"orders": {"weight": 1000000000.0}}: weight of \'orders\' is 1000000000.0; set it to a '
        "number from 0.0001 to 10,000.",
    ),
    "feature_misspelt_key": Case(
        {"features": {"orders": {"scaling": "none"}}},
        'setting features is {"orders": {"scaling": "none"}}: give \'orders\' as {scale: ..., weight: ...}, or one',
    ),
    "metric_misspelt": Case({"metric": "cosinus"}, 'setting metric is "cosinus": choose from euclidean, cosine.'),
    "weight_elsewhere": Case(
        {"weight_column": "w"}, 'setting weight_column is "w": the select has no such column; choose from id, orders,'
    ),
    "weight_text": Case(
        {"weight_column": "plan"}, 'setting weight_column is "plan": the column is VARCHAR; name a numeric one'
    ),
    "weight_zero": Case(
        {"weight_column": "revenue"},
        'setting weight_column is "revenue": it isn\'t a number above 0 (from 1e-12 to 1e+12) in 1 of',
    ),
    "weight_alone": Case(
        {"weight_column": "orders"},
        "the select has no column besides the id, id, and the weight, orders: add what to compare",
        "select i as id, i + 1 as orders from range(20) as t(i)",
    ),
    "weights_of_shares": Case(
        {"weight_column": "share"},
        'setting weight_column is "share": its values add up to 0.8, so they look like shares; multiply them',
        _with("0.04 as share"),
    ),
    "cosine_without_a_spread": Case(
        {"metric": "cosine", "scale": "robust"},
        "feature visits can't be scaled, because it varies too little",
        _with("(i = 0)::integer as visits"),
    ),
    "cosine_without_a_direction": Case(
        {"metric": "cosine", "scale": "none", "features": ["visits"]},
        'setting metric is "cosine": no customer has a direction, because every feature is 0; choose euclidean.',
        _with("i * 1e-170 as visits"),
    ),
    "no_settings": Case(
        {"mallard": None}, "setting id is in meta, but others are under mallard in meta, perhaps from dbt_project.yml,"
    ),
    # --- given centroids ---
    "init_misspelt": Case(
        {"init": "kmeans++"},
        'setting init is "kmeans++": choose from k-means++, random; or, if it is a model or seed that has the '
        "centroids, write -- depends_on: {{ ref('kmeans++') }} above the select.",
    ),
    "starts_lack_a_column": _starts(
        "setting init is \"starts_lack_a_column_starts\": it has no column 'revenue'; give it the columns segment_id,",
        "select 1 as segment_id, 2 as orders, 'p1' as plan",
    ),
    "starts_lack_ids": _starts(
        "setting init is \"starts_lack_ids_starts\": it has no column 'segment_id'; give it",
        "select 2 as orders, 4 as revenue, 'p1' as plan",
    ),
    "starts_with_gaps": _starts(
        'setting init is "starts_with_gaps_starts": it has the segment_id 1, 3; give it one row for each segment, with',
        "select i as segment_id, i as orders, i as revenue, 'p1' as plan from (values (1), (3)) as t(i)",
    ),
    "starts_without_a_row": _starts(
        'setting init is "starts_without_a_row_starts": it has no rows; give it one row for each segment',
        "select i as segment_id, i as orders, i as revenue, 'p1' as plan from range(0) as t(i)",
    ),
    "starts_without_a_value": _starts(
        'setting init is "starts_without_a_value_starts": segment 2 lacks the feature orders; fill it in.',
        "select i as segment_id, nullif(i, 2) as orders, i as revenue, 'p1' as plan from range(1, 4) as t(i)",
    ),
    "starts_of_text": _starts(
        'setting init is "starts_of_text_starts": it can\'t be read, Conversion Error: Could not convert string',
        "select 1 as segment_id, 'few' as orders, 4 as revenue, 'p1' as plan",
    ),
    "starts_without_a_direction": _starts(
        'setting init is "starts_without_a_direction_starts": segment 1 lacks a direction; give it another value.',
        "select 1 as segment_id, 0 as orders, 0 as revenue, null as plan",
        metric="cosine",
        scale="none",
        features=["orders", "revenue"],
    ),
    "starts_of_nothing_though_nulls_are_filled_in": _starts(
        'setting init is "starts_of_nothing_though_nulls_are_filled_in_starts": segment 1 lacks the feature orders;',
        "select 1 as segment_id, null as orders, 4 as revenue, 'p1' as plan",
        nulls="mean",
    ),
    "starts_that_are_ephemeral": _starts(
        'setting init is "starts_that_are_ephemeral_starts": it is ephemeral, so there is no table to read; make it',
        "{{ config(materialized='ephemeral') }} select 1 as segment_id, 2 as orders, 4 as revenue, 'p1' as plan",
    ),
    "starts_and_a_number": _starts(
        "setting n_clusters is 4: init gives 3 centroids, so no other number is tried; remove this setting.",
        "select i as segment_id, i as orders, i as revenue, 'p1' as plan from range(1, 4) as t(i)",
        n_clusters=4,
    ),
    "starts_too_many": _starts(
        'setting init is "starts_too_many_starts": it gives 30 centroids, but only 20 customers are distinct; give',
        "select i as segment_id, i as orders, i as revenue, 'p1' as plan from range(1, 31) as t(i)",
    ),
    # --- columns ---
    "date": Case(
        {},
        "column born is DATE, which is not a number: turn it into one in the select,",
        _with("date '2000-01-01' + i::integer as born"),
    ),
    "timestamp": Case(
        {}, "column seen is TIMESTAMP, which is not a number: turn it into one", _with("timestamp '2000-01-01' as seen")
    ),
    "interval": Case({}, "column age is INTERVAL, which is not a number: turn", _with("interval 3 days as age")),
    "struct": Case(
        {}, "column home is STRUCT, which is not a number: extract numbers or categories", _with("{'city': i} as home")
    ),
    "map": Case(
        {}, "column tags is MAP, which is not a number: extract numbers or categories", _with("map {'a': i} as tags")
    ),
    "uuid": Case(
        {},
        "column token is UUID, which is not a number: extract numbers or categories",
        _with("gen_random_uuid() as token"),
    ),
    "blob": Case({}, "column raw is BLOB, which is not a number: extract numbers", _with("'x'::blob as raw")),
    "text_list": Case(
        {}, "column words is LIST OF VARCHAR, which is not a number: extract numbers", _with("['a', 'b'] as words")
    ),
    "free_text": Case(
        {"max_categories": 10},
        "column note has more than 10 different texts, too many for categories: group them",
        _with("'note ' || i as note"),
    ),
    "ragged_vectors": Case(
        {}, "column v has lists of 1 to 2 numbers: make them equally long", _with("range(1 + i % 2) as v")
    ),
    "empty_vectors": Case({}, "column v has no value in any row: leave it out", _with("[]::integer[] as v")),
    "own_name": Case({}, "column segment_id has a name that the segmentation needs", _with("i as segment_id")),
    "own_prefix": Case({}, "column Squared_Distance_1 has a name that", _with('i as "Squared_Distance_1"')),
    "id_alone": Case(
        {}, "the select has no column besides the id, id: add what to compare", "select i as id from range(9) as t(i)"
    ),
    # --- data ---
    "no_rows": Case(
        {}, "there are no customers to segment: the select returns no rows; check its conditions", GOOD + " where i < 0"
    ),
    "id_null": Case(
        {},
        "column id identifies customers and is null in 5 of 20 rows",
        "select nullif(i % 4, 0) as id, i as orders from range(20) as t(i)",
    ),
    "id_repeated": Case(
        {},
        "column id identifies customers, but 7 of its values occur more than once (0, 1, 2, 3, 4, ...): keep one row",
        "select i % 7 as id, i as orders from range(20) as t(i)",
    ),
    "numbers_as_text": Case(
        {},
        'column total is text, but 19 of its 20 different texts are numbers: write try_cast(trim("total")',
        _with("case when i = 0 then '?' else cast(i * 19.85 as varchar) end as total"),
    ),
    "few_numbers_as_text": Case(
        {},
        "column children is text, but 7 of its 7 different texts are numbers",
        _with("cast(i % 7 as varchar) as children"),
    ),
    "nothing_at_all": Case({}, "column y has no value in any row: leave it out of features.", _with("null as y")),
    "all_null": Case(
        {}, "column visits has no value in any row: leave it out of features.", _with("null::integer as visits")
    ),
    "all_null_category": Case({}, "column plan has no value in any row: leave it out", _with("null::varchar as plan")),
    "every_row_lacks_one": Case(
        {},
        'setting nulls is "exclude": every row lacks a value: a in 10, b in 10 of 20 rows; remove columns',
        _with("case when i % 2 = 0 then i end as a, case when i % 2 = 1 then i end as b"),
    ),
    "nulls_are_errors": Case(
        {"nulls": "error"},
        'setting nulls is "error": values are missing: visits in 5 of 20 rows; fill them in',
        _with("case when i >= 5 then i end as visits"),
    ),
    "constant": Case({}, "column visits is the same for all customers, so it tells none apart", _with("7 as visits")),
    "constant_flag": Case({}, "column flag is the same for all customers", _with("true as flag")),
    "one_category": Case({}, "column plan is the same for all customers", _with("'x' as plan")),
    "nothing_varies": Case(
        {"constant_features": "drop"},
        'setting constant_features is "drop": no column varies, so no feature is left; add one',
        "select i as id, 7 as visits from range(20) as t(i)",
    ),
    "no_interquartile_range": Case(
        {"scale": "robust"},
        "feature visits can't be scaled, because it varies too little",
        _with("(i = 0)::integer as visits"),
    ),
    "no_logarithm": Case(
        {"scale": "log1p+standard"},
        "feature balance can't have scale log1p+standard, because ln(1 + x) needs values above -1 and the smallest is",
        _with("i - 3 as balance"),
    ),
    "too_large": Case({}, "feature debt goes up to -1e+300, too large to be squared", _with("-1e300 * i / 19 as debt")),
    "nowhere_in_a_vector": Case(
        {"nulls": "mean"}, "feature v[2] has no value in any row: leave its column out", _with("[i, null] as v")
    ),
    "few_kinds_of_customers": Case(
        {"n_clusters": 3},
        "setting n_clusters is 3: the 20 customers have only 2 different combinations of orders; set it to 2 or less.",
        "select i as id, i % 2 as orders from range(20) as t(i)",
    ),
    "select_fails": Case(
        {}, "Conversion Error", "select i as id, cast('x' || i as integer) as orders from range(20) as t(i)"
    ),
}


@pytest.fixture(scope="session")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Refused:
    """For each case the status, the message, and the tables that were there before as they are after."""
    found: Refused = json.loads((made_once(tmp_path_factory, "bad_inputs", _build) / "found.json").read_text())
    return found


def _build(folder: Path) -> None:
    consumer = make_consumer(folder)
    for name, case in CASES.items():
        select, meta = case.select, {"id": "id"} | case.meta
        if case.starts:
            consumer.write(f"models/{name}_starts.sql", case.starts)
            select, meta = f"-- depends_on: {{{{ ref('{name}_starts') }}}}\n{select}", meta | {"init": f"{name}_starts"}
        consumer.write_segmentation(name, select, **meta)
    with duckdb.connect(consumer.database) as connection:
        for name in CASES:
            for side, columns in SIDES.items():
                first, *others = columns.split(", ")
                values = ", ".join([f"'of yesterday' as {first}", *(f"null as {other}" for other in others)])
                connection.execute(f"create table {name}{side} as select {values}")
    result = consumer.dbt("run")
    assert result.returncode == 1
    assert "Traceback" not in result.stdout
    assert 'File "' not in result.stdout
    found = {
        name: (status, message, [consumer.query(f"select #1 from {name}{side}") for side in SIDES])
        for name, (status, message) in consumer.messages().items()
        if name in CASES
    }
    assert consumer.query("select count(*) from duckdb_tables()") == [(len(CASES) * len(SIDES),)]
    (folder / "found.json").write_text(json.dumps(found))


@pytest.mark.parametrize("name", CASES)
def test_bad_input_gives_one_message_and_leaves_the_tables(refused: Refused, name: str) -> None:
    status, message, tables = refused[name]
    assert status == "error"
    prefix = "" if name == "select_fails" else "mallard: "
    assert any(line.strip().startswith(prefix + CASES[name].message) for line in message.splitlines()), message
    assert tables == [[["of yesterday"]]] * len(SIDES)
