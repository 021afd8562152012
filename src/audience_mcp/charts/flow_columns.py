"""Links of a flow diagram -> the column of each node, without the links that lead back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from audience_mcp.charts.forms import Number, Ribbon, Ribbons
from audience_mcp.results.wording import counted

MOST_LINKS, MOST_COLUMNS = 500, 8


class Columns(NamedTuple):
    """The links that are drawn, and the column of each node from 0 on; `sizes` are counts that nodes carry.

    `notes` has a sentence on each kind of link left out.
    """

    links: list[Ribbon]
    of: dict[str, int]
    sizes: Mapping[str, Number]
    notes: list[str]


def columns(form: Ribbons) -> Columns:
    """Columns from left to right in the direction of the flow: the steps of the data, else as far as links lead."""
    found = sorted((link for link in form.links if link.weight > 0), key=lambda link: -link.weight)
    links, weak = found[:MOST_LINKS], found[MOST_LINKS:]
    empty = len(form.links) - len(found)
    links, back = (links, []) if form.stepped else _forward(links)
    of = _by_step(links) if form.stepped else _by_distance(links)
    order = {column: at for at, column in enumerate(sorted(set(of.values())))}
    of = {key: order[column] for key, column in of.items()}
    far = [link for link in links if of[link.end] >= MOST_COLUMNS]
    links = [link for link in links if of[link.end] < MOST_COLUMNS]
    notes = [f"{counted(empty, 'link')} of nothing not drawn"] if empty else []
    notes += [
        f"{counted(len(left), 'link')} {why}, {sum(link.weight for link in left):,} in all"
        for left, why in (
            (back, "leading back not drawn"),
            (weak, "of the weakest not drawn"),
            (far, f"beyond column {MOST_COLUMNS} not drawn"),
        )
        if left
    ]
    kept = {key for link in links for key in (link.start, link.end)}
    return Columns(links, {key: column for key, column in of.items() if key in kept}, form.sizes, [*form.notes, *notes])


def _forward(links: list[Ribbon]) -> tuple[list[Ribbon], list[Ribbon]]:
    """The links that lead on, the strongest first, and those that would lead back to where they come from."""
    after: dict[str, set[str]] = defaultdict(set)
    forward: list[Ribbon] = []
    back: list[Ribbon] = []
    for link in links:
        if _leads(after, link.end, link.start):
            back.append(link)
        else:
            forward.append(link)
            after[link.start].add(link.end)
    return forward, back


def _leads(after: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        fresh = after.get(node, set()) - seen
        seen |= fresh
        waiting += fresh
    return False


def _by_step(links: list[Ribbon]) -> dict[str, int]:
    ends = {link.end: (link.step or 0) + 1 for link in links}
    return ends | {link.start: link.step or 0 for link in links}


def _by_distance(links: list[Ribbon]) -> dict[str, int]:
    """One column further than the furthest node that leads to it."""
    distance = {key: 0 for link in links for key in (link.start, link.end)}
    for _ in distance:
        late = [link for link in links if distance[link.end] <= distance[link.start]]
        if not late:
            break
        for link in late:
            distance[link.end] = max(distance[link.end], distance[link.start] + 1)
    return distance
