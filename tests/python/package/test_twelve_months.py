"""Twelve months of a shop whose script is known: what a person who knows it would say is what the tables say.

Each month some customers come, some go and some change kind. In May a new kind appears, in August two kinds melt into
one, and in November nothing happens but that prices rise by a third.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from living_shop import Build, LivingShop

pytestmark = pytest.mark.slow

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
SETTINGS = {"id": "customer_id", "features": ["visits", "revenue"]}
DATA_TESTS = """
models:
  - name: segments
    data_tests:
      - mallard.transitions_add_up
      - mallard.ids_persist: {arguments: {at_most: 0.02}}
      - mallard.is_nearest_centroid: {arguments: {id_column: customer_id}}
    columns:
      - name: segment_id
        data_tests: [mallard.segment_ids_are_current]
"""


class Month(NamedTuple):
    """The customers of a month as the script has them, by their ids, and what the build made of them."""

    script: pd.DataFrame
    build: Build


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
        return pd.DataFrame({"kind": kind}, index=pd.Index(ids, name="customer_id"))

    def month(self, number: int) -> pd.DataFrame:
        """The customers of the next month, with their kind and what they do."""
        if number > 1:
            self._come_go_and_change()
        if number == MAY:
            self.customers = pd.concat([self.customers, self._newcomers("professionals", N_PROFESSIONALS)])
        if number == AUGUST:
            self.customers["kind"] = self.customers.kind.replace(MELTED)
            self.places["savers"] = (17.0, 60.0)
        price = 4 / 3 if number >= NOVEMBER else 1
        places = np.array([self.places[kind] for kind in self.customers.kind])
        noise = self.rng.normal(1, 0.12, places.shape)
        return self.customers.assign(visits=places[:, 0] * noise[:, 0], revenue=places[:, 1] * noise[:, 1] * price)

    def _come_go_and_change(self) -> None:
        """Of each kind 3 % leave, as many come, and 2 % become of another kind, who are replaced by as many of that."""
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


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[Month]:
    shop = LivingShop(tmp_path_factory.mktemp("year"), SETTINGS)
    shop.consumer.write("models/segments.yml", DATA_TESTS)
    script, months = Script(), []
    for number in range(1, 13):
        customers = script.month(number)
        table = customers.drop(columns="kind").sample(frac=1, random_state=number).reset_index()
        months.append(Month(customers, shop.build(table)))
        print(
            number,
            months[-1].build.about.to_dict(),
            months[-1].build.lineage[["segment_id", "fate", "new_segment_id"]].values.tolist(),
        )
    return months


def test_look(year: list[Month]) -> None:
    for m in year:
        k = m.script.kind
        print(pd.crosstab(k, m.build.customers.segment_id[k.index]))
    assert 0
