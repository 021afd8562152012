"""A tool -> the arguments it is called with: some obey its whole schema, some are spoilt; the same ones for a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from audience_mcp.app import App
from audience_mcp.openapi.operation import Operation
from audience_mcp.tools.finding import FINDING_NAMES
from audience_mcp.tools.own import OWN_NAMES
from contract.strategies import values

from .hostile import TEXTS, anything, spoilt

# Statements that try to read files, to reach the machine, or to change what is kept.
STATEMENTS = (
    *("SELECT 1", "SELECT * FROM read_text('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/x'", "ATTACH '/tmp/x.db'"),
    *("INSTALL httpfs", "SELECT getenv('HOME')", "DROP TABLE HANDLE", "SELECT * FROM HANDLE", "FROM HANDLE; SELECT 1"),
)  # fmt: skip
FILES = (
    "report",
    "a/b/report",
    "../report",
    "/tmp/report",
    "a/../../report.csv",
    "CON",
    ".hidden",
    "a\\b",
    "report.exe",
)
FIELDS = ("$", "$.results[0]", "$..*", "$[?@.id > 1]", "$.__proto__", "$[", "results.0.name", "$[?(@.a =~ '(a+)+$')]")


@dataclass(frozen=True)
class Known:
    """What exists: stored results, workspaces that are out of bounds, tools, and arguments that our own tools take."""

    handles: tuple[str, ...]
    others: tuple[str, ...]
    tools: tuple[str, ...]
    samples: dict[str, dict[str, Any]]


@dataclass
class Cases:
    """One tool's cases; `obeys` tells whether a case is within the whole schema."""

    name: str
    schema: dict[str, Any]
    operation: Operation | None
    made: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def _validator(self) -> Any:
        return jsonschema_rs.Draft202012Validator(self.schema, validate_formats=True)

    def obeys(self, arguments: dict[str, Any]) -> bool:
        """Whether arguments are within the schema, as a reader of that schema alone would say."""
        try:
            return bool(self._validator.is_valid(arguments))
        except ValueError:
            return False  # no JSON at all: NaN, half a character, nested without end


def cases_of(app: App, name: str, count: int, number: int, known: Known, sample: dict[str, Any] | None) -> Cases:
    """`count` cases, a good part of them good; `sample` are arguments with which the tool does what it is for."""
    own = name in OWN_NAMES or name in FINDING_NAMES
    operation = None if own else app.catalog.call_target(name).operation
    schema = app.catalog.wire(name)["inputSchema"] if own else dict(app.catalog.call_target(name).schema)
    made = Cases(name, schema, operation)
    good = values(_likely(name, schema, known) if own else schema, schema.get("$defs", {}))
    obeying = good if sample is None else st.one_of(good, st.just(sample))
    bad = spoilt(obeying, list(schema["properties"]), anything(known.others))
    for strategy, share in ((obeying, count // 3), (bad, count - count // 3)):
        made.made += _drawn(strategy, share, number)
    return made


def _likely(name: str, schema: dict[str, Any], known: Known) -> dict[str, Any]:
    """The schema with values that get further than made-up ones, where it allows any text."""
    handles = known.handles
    statements = [text.replace("HANDLE", handle) for text in STATEMENTS for handle in handles[:1]]
    likely: dict[str, Sequence[Any]] = {
        "handle": handles,
        "sql": statements,
        "file": FILES,
        "path": FIELDS,
        "tool": known.tools,
        "name": known.tools,
        "workspace": known.others,
        "query": [text for text in TEXTS if 0 < len(text) < 500],
        "argument": ("filters", "analysis", "query", "workspace", "no"),
    }
    properties = {
        argument: {"enum": list(likely[argument])} if argument in likely else part
        for argument, part in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _drawn(strategy: st.SearchStrategy[dict[str, Any]], count: int, number: int) -> list[dict[str, Any]]:
    """Up to `count` different examples; a tool without arguments has fewer."""
    found: list[dict[str, Any]] = []

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(arguments=strategy)
    def collect(arguments: dict[str, Any]) -> None:
        found.append(arguments)

    if count:
        collect()
    return found
