"""Long calls say how far they are, and a client that has changed its mind leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import mcp_types as t
import pytest
import respx
from mcp import Client
from mcp.shared.memory import create_client_server_memory_streams

from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.call.attended import Attended, attended
from audience_mcp.cli.running import CLEARED, Terminal
from audience_mcp.server.adapter import build_server

from .conftest import Opens
from .desk import HOSTS, SECRETS, TOKEN, Desk, good
from .test_paging import ITEMS, LIST, answered, numbered_page, offset_page

pytestmark = pytest.mark.anyio
COHORTS = "posthog_list_cohorts"
ERAS = ("auto", "legacy")
PATIENCE = 10
Step = tuple[float, float | None, str | None]
Answer = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def streams(desk: Desk) -> AsyncIterator[Any]:
    """A client's ends of two streams; the server works at the others."""
    app = desk.app
    server = build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions)
    async with create_client_server_memory_streams() as (ours, theirs), anyio.create_task_group() as group:
        group.start_soon(server.run, *theirs, server.create_initialization_options())
        yield ours
        group.cancel_scope.cancel()


@asynccontextmanager
async def connected(desk: Desk, era: str = "auto") -> AsyncIterator[Client]:
    """A client of the SDK, on real messages: over them it asks for progress, and cancels, as any other does."""
    with anyio.fail_after(PATIENCE):
        async with Client(streams(desk), mode=era) as client:
            yield client


class Ledger:
    """What a client heard, and a bell for when it has heard so much."""

    def __init__(self, enough: int = 10**9) -> None:
        self.steps: list[Step] = []
        self.bell, self._enough = anyio.Event(), enough

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.steps.append((progress, total, message))
        if len(self.steps) >= self._enough:
            self.bell.set()


class Gate:
    """A provider that holds back its answers until it may give them, and sees when nobody waits any more."""

    def __init__(self, route: respx.Route, answer: Answer) -> None:
        self._answer, self.asked = answer, 0
        self.arrived, self.opened, self.dropped = anyio.Event(), anyio.Event(), anyio.Event()
        route.mock(side_effect=self)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        self.arrived.set()
        try:
            await self.opened.wait()
        except BaseException:
            self.dropped.set()
            raise
        return self._answer(request)


def two_cohorts(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"results": ITEMS[:2], "count": 2})


def a_page(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=offset_page(request.url.params))


@asynccontextmanager
async def cancelled_at(gate: Gate, client: Client, tool: str, arguments: Any, heard: Ledger) -> AsyncIterator[None]:
    """A call that its client gives up while the provider holds it back."""
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: client.call_tool(tool, arguments, progress_callback=heard))
        await gate.arrived.wait()
        yield
        group.cancel_scope.cancel()
    await gate.dropped.wait()
    await client.list_tools()  # by the time this is answered the server has put the call away


@pytest.mark.parametrize("era", ERAS)
async def test_every_page_is_reported_in_order_of_as_many_as_the_provider_counts(desk: Desk, era: str) -> None:
    answered(desk.edge, COHORTS, offset_page)
    answered(desk.edge, LIST, lambda query: {"data": numbered_page(query)["data"]})
    counted, uncounted = Ledger(), Ledger()
    async with connected(desk, era) as client:
        await client.call_tool(COHORTS, {"limit": 10, "all_pages": True}, progress_callback=counted)
        await client.call_tool(LIST, {"limit": 10, "all_pages": True}, progress_callback=uncounted)
    assert counted.steps == [(number, 3, f"page {number} of 3 read") for number in (1, 2, 3)]
    assert uncounted.steps == [(number, None, f"page {number} read") for number in (1, 2, 3)]


@pytest.mark.parametrize("era", ERAS)
async def test_a_slow_provider_is_waited_for_with_a_sign_of_life_now_and_then(
    opens: Opens, edge: respx.MockRouter, era: str
) -> None:
    gate, ledger = Gate(edge.route(method="GET", url__regex="/cohorts/"), two_cohorts), Ledger(enough=4)
    async with connected(opens(wiring={"beat_seconds": 0.001}), era) as client, anyio.create_task_group() as group:
        group.start_soon(lambda: client.call_tool(COHORTS, {}, progress_callback=ledger))
        await ledger.bell.wait()
        gate.opened.set()
    steps = [done for done, _, _ in ledger.steps]
    assert steps == sorted(set(steps)) and steps[-1] < 1
    assert all(re.fullmatch(r"waiting for PostHog, \d+ s", message or "") for _, _, message in ledger.steps)


