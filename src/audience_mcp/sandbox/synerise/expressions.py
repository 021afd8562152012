"""An expression definition + one profile -> the value of its formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise import aggregates
from audience_mcp.sandbox.synerise.aggregates import Aggregate
from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import Clause, weave
from audience_mcp.sandbox.synerise.conditions import EVENT_ATTRIBUTES, PROFILE_ATTRIBUTES, Event, read_event
from audience_mcp.sandbox.synerise.dates import read_window
from audience_mcp.sandbox.synerise.fields import Fields, is_number
from audience_mcp.sandbox.synerise.metrics import OPERATORS
from audience_mcp.sandbox.synerise.profiles import attributes_of

DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined by an operator, from left to right."""

    operator: str
    operands: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the profile, or of the event in an event expression."""

    name: str


Formula = Operation | Attribute | Aggregate | float | str


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it will be computed; an event expression is taken at the profile's latest `event`."""

    title: str
    event: Event | None
    formula: Formula


def read(calculation: Calculation, definition: Definition) -> Expression:
    """Read a definition of kind expression, and the saved aggregates its formula names.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    kind = fields.choice("type", ("CLIENT", "EVENT"), "CLIENT")
    event = read_event(fields.raw("event"), "analysis.event", calculation.keys) if kind == "EVENT" else None
    formula = _formula(calculation, fields.raw("formula"), EVENT_ATTRIBUTES if event else PROFILE_ATTRIBUTES, 0)
    fields.done()
    return Expression(title, event, formula)


def value(calculation: Calculation, expression: Expression, profile: int) -> Any:
    """The expression's value for a profile; null where a part has no value or something is divided by zero."""
    if expression.event is None:
        attributes: Mapping[str, Any] = attributes_of(calculation, profile)
    else:
        attributes = _latest(calculation, expression.event, profile)
    result = _computed(calculation, expression.formula, attributes, profile)
    if isinstance(result, float):
        return round(result, 4) if is_number(result) else None
    return result


def _formula(calculation: Calculation, written: Any, attributes: Mapping[str, str], depth: int) -> Formula:
    where = "analysis.formula"
    if depth > DEEPEST:
        raise Refusal(400, f"{where} is nested too deeply")
    if isinstance(written, Mapping) and "variable" in written:
        written = calculation.keys.value(written, where)
    if is_number(written):
        return float(written)
    if isinstance(written, str):
        return written
    fields = Fields(written, where)
    part: Formula
    if "attribute" in fields:
        part = Attribute(fields.choice("attribute", attributes))
    elif "aggregate" in fields:
        part = aggregates.read(calculation, calculation.saved("aggregate", fields.text("aggregate")))
    else:
        operator = fields.choice("operator", OPERATORS)
        operands = fields.several("operands", least=2, most=10)
        part = Operation(operator, tuple(_formula(calculation, item, attributes, depth + 1) for item in operands))
    fields.done()
    return part


def _computed(calculation: Calculation, part: Formula, attributes: Mapping[str, Any], profile: int) -> Any:
    if isinstance(part, Aggregate):
        return aggregates.value(calculation, part, profile)
    if isinstance(part, Attribute):
        found = attributes[part.name]
        return found.isoformat() if isinstance(found, datetime) else found
    if not isinstance(part, Operation):
        return part
    result = _computed(calculation, part.operands[0], attributes, profile)
    for operand in part.operands[1:]:
        other = _computed(calculation, operand, attributes, profile)
        # what has no value, or has grown beyond all bounds, makes the whole have none
        if not is_number(result) or not is_number(other) or (part.operator == "DIVIDE" and other == 0):
            return None
        result = OPERATORS[part.operator](result, other)
    return result


def _latest(calculation: Calculation, event: Event, profile: int) -> dict[str, Any]:
    columns = ", ".join(f"e.{name}" for name in EVENT_ATTRIBUTES)
    query = weave(
        f"SELECT {columns} FROM events e WHERE {{}} AND e.profile_id = {{}} ORDER BY e.event_id DESC LIMIT 1",
        calculation.occurrences(event, read_window({}, calculation.world)),
        Clause("?", (profile,)),
    )
    rows = calculation.rows(query)
    return rows[0] if rows else dict.fromkeys(EVENT_ATTRIBUTES)
