"""The links of a flow -> where people leave it, and the strongest way through it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from audience_mcp.results.kinds.links import Flow, Link

_EXIT = re.compile(r"\W*(?:end|exit|left|leave|drop[ -]?off|bounce)\W*", re.IGNORECASE)
_LONGEST_WAY = 12


class Leaving(NamedTuple):
    """How many of those that reached a node go no further.

    `path` is where a link to an exit says so, None where it follows from there being fewer links on.
    """

    name: str
    step: int | None
    number: int | float
    reached: int | float
    path: str | None


def leaving(flow: Flow) -> list[Leaving]:
    """Where people leave, most first.

    By links to a node that is called end, exit and the like; without any, by nodes that more people reach than go on
    from. Nodes that nothing leads on from are where the diagram ends, and no loss; where links lead in circles nothing
    can be said.
    """
    reached, onward = _sums(flow.links)
    exits = [link for link in flow.links if _EXIT.fullmatch(link.target)]
    if exits:
        found = [
            Leaving(link.source, link.step, link.weight, onward[link.start], link.path) for link in exits if link.weight
        ]
    elif _circles(flow.links):
        found = []
    else:
        names = {link.start: (link.source, link.step) for link in flow.links}
        sizes = {key: max(reached.get(key, 0), flow.sizes.get(key, 0)) for key in names}
        found = [
            Leaving(*names[key], size - onward[key], size, None)
            for key, size in sizes.items()
            if size > onward[key] > 0
        ]
    return sorted(found, key=lambda one: -one.number)


def strongest_way(flow: Flow) -> list[Link]:
    """From the strongest link on, and back from it, along the strongest link each time.

    At most as many people as its weakest link has took the whole of it.
    """
    ahead, behind = _strongest(flow.links, "start"), _strongest(flow.links, "end")
    way = [max(flow.links, key=lambda link: link.weight)]
    seen = {way[0].start, way[0].end}
    while (link := ahead.get(way[-1].end)) and link.end not in seen and len(way) < _LONGEST_WAY:
        way.append(link)
        seen.add(link.end)
    while (link := behind.get(way[0].start)) and link.start not in seen and len(way) < _LONGEST_WAY:
        way.insert(0, link)
        seen.add(link.start)
    return way


def _sums(links: Iterable[Link]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """How many come to each node, and how many go on from it."""
    reached: defaultdict[str, float] = defaultdict(int)
    onward: defaultdict[str, float] = defaultdict(int)
    for link in links:
        reached[link.end] += link.weight
        onward[link.start] += link.weight
    return reached, onward


def _strongest(links: list[Link], side: str) -> dict[str, Link]:
    """The strongest link at each node, on one side of it."""
    return {getattr(link, side): link for link in sorted(links, key=lambda link: link.weight)}


def _circles(links: list[Link]) -> bool:
    """Whether following the links can lead back to where one was."""
    following: dict[str, set[str]] = {}
    before: Counter[str] = Counter()
    for link in links:
        if link.end not in following.setdefault(link.start, set()):
            following[link.start].add(link.end)
            before[link.end] += 1
    free = [key for key in following if not before[key]]
    while free:
        for key in following.pop(free.pop(), ()):
            before[key] -= 1
            if not before[key]:
                free.append(key)
    return bool(following)
