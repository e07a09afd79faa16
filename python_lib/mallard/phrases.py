"""What a segmentation found, in a few words for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mallard.nouns import noun


def what_segments_are(metrics: Mapping[str, Any]) -> str:
    """What the segments are: groups, slices, or something between; slices are never called groups.

    Args:
        metrics: the row of the chosen number of segments.
    """
    n_segments, n_groups = metrics["n_clusters"], metrics["n_groups"]
    if n_segments == 1:
        return (
            "One segment"
            if n_groups == 1
            else f"One segment, though the {noun(metrics['entity']).many} form {n_groups} groups"
        )
    if n_groups == 1:
        return f"{n_segments} slices of one cloud, not groups"
    if n_groups > n_segments:
        return f"{n_groups} groups, in {n_segments} segments"
    if not metrics["is_natural"]:
        cut = f"cut into {n_segments} segments" if n_groups < n_segments else "though not all borders are clear"
        return f"{n_groups} groups, {cut}"
    if n_groups < n_segments:
        return f"{n_groups} groups, and {n_segments - n_groups} of {n_segments} segments too small to be one"
    return f"{n_groups} groups" if metrics["verdict"] == "natural" else f"{n_groups} groups, some with faint borders"
