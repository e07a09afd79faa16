from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from mallard.cli import main
from mallard.inputs.settings import described

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "settings.md"


def test_the_page_of_settings_is_what_the_command_prints() -> None:
    """`make format` writes it."""
    result = CliRunner().invoke(main, ["settings"])
    assert result.exit_code == 0
    assert PAGE.read_text() == result.output


def test_the_page_has_every_setting_with_its_meaning() -> None:
    page = PAGE.read_text()
    for name, setting in described().items():
        assert f"| `{name}`" in page
        assert f"| {setting.values.description} | {setting.meaning} |" in page
