"""From a table of customers to a table of labels: Mallard, its peers, and a bare `create table as`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmarks import peers, product
from benchmarks.datasets import Dataset, made
from benchmarks.inertia import Partition, best_inertia, inertia_table
from benchmarks.markdown import Section, Verdict, at_least, at_most, gigabytes, seconds, speed, table
from benchmarks.peers import PEERS, SKLEARN_10, SKLEARN_AUTO, SKLEARNEX
from benchmarks.plan import Plan
from benchmarks.product import TABLES

MALLARD = "Mallard"
MOST_EXCESS = 0.1


@dataclass(frozen=True)
class WholeJob:
    """One table to segment.

    Attributes:
        targets: target for the speed relative to each peer.
        copy_target: target for the time relative to a bare `create table as`; None for no target.
    """

    kind: str
    full_size: int
    n_clusters: tuple[int, int]
    targets: dict[str, float]
    copy_target: float | None = None

    def measure(self, plan: Plan) -> dict[str, Any]:
        dataset = made(plan, self.kind, self.full_size)
        installed = [peer for peer in PEERS if peer.is_installed]
        outcomes = plan.rounds(
            {
                MALLARD: partial(self._run_mallard, plan, dataset),
                **{_copy_of(name): partial(_run_copy, plan, name) for name in TABLES},
                **{peer.name: partial(self._run_peer, plan, dataset, peer) for peer in installed},
            }
        )
        ours = [outcome.result for outcome in outcomes[MALLARD]]
        fits = {name: outcomes[name] for name in (MALLARD, *(peer.name for peer in installed))}
        partitions = [
            Partition(name, k, centroids)
            for name, found in fits.items()
            for outcome in found
            for k, centroids in outcome.result["centroids"].items()
        ]
        return {
            "dataset": dataset._asdict(),
            "n_clusters": self.n_clusters,
            "compression": ours[0]["compression"],
            "mallard": {name: [product.seconds_to(name, run["models"]) for run in ours] for name in TABLES},
            "models": {name: median(run["models"][name] for run in ours) for name in ours[0]["models"]},
            "dbt": median(run["dbt"] for run in ours),
            "copies": {name: [outcome.result for outcome in outcomes[_copy_of(name)]] for name in TABLES},
            "peers": {peer.name: [outcome.result["seconds"] for outcome in fits[peer.name]] for peer in installed},
            "memory": {name: max(outcome.peak_memory for outcome in found) for name, found in fits.items()},
            "inertia": plan.workers.run(best_inertia, dataset, partitions).result,
        }

    def report(self, figures: dict[str, Any]) -> Section:
        dataset = Dataset(**figures["dataset"])
        inertia = inertia_table(figures["inertia"])
        body = [_introduction(dataset, figures), _contestants(figures), _whereabouts(figures), inertia]
        return Section("\n\n".join(body), self._verdicts(f"{dataset} features", figures))

    def _run_mallard(self, plan: Plan, dataset: Dataset, _: int) -> Any:
        return plan.workers.run(product.whole_job, dataset, self.n_clusters, [*TABLES], plan.memory_limit)

    def _run_peer(self, plan: Plan, dataset: Dataset, peer: peers.Peer, run: int) -> Any:
        return plan.workers.run(peers.whole_job, dataset, self.n_clusters, peer, run)

    def _verdicts(self, dataset: str, figures: dict[str, Any]) -> list[Verdict]:
        targets = {name: target for name, target in self.targets.items() if name in figures["peers"]}
        faster = [
            at_least(
                f"{dataset}, {what}: faster than {peer}",
                median(figures["peers"][peer]) / median(figures["mallard"][name]),
                target,
            )
            for peer, target in targets.items()
            for name, what in TABLES.items()
        ]
        copies = [
            at_most(
                f"{dataset}, {what}: times a bare create table as",
                median(figures["mallard"][name]) / median(figures["copies"][name]),
                self.copy_target,
                "x",
            )
            for name, what in TABLES.items()
            if self.copy_target
        ]
        no_worse = [
            at_most(f"{dataset}: inertia above {peer}", _excess(figures, peer), MOST_EXCESS, " %") for peer in targets
        ]
        return [*faster, *copies, *no_worse]


def _copy_of(name: str) -> str:
    return f"copy of {name}"


def _run_copy(plan: Plan, name: str, _: int) -> Any:
    return plan.workers.run(product.copy, name)


def _introduction(dataset: Dataset, figures: dict[str, Any]) -> str:
    method, n_points = figures["compression"]
    smallest, largest = figures["n_clusters"]
    return (
        f"{dataset} features, k = {smallest} to {largest}. Mallard: 10 restarts, local search, silhouette of every k, "
        f"{n_points:,} points ({method}). It writes either the labels only, as the peers do, or all columns of "
        "customer_segments. The excess is that of Mallard's inertia over the peer's, at the k where it is largest."
    )


def _contestants(figures: dict[str, Any]) -> str:
    ours = {name: median(times) for name, times in figures["mallard"].items()}
    mallard = [
        (f"**Mallard**, {what}", seconds(figures["mallard"][name]), "", "", gigabytes(figures["memory"][MALLARD]), "")
        for name, what in TABLES.items()
    ]
    others = [
        (
            peer.description,
            seconds(figures["peers"][peer.name]),
            *(speed(median(figures["peers"][peer.name]) / of_ours) for of_ours in ours.values()),
            gigabytes(figures["memory"][peer.name]),
            f"{_excess(figures, peer.name):+.3f} %",
        )
        for peer in PEERS
        if peer.name in figures["peers"]
    ]
    copies = [
        (
            f"bare `create table as`, {what}",
            seconds(figures["copies"][name]),
            *(speed(median(figures["copies"][name]) / of_ours) if of == name else "" for of, of_ours in ours.items()),
            "",
            "",
        )
        for name, what in TABLES.items()
    ]
    against = [f"divided by Mallard's, {what}" for what in TABLES.values()]
    header = ("contestant", "seconds", *against, "peak memory", "excess of Mallard")
    return table(header, [*mallard, *others, *copies])


def _whereabouts(figures: dict[str, Any]) -> str:
    models = ", ".join(f"{name} {of_model:.2f}" for name, of_model in figures["models"].items())
    return f"Mallard's seconds by model: {models}. The overhead of dbt, {figures['dbt']:.2f}, isn't counted."


def _excess(figures: dict[str, Any], peer: str) -> float:
    """Largest excess of Mallard's inertia over a peer's, over all k, in percent."""
    inertia = figures["inertia"]
    return max(float(ours / inertia[peer][k] - 1) * 100 for k, ours in inertia[MALLARD].items())


SPEED_TARGETS = {SKLEARN_AUTO.name: 25.0, SKLEARN_10.name: 250.0}
WHOLE = WholeJob("whole-number", 10_000_000, (1, 10), SPEED_TARGETS, copy_target=6)
CONTINUOUS = WholeJob("continuous", 10_000_000, (1, 10), SPEED_TARGETS, copy_target=6)
BLOBS = WholeJob("blobs", 1_000_000, (2, 10), {SKLEARN_AUTO.name: 4.0, SKLEARN_10.name: 30.0, SKLEARNEX.name: 1.0})
