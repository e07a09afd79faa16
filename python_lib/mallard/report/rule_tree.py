"""The tree of splits that leads to the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mallard.report.data import Rule, Rules


@dataclass(frozen=True)
class Branch:
    """What somebody is like who takes a branch, and where it leads.

    Attributes:
        words: what the split asks; empty at the root.
        branches: those of the next split; empty at a leaf.
        rule: that of the leaf; None elsewhere.
    """

    words: str
    branches: list[Branch]
    rule: Rule | None


def rule_tree(rules: Rules) -> list[Branch]:
    """The branches of the first split; none if there is no split, or if rules are left out."""
    return [] if rules.n_hidden else _branches(rules.rules, 0)


def _branches(rules: Sequence[Rule], depth: int) -> list[Branch]:
    """Those at a depth for rules whose paths are the same up to it."""
    by_words: dict[str, list[Rule]] = {}
    for rule in rules:
        if len(rule.path) > depth:
            by_words.setdefault(rule.path[depth], []).append(rule)
    return [
        Branch(words, _branches(below, depth + 1), below[0] if len(below[0].path) == depth + 1 else None)
        for words, below in by_words.items()
    ]
