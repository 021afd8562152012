"""Links and the columns of their nodes -> where each node stands and each ribbon runs, in pixels from the top."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from audience_mcp.charts.flow_columns import Columns
from audience_mcp.charts.forms import Number

MOST_NODES = 8
"""The nodes of a column that stand alone; a further one is all its others together."""

GAP, SLOT = 6.0, 18.0
_ROUNDS, _HALVINGS, _THINNEST = 6, 40, 0.75


@dataclass(slots=True, eq=False)
class Node:
    """A node: its column, what is counted there, comes and goes; `held` is how many it stands for."""

    name: str
    column: int
    own: Number = 0
    held: int = 1
    into: Number = 0
    out: Number = 0
    top: float = 0.0
    height: float = 0.0

    @property
    def size(self) -> Number:
        """What passes through it."""
        return max(self.into, self.out, self.own)

    @property
    def middle(self) -> float:
        """Where its middle is."""
        return self.top + self.height / 2


class Band(NamedTuple):
    """A ribbon: its upper edge at both ends, and how thick it is."""

    source: Node
    target: Node
    weight: Number
    start: float
    end: float
    thickness: float


class Layout(NamedTuple):
    """Nodes by column from the top down, and the ribbons between them."""

    columns: list[list[Node]]
    bands: list[Band]
    notes: list[str]


def lay_out(drawn: Columns, height: float) -> Layout:
    """Stand everything between 0 and `height`, nodes near those they are linked with."""
    nodes: dict[str, Node] = {}
    for link in drawn.links:
        source, target = (
            nodes.setdefault(key, Node(name, drawn.of[key], drawn.sizes.get(key, 0)))
            for key, name in ((link.start, link.source), (link.end, link.target))
        )
        source.out += link.weight
        target.into += link.weight
    standing, notes = _together(nodes)
    weights: dict[tuple[Node, Node], Number] = defaultdict(int)
    for link in drawn.links:
        weights[standing[link.start], standing[link.end]] += link.weight
    columns: list[list[Node]] = [[] for _ in range(max(drawn.of.values(), default=0) + 1)]
    for node in dict.fromkeys(standing.values()):
        columns[node.column].append(node)
    scale = min(_scale(nodes, height) for nodes in columns)
    _arrange(columns, weights, scale, height)
    return Layout(columns, _bands(weights, scale), notes)


def _together(nodes: dict[str, Node]) -> tuple[dict[str, Node], list[str]]:
    """Each node's key -> the node it is drawn as: itself, or one for all the small ones of its column."""
    drawn = dict(nodes)
    by_column: dict[int, list[str]] = defaultdict(list)
    for key, node in nodes.items():
        by_column[node.column].append(key)
    folded = 0
    for column, keys in by_column.items():
        if len(keys) <= MOST_NODES + 1:
            continue
        small = sorted(keys, key=lambda key: -nodes[key].size)[MOST_NODES:]
        into, out = sum(nodes[key].into for key in small), sum(nodes[key].out for key in small)
        own = sum(nodes[key].own for key in small)
        other = Node(f"other ({len(small)})", column, own, len(small), into, out)
        drawn |= dict.fromkeys(small, other)
        folded += len(small)
    return drawn, [f"{folded} small nodes are put together as “other”"] if folded else []


def _scale(nodes: list[Node], height: float) -> float:
    """The most pixels for one of what flows with which a column still fits; a small node has a slot for its name."""
    room = height - GAP * (len(nodes) - 1)
    low, high = 0.0, height / max(sum(node.size for node in nodes), 1e-9)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        fits = sum(max(node.size * middle, SLOT) for node in nodes) <= room
        low, high = (middle, high) if fits else (low, middle)
    return low


def _arrange(columns: list[list[Node]], weights: dict[tuple[Node, Node], Number], scale: float, height: float) -> None:
    near: dict[Node, list[tuple[Node, Number]]] = defaultdict(list)
    for (source, target), weight in weights.items():
        near[source].append((target, weight))
        near[target].append((source, weight))

    def pull(node: Node) -> tuple[bool, float]:
        total = sum(weight for _, weight in near[node])
        return node.held > 1, sum(other.middle * weight for other, weight in near[node]) / total

    for nodes in columns:
        nodes.sort(key=lambda node: (node.held > 1, -node.size))
        _stand(nodes, scale, height)
    for turn in range(_ROUNDS):
        for nodes in columns[:: 1 if turn % 2 == 0 else -1]:
            nodes.sort(key=pull)
            _stand(nodes, scale, height)


def _stand(nodes: list[Node], scale: float, height: float) -> None:
    """Nodes below each other, in the middle of the height."""
    slots = [max(node.size * scale, SLOT) for node in nodes]
    top = max((height - sum(slots) - GAP * (len(nodes) - 1)) / 2, 0.0)
    for node, slot in zip(nodes, slots, strict=True):
        node.height = max(node.size * scale, 1.0)
        node.top = top + (slot - node.height) / 2
        top += slot + GAP


def _bands(weights: dict[tuple[Node, Node], Number], scale: float) -> list[Band]:
    """Ribbons in the order of where they lead at both ends, so that they cross little."""
    starts: dict[tuple[Node, Node], float] = {}
    ends: dict[tuple[Node, Node], float] = {}
    used: dict[tuple[Node, str], float] = defaultdict(float)
    for pair in sorted(weights, key=lambda pair: pair[1].middle):
        starts[pair] = pair[0].top + used[pair[0], "out"]
        used[pair[0], "out"] += weights[pair] * scale
    for pair in sorted(weights, key=lambda pair: pair[0].middle):
        ends[pair] = pair[1].top + used[pair[1], "in"]
        used[pair[1], "in"] += weights[pair] * scale
    return [
        Band(*pair, weight, starts[pair], ends[pair], max(weight * scale, _THINNEST))
        for pair, weight in weights.items()
    ]
