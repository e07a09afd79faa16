"""What the page allows the browser to do: run the scripts and apply the styles that are in it, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence


def content_security_policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """A policy by which only these texts are run or applied, nothing is loaded, and no text becomes a script.

    Args:
        scripts: the contents of the elements `script`, to the letter.
        styles: the contents of the elements `style`.
    """
    rules = {
        "default-src": ["'none'"],
        "script-src": [_hash(script) for script in scripts],
        "style-src": [_hash(style) for style in styles],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
