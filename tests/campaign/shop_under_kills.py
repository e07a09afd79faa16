"""The shop under kills: each month's build is killed, and made again."""

from __future__ import annotations

from pathlib import Path

import duckdb
from build_process import Build
from dbt_runs import Run
from tests.campaign.checker import problems
from tests.campaign.shop import ID, Rows, Shop


class ShopUnderKills:
    """A shop that has had two months, so that there is a history to lose."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(folder)
        self.before: dict[str, dict[str, Rows]] = {}
        self.published = b""
        for _ in range(2):
            self.shop.next_month()
            self.build_here()

    @property
    def folder(self) -> Path:
        return self.shop.consumer.path

    def prepare(self) -> None:
        self.before = {name: self.shop.tables(name) for name in self.shop.settings}
        self.published = self.shop.published.read_bytes()
        self.shop.next_month()

    def build(self) -> Build:
        return self.shop.process()

    def build_here(self) -> Run:
        return self.shop.build()

    def look_after_kill(self) -> tuple[str, list[str]]:
        """Each segmentation is old or new with all its tables, and the published file is one or the other."""
        states, found = [], []
        for name, before in self.before.items():
            state, problems_of_one = self.shop.state_after(name, before)
            states.append(state)
            found += problems_of_one
        if self.shop.published.read_bytes() != self.published:
            found += self.shop.mixture()
            with duckdb.connect(self.shop.published, read_only=True) as connection:
                for name in self.before:
                    found += [f"published: {name}: {line}" for line in problems(connection, name, ID)]
        if not self.shop.copies.is_dir():
            found.append("the copies of the published file are gone")
        return states[0] if len(set(states)) == 1 else "one old, one new", found

    def look_after_build(self) -> list[str]:
        return self.shop.problems()
