"""Models that turn reviews into vectors, and keep the terms of the first fit."""

from __future__ import annotations

import duckdb
import pytest
from consumer import Consumer, make_consumer
from sample import ROOT

SEEDS = ROOT / "integration_tests" / "seeds"
TERMS = '''
"""One row per term."""

from mallard.dbt_model import fit_text_terms


def model(dbt, session):
    dbt.config(materialized="incremental")
    kept = session.sql(f"from {dbt.this}") if dbt.is_incremental else None
    return fit_text_terms(dbt.ref("reviews"), dbt.config.meta_get("mallard"), kept)
'''
VECTORS = '''
"""One row per customer."""

from mallard.dbt_model import text_vectors


def model(dbt, session):
    return text_vectors(dbt.ref("reviews"), dbt.ref("terms"), dbt.config.meta_get("mallard"), dbt.ref("customers"))
'''
META = """
models:
  - {{name: terms, config: {{meta: {{mallard: {{customer_id: '{id}', text: 'the "text"', length: {length}}}}}}}}}
  - {{name: vectors, config: {{meta: {{mallard: {{customer_id: '{id}', text: 'the "text"'}}}}}}}}
"""
REVIEWS = """
select customer_id as "Customer id", text as "the ""text""{more}" from read_csv('{seeds}/community_reviews.csv')
where {condition}
"""
OLD = "reviewed_at < '2026-04-01'"


def _write(consumer: Consumer, condition: str = OLD, length: int = 8, id: str = "Customer id") -> None:
    consumer.write("models/reviews.sql", REVIEWS.format(seeds=SEEDS, condition=condition, more=""))
    consumer.write("models/meta.yml", META.format(id=id, length=length))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project with vectors of reviews until April, and segments by them and a number; built."""
    consumer = make_consumer(tmp_path_factory.mktemp("texts"))
    customers = (
        f"select customer_id as \"Customer id\" from read_csv('{SEEDS}/community_customers.csv') where has_account"
    )
    consumer.write("models/customers.sql", customers)
    consumer.write("models/terms.py", TERMS)
    consumer.write("models/vectors.py", VECTORS)
    consumer.write_segmentation(
        "segments",
        f"""
        select customer_id, revenue, review_vector from read_csv('{SEEDS}/community_customers.csv')
        left join (select "Customer id", cast(review_vector as float[]) as review_vector from {{{{ ref('vectors') }}}})
            on customer_id = "Customer id"
        """,
        id="customer_id",
        n_clusters=3,
        features={"revenue": {"scale": "standard"}, "review_vector": {"weight": 0.5}},
    )
    _write(consumer)
    result = consumer.dbt("build", "--empty")
    assert result.returncode == 0, result.stdout
    assert consumer.query("select count(*) from terms union all select count(*) from vectors") == [(0,), (0,)]
    result = consumer.dbt("build")  # terms without rows are no terms to keep
    assert result.returncode == 0, result.stdout
    return consumer


def _terms(consumer: Consumer) -> list[tuple[object, ...]]:
    return consumer.query("from terms order by term")


def _vectors(consumer: Consumer) -> dict[object, object]:
    return {id: rest for id, *rest in consumer.query("from vectors")}


def test_columns_have_the_types_that_are_documented(shop: Consumer) -> None:
    with duckdb.connect(shop.database, read_only=True) as connection:
        for table, types in (
            ("terms", {"term": "VARCHAR", "n_texts": "BIGINT", "idf": "DOUBLE", "vector": "FLOAT[8]"}),
            (
                "vectors",
                {"Customer id": "VARCHAR", "n_texts": "BIGINT", "n_known_texts": "BIGINT", "review_vector": "FLOAT[8]"},
            ),
        ):
            relation = connection.sql(f"from {table}")
            assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == types


def test_a_vector_is_one_feature_and_counts_as_its_weight_says(shop: Consumer) -> None:
    [(n_texts, n_customers)] = shop.query("select count(*) filter (n_texts = 0), count(*) from vectors")
    assert 0 < n_texts < n_customers == 349
    expected = shop.query("""
        with positions as (
            select unnest(review_vector) as x, generate_subscripts(review_vector, 1) as i from segments
            where segment_id is not null
        )
        select sum(variance) / 4 from (select var_pop(x) as variance from positions group by i)
    """)[0][0]
    shares = dict(shop.query("select feature, share_of_variance from segments__features"))
    assert shares["review_vector"] == pytest.approx(expected / (1 + expected), rel=1e-6)


def test_who_is_not_observed_has_no_segment(shop: Consumer) -> None:
    left_out = "select count(*), any_value(status_reason) from segments where segment_id is null"
    assert shop.query(left_out) == [(51, "review_vector is missing")]


def test_terms_are_kept_until_they_are_fitted_again(shop: Consumer) -> None:
    terms, vectors = _terms(shop), _vectors(shop)
    _write(shop, condition="true")
    result = shop.dbt("build", "--select", "reviews", "terms", "vectors")
    assert result.returncode == 0, result.stdout
    assert "mallard: terms: the terms of the first fit are kept; --full-refresh fits them again" in result.stdout
    assert _terms(shop) == terms
    changed = {id for id, vector in _vectors(shop).items() if vector != vectors[id]}
    later = f"select distinct customer_id from read_csv('{SEEDS}/community_reviews.csv') where not {OLD} and text <> ''"
    assert changed == {id for (id,) in duckdb.sql(later).fetchall()} & vectors.keys()

    result = shop.dbt("build", "--full-refresh", "--select", "terms")
    assert result.returncode == 0, result.stdout
    fitted = _terms(shop)
    assert fitted != terms

    _write(shop, condition="text is null")
    result = shop.dbt("build", "--full-refresh", "--select", "reviews", "terms")
    assert result.returncode == 1
    assert 'mallard: column the "text" has 0 texts, and no term is in at least min_df (2)' in result.stdout
    assert _terms(shop) == fitted


def test_settings_and_columns_that_do_not_fit_are_refused_in_a_line(shop: Consumer) -> None:
    _write(shop, length=9)
    result = shop.dbt("run", "--select", "reviews", "terms")
    assert "mallard: setting length is 9: the stored terms have 8 positions; leave it out, or fit them" in result.stdout
    _write(shop, id="user_id")
    result = shop.dbt("run", "--select", "vectors")
    assert (
        'mallard: there is no column user_id among Customer id, the "text": name the one that is meant.'
        in result.stdout
    )
    _write(shop)
