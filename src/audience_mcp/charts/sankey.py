"""A flow diagram: columns of nodes, and between them ribbons as wide as what flows."""

from __future__ import annotations

from typing import Any

from audience_mcp.charts import recognised, shaping, style
from audience_mcp.charts.flow_columns import columns
from audience_mcp.charts.flow_layout import MOST_NODES, Band, Layout, Node, lay_out
from audience_mcp.charts.forms import CannotDraw, Drawing, Options, Ribbons
from audience_mcp.charts.lettering import figure, short, width
from audience_mcp.charts.source import Source
from audience_mcp.results.wording import counted

Json = Any

_NODE, _BESIDE, _HEADING = 10, 5, 16
_LOWEST, _SLOT, _FAINT, _STRONG = 230, 40, 0.38, 0.7


def find(source: Source, options: Options) -> Ribbons:
    """The links: by the columns that were named, else as the answer's kind says.

    Raises:
        CannotDraw: There are none.
    """
    found = None if any(options.columns()) else recognised.ribbons(source.view)
    found = found or shaping.ribbons(source.table(), options)
    if not columns(found).links:
        raise CannotDraw("no link leads from one node to another")
    return found


def draw(form: Ribbons) -> Drawing:
    """Ribbons in the colour of where they come from; a node of the same name has the same colour in every column."""
    placed = columns(form)
    widest = max(list(placed.of.values()).count(column) for column in placed.of.values())
    height = max(_LOWEST, _SLOT * min(widest, MOST_NODES + 1))
    layout = lay_out(placed, height)
    colours = _colours(layout)
    stride = style.INNER / len(layout.columns)
    bands = [_band(band, stride, colours) for band in layout.bands]
    nodes = [_node(node, stride, colours) for column in layout.columns for node in column]
    headings = _headings(form, layout, stride)
    colour = {"name": "color", "type": "ordinal", "domain": list(range(style.MOST_SERIES + 1)), "range": "category"}
    return Drawing(
        {
            "data": [{"name": "bands", "values": bands}, {"name": "nodes", "values": nodes}, headings],
            "scales": [colour],
            "marks": [_ribbon_marks(), _node_marks(), _text_marks("nodes", "ink"), _text_marks("headings", "soft")],
        },
        f"{counted(len(form.links), 'link')} between {counted(len(nodes), 'node')}",
        len(bands),
        form.path,
        "from left to right",
        form.measure,
        (*placed.notes, *layout.notes),
        0,
        16,
        round(height),
    )


def _colours(layout: Layout) -> dict[str, int]:
    """Names -> places in the palette, the largest first; the last place is for all that have none of their own."""
    sizes: dict[str, float] = {}
    for node in (node for column in layout.columns for node in column if node.held == 1):
        sizes[node.name] = sizes.get(node.name, 0) + node.size
    order = sorted(sizes, key=lambda name: -sizes[name])
    return {name: at for at, name in enumerate(order[: style.MOST_SERIES])}


def _band(band: Band, stride: float, colours: dict[str, int]) -> dict[str, Json]:
    start, end = band.source.column * stride + _NODE, band.target.column * stride
    middle = (start + end) / 2
    low, far = band.start + band.thickness, band.end + band.thickness
    upper = ((start, band.start), (middle, band.start), (middle, band.end), (end, band.end))
    lower = ((end, far), (middle, far), (middle, low), (start, low))
    (first, *there), (turn, *back) = ([f"{x:.1f},{y:.1f}" for x, y in edge] for edge in (upper, lower))
    return {
        "p": f"M{first}C{' '.join(there)}L{turn}C{' '.join(back)}Z",
        "k": colours.get(band.source.name, style.MOST_SERIES),
        "from": band.source.name,
        "to": band.target.name,
        "y": band.weight,
    }


def _node(node: Node, stride: float, colours: dict[str, int]) -> dict[str, Json]:
    x = node.column * stride
    count = figure(node.size)
    room = stride - _NODE - 2 * _BESIDE - width(f" {count}", style.SMALL)
    return {
        "x": x,
        "x2": x + _NODE,
        "y1": round(node.top, 1),
        "y2": round(node.top + node.height, 1),
        "k": colours.get(node.name, style.MOST_SERIES),
        "w": node.name,
        "y": node.size,
        "t": f"{short(node.name, room, style.SMALL)} {count}",
        "tx": x + _NODE + _BESIDE,
        "ty": round(node.middle, 1),
    }


def _headings(form: Ribbons, layout: Layout, stride: float) -> dict[str, Json]:
    """The steps over their columns, where the data has steps."""
    first = min((link.step or 0 for link in form.links), default=0)
    numbers = range(len(layout.columns) if form.stepped else 0)
    values = [{"t": f"step {first + at}", "tx": at * stride, "ty": -_HEADING} for at in numbers]
    return {"name": "headings", "values": values}


def _ribbon_marks() -> dict[str, Json]:
    tooltip = {"signal": "{'from': datum.from, 'to': datum.to, 'value': format(datum.y, ',.12~g')}"}
    return {
        "type": "path",
        "from": {"data": "bands"},
        "encode": {
            "enter": {
                "path": {"field": "p"},
                "fill": {"scale": "color", "field": "k"},
                "tooltip": tooltip,
            },
            "update": {"fillOpacity": {"value": _FAINT}},
            "hover": {"fillOpacity": {"value": _STRONG}},
        },
    }


def _node_marks() -> dict[str, Json]:
    tooltip = {"signal": "{'at': datum.w, 'value': format(datum.y, ',.12~g')}"}
    places = {name: {"field": field} for name, field in (("x", "x"), ("x2", "x2"), ("y", "y1"), ("y2", "y2"))}
    fill = {"fill": {"scale": "color", "field": "k"}, "tooltip": tooltip}
    return {"type": "rect", "from": {"data": "nodes"}, "encode": {"enter": {**places, **fill}}}


def _text_marks(data: str, look: str) -> dict[str, Json]:
    fields = {"x": "tx", "y": "ty", "text": "t"}
    encode = {name: {"field": field} for name, field in fields.items()}
    small = {"fontSize": {"value": style.SMALL}}
    return {
        "type": "text",
        "style": look,
        "interactive": False,
        "from": {"data": data},
        "encode": {"enter": {**encode, **small}},
    }
