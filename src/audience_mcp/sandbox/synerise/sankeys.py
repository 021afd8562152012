"""A sankey definition -> which events come before and after one event, as flows between neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import Clause, weave
from audience_mcp.sandbox.synerise.conditions import Event, read_event
from audience_mcp.sandbox.synerise.dates import Window
from audience_mcp.sandbox.synerise.fields import Fields

START, END, OTHER = "(start)", "(end)", "(other)"


@dataclass(frozen=True, slots=True)
class Sankey:
    """Paths through `event`: so many events before it and after it; at each place the `limit` most usual by name."""

    title: str
    event: Event
    before: int
    after: int
    window: Window
    people: Clause
    limit: int


def read(calculation: Calculation, definition: Definition) -> Sankey:
    """Read a definition of kind sankey.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    event = read_event(fields.raw("event"), "analysis.event", calculation.keys)
    before = fields.whole("before", 2, most=5)
    after = fields.whole("after", 2, most=5)
    window = calculation.window(fields.raw("dateFilter", {}))
    people = calculation.people(fields.raw("filter", {}), window)
    limit = fields.whole("limit", 5, least=1, most=50)
    fields.done()
    return Sankey(title, event, before, after, window, people, limit)


def calculate(calculation: Calculation, definition: Definition) -> dict[str, Any]:
    """`{results}`: flows `{step, source, target, profiles}`; step 0 leads away from the event, step -1 to it.

    The path of a profile goes through its first such event in the window. A path that begins or ends in the window has
    a flow from `(start)` or to `(end)`, and events beyond the limit are together `(other)`, so that as many profiles
    leave a place as come to it.
    """
    sankey = read(calculation, definition)
    query = weave(
        "WITH anchors AS (SELECT e.profile_id, min(e.event_id) AS event_id FROM events e WHERE {} GROUP BY 1), "
        "steps AS (SELECT e.profile_id, e.event_id, e.name, "
        "row_number() OVER (PARTITION BY e.profile_id ORDER BY e.event_id) AS place "
        "FROM events e JOIN anchors USING (profile_id) WHERE e.workspace = {} AND {}), "
        "placed AS (SELECT steps.profile_id, steps.name, steps.place - middle.place AS place FROM steps "
        "JOIN anchors USING (profile_id) JOIN steps AS middle "
        "ON middle.profile_id = steps.profile_id AND middle.event_id = anchors.event_id "
        "WHERE steps.place - middle.place BETWEEN {}), "
        "usual AS (SELECT place, name FROM placed GROUP BY place, name "
        "QUALIFY row_number() OVER (PARTITION BY place ORDER BY count(*) DESC, name) <= {}), "
        f"named AS (SELECT profile_id, place, if(usual.name IS NULL, '{OTHER}', name) AS name "
        "FROM placed LEFT JOIN usual USING (place, name)), "
        "flows AS (SELECT coalesce(source.place, target.place - 1) AS step, "
        f"coalesce(source.name, '{START}') AS source, coalesce(target.name, '{END}') AS target "
        "FROM named AS source FULL JOIN named AS target "
        "ON source.profile_id = target.profile_id AND target.place = source.place + 1) "
        "SELECT step, source, target, count(*) AS profiles FROM flows WHERE step BETWEEN {} "
        "GROUP BY ALL ORDER BY 1, 4 DESC, 2, 3",
        calculation.occurrences(sankey.event, sankey.window, sankey.people),
        Clause("?", (calculation.workspace,)),
        sankey.window.clause(),
        Clause("? AND ?", (-sankey.before, sankey.after)),
        Clause("?", (sankey.limit,)),
        Clause("? AND ?", (-sankey.before, sankey.after - 1)),
    )
    return {"results": calculation.rows(query)}
