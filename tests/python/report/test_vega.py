"""The script that draws the charts of the page, bundled in a process of its own."""

from __future__ import annotations

import subprocess

import pytest
import vl_convert

from mallard.errors import MallardError
from mallard.report import vega
from mallard.report.vega import VEGA_LITE, bundling


def test_the_script_is_what_vl_convert_bundles() -> None:
    with bundling() as script:
        found = script()
    assert found == vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE)


def test_what_the_bundler_says_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        vega, "BUNDLE", "import sys; print('first', file=sys.stderr); raise ValueError('no such version')"
    )
    with pytest.raises(MallardError) as caught, bundling() as script:
        script()
    assert str(caught.value) == "vl_convert can't bundle the scripts of the page: ValueError: no such version."


def test_a_report_that_is_refused_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    class _Popen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[call-overload]
            begun.append(self)

    monkeypatch.setattr(subprocess, "Popen", _Popen)
    with pytest.raises(MallardError, match="there is no such file"), bundling():
        raise MallardError("there is no such file.")
    assert [process.returncode is not None for process in begun] == [True]
