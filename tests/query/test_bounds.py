"""A query takes no more time, memory or room than it may, and ends with the call that asked for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import anyio
import pytest

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.engine import Engine
from audience_mcp.query.wire import Bounds, Question, packed, unpacked
from audience_mcp.query.worker import run

from .shelf import ONE, TWO, fresh, kept

pytestmark = pytest.mark.anyio

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
UNSTOPPABLE = "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))"  # one call, deaf to interruption
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


def children() -> set[str]:
    return set(CHILDREN.read_text().split()) if CHILDREN.exists() else set()


async def test_a_query_that_takes_too_long_is_ended_even_where_the_engine_does_not_listen() -> None:
    before = children()
    with pytest.raises(InvalidArguments, match=r"ended after 0\.4 seconds") as ended:
        await Engine(Bounds(seconds=0.4)).run(Question(UNSTOPPABLE), [])
    assert "aggregate" in ended.value.remedy
    assert children() <= before


async def test_a_query_ends_with_its_call() -> None:
    before = children()
    with anyio.move_on_after(0.4) as call:
        await Engine().run(Question(ENDLESS), [])
    assert call.cancelled_caught
    assert children() <= before


@pytest.mark.skipif(sys.platform != "linux", reason="only here the system ends what the engine does not count")
async def test_a_query_that_needs_more_memory_than_the_engine_counts_is_ended() -> None:
    with pytest.raises(InvalidArguments, match="memory") as ended:
        await Engine(Bounds(memory_mb=100)).run(Question("SELECT len(range(2000000000))"), [])
    assert "Filter" in ended.value.remedy


async def test_queries_that_run_together_do_not_see_each_other() -> None:
    engine = Engine()
    answers: dict[str, bytes] = {}

    async def ask(handle: str) -> None:
        answers[handle] = (await engine.run(Question(f"SELECT a FROM {handle}"), [kept([{"a": handle}], handle)])).body

    async with anyio.create_task_group() as tasks:
        for handle in (ONE, TWO):
            tasks.start_soon(ask, handle)
    assert answers == {handle: f'[{{"a":"{handle}"}}]'.encode() for handle in (ONE, TWO)}


@pytest.mark.parametrize(
    ("bounds", "count"), [(Bounds(rows=3), 3), (Bounds(bytes=50), 6), (Bounds(rows=10, bytes=1000), 10)]
)
async def test_an_answer_has_whole_rows_up_to_its_bounds_and_says_when_it_is_cut(bounds: Bounds, count: int) -> None:
    facts, rows = run(fresh(), "SELECT range AS n FROM range(10)", [], bounds)
    assert rows == b"[" + b",".join(b'{"n":%d}' % n for n in range(count)) + b"]"
    assert (b'"cut": true' in facts) is (count < 10)


def test_what_is_sent_is_what_arrives() -> None:
    parts = [b"", b"x" * 70_000, b"\x00\xff"]
    assert unpacked(packed(parts)) == parts
    with pytest.raises(ValueError, match="too early"):
        unpacked(packed(parts)[:-1])
