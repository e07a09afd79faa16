"""Segment names, by a rule on the z-scores of the segment means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mallard.kmeans.points import Floats

LEVELS = ((-1.5, "very low"), (-0.5, "low"), (0.5, "average"), (1.5, "high"))
"""Words for z-scores up to each bound; above the last bound, the word is "very high"."""
MAX_FEATURES_NAMED = 3


def name_segments(z_scores: Floats, feature_words: Sequence[str]) -> list[str]:
    """Name each segment by what distinguishes it, such as "low income, high spending"; names are unique.

    Names mention the three features that separate the segments best. Segments that would share a name also get their
    rank on the feature on which they differ most.

    Args:
        z_scores: z-scores of the segment means among all customers, shape (n_segments, n_features).
        feature_words: the word for each feature.
    """
    spread = np.ptp(z_scores, axis=0)
    telling = sorted(np.argsort(-spread, kind="stable")[:MAX_FEATURES_NAMED])
    names = [", ".join(f"{_level(row[feature])} {feature_words[feature]}" for feature in telling) for row in z_scores]
    for name in set(names):
        alike = [segment for segment, other in enumerate(names) if other == name]
        if len(alike) > 1:
            feature = int(np.argmax(np.ptp(z_scores[alike], axis=0)))
            ranked = sorted(alike, key=lambda segment: z_scores[segment, feature])
            for place, segment in enumerate(ranked):
                names[segment] += f" ({_rank(place, len(ranked))} {feature_words[feature]} of {len(ranked)})"
    return names


def _level(z_score: float) -> str:
    return next((word for bound, word in LEVELS if z_score <= bound), "very high")


def _rank(place: int, n_alike: int) -> str:
    """Rank from lowest to highest, in words."""
    if place == 0:
        return "lowest"
    return "highest" if place == n_alike - 1 else f"number {place + 1} from the lowest"
