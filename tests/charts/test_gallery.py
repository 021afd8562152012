"""The gallery's charts are what is drawn today; `PYTHONPATH=tests python -m gallery.pictures` draws them anew."""

from __future__ import annotations

import json

import pytest

from gallery.pictures import CALLS, HERE, specifications

from .test_picture import decoded

pytestmark = pytest.mark.anyio
MOST_BYTES = 60_000


async def test_every_kind_of_chart_is_specified_as_it_was_when_its_picture_was_drawn() -> None:
    for kind, specification in (await specifications()).items():
        kept = json.loads((HERE / f"{kind}.vega.json").read_text(encoding="utf-8"))
        assert json.loads(json.dumps(specification)) == kept, kind


@pytest.mark.parametrize("kind", CALLS)
def test_its_picture_is_there_small_and_not_blank(kind: str) -> None:
    picture = (HERE / f"{kind}.png").read_bytes()
    width, _, pixels = decoded(picture)
    assert width == 960 and len(picture) < MOST_BYTES
    assert len({pixels[at : at + 3] for at in range(0, len(pixels), 3)}) > 20
