"""Every call leaves its line, however it ends, and a write one before it is sent."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import anyio
import mcp_types as t
import pytest
from mcp import Client

from audience_mcp.call.asker import NoAsker
from audience_mcp.errors import Declined
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.adapter import build_server

from .audited import Audited, audited

pytestmark = pytest.mark.anyio
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class No(NoAsker):
    async def yes(self, key: str, message: str) -> bool | None:
        return False


class Silent(NoAsker):
    """A user who never answers."""

    def __init__(self) -> None:
        self.asked = anyio.Event()

    async def yes(self, key: str, message: str) -> bool | None:
        self.asked.set()
        await anyio.sleep_forever()
        return None


async def made(desk: Audited, name: str = "Mine") -> int:
    told = await desk.run("posthog_create_cohort", name=name, is_static=True)
    assert told.outcome is not None and told.outcome.handle is not None
    value: dict[str, Any] = desk.app.store.get(told.outcome.handle).answer().value
    return int(value["id"])


async def test_a_read_leaves_one_line_that_says_who_did_what_where(desk: Audited) -> None:
    line = await desk.line("posthog_list_cohorts", limit=2)
    assert TIME.fullmatch(line["time"]) and line["call"].startswith("a_")
    assert line["who"]["process"] == os.getpid() and line["who"]["user"]
    assert (line["tool"], line["operation"], line["access"]) == ("posthog_list_cohorts",) * 2 + ("read",)
    assert (line["provider"], line["region"]) == ("posthog", "sandbox.invalid") and line["sandbox"] is True
    assert line["workspace"] == {"id": "20481", "name": "Meadow & Main"}
    assert (line["outcome"], line["error"], line["status"]) == ("ok", None, 200)
    assert line["arguments"] == {"limit": 2} and line["dry_run"] is False and line["changes"] == []
    assert line["handle"].startswith("r_") and line["bytes"] > 0 and line["duration_ms"] >= 0


async def test_a_workspace_of_the_call_is_the_one_in_the_line(desk: Audited) -> None:
    line = await desk.line("synerise_list_funnels", workspace="Meadow & Main Outlet")
    assert line["workspace"]["name"] == "Meadow & Main Outlet" and len(line["workspace"]["id"]) == 36


async def test_a_write_leaves_a_line_before_it_and_one_after(desk: Audited) -> None:
    await made(desk)
    begun, ended = desk.lines()
    assert (begun["outcome"], ended["outcome"]) == ("begun", "ok") and begun["call"] == ended["call"]
    assert begun["status"] is begun["duration_ms"] is None and ended["status"] == 201
    assert begun["workspace"] == ended["workspace"] == {"id": "20481", "name": "Meadow & Main"}
    assert begun["changes"] == ended["changes"] and re.fullmatch(r"c_[a-z2-7]{10}", *begun["changes"])
    assert begun["access"] == "write" and begun["arguments"] == {"name": "Mine", "is_static": True}


async def test_an_undo_says_which_operation_it_came_to(desk: Audited) -> None:
    await made(desk)
    change = desk.lines()[-1]["changes"][0]
    told = await desk.run("undo_change", change=change)
    assert told.is_error and "confirm=" in told.text
    code = re.findall(r"confirm='([^']+)'", told.text)[0]
    assert not (await desk.run("undo_change", change=change, confirm=code)).is_error
    asked, begun, ended = desk.lines()[2:]
    assert (asked["outcome"], asked["error"]) == ("asked", "confirmation_required")
    for line in (begun, ended):
        assert (line["tool"], line["operation"]) == ("undo_change", "posthog_delete_cohort")
        assert line["access"] == "destructive" and line["arguments"] == {"change": change, "confirm": "<code>"}
    assert (begun["outcome"], ended["outcome"]) == ("begun", "ok")
    assert code not in desk.path.read_text()


async def test_arguments_that_delete_make_an_update_destructive(desk: Audited) -> None:
    cohort = await made(desk)
    line = await desk.line("posthog_update_cohort", id=cohort, deleted=True)
    assert (line["access"], line["outcome"]) == ("destructive", "asked")
    assert (await desk.line("posthog_update_cohort", id=cohort, name="x", dry_run=True))["access"] == "write"


async def test_a_plan_is_marked_and_is_no_write(desk: Audited) -> None:
    line = await desk.line("posthog_create_cohort", name="Mine", dry_run=True)
    assert (line["dry_run"], line["outcome"], line["changes"]) == (True, "ok", [])


async def test_errors_carry_their_kind_and_status(desk: Audited) -> None:
    gone = await desk.line("posthog_get_cohort", id=1)
    assert (gone["outcome"], gone["error"], gone["status"]) == ("error", "not_found", 404)
    wrong = await desk.line("posthog_get_cohort", id="one")
    assert (wrong["outcome"], wrong["error"], wrong["status"]) == ("error", "invalid_arguments", None)
    assert (await desk.line("read_result", handle="r_aaaaaaaaaaaaaaaa"))["error"] == "result_expired"


async def test_a_call_that_never_reached_its_operation_is_masked_as_if_it_were_about_persons(desk: Audited) -> None:
    line = await desk.line("posthog_list_persons", search="Robin", limit="many")
    assert (line["error"], line["operation"]) == ("invalid_arguments", None)
    assert line["arguments"] == {"search": "<person>", "limit": "many"}
    assert (await desk.line("posthog_list_cohorts", search="Buyers"))["arguments"] == {"search": "Buyers"}


async def test_what_a_rule_or_the_user_stopped_is_refused(desk: Audited, shop: Sandbox, tmp_path: Path) -> None:
    cohort = await made(desk)
    declined = await desk.line("posthog_delete_cohort", No(), id=cohort)
    assert (declined["outcome"], declined["error"]) == ("refused", Declined.kind)
    async with audited(shop, tmp_path / "other.jsonl", read_only=True) as reading:
        line = await reading.line("posthog_create_cohort", name="Mine")
    assert (line["outcome"], line["error"], line["access"]) == ("refused", "read_only", "write")


async def test_a_cancelled_call_has_its_line(desk: Audited) -> None:
    cohort, user = await made(desk), Silent()
    async with anyio.create_task_group() as calls:
        calls.start_soon(lambda: desk.run("posthog_delete_cohort", user, id=cohort))
        await user.asked.wait()
        calls.cancel_scope.cancel()
    assert (desk.lines()[-1]["outcome"], desk.lines()[-1]["tool"]) == ("cancelled", "posthog_delete_cohort")


async def test_call_tool_is_written_down_as_the_tool_that_ran(desk: Audited) -> None:
    line = await desk.line("call_tool", name="posthog_list_cohorts", arguments={"limit": 1})
    assert (line["tool"], line["access"], line["arguments"]) == ("posthog_list_cohorts", "read", {"limit": 1})
    unknown = await desk.line("call_tool", name="no_such_tool", arguments={"password": "hush-hush"})
    assert (unknown["tool"], unknown["error"]) == ("call_tool", "invalid_arguments")
    assert unknown["arguments"] == {"name": "no_such_tool", "arguments": {"password": "<secret>"}}


async def test_our_own_tools_are_written_down_too(desk: Audited) -> None:
    listed = await desk.run("posthog_list_cohorts")
    assert listed.outcome is not None
    handle = listed.outcome.handle
    assert (await desk.line("get_session"))["access"] == "read"
    assert (await desk.line("search_tools", query="funnels"))["outcome"] == "ok"
    assert (await desk.line("select_workspace", workspace="20482"))["access"] == "session"
    await desk.run("export_result", handle=handle, format="csv")
    begun, ended = desk.lines()[-2:]
    assert (begun["outcome"], ended["outcome"], ended["access"]) == ("begun", "ok", "write")
    assert begun["arguments"] == {"handle": handle, "format": "csv"} and begun["call"] == ended["call"]


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_client_is_named_as_it_names_itself(desk: Audited, era: str) -> None:
    app = desk.app
    server = build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions)
    async with Client(server, mode=era, client_info=t.Implementation(name="Some Desk", version="4.2")) as client:
        await client.call_tool("get_session", {})
    assert {"client": "Some Desk", "version": "4.2"}.items() <= desk.lines()[-1]["who"].items()


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_question_to_the_user_is_asked_or_answered(desk: Audited, era: str) -> None:
    cohort, app = await made(desk), desk.app
    server = build_server(app.dispatcher, app.store, app.instructions, app.prompts, app.suggestions)

    async def yes(context: Any, params: Any) -> t.ElicitResult:
        return t.ElicitResult(action="accept", content={"ok": True})

    before = len(desk.lines())
    async with Client(server, mode=era, elicitation_callback=yes) as client:
        assert not (await client.call_tool("posthog_delete_cohort", {"id": cohort})).is_error
    # The newer protocol has the client repeat the call with the answer: that is a call of its own.
    asked = ["asked"] if era == "auto" else []
    assert [line["outcome"] for line in desk.lines()[before:]] == [*asked, "begun", "ok"]
