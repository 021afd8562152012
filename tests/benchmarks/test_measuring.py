"""The benchmarks' own parts, quickly: a round in small, a server that fails, the upstream's pages, the document."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from bench import contestants, upstream
from bench.client import Broken, Connection, Contestant
from bench.contestants import OURS, PLAIN
from bench.measuring import FLIGHT, LIST, MEMORY, MODERN, Plan, call_figure, measure
from bench.measuring import upstream as running_upstream
from bench.merging import METHODS, merged

from audience_mcp.providers import PROVIDERS

SIZES = {"1 KB": 1e3, "100 KB": 1e5, "1 MB": 1e6}


@cache
def documents() -> dict[str, Any]:
    folder = Path("src/audience_mcp/providers")
    return {
        provider.id: yaml.safe_load((folder / provider.id / "openapi.yaml").read_text(encoding="utf-8"))
        for provider in PROVIDERS
    }


def test_a_round_measures_our_server_in_both_eras_beside_plain_httpx() -> None:
    plan = Plan(starts=0, calls={"1 KB": (1, 2), "100 KB": (1, 1)}, in_flight=32, kept=1)
    with running_upstream() as base:
        figures = measure([contestants.ours(base)], base, plan)
    assert {call_figure("1 KB"), call_figure("100 KB"), MODERN, LIST, FLIGHT, MEMORY} <= set(figures[OURS])
    assert {call_figure("1 KB"), FLIGHT} <= set(figures[PLAIN])
    assert all(value > 0 for own in figures.values() for value in own.values())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such thing"}}', "no such thing"),
        ('{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}', "isError"),
        ("", "it ended"),
    ],
)
def test_a_server_that_fails_is_no_measurement_and_what_it_said_is_told(answer: str, told: str) -> None:
    program = f"import sys; sys.stdin.readline(); print({answer!r}); print('from stderr', file=sys.stderr)"
    if not answer:
        program = "import sys; print('from stderr', file=sys.stderr)"
    with Connection(Contestant("broken", (sys.executable, "-c", program))) as connection:
        with pytest.raises(Broken, match=told) as broken:
            connection.ask("tools/list")
        if not answer:
            assert "from stderr" in str(broken.value)


@pytest.mark.parametrize("size", SIZES)
def test_the_upstream_answers_pages_of_the_size_they_are_named_after(size: str) -> None:
    assert len(upstream.page(upstream.ITEMS[size])) == pytest.approx(SIZES[size], rel=0.2)


def test_the_upstream_answers_what_the_document_says() -> None:
    document = documents()["synerise"]
    schema = {"$ref": "#/components/schemas/AggregatePage", "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(json.loads(upstream.page(50)))


def test_the_merged_document_keeps_every_operation_under_its_tools_name_and_every_reference_leads_somewhere() -> None:
    document = merged(documents())
    operations = [item[method] for item in document["paths"].values() for method in METHODS if method in item]
    names = [
        f"{provider}_{item[method]['operationId']}"
        for provider, own in documents().items()
        for item in own["paths"].values()
        for method in METHODS
        if method in item
    ]
    assert sorted(one["operationId"] for one in operations) == sorted(names)
    references = set(re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', json.dumps(document)))
    assert len(references) > 100
    assert all(name in document["components"][section] for section, name in references)
