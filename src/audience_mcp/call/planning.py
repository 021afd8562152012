"""A dry run: the exact request, the object as it is, and field by field what would become of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from audience_mcp.call.consent import prospect_of
from audience_mcp.call.outcome import Outcome
from audience_mcp.call.seeing import Seen
from audience_mcp.call.telling import Telling
from audience_mcp.changes.difference import ABSENT, Difference, differences
from audience_mcp.changes.present import made
from audience_mcp.changes.written import written
from audience_mcp.openapi.operation import Operation
from audience_mcp.results.answer import Answer
from audience_mcp.results.draft import Draft, Listing, Row
from audience_mcp.results.fit import fit
from audience_mcp.results.locate import step
from audience_mcp.results.outline import folded
from audience_mcp.results.store import ResultStore
from audience_mcp.results.summary import Figure
from audience_mcp.results.wording import Cut, Words, clean, cut, scalar
from audience_mcp.session.access import Access

Json = Any

LONGEST_BODY = 20_000  # characters of the body that are shown, where the budget has room
LONGEST_CELL, LONGEST_OUTLINE = 160, 200
COLUMNS = ("field", "now", "then")
NOTHING, GONE = Words("nothing"), Words("gone")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call would do: its request as it may be shown, what it is about, what it is for and what it cannot do."""

    operation: Operation
    arguments: Mapping[str, Json]
    request: Mapping[str, Json]
    seen: Sequence[Seen]
    purpose: str | None = None
    cannot: str | None = None


class Planning:
    """Tells plans; one that has read an object is kept, because the object may be longer than a summary."""

    def __init__(self, telling: Telling, store: ResultStore, budget: int) -> None:
        self._telling, self._store, self._budget = telling, store, budget

    def told(self, plan: Plan, access: Access, ours: Mapping[str, Json]) -> Outcome:
        """The plan as a summary; `ours` are this server's arguments to repeat it with."""
        source, title = self._telling.planned(plan.operation, access), f"Dry run of {plan.operation.title}"
        found = [one for one in plan.seen if one.present is not None]
        handle = None
        if found:
            now = found[0].present if len(plan.seen) == 1 else [one.present for one in found]
            body = json.dumps({"request": plan.request, "now": now}, ensure_ascii=False, default=str).encode()
            answer = Answer("json", {"request": plan.request, "now": now}, len(body))
            arguments = {**plan.arguments, **ours}
            handle = self._store.put(
                answer, tool=plan.operation.name, arguments=arguments, provenance=source, title=title
            )
        changes = _changes(plan)
        about = f" of {plan.seen[0].title}" if len(plan.seen) == 1 and plan.seen[0].hint else ""
        what = f" ({plan.purpose})" if plan.purpose else ""
        headline = f"{title}{what}{about}: nothing was sent that changes anything{_told(plan, changes)}"
        draft = Draft("plan", self._telling.marked(headline), list(_figures(plan, kept=bool(handle))), complete=True)
        if changes is not None:
            draft.listing = _table(changes)
        elif len(plan.seen) > 1:
            draft.listing = _objects(plan.seen)
        summary = fit(draft, replace(source, handle=handle), self._budget)
        return Outcome(summary, handle, title)


def _changes(plan: Plan) -> list[Difference] | None:
    """What would differ; None where that cannot be known: nothing was read, or what is sent are no fields of it."""
    operation = plan.operation
    if len(plan.seen) != 1 or not isinstance(plan.seen[0].present, dict) or plan.seen[0].hint is None:
        return None
    now, sent = made(plan.seen[0].present, plan.seen[0].hint), written(operation, plan.arguments)
    if not sent:
        return differences(now, {}) if operation.access == "destructive" else None
    sent = made(dict(sent), plan.seen[0].hint)
    return differences({name: now[name] for name in sent if name in now}, sent)


def _told(plan: Plan, changes: Sequence[Difference] | None) -> str:
    if changes is None:
        return ""
    if not written(plan.operation, plan.arguments):
        return "; the whole object would be gone"
    fields = dict.fromkeys(change.path.partition(".")[0].partition("[")[0] for change in changes)
    return f"; {', '.join(fields)} would differ" if fields else "; no field would differ"


def _figures(plan: Plan, *, kept: bool) -> Iterator[Figure]:
    """The request, and what to know of it, the most important first: a summary may have no room for all."""
    root = "$.request" if kept else "$"
    for name in ("method", "url"):
        yield Figure(name, scalar(plan.request[name], 2000), path=f"{root}.{name}")
    if plan.cannot:
        yield Figure("but", scalar(plan.cannot, 600))
    one = plan.seen[0] if len(plan.seen) == 1 else None
    for field, found in (one.depends if one else {}).items():
        yield Figure(f"in use by {field}", _cell(found), path=step("$.now", field))
    if prospect := prospect_of(plan.seen):
        yield Figure("undo", Words(prospect))
    for label, names in _unsent(plan).items():
        if names:
            yield Figure(label, scalar(", ".join(names), 600), path="$.now")
    if one:
        as_it_is = folded(one.present, room=LONGEST_OUTLINE) if one.unread is None else Words(one.unread)
        yield Figure("as it is now", as_it_is, path="$.now" if kept else "$")
    if "body" in plan.request:
        text = json.dumps(plan.request["body"], ensure_ascii=False)
        yield Figure("body", scalar(text, LONGEST_BODY), path=f"{root}.body")


def _unsent(plan: Plan) -> dict[str, list[str]]:
    """The fields of the present object that an update does not mention, by what becomes of them."""
    operation, undo = plan.operation, plan.operation.tool.undo
    if undo is None or undo.restore != operation.id or not plan.seen or plan.seen[0].hint is None:
        return {}
    if not isinstance(plan.seen[0].present, dict):
        return {}
    now, sent = made(plan.seen[0].present, plan.seen[0].hint), written(operation, plan.arguments)
    takes = [argument.name for argument in operation.arguments if argument.place == "body"]
    rest = [name for name, value in now.items() if name not in sent and value is not None]
    if operation.method == "PATCH":
        return {"not sent, stays as it is": rest}
    return {
        "not sent, may be lost (the whole is replaced)": [name for name in rest if name in takes],
        "not sent, because no argument sets it": [name for name in rest if name not in takes],
    }


def _table(changes: Sequence[Difference]) -> Listing:
    def rows() -> Iterator[Row]:
        for change in changes:
            then = GONE if change.then is ABSENT else _cell(change.then)
            yield cut(change.path, LONGEST_CELL), NOTHING if change.now is ABSENT else _cell(change.now), then

    return Listing(COLUMNS, rows, len(changes), "$.now", "difference", keep_columns=True)


def _objects(seen: Sequence[Seen]) -> Listing:
    def rows() -> Iterator[Row]:
        for one in seen:
            name = scalar(one.name) if one.unread is None else Words(one.unread)
            yield one.operation.title, name, scalar(str(one.id))

    return Listing(("act", "name", "id"), rows, len(seen), "$.now", "object", keep_columns=True)


def _cell(value: Json) -> Json:
    """A value as it stands in the table: whole where it is short, nested ones as JSON."""
    if not isinstance(value, (dict, list)):
        return scalar(value, LONGEST_CELL)
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= LONGEST_CELL:
        return json.loads(clean(text))
    return Cut(f"{clean(text[:LONGEST_CELL])}...(+{len(text) - LONGEST_CELL} characters)")
