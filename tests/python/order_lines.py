"""Lines of orders with everything that is wrong with orders."""

from __future__ import annotations

import numpy as np
import pandas as pd

N_LINES = 50_000
INFINITE = 17
"""The row whose date is infinite in the warehouse, and missing here, since pandas has none."""


def make_order_lines() -> pd.DataFrame:
    """One row per line, three to a moment: returns, gifts, and what is missing, blank or infinite.

    An order number stands for several moments of a customer, and two customers have it.
    """
    rng = np.random.default_rng(7)
    order = np.arange(N_LINES) // 3
    number = order % 5000
    customer = (rng.integers(0, 600, 5000)[number] + (order // 5000 == 1)) % 600
    lines = pd.DataFrame({"n": np.arange(N_LINES)})
    ids = np.char.add(np.where(customer % 2, "c-", "C-"), (customer // 2).astype(str)).astype(object)
    ids[rng.random(N_LINES) < 0.02] = None
    ids[rng.random(N_LINES) < 0.01] = ""
    ids[rng.random(N_LINES) < 0.01] = " \t\u00a0"
    lines["Customer ID"] = ids
    days = customer % 400 + rng.integers(0, 200, N_LINES)[order]
    seconds = rng.integers(0, 86_400, N_LINES)[order]
    moment = pd.Timestamp("2024-03-01") + pd.to_timedelta(days, unit="D") + pd.to_timedelta(seconds, unit="s")
    lines["moment"] = pd.Series(moment).mask(rng.random(N_LINES) < 0.01)
    lines.loc[INFINITE, "moment"] = pd.NaT
    amount = np.round(rng.lognormal(3, 1.5, N_LINES), 2)
    amount[rng.random(N_LINES) < 0.05] *= -1
    amount[rng.random(N_LINES) < 0.03] = 0
    amount[customer % 100 == 3] = -7.3
    for wrong in (np.nan, np.inf, -np.inf):
        amount[rng.random(N_LINES) < 0.005] = wrong
    lines["amount"] = amount
    lines["price"] = np.where(np.isfinite(amount), amount, np.nan)
    lines["fraction"] = amount / 7
    lines["day"] = lines["moment"].dt.normalize()
    lines["Zoned moment"] = lines["moment"].dt.tz_localize("UTC")
    names = pd.Series(np.char.add("O-", number.astype(str)).astype(object))
    lines['Order "No."'] = names.mask(rng.random(N_LINES) < 0.02).mask(rng.random(N_LINES) < 0.02, " ")
    return lines
