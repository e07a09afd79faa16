from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from mallard.cli import main
from mallard.settings import ClusterSettings, FeatureSettings, described

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    """`make format` writes it."""
    result = CliRunner().invoke(main, ["settings"])
    assert result.exit_code == 0
    assert PAGE.read_text() == result.output


def test_the_page_has_every_setting_with_its_meaning() -> None:
    page = PAGE.read_text()
    for kind in (FeatureSettings, ClusterSettings):
        for name, (values, meaning) in described(kind).items():
            assert f"| `{name}` |" in page
            assert f"| {values.description} | {meaning} |" in page
