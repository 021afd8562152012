"""The overlay that the README shows does what the README says."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from audience_mcp.contract.applying import apply_overlay

README = Path(__file__).parents[2] / "README.md"


def test_the_overlay_of_the_readme_is_applied_whole() -> None:
    shown = re.search(r"```yaml\n(overlay:.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    applied = apply_overlay("synerise", yaml.safe_load(shown[1])["actions"])
    assert not applied.refused
    assert applied.overlaid.operations["calculate_funnel"]["operation"]["tool"]["contract"] == "imported"
    assert set(applied.overlaid.operations) == {"calculate_funnel"}
