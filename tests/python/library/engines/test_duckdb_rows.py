from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial import KDTree

from mallard import MallardError
from mallard.engines.duckdb.rows import DuckDBRows, rows_in_order
from mallard.kmeans.points import WeightedPoints

N = 20_000
SHAPES = {
    "normal": lambda rng, n_features: 50 + 20 * rng.normal(size=(N, n_features)),
    "lognormal": lambda rng, n_features: rng.lognormal(0, 1.5, (N, n_features)),
    "heavy tails": lambda rng, n_features: rng.standard_cauchy((N, n_features)),
    "far from zero": lambda rng, n_features: 1e6 + rng.normal(size=(N, n_features)),
}


def _assert_same_bits(points: WeightedPoints, others: WeightedPoints) -> None:
    assert others.coordinates.tobytes() == points.coordinates.tobytes()
    assert others.weights.tobytes() == points.weights.tobytes()


def _whole(n_features: int, highest: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, highest + 1, (N, n_features)).astype(float)


@pytest.mark.parametrize("size", [1, 999, 2048, 10**6])
def test_chunks_give_all_rows_in_order_whatever_their_size(in_duckdb: Callable[..., DuckDBRows], size: int) -> None:
    rows = np.random.default_rng(0).normal(size=(2500, 3))
    customers = in_duckdb(rows, threads=4)
    chunks = [chunk for chunk, _ in customers.chunks(size)]
    assert (len(customers), customers.n_features) == (2500, 3)
    assert max(chunk.shape[1] for chunk in chunks) <= size
    np.testing.assert_array_equal(np.concatenate(chunks, axis=1).T, rows)


def test_many_rows_come_in_the_same_chunks_on_every_pass_and_with_any_number_of_threads(
    in_duckdb: Callable[..., DuckDBRows],
) -> None:
    """Sums over chunks depend on where one ends."""
    rows = np.random.default_rng(0).normal(size=(400_000, 1))
    found = []
    for threads in (1, 2, 4):
        customers = in_duckdb(rows, threads)
        for _ in range(2):
            chunks = [chunk for chunk, _ in customers.chunks(2**17)]
            np.testing.assert_array_equal(np.concatenate(chunks, axis=1).T, rows)
            found.append([chunk.shape[1] for chunk in chunks])
    assert found == [found[0]] * 6


