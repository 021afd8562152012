"""A cohort's `filters` as they arrived -> a checked tree, the cohort type it makes, and the form PostHog stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audience_mcp.sandbox.posthog.properties import OPERATORS, VALUELESS

TIME = ("time_value", "time_interval")
SEQUENCE = ("seq_time_value", "seq_time_interval")
# What a behavior needs besides key, value and event_type, and the cohort type it makes.
BEHAVIORS: dict[str, tuple[tuple[str, ...], str]] = {
    "performed_event": ((), "behavioral"),
    "performed_event_multiple": (("operator_value",), "behavioral"),
    "performed_event_first_time": (TIME, "analytical"),
    "performed_event_sequence": ((*TIME, *SEQUENCE, "seq_event", "seq_event_type"), "analytical"),
    "performed_event_regularly": ((*TIME, "operator_value", "min_periods", "total_periods"), "analytical"),
    "stopped_performing_event": ((*TIME, *SEQUENCE), "analytical"),
    "restarted_performing_event": ((*TIME, *SEQUENCE), "analytical"),
}
ADDED = ("bytecode", "bytecode_error", "conditionHash")
SHARED = {"type", "key", "value", "negation", *ADDED}
KEYS = {
    "behavioral": SHARED
    | {"event_type", "operator", "operator_value", "total_periods", "min_periods", "event_filters", *TIME, *SEQUENCE}
    | {"seq_event", "seq_event_type", "explicit_datetime", "explicit_datetime_to"},
    "cohort": SHARED,
    "person": SHARED | {"operator"},
    "person_metadata": SHARED | {"operator"},
}
COUNTED = ("time_value", "seq_time_value", "operator_value", "min_periods", "total_periods")
UNITS = {"day", "week", "month", "year"}
MOST_PERIODS = 100


class FilterProblem(ValueError):
    """The filters are not what PostHog takes; the text says where."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition, checked; its keys as they arrived."""

    given: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """behavioral, cohort, person or person_metadata."""
        return str(self.given["type"])


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions and groups, all of which (AND) or any of which (OR) must hold."""

    operator: str
    members: tuple[Group | Leaf, ...]

    def leaves(self) -> Iterator[Leaf]:
        """Every condition at any depth."""
        for member in self.members:
            if isinstance(member, Leaf):
                yield member
            else:
                yield from member.leaves()


def parse(filters: Any) -> Group:
    """The checked tree of `filters`.

    Raises:
        FilterProblem: Something in it is not allowed.
    """
    if not isinstance(filters, Mapping) or not isinstance(filters.get("properties"), Mapping):
        raise FilterProblem("filters must be an object with a properties object in it")
    return _group(filters["properties"], "properties")


def cohort_type(tree: Group, type_of: Callable[[int], str]) -> str:
    """The type these conditions make; `type_of` tells that of a cohort they refer to."""
    kinds = set()
    for leaf in tree.leaves():
        if leaf.kind == "behavioral":
            kinds.add(BEHAVIORS[str(leaf.given["value"])][1])
        else:
            kinds.add(type_of(int(leaf.given["value"])) if leaf.kind == "cohort" else "person_property")
    return next((kind for kind in ("analytical", "behavioral") if kind in kinds), "person_property")


def stored(filters: Any) -> Any:
    """The filters with what the server adds to every condition that it compiles."""
    if isinstance(filters, list):
        return [stored(item) for item in filters]
    if not isinstance(filters, Mapping):
        return filters
    if filters.get("type") not in ("behavioral", "person"):
        return {key: stored(value) for key, value in filters.items()}
    plain = {key: value for key, value in filters.items() if key not in ADDED}
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return {**plain, "bytecode": ["_H", 1, 32, str(plain.get("key"))], "bytecode_error": None, "conditionHash": digest}


def from_groups(groups: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Filters that say the same as `groups`, the older form: any of them, each all of its properties or one event."""
    inner = [{"type": "AND", "values": _old_conditions(group)} for group in groups]
    return {"properties": {"type": "OR", "values": inner}}


def _old_conditions(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "properties" in group:
        return [{"type": "person", "operator": "exact", **condition} for condition in group["properties"]]
    window = {"time_value": int(group.get("days") or 1), "time_interval": "day", "event_type": "events"}
    if group.get("action_id"):
        window["event_type"] = "actions"
    key = group.get("event_id") or group.get("action_id") or ""
    if group.get("count") is None:
        return [{"type": "behavioral", "key": key, "value": "performed_event", **window}]
    count = {"operator": str(group.get("count_operator") or "gte"), "operator_value": int(group["count"])}
    return [{"type": "behavioral", "key": key, "value": "performed_event_multiple", **count, **window}]


def _group(node: Mapping[str, Any], at: str) -> Group:
    if node.get("type") not in ("AND", "OR") or not isinstance(node.get("values"), list):
        raise FilterProblem(f"{at} must have type AND or OR and a list of values")
    if extra := set(node) - {"type", "values"}:
        raise FilterProblem(f"{at} has unknown keys: {', '.join(sorted(extra))}")
    return Group(node["type"], tuple(_member(value, f"{at}.values.{n}") for n, value in enumerate(node["values"])))


def _member(node: Any, at: str) -> Group | Leaf:
    if not isinstance(node, Mapping):
        raise FilterProblem(f"{at} must be an object")
    if node.get("type") in ("AND", "OR"):
        return _group(node, at)
    kind = str(node.get("type"))
    if kind not in KEYS:
        raise FilterProblem(f"{at} has type {kind!r}, which cohorts do not know")
    if extra := set(node) - KEYS[kind]:
        raise FilterProblem(f"{at} has unknown keys: {', '.join(sorted(extra))}")
    _require(node, at, "key")
    if kind == "behavioral":
        _check_behavior(node, at)
    elif kind == "cohort":
        if node["key"] != "id" or not str(node.get("value")).isdecimal():
            raise FilterProblem(f"{at} must have the key id and a cohort's number as value")
    else:
        _require(node, at, "operator", *(() if node.get("operator") in VALUELESS else ("value",)))
        if node["operator"] not in OPERATORS:
            raise FilterProblem(f"{at} has operator {node['operator']!r}, which cohorts do not support")
    return Leaf(node)


def _check_behavior(node: Mapping[str, Any], at: str) -> None:
    needed, _ = BEHAVIORS.get(str(node.get("value")), (None, ""))
    if needed is None:
        raise FilterProblem(f"{at} has the unknown behavior {node.get('value')!r}")
    _require(node, at, "event_type", *needed)
    if not needed or needed == ("operator_value",):
        _require(node, at, *(() if node.get("explicit_datetime") else TIME))
    for name in COUNTED:
        if name in node and not str(node[name]).isdecimal():
            raise FilterProblem(f"{at}.{name} must be a whole number")
    for name in ("time_interval", "seq_time_interval"):
        if name in node and node[name] not in UNITS:
            raise FilterProblem(f"{at}.{name} must be day, week, month or year")
    if int(node.get("total_periods", 1)) > MOST_PERIODS:
        raise FilterProblem(f"{at}.total_periods is more than {MOST_PERIODS}")


def _require(node: Mapping[str, Any], at: str, *names: str) -> None:
    for name in names:
        if node.get(name) is None:
            raise FilterProblem(f"{at}.{name} is required")
