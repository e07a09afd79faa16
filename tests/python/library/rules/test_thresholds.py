from __future__ import annotations

import duckdb
import numpy as np
import pytest

from mallard.rules.thresholds import between, digits, said


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (15, 90, 50),
        (69, 70, 70),
        (70, 71, 71),
        (-71, -70, -70),
        (61.5, 62.4, 62),
        (0.123, 0.131, 0.13),
        (-3, 5, 0),
        (-5, -3, -4),
        (0, 1, 1),
        (1234567, 1234999, 1234800),
        (2.0, np.nextafter(2.0, 3), np.nextafter(2.0, 3)),
        (1e-300, 3e-300, 2e-300),
        (1e200, 9e200, 5e200),
        (None, 7, 4),
        (7, None, 10),
    ],
)
def test_between(low: float | None, high: float | None, expected: float) -> None:
    assert between(low, high) == expected


def test_between_random_numbers() -> None:
    """Above the one, at most the other, and with no decimals fewer than there could be."""
    random = np.random.default_rng(0)
    for scale in (1e-12, 1, 1e9):
        for low, high in np.sort(random.normal(size=(300, 2)) * scale):
            found = between(low, high)
            assert low < found <= high
            for decimals in range(-12, 20):
                coarse = np.ceil(high * 10.0**decimals) / 10.0**decimals
                if round(found, decimals) == found:
                    break
                assert not any(low < coarse - step / 10.0**decimals < high for step in (1, 2))


@pytest.mark.parametrize("number", [0.0, 5.0, -70.5, 0.1, 1 / 3, 1e-9, 123456789.123456789, 1e300, 2.0**60])
def test_digits_are_all_there(number: float) -> None:
    [(found,)] = duckdb.sql(f"select cast({digits(number)} as double)").fetchall()
    assert found == number


@pytest.mark.parametrize(
    ("number", "expected"), [(70.0, "70"), (-1234.5, "-1,234.5"), (56.53, "56.53"), (1e-7, "1e-07")]
)
def test_for_people(number: float, expected: str) -> None:
    assert said(number) == expected
