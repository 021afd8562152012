"""Flow diagrams: where nodes stand, that nothing is lost between them, and what is said of links that are not drawn."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audience_mcp.charts.flow_columns import columns
from audience_mcp.charts.flow_layout import GAP, lay_out
from audience_mcp.charts.forms import Ribbon, Ribbons

from .drawn import draw, rows

Json = Any
HEIGHT = 300.0
NODES = st.sampled_from([f"n{at}" for at in range(14)])
LINKS = st.lists(st.tuples(NODES, NODES, st.integers(0, 500), st.integers(0, 3)), min_size=1, max_size=60)


def ribbons(links: list[tuple[str, str, int, int]], stepped: bool) -> Ribbons:
    made = [
        Ribbon(f"{step}:{start}", f"{step + 1}:{end}", start, end, weight, step)
        if stepped
        else Ribbon(start, end, start, end, weight, None)
        for start, end, weight, step in links
    ]
    return Ribbons(made, stepped, "count", "$")


@settings(deadline=None, max_examples=25)
@given(LINKS, st.booleans())
def test_everything_that_flows_stays_within_the_picture_and_is_as_wide_as_it_is_strong(
    links: list[tuple[str, str, int, int]], stepped: bool
) -> None:
    placed = columns(ribbons(links, stepped))
    if not placed.links:
        return
    layout = lay_out(placed, HEIGHT)
    scale = {round(band.thickness / band.weight, 6) for band in layout.bands if band.thickness > 1}
    assert len(scale) <= 1
    assert sum(band.weight for band in layout.bands) == sum(link.weight for link in placed.links)
    for band in layout.bands:
        assert band.source.column < band.target.column
        assert min(band.start, band.end) >= -0.1 and max(band.start, band.end) + band.thickness <= HEIGHT + 1
    for nodes in layout.columns:
        for above, under in pairwise(nodes):
            assert above.top + above.height <= under.top - GAP + 0.1
        assert len(nodes) <= 9


@settings(deadline=None, max_examples=25)
@given(LINKS)
def test_links_that_lead_back_are_counted_and_all_others_lead_on(links: list[tuple[str, str, int, int]]) -> None:
    form = ribbons(links, stepped=False)
    placed = columns(form)
    drawn = sum(link.weight for link in placed.links)
    assert all(placed.of[link.start] < placed.of[link.end] for link in placed.links)
    if drawn < sum(link.weight for link in form.links):
        assert placed.notes


def test_a_circle_is_opened_at_its_weakest_link() -> None:
    placed = columns(ribbons([("a", "b", 10, 0), ("b", "c", 8, 0), ("c", "a", 2, 0), ("a", "a", 1, 0)], stepped=False))
    assert [(link.source, link.target) for link in placed.links] == [("a", "b"), ("b", "c")]
    assert placed.notes == ["2 links leading back not drawn, 3 in all"]


def test_a_name_comes_again_in_each_step_and_has_one_colour() -> None:
    links = [
        {"source": "visit", "target": "cart", "count": 5, "step": 1},
        {"source": "cart", "target": "visit", "count": 4, "step": 2},
    ]
    chart = draw({"results": links}, "sankey")
    nodes = rows(chart, "x2")
    colours: dict[str, set[int]] = defaultdict(set)
    for node in nodes:
        colours[node["w"]].add(node["k"])
    assert [node["w"] for node in sorted(nodes, key=lambda node: node["x"])] == ["visit", "cart", "visit"]
    assert all(len(found) == 1 for found in colours.values()) and len(colours) == 2
    assert [row["t"] for row in rows(chart, "tx", "t") if "step" in row["t"]] == ["step 1", "step 2", "step 3"]


def test_small_nodes_of_a_column_are_put_together_and_counted() -> None:
    links = [{"source": "start", "target": f"page {at}", "value": 100 - at} for at in range(20)]
    chart = draw({"links": links}, "sankey")
    assert {"other (12)"} <= {row["w"] for row in rows(chart, "x2")}
    assert sum(row["y"] for row in rows(chart, "p")) == sum(100 - at for at in range(20))
    assert chart.drawing.notes == ("12 small nodes are put together as “other”",)


def test_a_node_is_as_tall_as_its_own_count_where_not_all_went_on() -> None:
    nodes = [{"id": "a", "name": "Chat", "count": 100}, {"id": "b", "name": "Cart", "count": 25}]
    chart = draw({"nodes": nodes, "links": [{"source": "a", "target": "b", "value": 25}]}, "sankey")
    chat, cart = rows(chart, "x2")
    assert (chat["y"], cart["y"]) == (100, 25)
    assert (chat["y2"] - chat["y1"]) > 3.9 * (cart["y2"] - cart["y1"])
