"""A user whose log-in waits for a code: asked through the client, or passed by the model; never kept or shown."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import mcp_types as t
import pytest

from audience_mcp.app import App, build_app, declared
from audience_mcp.sandbox import Sandbox, serving
from audience_mcp.sandbox.synerise.accounts import OWNER, PASSWORD, VERIFICATION_CODE
from audience_mcp.settings import Settings, credentials

from .program import connected, error_of, small_shop, text_of, told

pytestmark = pytest.mark.anyio
HERE = {"workspace": "Meadow & Main", "limit": 1}


@pytest.fixture
def fresh() -> Sandbox:
    """A shop that has not yet seen the owner's device."""
    return small_shop()


@pytest.fixture
async def waiting(fresh: Sandbox) -> AsyncIterator[App]:
    """A program that knows the owner's password and nothing else."""
    async with serving(fresh) as base:
        known = {
            "SYNERISE_BASE_URL": fresh.environment(base)["SYNERISE_BASE_URL"],
            "SYNERISE_USERNAME": OWNER.username,
            "SYNERISE_PASSWORD": PASSWORD,
        }
        app = build_app(Settings(credentials=tuple(credentials(declared(), known, {}))))
        yield app
        await app.close()


def entering(code: str, asked: list[str]) -> Callable[[str], t.ElicitResult]:
    def answer(message: str) -> t.ElicitResult:
        asked.append(message)
        return t.ElicitResult(action="accept", content={"value": code})

    return answer


async def test_a_client_that_can_ask_asks_for_the_code_once(waiting: App, era: str) -> None:
    asked: list[str] = []
    async with connected(waiting, era, entering(VERIFICATION_CODE, asked)) as client:
        result = await client.call_tool("synerise_verify_user_mfa", {})
        assert OWNER.username in text_of(result) and told(result)
        assert VERIFICATION_CODE not in text_of(result) + json.dumps(result.structured_content)
        assert told(await client.call_tool("synerise_list_funnels", HERE))
        assert told(await client.call_tool("synerise_list_workspaces", {}))
    assert len(asked) == 1 and "code" in asked[0]


async def test_a_client_that_cannot_ask_is_told_how_to_pass_the_code(waiting: App, era: str) -> None:
    async with connected(waiting, era) as client:
        error = error_of(await client.call_tool("synerise_list_funnels", HERE))
        assert error["kind"] == "second_factor_required" and "synerise_verify_user_mfa" in error["remedy"]
        error = error_of(await client.call_tool("synerise_verify_user_mfa", {}))
        assert error["kind"] == "second_factor_required" and "verificationCode" in error["remedy"]
        wrong = error_of(await client.call_tool("synerise_verify_user_mfa", {"verificationCode": "000000"}))
        assert wrong["kind"] in ("credentials_rejected", "invalid_arguments")
        assert told(await client.call_tool("synerise_verify_user_mfa", {"verificationCode": VERIFICATION_CODE}))
        assert told(await client.call_tool("synerise_list_funnels", HERE))


async def test_a_user_who_gives_no_code_is_not_logged_in(waiting: App, fresh: Sandbox, era: str) -> None:
    async with connected(waiting, era, lambda message: t.ElicitResult(action="decline")) as client:
        assert error_of(await client.call_tool("synerise_verify_user_mfa", {}))["kind"] == "declined"
        assert error_of(await client.call_tool("synerise_list_funnels", HERE))["kind"] in (
            "second_factor_required",
            "declined",
        )
    assert not any(VERIFICATION_CODE.encode() in entry.body for entry in fresh.journal)