def test_all_points_are_the_rows_sorted_each_of_weight_one(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = _whole(2, 9)[:500]
    points = in_duckdb(rows).all_points()
    assert points.coordinates.tolist() == sorted(rows.tolist())
    np.testing.assert_array_equal(points.weights, np.ones(500))


def test_distinct_points_are_those_of_numpy(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = _whole(3, 4) / 10
    customers = in_duckdb(rows)
    points = customers.distinct_points()
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_array_equal(points.coordinates, places)
    np.testing.assert_array_equal(points.weights, n_rows)
    assert customers.n_distinct == pytest.approx(125, rel=0.1)


def test_columns_of_any_name_and_type_are_read() -> None:
    with duckdb.connect() as connection:
        connection.execute('create table "my customers" (id integer, "annual ""income""" double, score smallint)')
        connection.execute('insert into "my customers" values (1, 15.5, 3), (2, 12.25, 1), (3, 15.5, 3)')
        customers = DuckDBRows(connection.table('"my customers"'), ['annual "income"', "score"])
        points = customers.distinct_points()
        np.testing.assert_array_equal(points.coordinates, [[12.25, 1.0], [15.5, 3.0]])
        np.testing.assert_array_equal(points.weights, [1.0, 2.0])
        np.testing.assert_array_equal(
            *[np.concatenate([chunk for chunk, _ in customers.chunks(2)], axis=1), [[15.5, 12.25, 15.5], [3, 1, 3]]]
        )


def test_null_is_read_as_nan() -> None:
    with duckdb.connect() as connection:
        relation = connection.sql("select * from (values (1.5, 2), (1.5, null), (1.5, null)) as t(a, b)")
        customers = DuckDBRows(relation, ["a", "b"])
        points = customers.distinct_points()
        np.testing.assert_array_equal(points.coordinates, [[1.5, 2.0], [1.5, np.nan]])
        np.testing.assert_array_equal(points.weights, [1.0, 2.0])
        [(chunk, weight)] = customers.chunks(10)
        assert weight == 1.0
        np.testing.assert_array_equal(chunk, [[1.5, 1.5, 1.5], [2.0, np.nan, np.nan]])
        np.testing.assert_array_equal(customers.all_points().coordinates[:, 1], [2.0, np.nan, np.nan])


@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_grid_keeps_the_number_of_customers_and_their_mean(
    in_duckdb: Callable[..., DuckDBRows], shape: str, n_features: int
) -> None:
    rows = SHAPES[shape](np.random.default_rng(n_features), n_features)
    points = in_duckdb(rows).coresets([1000], 0)[0]
    assert len(points) <= 1100
    assert np.sum(points.weights) == N
    mean = np.sum(points.weights[:, None] * points.coordinates, axis=0) / N
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_grid_has_a_point_near_every_customer_and_near_those_far_out_too(
    in_duckdb: Callable[..., DuckDBRows], shape: str, n_features: int
) -> None:
    """Of the inertia little is lost, in three features with nine cells each a tenth or less."""
    rows = SHAPES[shape](np.random.default_rng(n_features), n_features)
    points = in_duckdb(rows).coresets([1000], 0)[0]
    to_point, _ = KDTree(points.coordinates).query(rows)
    to_mean = np.linalg.norm(rows - rows.mean(axis=0), axis=1)
    assert np.sum(to_point**2) < 0.1 ** (4 - n_features) * np.sum(to_mean**2)
    farthest = np.argsort(-to_mean)[:20]
    assert np.all(to_point[farthest] < 0.75 * to_mean[farthest])


def test_a_grid_cell_holds_one_value_of_few_and_the_coreset_is_exact(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = _whole(2, 9)
    points = in_duckdb(rows).coresets([1000], 0)[0]
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    np.testing.assert_allclose(points.coordinates, places, rtol=1e-15)
    np.testing.assert_array_equal(points.weights, n_rows)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e9])
def test_a_constant_feature_is_one_layer_of_the_grid(in_duckdb: Callable[..., DuckDBRows], constant: float) -> None:
    rows = np.column_stack([np.random.default_rng(0).normal(size=N), np.full(N, constant)])
    points = in_duckdb(rows).coresets([1000], 0)[0]
    np.testing.assert_allclose(points.coordinates[:, 1], constant, rtol=1e-15)
    assert points.total_weight == N
    np.testing.assert_allclose(points.mean[0], rows[:, 0].mean(), rtol=1e-12)


@pytest.mark.parametrize("n_features", [2, 3, 5])
@pytest.mark.parametrize("merged", [False, True])
def test_neither_row_order_nor_threads_nor_a_second_time_change_a_bit_of_a_coreset(
    in_duckdb: Callable[..., DuckDBRows], n_features: int, merged: bool
) -> None:
    rng = np.random.default_rng(n_features)
    rows = np.round(3 * rng.normal(size=(N, n_features)), 0 if merged else 15) / 3
    customers = in_duckdb(rows, threads=1)
    points = customers.coresets([2000], 7)[0]
    _assert_same_bits(points, customers.coresets([2000], 7)[0])
    _assert_same_bits(points, in_duckdb(rng.permutation(rows), threads=4).coresets([2000], 7)[0])


@pytest.mark.parametrize("n_features", [2, 5])
def test_coresets_of_several_sizes_are_those_that_are_made_alone(
    in_duckdb: Callable[..., DuckDBRows], n_features: int
) -> None:
    rows = np.random.default_rng(1).normal(size=(N, n_features))
    weights = np.random.default_rng(2).uniform(0.1, 20, N)
    customers = in_duckdb(rows, weights=weights)
    for points, size in zip(customers.coresets([400, 6400], 3), (400, 6400), strict=True):
        _assert_same_bits(points, customers.coresets([size], 3)[0])
        assert size / 8 < len(points) <= 1.2 * size


@pytest.mark.parametrize("n_features", [2, 5])
@pytest.mark.parametrize(("size", "middle"), [(1e-200, 0), (1e-100, 0), (1e120, 0), (1, 1e13)])
def test_rows_that_a_sample_cannot_tell_apart_are_refused(
    in_duckdb: Callable[..., DuckDBRows], size: float, middle: float, n_features: int
) -> None:
    """Far from 0, normal values differ in their last digits alone."""
    customers = in_duckdb(size * np.random.default_rng(1).normal(size=(N, n_features)) + middle)

    def draw() -> None:
        customers.coresets([400, 6400], 3)
        customers.even_sample(1000, 3)

    with pytest.raises(MallardError, match=r"aren't scaled.*: scale them"):
        draw()


@pytest.mark.parametrize("n_draws", [100, 800, 3000])
@pytest.mark.parametrize("seed", [3, 4])
def test_an_even_sample_is_the_same_after_coresets(
    in_duckdb: Callable[..., DuckDBRows], n_draws: int, seed: int
) -> None:
    """The rows that were drawn for them serve smaller samples by the same seed."""
    rows = np.random.default_rng(1).normal(size=(N, 5))
    weights = np.random.default_rng(2).choice([0.1, 1, 500], N, p=[0.5, 0.49, 0.01])
    customers, others = in_duckdb(rows, weights=weights), in_duckdb(rows, weights=weights)
    customers.coresets([400, 6400], 3)
    drawn = customers.even_sample(n_draws, seed)
    np.testing.assert_array_equal(drawn, others.even_sample(n_draws, seed))
    assert len(drawn) == pytest.approx(n_draws, abs=5 * np.sqrt(n_draws))


@pytest.mark.parametrize("n_features", [4, 16])
def test_a_sample_is_of_the_customers_and_weighs_as_much_as_all(
    in_duckdb: Callable[..., DuckDBRows], n_features: int
) -> None:
    rows = np.random.default_rng(0).normal(size=(N, n_features))
    customers = in_duckdb(rows)
    points, others = customers.coresets([2000], 0)[0], customers.coresets([2000], 1)[0]
    assert 200 < len(points) <= 2200
    assert np.sum(points.weights) == pytest.approx(N, rel=1e-12)
    to_row, _ = KDTree(rows).query(points.coordinates)
    np.testing.assert_array_equal(to_row, np.zeros(len(points)))
    shared = set(map(tuple, points.coordinates)) & set(map(tuple, others.coordinates))
    assert len(shared) < 0.5 * len(points)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("shape", ["normal", "lognormal"])
def test_samples_are_right_on_average(in_duckdb: Callable[..., DuckDBRows], shape: str, merged: bool) -> None:
    """Mean, inertia about the mean, and the share of customers beyond it: 40 samples, within 4 standard errors."""
    rng = np.random.default_rng(5)
    rows = SHAPES[shape](rng, 5)
    if merged:
        rows = rows[rng.integers(0, 4000, N)]
    customers = in_duckdb(rows)
    center = rows.mean(axis=0)

    def figures(coordinates: np.ndarray, weights: np.ndarray) -> np.ndarray:
        moved = coordinates - center
        of_each = np.column_stack([moved, np.sum(moved**2, axis=1), moved[:, 0] > 0])
        return np.average(of_each, axis=0, weights=weights)

    samples = [customers.coresets([2000], seed)[0] for seed in range(40)]
    found = np.array([figures(sample.coordinates, sample.weights) for sample in samples])
    errors = found.std(axis=0, ddof=1) / np.sqrt(len(samples))
    exact = figures(rows, np.ones(N))
    assert np.all(np.abs(found.mean(axis=0) - exact) < 4 * errors)
    assert errors[-2] < 0.02 * exact[-2]


def test_a_sample_of_repeated_customers_has_each_of_them_once(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = _whole(4, 6)
    points = in_duckdb(rows).coresets([4000], 0)[0]
    assert len(np.unique(points.coordinates, axis=0)) == len(points)
    places, n_rows = np.unique(rows, axis=0, return_counts=True)
    drawn = dict(zip(map(tuple, points.coordinates), points.weights, strict=True))
    times = [drawn[place] / n for place, n in zip(map(tuple, places), n_rows, strict=True) if place in drawn]
    assert len(times) == len(points)
    assert min(times) > 0


def test_an_outlier_far_from_all_is_always_in_the_sample(in_duckdb: Callable[..., DuckDBRows]) -> None:
    rows = np.random.default_rng(0).normal(size=(N, 5))
    rows[123] = 1e4
    customers = in_duckdb(rows)
    for seed in range(20):
        points = customers.coresets([1000], seed)[0]
        assert points.coordinates[-1].tolist() == [1e4] * 5
        assert points.weights[-1] == pytest.approx(1.0, rel=0.4)


@pytest.mark.parametrize("n_features", [1, 2, 3])
def test_where_outliers_leave_a_grid_few_cells_a_sample_stands_in(
    in_duckdb: Callable[..., DuckDBRows], n_features: int
) -> None:
    """Two customers so far away that even widening cells put all the others into a few."""
    rows = np.random.default_rng(0).normal(size=(N, n_features))
    rows[:2] = [[1e30], [-1e30]]
    points = in_duckdb(rows).coresets([4000], 0)[0]
    crowd = points.coordinates[np.abs(points.coordinates[:, 0]) < 100]
    assert len(crowd) > 400
    assert points.total_weight == pytest.approx(N)


@pytest.mark.parametrize(("n_draws", "n_drawn"), [(50, 50), (777, 777), (5000, 5000), (9999, 5000)])
def test_an_even_sample_is_of_distinct_rows_in_order(
    in_duckdb: Callable[..., DuckDBRows], n_draws: int, n_drawn: int
) -> None:
    rows = np.column_stack([np.arange(5000.0), -np.arange(5000.0)])
    drawn = in_duckdb(rows).even_sample(n_draws, 0)
    assert len(drawn) == pytest.approx(n_drawn, abs=4 * np.sqrt(n_drawn * (1 - n_drawn / 5000)))
    np.testing.assert_array_equal(drawn[:, 1], -drawn[:, 0])
    assert np.all(np.diff(drawn[:, 0]) > 0)
    assert set(drawn[:, 0]) <= set(rows[:, 0])


@pytest.mark.slow
def test_every_row_has_the_same_chance_to_be_in_an_even_sample(in_duckdb: Callable[..., DuckDBRows]) -> None:
    """Out of 40 rows 12 are drawn 300 times: each about 90 times, with a standard deviation of 7.9 or less."""
    customers = in_duckdb(np.arange(40.0)[:, None])
    drawn = np.concatenate([customers.even_sample(12, seed)[:, 0] for seed in range(300)])
    times = np.bincount(drawn.astype(int), minlength=40)
    assert np.all(np.abs(times - 90) < 4 * 7.9)


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_many_rows_share_has_its_part_of_a_sample(in_duckdb: Callable[..., DuckDBRows], seed: int) -> None:
    """Rows are drawn by a hash of their values, so equal ones would be drawn all or none."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(N, 4))
    rows[: N // 10] = 0.25
    customers = in_duckdb(rng.permutation(rows))
    drawn = customers.even_sample(2000, seed)
    assert len(drawn) == pytest.approx(2000, abs=200)
    assert np.mean((drawn == 0.25).all(axis=1)) == pytest.approx(0.1, abs=0.01)
    coreset = customers.coresets([8000], seed)[0]
    shared = (coreset.coordinates == 0.25).all(axis=1)
    assert coreset.weights[shared].sum() == pytest.approx(N / 10, rel=0.1)


def test_the_seed_decides_the_even_sample(in_duckdb: Callable[..., DuckDBRows]) -> None:
    customers = in_duckdb(np.arange(5000.0)[:, None])
    first, same, other = (customers.even_sample(100, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_vectors_are_as_many_columns() -> None:
    """Chunks, points, samples and coresets have the same coordinates, in the order of the columns."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(3_000, 5))
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows[:, 1:4].ravel()), 3)
    table = pa.table({"a": rows[:, 0], "v": vectors, "b": rows[:, 4], "times": np.full(3_000, 2.0)})
    for weight in (None, "times"):
        found = DuckDBRows(duckdb.from_arrow(table), ["a", "v", "b"], weight)
        assert (len(found), found.n_features, list(found.sizes)) == (3_000, 5, [None, 3, None])
        assert list(found.n_missing) == [0, 0, 0]
        chunks = list(found.chunks(1_000))
        np.testing.assert_array_equal(np.hstack([chunk for chunk, _ in chunks]).T, rows)
        expected = WeightedPoints.from_rows(rows, np.full(3_000, 2.0 if weight else 1.0))
        for points in (found.distinct_points(), found.all_points()):
            np.testing.assert_array_equal(points.coordinates, expected.coordinates)
            np.testing.assert_array_equal(points.weights, expected.weights)
        drawn = found.even_sample(100, 0)
        assert set(map(tuple, drawn)) <= set(map(tuple, rows))
        coreset = found.coresets([400], 0)[0]
        assert 50 <= len(coreset) <= 200
        assert set(map(tuple, coreset.coordinates)) <= set(map(tuple, rows))
        assert coreset.total_weight == pytest.approx(expected.total_weight)
        lengths = np.linalg.norm(rows, axis=1)
        np.testing.assert_allclose(found.lengths(), (lengths.min(), lengths.max()), rtol=1e-12)


