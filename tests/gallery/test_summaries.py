"""The gallery's texts are what the code writes today."""

from __future__ import annotations

import re

import pytest

from audience_mcp.results.kinds import KINDS
from audience_mcp.results.summarize import DEFAULT_BUDGET

from .pictures import HERE
from .summaries import CALLS, texts

pytestmark = pytest.mark.anyio


async def test_every_golden_text_is_what_the_code_writes() -> None:
    for name, text in (await texts()).items():
        path = HERE / f"{name}.txt"
        assert path.exists() and path.read_text(encoding="utf-8") == text, (
            f"{path.name} differs: look at `PYTHONPATH=tests python -m gallery.summaries` and git diff"
        )


def test_the_gallery_shows_every_kind_within_the_budget() -> None:
    shown = {name.partition("_")[0] for name in CALLS}
    assert {kind.name for kind in KINDS} - shown <= {"text"}
    for name in CALLS:
        text = (HERE / f"{name}.txt").read_text(encoding="utf-8")
        costs = re.search(r"SUMMARY (\d+) tokens as text, (\d+) as an object", text)
        assert costs and max(map(int, costs.groups())) <= DEFAULT_BUDGET
        assert ("SANDBOX: " in text) and len(text) < 6000
