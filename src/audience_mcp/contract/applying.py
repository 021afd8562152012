"""A provider's document and its overlay -> what of the tools differs, and what of the overlay is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from audience_mcp.contract.actions import UNCONFIRMED, actions_of, in_order, made_up, marked, subjects
from audience_mcp.contract.correction import Correction, Refused
from audience_mcp.contract.guarding import RAISED, check_document, check_listed, check_operations
from audience_mcp.contract.overlays import document_of, read
from audience_mcp.openapi.document import Document, Node
from audience_mcp.openapi.operation import Operation
from audience_mcp.openapi.overlay import OverlayProblem, apply, found
from audience_mcp.results.wording import cut
from audience_mcp.tools.catalog import Overlaid
from audience_mcp.tools.compiling import compile_document

Actions = list[Mapping[str, Any]]
# What a document that is broken in some way can raise on its way through the compiler.
BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
LONGEST_REASON = 300
LONGEST_SUBJECT = 80


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of an overlay: what differs from the packaged tools, and what was refused and why."""

    overlaid: Overlaid
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class _Compiled:
    """A document with all that is made of it."""

    document: Document
    provider: str

    @cached_property
    def made(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        compiled, listed, _ = compile_document(self.document, self.provider)
        return compiled["operations"], {str(tool["name"]): tool for tool in listed}

    @cached_property
    def operations(self) -> dict[str, Operation]:
        return {name: Operation.model_validate(entry["operation"]) for name, entry in self.made[0].items()}

    def differs(self, base: _Compiled) -> Overlaid:
        """What of it is not as in the packaged document."""
        (own, listed), (theirs, packaged) = self.made, base.made
        return Overlaid(
            {name: entry for name, entry in own.items() if entry != theirs.get(name)},
            {name: tool for name, tool in listed.items() if tool != packaged.get(name)},
        )


def apply_overlay(provider: str, actions: Iterable[Any]) -> Applied:
    """Apply an overlay to the provider's packaged document, as far as it may be.

    Actions that belong together (one correction's, or those about one operation) stand and fall together; those that
    break the document, or do what an overlay must not (`guarding`), change nothing.
    """
    base = _base(provider)
    groups = _groups(actions, base)
    refused = [
        Refused(subject, "it is no action: an object with a target, and update or remove")
        for subject, group in groups.items()
        if not all(isinstance(action, dict) for action in group)
    ]
    for one in refused:
        del groups[one.subject]
    try:
        state = _changed(base, base, [action for group in groups.values() for action in group])
    except BROKEN:  # which of them it was is found out one by one
        state = base
        for subject, group in groups.items():
            try:
                state = _changed(base, state, group)
            except BROKEN as error:
                refused.append(Refused(subject, _told(error)))
    out = {one.subject for one in refused}
    for subject, group in groups.items():
        if subject not in out and not any(
            _finds(raw, a) for a in group for raw in (base.document.raw, state.document.raw)
        ):
            refused.append(Refused(subject, "it finds nothing to change in this version's document"))
    return Applied(state.differs(base), tuple(refused))


def fitting(
    provider: str, found_out: Iterable[Correction], folder: Path | None = None
) -> tuple[list[Correction], list[Refused]]:
    """Which corrections the server would take, over the overlay that is there; and why not the others.

    Raises:
        OverlayProblem: The overlay that is there is none.
    """
    given = list(found_out)
    document = _base(provider).document
    actions: Actions = []
    refused: list[Refused] = []
    for correction in given:
        try:
            actions += actions_of(correction, document, provider)
        except BROKEN as error:
            refused.append(Refused(correction.operation, _told(error)))
    present = read(provider, folder)
    names = {correction.operation for correction in given}
    kept = [action for action in (present.actions if present else ()) if marked(action) not in names]
    if not any(correction.sandbox for correction in given):  # nor does it count where these do
        kept = [action for action in kept if not made_up(action)]
    told = apply_overlay(provider, in_order([*kept, *actions])).refused
    refused += [one for one in told if one.subject in names]
    out = {one.subject for one in refused}
    return [correction for correction in given if correction.operation not in out], refused


@lru_cache(maxsize=1)
def _base(provider: str) -> _Compiled:
    """The packaged document, for a command that tries several overlays of it."""
    return _Compiled(document_of(provider), provider)


def _groups(actions: Iterable[Any], base: _Compiled) -> dict[str, Actions]:
    """The actions that stand and fall together, by what they are about."""
    groups: dict[str, Actions] = {}
    for number, action in enumerate(actions, 1):
        if not isinstance(action, dict):
            groups[f"action {number} ({cut(str(action), LONGEST_SUBJECT)})"] = [action]
            continue
        subject = marked(action)
        if subject is None and (touched := next(subjects(action, base.document.raw), None)):
            subject = f"{base.provider}_{touched}"
        target = cut(str(action.get("target", "")), LONGEST_SUBJECT)
        groups.setdefault(subject or f"action {number} ({target})", []).append(action)
    return groups


def _finds(raw: Node, action: Mapping[str, Any]) -> bool:
    try:
        return bool(found(raw, str(action.get("target"))))
    except OverlayProblem:
        return True  # what is wrong with it is told when it is carried out


def _changed(base: _Compiled, state: _Compiled, actions: Actions) -> _Compiled:
    """The document after some more actions, once all of it was checked."""
    document = Document(apply(state.document.raw, actions))
    _confirm(document)
    check_document(base.document, document)
    changed = _Compiled(document, base.provider)
    check_operations(base.operations, changed.operations)
    overlaid = changed.differs(base)
    for tool in overlaid.listed.values():
        check_listed(tool)
    for name, entry in overlaid.operations.items():
        _check_schema(name, entry["schema"])
    return changed


def _confirm(document: Document) -> None:
    """Take the mark of a guess from the description of what is no guess any more."""
    for entry in document.entries():
        if entry.node["x-tool"]["contract"] in RAISED:
            described = str(entry.node["description"]).rstrip()
            entry.node["description"] = described.removesuffix(UNCONFIRMED).rstrip()


def _check_schema(name: str, schema: Mapping[str, Any]) -> None:
    from audience_mcp.tools.arguments import ArgumentChecker

    try:
        ArgumentChecker(name, schema)
    except ValueError as error:
        raise ValueError(f"{name}: its argument schema is not valid: {error}") from None


def _told(error: Exception) -> str:
    """The reason in one short line."""
    text = " ".join(str(error).split()) if not isinstance(error, KeyError) else f"it lacks {error.args[0]!r}"
    return cut(text or type(error).__name__, LONGEST_REASON)