def test_vectors_with_gaps_are_missing() -> None:
    select = "select * from (values ([1, 2]::double[2]), (null), ([null, 3]::double[2])) as t(v)"
    rows = DuckDBRows(duckdb.sql(select), ["v"])
    assert list(rows.n_missing) == [2]
    [(chunk, _)] = rows.chunks(10)
    np.testing.assert_array_equal(chunk, [[1.0, np.nan, np.nan], [2.0, np.nan, 3.0]])


def test_rows_come_in_order_while_they_are_read_and_the_setting_is_then_as_before() -> None:
    def setting() -> bool:
        [(is_on,)] = connection.execute("select current_setting('preserve_insertion_order')").fetchall()
        return bool(is_on)

    with duckdb.connect() as connection:
        customers = connection.sql("select 1.0 as scaled_x")
        for is_on in (True, False):
            connection.execute(f"set preserve_insertion_order = {is_on}")
            with rows_in_order(customers):
                assert setting()
            assert setting() == is_on
        connection.execute("set lock_configuration = true")
        with (
            pytest.raises(MallardError, match="setting preserve_insertion_order is off and can't be turned on"),
            rows_in_order(customers),
        ):
            pass


def test_a_coreset_is_the_same_whatever_the_settings_say_of_division_and_order() -> None:
    points = []
    for settings in ([], ["integer_division = true", "default_order = 'DESC'", "ieee_floating_point_ops = false"]):
        with duckdb.connect() as connection:
            for setting in settings:
                connection.execute(f"set {setting}")
            columns = ", ".join(f"sin(i * {weight}) as scaled_{n}" for n, weight in enumerate((1, 2, 3, 5)))
            connection.execute(f"create table t as select {columns} from range({N}) as t(i)")
            customers = DuckDBRows(connection.table("t"), [f"scaled_{n}" for n in range(4)])
            points.append(customers.coresets([2000], 3)[0])
    assert 400 < len(points[0]) < 600
    _assert_same_bits(*points)
