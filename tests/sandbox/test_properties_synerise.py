"""Laws that hold for any question to Synerise: narrowing, funnels, flows, segments, workspaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.sandbox.synerise import funnels, metrics, reports, sankeys, segmentations, series
from audience_mcp.sandbox.synerise.calculation import Calculation
from audience_mcp.sandbox.world import World

from .conftest import TODAY

WORLD = World(7, TODAY, profiles=150, events=3000)
LAWS = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NAMES = ("page.visit", "product.view", "product.addToCart", "transaction.charge", "newsletter.open", "app.session")
Definition = dict[str, Any]

conditions = st.one_of(
    st.builds(
        lambda name, value: {"attribute": name, "logic": "EQUAL", "value": value},
        st.just("country"),
        st.sampled_from(["GB", "PL", "DE", "IE"]),
    ),
    st.builds(
        lambda logic, value: {"attribute": "birth_year", "logic": logic, "value": value},
        st.sampled_from(["LESS", "MORE"]),
        st.integers(1950, 2005),
    ),
    st.builds(
        lambda name, logic: {"event": {"name": name}, "logic": logic},
        st.sampled_from(NAMES),
        st.sampled_from(["PERFORMED", "NOT_PERFORMED"]),
    ),
    st.builds(
        lambda first, second: {"funnel": {"steps": [{"name": first}, {"name": second}]}},
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
    ),
)
filters = st.lists(conditions, max_size=2).map(lambda items: {"conditions": items} if items else {})
events = st.builds(
    lambda name, device: {
        "name": name,
        **({"conditions": [{"attribute": "device", "logic": "EQUAL", "value": device}]} if device else {}),
    },
    st.sampled_from(NAMES),
    st.sampled_from([None, None, "mobile", "desktop"]),
)
windows = st.integers(1, 180).map(
    lambda days: {
        "type": "RELATIVE",
        "offset": {"type": "DAYS", "value": 0},
        "duration": {"type": "DAYS", "value": days},
    }
)
limits = st.one_of(
    st.none(),
    st.builds(lambda unit, n: {"type": unit, "value": n}, st.sampled_from(["HOURS", "DAYS"]), st.integers(1, 30)),
)
workspaces = st.sampled_from(["main", "outlet"])


def calculation(workspace: str = "main", **overrides: Any) -> Calculation:
    """A calculation that knows one saved metric for each event name."""

    def saved(kind: str, identifier: str) -> Mapping[str, Any]:
        return {"title": identifier, "event": {"name": identifier}}

    return Calculation(WORLD, workspace, saved, overrides=overrides)


def counted(event: Definition, window: Definition, people: Definition, workspace: str = "main", **more: Any) -> Any:
    definition = {"title": "n", "event": event, "dateFilter": window, "filter": people, **more}
    return metrics.calculate(calculation(workspace), definition)["result"]


@LAWS
@given(event=events, window=windows, people=filters, narrower=conditions, workspace=workspaces)
def test_narrowing_a_filter_never_raises_a_count(
    event: Definition, window: Definition, people: Definition, narrower: Definition, workspace: str
) -> None:
    narrow = {"conditions": [*people.get("conditions", []), narrower]}
    for more in ({}, {"function": "PROFILES"}):
        assert counted(event, window, narrow, workspace, **more) <= counted(event, window, people, workspace, **more)


@LAWS
@given(event=events, window=windows, people=filters, days=st.integers(1, 180))
def test_a_shorter_time_never_raises_a_count_of_events(
    event: Definition, window: Definition, people: Definition, days: int
) -> None:
    by_attribute = {"conditions": [item for item in people.get("conditions", []) if "attribute" in item]}
    people = by_attribute if by_attribute["conditions"] else {}  # what people did depends on the time itself
    longest = max(days, window["duration"]["value"])
    shortest = min(days, window["duration"]["value"])

    def last(number: int) -> Definition:
        return {**window, "duration": {"type": "DAYS", "value": number}}

    assert counted(event, last(shortest), people) <= counted(event, last(longest), people)


@LAWS
@given(steps=st.lists(events, min_size=2, max_size=5), window=windows, people=filters, within=limits, space=workspaces)
def test_funnel_counts_never_rise_along_the_steps(
    steps: list[Definition], window: Definition, people: Definition, within: Any, space: str
) -> None:
    definition = {"title": "n", "steps": steps, "dateFilter": window, "filter": people}
    limited = {**definition, "completedWithin": within} if within else definition
    result = funnels.calculate(calculation(space), limited)
    sizes = [step["profiles"] for step in result["calculationResult"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(pair["averageSeconds"] >= 0 for pair in result["timeBetweenSteps"])
    unlimited = funnels.calculate(calculation(space), definition)["calculationResult"]
    assert all(one <= other["profiles"] for one, other in zip(sizes, unlimited, strict=True))


@LAWS
@given(
    event=events,
    window=windows,
    people=filters,
    before=st.integers(0, 3),
    after=st.integers(0, 3),
    limit=st.integers(1, 7),
    workspace=workspaces,
)
def test_as_many_leave_a_place_of_a_sankey_as_come_to_it(
    event: Definition, window: Definition, people: Definition, before: int, after: int, limit: int, workspace: str
) -> None:
    definition = {
        "title": "n", "event": event, "before": before, "after": after, "limit": limit, "dateFilter": window,
        "filter": people,
    }  # fmt: skip
    flows = sankeys.calculate(calculation(workspace), definition)["results"]
    coming: Counter[tuple[int, str]] = Counter()
    leaving: Counter[tuple[int, str]] = Counter()
    for flow in flows:
        leaving[flow["step"], flow["source"]] += flow["profiles"]
        coming[flow["step"] + 1, flow["target"]] += flow["profiles"]
    for place in {*coming, *leaving}:
        inner = -before < place[0] < after
        if inner and place[1] not in ("(start)", "(end)"):
            assert coming[place] == leaving[place], place
    people_there = counted(event, window, people, workspace, function="PROFILES")
    if before:
        assert sum(n for (place, _), n in coming.items() if place == 0) == people_there
    if after:
        assert sum(n for (place, _), n in leaving.items() if place == 0) == people_there


@LAWS
@given(parts=st.lists(filters, min_size=1, max_size=4), people=filters, window=windows, workspace=workspaces)
def test_segments_and_the_rest_add_up_to_everybody(
    parts: list[Definition], people: Definition, window: Definition, workspace: str
) -> None:
    segments = [{"title": f"s{n}", "filter": part} for n, part in enumerate(parts)]
    definition = {"title": "n", "segments": segments, "filter": people, "dateFilter": window}
    result = segmentations.calculate(calculation(workspace), definition)
    everybody = segmentations.calculate(
        calculation(workspace), {**definition, "segments": [{"title": "all", "filter": {}}]}
    )
    sizes = [item["contacts"] for item in result["calculationResults"]]
    assert sum(sizes) == result["totalContacts"]
    assert result["totalContacts"] + result["excludedContacts"] == everybody["totalContacts"]


@LAWS
@given(
    name=st.sampled_from(NAMES),
    window=windows,
    people=filters,
    by=st.sampled_from(["country", "device", "category", "tier"]),
    unit=st.sampled_from(["DAYS", "WEEKS", "MONTHS"]),
)
def test_periods_and_groups_add_up_to_the_whole(
    name: str, window: Definition, people: Definition, by: str, unit: str
) -> None:
    whole = counted({"name": name}, window, people)
    shared = {"title": "n", "metrics": [name], "dateFilter": window, "filter": people}
    interval = {"type": unit, "value": 1}
    items = series.calculate_histogram(calculation(), {**shared, "aggregateDataBy": interval})["items"]
    assert sum(item["values"][0] for item in items) == whole
    rows = reports.calculate(calculation(), {**shared, "groupBy": [by]})["data"]
    assert sum(row[name] for row in rows) == whole
    split = reports.calculate(calculation(aggregateDataBy=interval), {**shared, "groupBy": [by]})["data"]
    assert sum(row[name] for row in split) == whole


@LAWS
@given(event=events, window=windows, people=filters)
def test_workspaces_never_mix(event: Definition, window: Definition, people: Definition) -> None:
    definition = {"title": "n", "segments": [{"title": "s", "filter": people}], "dateFilter": window}
    for workspace, first in (("main", 1_000_000), ("outlet", 2_000_000)):
        for segment in segmentations.preview_profiles(calculation(workspace), definition):
            assert all(first < person["clientId"] < first + 1_000_000 for person in segment)
    both = counted(event, window, {}, "main") + counted(event, window, {}, "outlet")
    days = window["duration"]["value"]
    condition = event.get("conditions", [{"value": None}])[0]["value"]
    (row,) = WORLD.rows(
        'SELECT count(*) AS n FROM events e WHERE name = ? AND (? IS NULL OR device = ?) AND e."at" >= ?',
        [event["name"], condition, condition, TODAY - timedelta(days=days - 1)],
    )
    assert both == row["n"]
