"""Our path and theirs -> their path with our names in it, so that arguments keep their names and their bindings."""

from __future__ import annotations

from dataclasses import dataclass, field

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.described import Described
from audience_mcp.contract.importing.merging import kinds
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.ours import Ours
from audience_mcp.contract.importing.words import IDLE
from audience_mcp.contract.templates import PARAMETER, before, is_fixed, parameters, same_path
from audience_mcp.openapi.document import Node
from audience_mcp.openapi.reader import schema_of


@dataclass(slots=True)
class Placed:
    """The path to use, the path parameters of ours that stand in it, and the names that are new; or the problem."""

    path: str
    parameters: list[Node] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    problem: str | None = None


def place(ours: Ours, theirs: Described) -> Placed:
    """Their path in our names."""
    own = {part["name"]: part for part in ours.entry.parameters if part["in"] == "path"}
    if same_path(ours.operation, theirs.path):
        slash = "/" if theirs.path.endswith("/") else ""
        return Placed(ours.operation.path.rstrip("/") + slash, list(own.values()))
    pairs = _paired(ours, theirs, own)
    lost = [name for name in own if name not in pairs.values() and not is_fixed(own[name])]
    if lost:
        return Placed(theirs.path, problem=f"its path has no place for {', '.join(lost)}")
    known = _bound_elsewhere(ours)
    placed = Placed(theirs.path)
    for name in parameters(theirs.path):
        if name in pairs:
            placed.parameters.append(own[pairs[name]])
        elif _plain(name) in known:
            pairs[name] = known[_plain(name)]["name"]
            placed.parameters.append(known[_plain(name)])
        else:
            placed.added.append(name)
    placed.path = PARAMETER.sub(lambda found: "{" + pairs.get(found[1], found[1]) + "}", theirs.path)
    return placed


def _paired(ours: Ours, theirs: Described, own: dict[str, Node]) -> dict[str, str]:
    """Their parameters and ours that are the same: by name, by the segment ahead, or the one left on each side."""
    there = parameters(theirs.path)
    ahead, behind = before(ours.operation.path), before(theirs.path)

    def named_alike(name: str, mine: str) -> bool:
        return _plain(name) == _plain(mine)

    def placed_alike(name: str, mine: str) -> bool:
        segment = behind.get(name, "")
        telling = segment and "{" not in segment and segment not in IDLE  # `by` is followed by anything
        return bool(telling) and ahead.get(mine) == segment and not is_fixed(own[mine])

    pairs: dict[str, str] = {}
    # `{id}` alone says little: where both agree comes first, then the place, then the name
    for alike in (lambda *both: named_alike(*both) and placed_alike(*both), placed_alike, named_alike):
        for name in there:
            for mine in own:
                if name not in pairs and mine not in pairs.values() and alike(name, mine):
                    pairs[name] = mine
    left = [name for name in there if name not in pairs]
    # The workspace is never taken for another thing, nor another thing for the workspace.
    mine_left = [mine for mine in own if mine not in pairs.values() and not is_fixed(own[mine])]
    mine_left = [mine for mine in mine_left if "x-workspace" not in own[mine]]
    if len(left) == len(mine_left) == 1:
        name, mine = left[0], mine_left[0]
        if _plain(name) not in _bound_elsewhere(ours) and _alike(ours, own[mine], theirs, name):
            pairs[name] = mine
    return pairs


def _bound_elsewhere(ours: Ours) -> dict[str, Node]:
    """Path parameters of our document that nobody passes: constants and the workspace."""
    return {
        _plain(part["name"]): part
        for entry in ours.document.entries()
        for part in entry.parameters
        if part["in"] == "path" and (is_fixed(part) or part.get("x-workspace"))
    }


def _alike(ours: Ours, mine: Node, theirs: Described, name: str) -> bool:
    own = kinds(Cleaner(ours.document.raw, Notes()).clean(schema_of(ours.document, mine)))
    other = next((kinds(part.schema) for part in theirs.parameters if (part.name, part.place) == (name, "path")), set())
    return not own or not other or own == other


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
