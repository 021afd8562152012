"""The definition of a saved analysis -> words: `funnel of 3 steps: "Visit" > "Cart" > "Order" within 7 days`.

Each kind of analysis is known by the fields that only it has.
"""

from __future__ import annotations

from typing import Any

from audience_mcp.results.definitions.conditions import event, people, steps
from audience_mcp.results.definitions.dates import length, window
from audience_mcp.results.definitions.reader import (
    Reader,
    Unclear,
    a_list,
    a_text,
    an_object,
    literal,
    one_of,
    text_or_number,
)
from audience_mcp.results.wording import counted

Json = Any

_SHARED = ("title", "description", "type", "oldId", "dateFilter", "filter", "aggregateDataBy", "limit")
_FUNCTIONS = {
    "COUNT": "number of",
    "SUM": "sum",
    "AVG": "average",
    "MIN": "minimum",
    "MAX": "maximum",
    "MEDIAN": "median",
    "QUANTILE": "quantile",
    "FIRST": "first",
    "LAST": "last",
    "EXISTS": "whether there is",
    "PROFILES": "people with",
}
_OPERATORS = {"ADD": " + ", "SUBTRACT": " - ", "MULTIPLY": " x ", "DIVIDE": " / "}
_DEEPEST = 4


def tell(value: Json, reader: Reader) -> tuple[str, str]:
    """A definition in a few words and in all of them.

    Raises:
        Unclear: It is of no known form.
    """
    kind, told, *fields = _core(value, reader)
    reader.check(value, "", *_SHARED, *fields)
    around = _around(value, reader)
    return f"{kind}{around}", f"{kind}: {told}{around}" if told else f"{kind}{around}"


def _core(value: dict[str, Json], reader: Reader) -> tuple[str, ...]:
    """The kind, what it is made of, and the fields that say so."""
    if "steps" in value:
        return (
            f"funnel of {counted(len(a_list(value['steps'])), 'step')}",
            steps(value, "", reader),
            "steps",
            "completedWithin",
        )
    if "segments" in value:
        segments = a_list(value["segments"])
        told = reader.parts(segments, "segments", lambda one, at: _segment(one, at, reader), "; ")
        return f"segmentation of {counted(len(segments), 'segment')}", told, "segments"
    if "events" in value:
        events = a_list(value["events"])
        told = reader.parts(events, "events", lambda one, at: event(one, at, reader))
        return f"trend of {counted(len(events), 'event')}", _measured(value, told), "events", "function", "attribute"
    if "metrics" in value:
        return _of_metrics(value, reader)
    if "formula" in value:
        of = f" of {event(value['event'], 'event', reader)}" if "event" in value else ""
        return f"formula{of}", _formula(value["formula"], "formula", reader), "formula", "event"
    if "before" in value or "after" in value:
        ends = [f"{counted(_count(value[side]), 'step')} {side}" for side in ("before", "after") if side in value]
        return (
            "sankey",
            f"{' and '.join(ends)} {event(value.get('event'), 'event', reader)}",
            "event",
            "before",
            "after",
        )
    if "event" in value:
        return _figure(value, reader)
    raise Unclear


def _around(value: dict[str, Json], reader: Reader) -> str:
    """The time, the grouping and the filter that any analysis may have."""
    parts = [window(value["dateFilter"], "dateFilter", reader)] if value.get("dateFilter") is not None else []
    if value.get("aggregateDataBy"):
        parts.append(f"by {length(value['aggregateDataBy']).removeprefix('1 ')}")
    if value.get("filter"):
        parts.append(f"of people where {people(value['filter'], 'filter', reader)}")
    if value.get("limit"):
        parts.append(f"at most {_count(value['limit'])}")
    return "".join(f", {part}" for part in parts)


def _segment(value: Json, path: str, reader: Reader) -> str:
    part = an_object(value)
    reader.check(part, path, "title", "filter")
    who = people(part.get("filter", {}), f"{path}.filter", reader)
    return f"{a_text(part.get('title'))} ({who or 'everybody else'})"


def _measured(value: dict[str, Json], of: str) -> str:
    """`sum of "amount" of "Purchase"`; without a function the events are counted."""
    if "function" not in value:
        return of
    attribute = value.get("attribute")
    what = f"{a_text(attribute)} of {of}" if attribute else of
    function = one_of(value["function"], _FUNCTIONS)
    return f"{function} {'of ' if attribute else ''}{what}"


def _figure(value: dict[str, Json], reader: Reader) -> tuple[str, ...]:
    told = _measured({"function": "COUNT", **value}, event(value["event"], "event", reader))
    percent = f" at {literal(value['percent'])}" if value.get("percent") is not None else ""
    kind = "running aggregate" if value.get("type") == "RUNNING_AGGREGATE" else "figure"
    return kind, f"{told}{percent}", "event", "function", "attribute", "percent"


def _of_metrics(value: dict[str, Json], reader: Reader) -> tuple[str, ...]:
    metrics = a_list(value["metrics"])
    told = reader.parts(metrics, "metrics", lambda one, _: reader.known(one))
    if "groupBy" not in value:
        return f"histogram of {counted(len(metrics), 'metric')}", told, "metrics"
    groups = reader.parts(a_list(value["groupBy"]), "groupBy", lambda one, _: a_text(one))
    return f"report of {counted(len(metrics), 'metric')} by {groups}", told, "metrics", "groupBy"


def _formula(value: Json, path: str, reader: Reader, depth: int = 0) -> str:
    if not isinstance(value, dict):
        return literal(value)
    if depth > _DEEPEST:
        raise Unclear
    if "operator" in value:
        reader.check(value, path, "operator", "operands")
        joint = one_of(value["operator"], _OPERATORS)
        inner = lambda one, at: _formula(one, at, reader, depth + 1)  # noqa: E731
        told = reader.parts(a_list(value.get("operands")), f"{path}.operands", inner, joint)
        return f"({told})" if depth else told
    if "variable" in value:
        return f"{literal(value.get('default'))} (dynamic key {a_text(value['variable'])})"
    for kind in ("metric", "aggregate", "attribute"):
        if kind in value:
            reader.check(value, path, kind)
            return f"{kind} {a_text(value[kind]) if kind == 'attribute' else reader.known(text_or_number(value[kind]))}"
    raise Unclear


def _count(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**6:
        raise Unclear
    return value
