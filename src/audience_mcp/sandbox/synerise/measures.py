"""`function` and `attribute` of a definition -> an SQL aggregate over events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.conditions import EVENT_ATTRIBUTES
from audience_mcp.sandbox.synerise.fields import Fields


@dataclass(frozen=True, slots=True)
class Function:
    """`{}` in `sql` is the attribute; `needs` is its kind (none, `any`, `number`); `empty` the value without events."""

    sql: str
    needs: str | None
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Measure:
    """SQL over the events `e`, and its value where there are none."""

    sql: str
    empty: Any


FUNCTIONS = {
    "COUNT": Function("count(*)", None, 0),
    "PROFILES": Function("count(DISTINCT e.profile_id)", None, 0),
    "EXISTS": Function("count(*) > 0", None, False),
    "COUNT_DISTINCT": Function("count(DISTINCT {})", "any", 0),
    "FIRST": Function("arg_min({}, e.event_id)", "any"),
    "LAST": Function("arg_max({}, e.event_id)", "any"),
    "TOP": Function("mode({} ORDER BY {})", "any"),
    "SUM": Function("round(coalesce(sum({}), 0), 2)", "number", 0),
    "AVG": Function("round(avg({}), 2)", "number"),
    "MIN": Function("min({})", "number"),
    "MAX": Function("max({})", "number"),
    "MEDIAN": Function("round(median({}), 2)", "number"),
    "QUANTILE": Function("round(quantile_cont({}, {}), 2)", "number"),
}
OF_METRICS = ("COUNT", "PROFILES", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "MEDIAN")
OF_AGGREGATES = tuple(name for name in FUNCTIONS if name != "PROFILES")


def read_measure(fields: Fields, names: Collection[str], **default: str) -> Measure:
    """Take `function`, the `attribute` it needs, and `percent` for QUANTILE; `default` may give a function.

    Raises:
        Refusal: 400 for a part that is missing or does not fit.
    """
    name = fields.choice("function", names, **default)
    function = FUNCTIONS[name]
    if function.needs is None:
        return Measure(function.sql, function.empty)
    options = [name for name, kind in EVENT_ATTRIBUTES.items() if function.needs in ("any", kind)]
    column = "e." + fields.choice("attribute", options)
    second = str(fields.whole("percent", least=1, most=99) / 100) if name == "QUANTILE" else column
    return Measure(function.sql.format(column, second), function.empty)
