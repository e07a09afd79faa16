"""Charts as Vega-Lite, without the checks that Altair makes for people who try things out.

Altair compares every part of a chart with the schema of Vega-Lite when it is made, and the whole when it is written.
That takes longer than all else that the report does. The tests compare the charts with the schema.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from altair.utils.schemapi import SchemaBase, debug_mode


def unchecked_charts() -> AbstractContextManager[None]:
    """A block in which Altair doesn't check what charts are made of."""
    return debug_mode(False)


def spec_of(part: SchemaBase) -> dict[str, Any]:
    """A chart or a part of one as Vega-Lite, unchecked."""
    return dict(part.to_dict(validate=False))
