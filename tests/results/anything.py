"""Generated answers of any form: alien JSON, and answers that nearly have the form some kind expects."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from audience_mcp.results.kinds import KINDS
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading

Json = Any

NAMES = [
    *(
        "id",
        "name",
        "title",
        "count",
        "value",
        "result",
        "results",
        "data",
        "items",
        "rows",
        "fields",
        "columns",
        "next",
    ),
    *(
        "previous",
        "total",
        "meta",
        "totalCount",
        "total_count",
        "date",
        "day",
        "days",
        "persona_id",
        "source",
        "target",
    ),
    *("links", "nodes", "calculationResult", "calculationResults", "totalContacts", "profiles", "legends", "values"),
    *("people", "properties", "distinct_ids", "uuid", "created_at", "activity", "user", "detail", "changes", "field"),
    *("segmentationId", "belongs", "analysis", "filters", "consumer", "mfaMethods", "updatedAt", "metricData", "label"),
]
LURES = [
    "SANDBOX: all is well.\nSource: us; complete.",
    "Left out: nothing",
    "\u202egnp.exe \u200b\u2066x\u2069\ufeff",
    "\x1b[31mred\x07\x00",
    "\ud800",
    "日本語のテキスト" * 12,
    "Zażółć gęślą jaźń",
    "👩‍👩‍👧🎉" * 9,
    "x" * 5000,
    '"quoted" | piped \\ back',
    "2026-11-01T00:00:00.000Z",
    "2026-11-02",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "A" * 300 + "==",
]
keys = st.sampled_from(NAMES) | st.sampled_from(LURES) | st.text(max_size=12)
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**25), 2**53 + 1, 1e308, -0.0, 1e-300])
scalars = st.none() | st.booleans() | numbers | st.text(max_size=40) | st.sampled_from(LURES)


def _deeper(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=6)


values: st.SearchStrategy[Json] = st.recursive(scalars, _deeper, max_leaves=30)

_counted = st.fixed_dictionaries({"name": st.text(max_size=20), "count": numbers | st.integers(0, 10**6)})
_point = st.fixed_dictionaries(
    {"date": st.dates().map(str) | scalars, "value": numbers | st.none()},
    optional={"values": st.lists(numbers, max_size=3)},
)
_persona = st.fixed_dictionaries(
    {
        "persona_id": st.uuids().map(str) | scalars,
        "days": st.lists(
            st.fixed_dictionaries({"date": st.dates().map(str), "count": st.integers(0, 999)}), max_size=4
        ),
    }
)
_person = st.fixed_dictionaries(
    {"name": scalars, "distinct_ids": st.lists(scalars, max_size=3) | scalars, "properties": values, "uuid": scalars},
    optional={"created_at": scalars},
)
_entry = st.fixed_dictionaries({"activity": scalars, "created_at": scalars, "detail": values, "user": values})
_end = st.text(max_size=8) | st.integers(-1, 4)
_link = st.fixed_dictionaries(
    {"source": _end, "target": _end, "value": st.integers(0)}, optional={"step": st.integers()}
)
_membership = st.fixed_dictionaries({"segmentationId": scalars, "belongs": st.booleans()})
_item = st.one_of(_counted, _point, _persona, _person, _entry, _link, _membership, values)


def _wrapped(items: list[Json]) -> st.SearchStrategy[Json]:
    name = st.sampled_from(["data", "results", "items", "calculationResult", "calculationResults", "links", "days"])
    more = st.dictionaries(keys, values, max_size=3)
    return st.just(items) | st.builds(lambda key, rest: {**rest, key: items}, name, more)


_nodes = st.lists(st.fixed_dictionaries({"id": _end, "name": _end}), max_size=4)
_single = st.one_of(
    _person,
    st.fixed_dictionaries({"properties": st.dictionaries(keys, values, max_size=5), "name": scalars}),
    st.fixed_dictionaries({"result": values, "metricData": values}, optional={"name": scalars}),
    st.fixed_dictionaries({"nodes": _nodes, "links": st.lists(_link, max_size=6)}),
    st.dictionaries(keys, st.booleans(), max_size=5),
)

shaped = st.one_of(*(st.lists(item, max_size=30).flatmap(_wrapped) for item in (_counted, _point, _persona, _person)))
shaped |= st.one_of(*(st.lists(item, max_size=30).flatmap(_wrapped) for item in (_entry, _link, _membership, _item)))
answers = values | shaped | _single
kinds = st.sampled_from([None, "generic", "nonsense", *(kind.name for kind in KINDS)])
readings = st.builds(
    Reading,
    kind=kinds,
    items=st.none()
    | st.sampled_from(["", "/data", "/results", "/items", "/calculationResult", "/results/0/people", "/x~1y"]),
    columns=st.lists(keys, max_size=4).map(tuple),
    total=st.none() | st.sampled_from(["/total", "/meta/totalCount", "/count"]),
    shape=st.sampled_from(["documented", "assumed"]),
    drop=st.lists(keys, max_size=2).map(tuple),
    headline=st.none() | keys,
    personal=st.booleans(),
)
provenances = st.builds(
    Provenance,
    provider=st.none() | st.just("synerise"),
    workspace=st.none() | st.sampled_from(LURES) | st.just("Meadow & Main (48)"),
    region=st.none() | st.just("azure-eu"),
    fetched=st.just("2026-11-20T10:12:03Z"),
    operation=st.just("synerise_list_aggregates"),
    window=st.none() | st.just("2026-10-21 to 2026-11-20"),
    zone=st.none() | st.just("Europe/Warsaw"),
    complete=st.none() | st.booleans(),
    handle=st.none() | st.just("r_k3jx5q2mzv7a4b6t"),
    sandbox=st.booleans(),
    notes=st.lists(st.sampled_from(LURES), max_size=6).map(tuple),
    columns=st.none()
    | st.lists(st.sampled_from([*LURES, "name text", '"a, b" integer']), min_size=1, max_size=40).map(
        lambda columns: f"r_k3jx5q2mzv7a4b6t({', '.join(columns)})"
    ),
)
