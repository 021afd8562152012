"""The cohorts a project has from the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Seed:
    """One saved cohort; `age_days` is how long ago it was made, `feature_flags` and `experiments` are what uses it."""

    name: str
    description: str
    age_days: int
    filters: dict[str, Any] | None = None
    query: dict[str, Any] | None = None
    is_static: bool = False
    feature_flags: tuple[str, ...] = ()
    experiments: tuple[int, ...] = ()


def of(workspace: str, first_id: int) -> Iterator[Seed]:
    """The saved cohorts of one project, oldest first, numbered from `first_id`."""
    big = 3 if workspace == "main" else 4
    yield Seed(
        "Gold members",
        "Everybody in the gold tier.",
        170,
        _all(_person("tier", "gold")),
        feature_flags=("early-access-sale",),
    )
    yield Seed("Newsletter readers", "Opened a newsletter in the last 30 days.", 150, _all(_did("newsletter.open", 30)))
    yield Seed(
        "Frequent buyers",
        f"At least {big} orders in 90 days.",
        120,
        _all(_did("transaction.charge", 90, value="performed_event_multiple", operator="gte", operator_value=big)),
        experiments=(7,),
    )
    yield Seed(
        "Cart abandoners",
        "Put something into the cart in the last 14 days and did not buy.",
        95,
        _all(_did("product.addToCart", 14), _did("transaction.charge", 14, negation=True)),
    )
    yield Seed(
        "Lapsed buyers",
        "Bought in the last 180 days, but not in the last 60.",
        80,
        _all(
            _did(
                "transaction.charge", 180, value="stopped_performing_event", seq_time_value=60, seq_time_interval="day"
            )
        ),
    )
    yield Seed(
        "Preview panel",
        "People invited to look at the new range.",
        60,
        query={
            "kind": "HogQLQuery",
            "query": "select id as person_id from persons where properties.newsletter = true "
            "order by properties.lifetime_value desc nulls last limit 40",
        },
        is_static=True,
    )
    yield Seed(
        "Loyal circle",
        "Gold members and frequent buyers.",
        30,
        {"properties": {"type": "OR", "values": [_group(_within(first_id)), _group(_within(first_id + 2))]}},
    )


def _all(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"type": "OR", "values": [_group(*conditions)]}}


def _group(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "AND", "values": list(conditions)}


def _person(key: str, *values: str) -> dict[str, Any]:
    return {"type": "person", "key": key, "operator": "exact", "value": list(values), "negation": False}


def _within(cohort: int) -> dict[str, Any]:
    return {"type": "cohort", "key": "id", "value": cohort, "negation": False}


def _did(event: str, days: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "behavioral",
        "key": event,
        "value": "performed_event",
        "event_type": "events",
        "time_value": days,
        "time_interval": "day",
        "negation": False,
        **more,
    }