async def test_between_two_pages_the_figure_grows_without_reaching_the_next(
    opens: Opens, edge: respx.MockRouter
) -> None:
    gate = Gate(edge.route(method="GET", url__regex="/cohorts/.*offset=10"), a_page)
    edge.get(url__regex="/cohorts/").mock(side_effect=a_page)
    ledger = Ledger(enough=4)
    async with connected(opens(wiring={"beat_seconds": 0.001})) as client, anyio.create_task_group() as group:
        group.start_soon(lambda: client.call_tool(COHORTS, {"limit": 10, "all_pages": True}, progress_callback=ledger))
        await gate.arrived.wait()
        await ledger.bell.wait()
        gate.opened.set()
    steps = [done for done, _, _ in ledger.steps]
    assert steps == sorted(set(steps)) and {1, 2, 3} <= set(steps)
    between = [(total, message or "") for done, total, message in ledger.steps if 1 < done < 2]
    assert between and {total for total, _ in between} == {3}
    assert all(re.fullmatch(r"waiting for PostHog, \d+ s; page 1 of 3 read", message) for _, message in between)


class Listener(NoAsker):
    """A person who listens, and who answers when it is time."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked, self.answers = anyio.Event(), anyio.Event()

    @property
    def listens(self) -> bool:
        return True

    async def yes(self, key: str, message: str) -> bool | None:
        self.asked.set()
        await self.answers.wait()
        return True

    async def report(self, done: float, total: float | None, message: str) -> None:
        self.said.append(message)


async def test_while_the_user_is_asked_it_is_the_user_who_is_waited_for() -> None:
    listener = Listener()
    told = Attended(listener, "waiting for PostHog")
    async with anyio.create_task_group() as group:
        group.start_soon(told.yes, "k", "Delete it?")
        await listener.asked.wait()
        await told.beat(12.4)
        listener.answers.set()
    await told.beat(15)
    assert listener.said == ["waiting for the user, 12 s", "waiting for PostHog, 15 s"]


async def test_a_failure_stays_itself_while_a_client_listens() -> None:
    async def fail(asker: Asker) -> None:
        raise KeyError("as it was")

    for asker in (Listener(), NoAsker()):
        with pytest.raises(KeyError, match="as it was"):
            await attended(fail, asker, "waiting")


@pytest.mark.parametrize("era", ERAS)
async def test_a_question_to_the_user_gets_through_while_the_client_listens(desk: Desk, era: str) -> None:
    cohort = {"id": 3, "name": "Loyal", "is_static": True, "version": 1, "deleted": False}
    desk.edge.get(url__regex="/cohorts/3/$").respond(json=cohort)
    deletion = desk.edge.patch(url__regex="/cohorts/3/$").respond(json={**cohort, "deleted": True})
    asked: list[str] = []

    async def agree(context: Any, params: Any) -> t.ElicitResult:
        asked.append(params.message)
        return t.ElicitResult(action="accept", content={"ok": True})

    with anyio.fail_after(PATIENCE):
        async with Client(streams(desk), mode=era, elicitation_callback=agree) as client:
            answer = await client.call_tool("posthog_delete_cohort", {"id": 3}, progress_callback=Ledger())
    assert not answer.is_error and len(asked) == 1 and "Loyal" in asked[0] and deletion.call_count == 1


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments", "method"),
    [
        (COHORTS, {}, "GET"),
        (COHORTS, {"all_pages": True}, "GET"),
        ("posthog_create_cohort", {"name": "Gone", "is_static": True}, "POST"),
    ],
    ids=["read", "pages", "write"],
)
async def test_a_cancelled_call_drops_its_request_keeps_nothing_and_leaves_the_server_as_it_was(
    opens: Opens, edge: respx.MockRouter, tmp_path: Path, era: str, tool: str, arguments: Any, method: str
) -> None:
    results, heard = tmp_path / "results", Ledger()
    gate = Gate(edge.route(method=method, url__regex="/cohorts/$"), two_cohorts)
    async with connected(opens(wiring={"results": results}), era) as client:
        await client.list_tools()
        before = len(asyncio.all_tasks())
        async with cancelled_at(gate, client, tool, arguments, heard):
            pass
        while len(asyncio.all_tasks()) > before:
            await anyio.lowlevel.checkpoint()  # for as long as the test may take: nothing of the call stays
        assert not results.exists() and heard.steps == []
        gate.opened.set()
        assert not (await client.call_tool(tool, arguments)).is_error
        assert len(list(results.glob("*.body"))) == 1


async def test_pages_read_before_a_cancellation_are_not_kept(
    opens: Opens, edge: respx.MockRouter, tmp_path: Path
) -> None:
    gate = Gate(edge.route(method="GET", url__regex="/cohorts/.*offset=10"), a_page)
    edge.get(url__regex="/cohorts/").mock(side_effect=a_page)
    heard, results = Ledger(), tmp_path / "results"
    async with (
        connected(opens(wiring={"results": results})) as client,
        cancelled_at(gate, client, COHORTS, {"all_pages": True}, heard),
    ):
        pass
    assert [message for _, _, message in heard.steps] == ["page 1 of 3 read"]
    assert not results.exists()


async def test_a_log_in_that_several_calls_wait_for_survives_the_one_that_began_it(desk: Desk) -> None:
    gate = Gate(desk.edge["log_in"], lambda request: httpx.Response(200, json={"token": TOKEN}))
    desk.edge.get(url__regex="/funnels").respond(json={"data": []})
    answers: list[bool] = []

    async with connected(desk) as client, anyio.create_task_group() as calls:

        async def follow() -> None:
            answers.append((await client.call_tool(LIST, {"search": "b"})).is_error)

        async with cancelled_at(gate, client, LIST, {"search": "a"}, Ledger()):
            calls.start_soon(follow)
        gate.opened.set()
    assert answers == [False] and gate.asked == 2


async def test_a_change_of_workspace_that_a_cancelled_read_did_not_tell_is_told_by_the_next(
    opens: Opens, edge: respx.MockRouter
) -> None:
    edge.get(f"{HOSTS['posthog']}/api/users/@me/").respond(json={"organizations": [{"id": "o-1"}]})
    edge.get(url__regex="/api/organizations/").respond(
        json={"results": [{"id": 7, "name": "Meadow"}, {"id": 8, "name": "Outlet"}]}
    )
    edge.get(url__regex="/projects/7/cohorts/").mock(side_effect=two_cohorts)
    gate = Gate(edge.route(method="GET", url__regex="/projects/8/cohorts/"), two_cohorts)
    desk = opens({"POSTHOG_API_KEY": SECRETS["POSTHOG_API_KEY"]})
    good(await desk.run("select_workspace", workspace="Meadow"))
    good(await desk.run(COHORTS))
    good(await desk.run("select_workspace", workspace="Outlet"))
    async with connected(desk) as client, cancelled_at(gate, client, COHORTS, {}, Ledger()):
        pass
    gate.opened.set()
    assert 'workspace changed from "Meadow (7)" to "Outlet (8)"' in good(await desk.run(COHORTS)).text


class Screen(io.StringIO):
    """A terminal, as far as anybody asks."""

    def isatty(self) -> bool:
        return True


async def test_a_person_at_a_terminal_sees_the_last_step_until_the_answer_takes_its_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(desk.edge, COHORTS, offset_page)
    await desk.run(COHORTS, Terminal(), limit=10, all_pages=True)
    assert capsys.readouterr() == ("", "")  # stderr is no terminal here
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    terminal = Terminal()
    await desk.run(COHORTS, terminal, limit=10, all_pages=True)
    terminal.clear()
    assert screen.getvalue().split(CLEARED) == ["", *(f"page {number} of 3 read" for number in (1, 2, 3)), ""]
    assert capsys.readouterr().out == ""
