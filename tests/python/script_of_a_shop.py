"""What the customers of a shop do from month to month: they come, go and change kind, and what they do changes.

In May a new kind appears, in August two kinds melt into one, and in November prices rise by a third.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MAY, AUGUST, NOVEMBER = 5, 8, 11
PLACES = {
    "regulars": (30.0, 300.0),
    "big spenders": (12.0, 900.0),
    "bargain hunters": (30.0, 60.0),
    "once a year": (4.0, 60.0),
    "professionals": (60.0, 700.0),
}
COUNTS = {"regulars": 350, "big spenders": 250, "bargain hunters": 300, "once a year": 200}
N_PROFESSIONALS = 150
MELTED = {"bargain hunters": "savers", "once a year": "savers"}
PLACE_OF_SAVERS = (17.0, 60.0)
HABITS = ["often", "much"]
SPREAD = 0.08
PERSISTENCE = 0.95
"""How alike the habits of a customer are from one month to the next."""


class Script:
    """The customers, from month to month."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(18)
        self.places = dict(PLACES)
        self.n_ever = 0
        self.customers = pd.concat([self._newcomers(kind, n) for kind, n in COUNTS.items()])

    def _newcomers(self, kind: str, n: int) -> pd.DataFrame:
        self.n_ever += n
        ids = [f"c{i:05d}" for i in range(self.n_ever - n, self.n_ever)]
        often, much = self.rng.normal(size=(2, n))
        return pd.DataFrame({"kind": kind, "often": often, "much": much}, pd.Index(ids, name="customer_id"))

    def month(self, number: int) -> pd.DataFrame:
        """The customers of the next month, with their kind and what they do."""
        if number > 1:
            self._come_go_and_change()
        if number == MAY:
            self.customers = pd.concat([self.customers, self._newcomers("professionals", N_PROFESSIONALS)])
        if number == AUGUST:
            self.customers["kind"] = self.customers.kind.replace(MELTED)
            self.places["savers"] = PLACE_OF_SAVERS
        price = 4 / 3 if number >= NOVEMBER else 1
        visits, revenue = np.array([self.places[kind] for kind in self.customers.kind]).T
        often, much = (1 + SPREAD * self.customers[habit].clip(-2.5, 2.5) for habit in HABITS)
        return self.customers[["kind"]].assign(visits=visits * often, revenue=revenue * much * price)

    def _come_go_and_change(self) -> None:
        """Of each kind 3 % leave, as many come, and four become of the next kind; the habits of all change a little."""
        kinds = list(self.customers.kind.unique())
        left, newcomers = [], []
        for kind in kinds:
            own = self.customers.index[self.customers.kind == kind]
            gone = self.rng.choice(own, round(0.03 * len(own)), replace=False)
            left.extend(gone)
            newcomers.append(self._newcomers(kind, len(gone)))
        self.customers = pd.concat([self.customers.drop(left), *newcomers])
        for kind, other in zip(kinds, [*kinds[1:], kinds[0]], strict=True):
            changed = self.rng.choice(self.customers.index[self.customers.kind == kind], 4, replace=False)
            self.customers.loc[changed, "kind"] = other
        for habit in HABITS:
            fresh = self.rng.normal(size=len(self.customers))
            self.customers[habit] = PERSISTENCE * self.customers[habit] + np.sqrt(1 - PERSISTENCE**2) * fresh
