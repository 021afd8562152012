"""A segmentation definition -> the sizes of its segments, their profiles, and where one profile belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.clauses import Clause, every, weave
from audience_mcp.sandbox.synerise.conditions import read_people
from audience_mcp.sandbox.synerise.dates import Window
from audience_mcp.sandbox.synerise.fields import Fields

SHOWN = 20  # profiles of a segment in a preview


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Segments in order: a profile belongs to the first one it matches. `people` bounds who is looked at."""

    title: str
    segments: tuple[tuple[str, Clause], ...]
    window: Window
    people: Clause

    def place(self) -> Clause:
        """The number of the segment of a profile `p`, null for none."""
        cases = [weave(f"WHEN {{}} THEN {number}", clause) for number, (_, clause) in enumerate(self.segments)]
        return weave(f"CASE {' '.join(['{}'] * len(cases))} END", *cases)


def read(calculation: Calculation, definition: Definition) -> Segmentation:
    """Read a definition of kind segmentation.

    Raises:
        Refusal: 400 for a part that is unknown or does not fit.
    """
    fields = Fields(definition, "analysis")
    title = fields.heading()
    window = calculation.window(fields.raw("dateFilter", {}))
    segments = []
    for number, item in enumerate(fields.several("segments", least=1, most=20)):
        segment = Fields(item, f"analysis.segments[{number}]")
        name = segment.text("title")
        clause = read_people(segment.raw("filter"), f"{segment.where}.filter", calculation.keys, window.clause())
        segment.done()
        segments.append((name, clause))
    people = calculation.people(fields.raw("filter", {}), window)
    fields.done()
    return Segmentation(title, tuple(segments), window, people)


def calculate(calculation: Calculation, definition: Definition, allow_null: bool = True) -> dict[str, Any]:
    """`{calculationResults, totalContacts, excludedContacts, metadata}`; no empty segments without `allow_null`."""
    segmentation = read(calculation, definition)
    query = weave(
        "SELECT {} AS segment, count(*) AS contacts FROM profiles p WHERE {} GROUP BY ALL",
        segmentation.place(),
        _population(calculation, segmentation),
    )
    counted = {row["segment"]: row["contacts"] for row in calculation.rows(query)}
    results = [
        {"index": number, "title": title, "contacts": counted.get(number, 0)}
        for number, (title, _) in enumerate(segmentation.segments)
        if allow_null or number in counted
    ]
    return {
        "calculationResults": results,
        "totalContacts": sum(item["contacts"] for item in results),
        "excludedContacts": counted.get(None, 0),
        "metadata": calculation.metadata(segmentation.title, segmentation.window),
    }


def preview_profiles(
    calculation: Calculation, definition: Definition, allow_null: bool = True
) -> list[list[dict[str, Any]]]:
    """The first profiles of each segment, an array per segment."""
    segmentation = read(calculation, definition)
    query = weave(
        "SELECT {} AS segment, p.profile_id, p.uuid, p.email, p.custom_id, p.first_name, p.last_name FROM profiles p "
        "WHERE {} QUALIFY row_number() OVER (PARTITION BY segment ORDER BY p.profile_id) <= {} ORDER BY p.profile_id",
        segmentation.place(),
        _population(calculation, segmentation),
        Clause("?", (SHOWN,)),
    )
    shown: list[list[dict[str, Any]]] = [[] for _ in segmentation.segments]
    for row in calculation.rows(query):
        if row["segment"] is not None:
            shown[row["segment"]].append(
                {
                    "clientId": row["profile_id"],
                    "uuid": row["uuid"],
                    "email": row["email"],
                    "customId": row["custom_id"],
                    "firstName": row["first_name"],
                    "lastName": row["last_name"],
                }
            )
    return shown if allow_null else [profiles for profiles in shown if profiles]


def segment_of(calculation: Calculation, definition: Definition, profile: int) -> str | None:
    """The title of the segment that holds a profile, None for no segment."""
    segmentation = read(calculation, definition)
    query = weave(
        "SELECT {} AS segment FROM profiles p WHERE {} AND p.profile_id = {}",
        segmentation.place(),
        _population(calculation, segmentation),
        Clause("?", (profile,)),
    )
    found = [row["segment"] for row in calculation.rows(query) if row["segment"] is not None]
    return segmentation.segments[found[0]][0] if found else None


def _population(calculation: Calculation, segmentation: Segmentation) -> Clause:
    return every([Clause("p.workspace = ?", (calculation.workspace,)), segmentation.people])
