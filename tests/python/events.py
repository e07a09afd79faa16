"""Reviews with a kind, with everything that is wrong with events."""

from __future__ import annotations

import numpy as np
import pandas as pd

N_EVENTS = 9_000
N_CUSTOMERS = 240
INFINITE = 17
"""The row whose moment is infinite in the warehouse, and missing here, since pandas has none."""
KINDS = ["post", "like", 'It\'s a "gift"', "7"]
TEXTS = ["Good.", "naïve \U0001f986", "two\nlines", " edges ", None, "", " \t\u00a0"]


def make_events() -> pd.DataFrame:
    """One row per event. Columns have names that SQL knows, or that need quotes; several events share a moment."""
    rng = np.random.default_rng(11)
    events = pd.DataFrame({"n": np.arange(N_EVENTS)})
    events['Customer "ID"'] = _spoilt(ids()[rng.integers(0, N_CUSTOMERS, N_EVENTS)], rng, [None, "", " \t\u00a0"])
    days = rng.integers(0, 400, N_EVENTS) * rng.random(N_EVENTS) ** 2
    moments = pd.Timestamp("2025-07-10 23:59:59") - pd.to_timedelta(days.round(1) * 86_400, unit="s")
    events["at"] = pd.Series(moments).mask(rng.random(N_EVENTS) < 0.01)
    events.loc[INFINITE, "at"] = pd.NaT
    events["DAY"] = events["at"].dt.normalize()
    events["Zoned at"] = events["at"].dt.tz_localize("UTC")
    events["both"] = _spoilt(np.array(KINDS, dtype=object)[rng.integers(0, 4, N_EVENTS)], rng, [None, " "])
    rating = rng.integers(1, 6, N_EVENTS).astype(float)
    rating[rng.random(N_EVENTS) < 0.2] = 4.3
    for wrong in (np.nan, np.inf, 0, 5.5):
        rating[rng.random(N_EVENTS) < 0.02] = wrong
    events["rating"] = rating
    events["wide"] = np.round(rng.normal(20, 30, N_EVENTS), 4)
    events["TEXT"] = np.array(TEXTS, dtype=object)[rng.integers(0, len(TEXTS), N_EVENTS)]
    return events


def ids() -> np.ndarray:
    """Of those who may have events; upper case tells two of them apart."""
    numbers = np.arange(N_CUSTOMERS)
    return np.char.add(np.where(numbers % 2, "c-", "C-"), (numbers // 2).astype(str)).astype(object)


def make_observed() -> pd.DataFrame:
    """The customers whose events are known: some without any, one twice, and rows that are no customer."""
    known = [*ids()[: N_CUSTOMERS - 40], *(f"quiet-{n}" for n in range(5)), "c-0", None, " "]
    return pd.DataFrame({'Customer "ID"': known})


def _spoilt(values: np.ndarray, rng: np.random.Generator, wrong: list[str | None]) -> np.ndarray:
    for value in wrong:
        values[rng.random(len(values)) < 0.01] = value
    return values
