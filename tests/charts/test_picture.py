"""Pictures: of the right size, opaque, small, not blank; drawn whatever script a text is in, and from no address."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest

from audience_mcp.charts import style
from audience_mcp.charts.frame import FULL, LITE
from audience_mcp.charts.picture import drawn, png
from audience_mcp.errors import Timeout

from .drawn import days, draw

Json = Any
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decoded(picture: bytes) -> tuple[int, int, bytes]:
    """Width, height and the pixels (three bytes each) of a picture without filters."""
    assert picture.startswith(SIGNATURE)
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", picture[16:29])
    at = picture.index(b"IDAT")
    (length,) = struct.unpack(">I", picture[at - 4 : at])
    data = zlib.decompress(picture[at + 4 : at + 4 + length])
    stride = 3 * width + 1
    assert (depth, colour, len(data)) == (8, 2, stride * height)
    assert not any(data[::stride])
    return width, height, b"".join(data[row + 1 : row + stride] for row in range(0, len(data), stride))


@pytest.mark.anyio
async def test_a_picture_that_takes_too_long_is_an_error_that_says_how_to_make_it_smaller() -> None:
    chart = draw([{"day": day, "n": at % 5} for at, day in enumerate(days(30))])
    with pytest.raises(Timeout) as refused:
        await drawn(chart.specification, seconds=0)
    assert "query_results" in refused.value.remedy
    assert (await drawn(chart.specification)).startswith(SIGNATURE)


def test_a_picture_has_its_size_on_white_and_shows_the_data_in_its_colour() -> None:
    chart = draw([{"day": day, "n": at % 5} for at, day in enumerate(days(30))])
    picture = png(chart.specification)
    width, height, pixels = decoded(picture)
    assert (width, height) == (style.WIDTH * 1.5, style.HEIGHT * 1.5)
    colours = {pixels[at : at + 3] for at in range(0, len(pixels), 3)}
    assert pixels[:3] == b"\xff\xff\xff"
    assert any(abs(red - 0x00) + abs(green - 0x72) + abs(blue - 0xB2) < 12 for red, green, blue in colours)
    assert len(picture) < 60_000


@pytest.mark.parametrize("kind", ["bar", "sankey", "table"])
def test_a_text_of_any_script_can_be_drawn_even_where_it_is_cut(kind: str) -> None:
    names = ["👩‍👩‍👧🎉" * 20, "日本語" * 40, "العملاء المخلصون " * 9, "𦘲" * 60, "\ud800x", ""]
    values = [{"name": name, "to": name[::-1], "n": at + 1} for at, name in enumerate(names)]
    choices: dict[str, Any] = {"sankey": {"x": "name", "series": "to", "y": "n"}}
    columns = choices.get(kind, {"x": "name", "y": "n"})
    width, _, _ = decoded(png(draw(values, chart=kind, title=names[0], **columns).specification))
    assert width == style.WIDTH * 1.5


def test_no_address_is_ever_read() -> None:
    specification = draw([{"name": "a", "n": 1}]).specification
    with pytest.raises(ValueError, match=r"(?i)denied|not allowed|access"):
        png({**specification, "layer": [{"data": {"url": "https://example.com/x.json"}, "mark": "bar"}]})


@pytest.mark.parametrize("schema", [LITE, FULL])
def test_the_schemas_are_those_of_the_library(schema: str) -> None:
    import vl_convert

    major = {"vega-lite": vl_convert.get_vegalite_versions()[-1], "vega": vl_convert.get_vega_version()}
    assert f"/v{major[schema.split('/')[-2]].partition('.')[0]}.json" in schema


def test_vega_lite_has_nothing_to_warn_of(capfd: pytest.CaptureFixture[str]) -> None:
    import vl_convert

    values = [{"day": day, "event": event, "n": 3} for day in days(4) for event in ("visit", "order")]
    for kind in ("line", "bar", "stacked_area", "histogram"):
        columns: dict[str, Any] = {"y": "n"} if kind == "histogram" else {"x": "day", "y": "n", "series": "event"}
        values[0]["n"] = 4
        chart = draw(values, chart=kind, **columns)
        compiled = vl_convert.vegalite_to_vega(chart.specification, show_warnings=True)
        assert json.dumps(compiled)
    assert capfd.readouterr() == ("", "")
