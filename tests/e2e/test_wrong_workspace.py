"""An id in the configuration that the credential does not reach: doctor, a selection and a call name the variable."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.sandbox import Sandbox

from .command import Shell

pytestmark = pytest.mark.anyio
ELSEWHERE = "81f3854b-d561-4635-8656-00000000dead"
WRONG = [
    ("posthog", "POSTHOG_PROJECT_ID", "99999", "posthog_list_cohorts", "Meadow & Main (20481)"),
    ("giosg", "GIOSG_ORGANIZATION_ID", ELSEWHERE, "giosg_list_workflows", "Meadow & Main ("),
    ("synerise", "SYNERISE_WORKSPACE_GUID", ELSEWHERE, "synerise_list_funnels", "number"),
]
each = pytest.mark.parametrize(("provider", "variable", "wrong", "tool", "known"), WRONG, ids=[w[1] for w in WRONG])


def variables(shop: Sandbox, base: str, provider: str, **more: str) -> dict[str, str]:
    """One credential of a provider, whole; Synerise's as Basic."""
    prefix = provider.upper()
    own = {n: v for n, v in shop.environment(base).items() if n.startswith(prefix) and "__" not in n}
    if provider == "synerise":
        own = {n: own[n] for n in ("SYNERISE_API_KEY", "SYNERISE_BASE_URL")} | {"SYNERISE_AUTH": "basic"}
    return own | more


@asynccontextmanager
async def configured(environment: Mapping[str, str]) -> AsyncIterator[App]:
    app = build_app(read_settings({}, environment))
    try:
        yield app
    finally:
        await app.close()


async def refused(app: App, tool: str, **arguments: Any) -> dict[str, Any]:
    told = await app.dispatcher.run(tool, arguments, NoAsker())
    assert told.is_error, told.text
    error: dict[str, Any] = told.structured["error"]
    return error


async def test_doctor_names_the_variable_and_what_there_is(shell: Shell, shop: Sandbox, base: str) -> None:
    settings = {n: v for provider, *_ in WRONG for n, v in variables(shop, base, provider).items()}
    settings |= {variable: wrong for _, variable, wrong, _, _ in WRONG}
    ran = await shell.run("doctor", "--json", "--providers", "posthog,giosg,synerise", **settings)
    found = json.loads(ran.out)["providers"]
    assert ran.code == 1
    for provider, variable, wrong, _, known in WRONG:
        assert found[provider]["state"] == "wrong"
        (problem,) = found[provider]["wrong"]
        assert problem["kind"] == "workspace_unknown"
        assert variable in problem["message"] and f"{variable}" in problem["remedy"]
        assert known in problem["message"] + problem["remedy"]
        assert wrong not in " ".join(found[provider]["workspaces"])


@each
async def test_a_call_names_the_variable(
    shop: Sandbox, base: str, provider: str, variable: str, wrong: str, tool: str, known: str
) -> None:
    async with configured(variables(shop, base, provider, **{variable: wrong})) as app:
        error = await refused(app, tool)
    assert error["kind"] == "workspace_unknown" and error["status"] in (401, 403, 404)
    assert variable in error["message"] and known in error["message"] + error["remedy"]


@each
async def test_it_cannot_be_selected_either(
    shop: Sandbox, base: str, provider: str, variable: str, wrong: str, tool: str, known: str
) -> None:
    async with configured(variables(shop, base, provider, **{variable: wrong})) as app:
        error = await refused(app, "select_workspace", workspace=wrong)
    assert error["kind"] == "workspace_unknown" and variable in error["message"]


async def test_a_missing_object_of_the_right_workspace_stays_a_missing_object(shop: Sandbox, base: str) -> None:
    async with configured(variables(shop, base, "posthog", POSTHOG_PROJECT_ID="20481")) as app:
        error = await refused(app, "posthog_get_cohort", id=1)
        assert error["kind"] == "not_found" and "POSTHOG_PROJECT_ID" not in error["message"]
        before = len(shop.journal)
        await refused(app, "posthog_get_cohort", id=1)
        asked = [entry.path for entry in list(shop.journal)[before:]]
        assert len(asked) == 1  # the project was seen once: nobody asks for it again


async def test_a_key_that_is_refused_by_itself_is_told_as_that(shop: Sandbox, base: str) -> None:
    given = variables(shop, base, "synerise", SYNERISE_WORKSPACE_GUID=ELSEWHERE, SYNERISE_API_KEY="mistyped")
    async with configured(given) as app:
        assert (await refused(app, "synerise_list_funnels"))["kind"] == "credentials_rejected"


async def test_a_configured_name_that_nothing_has_names_its_setting(shop: Sandbox, base: str) -> None:
    given = variables(shop, base, "posthog", AUDIENCE_MCP_WORKSPACE="posthog=Medow")
    async with configured({n: v for n, v in given.items() if n != "POSTHOG_PROJECT_ID"}) as app:
        error = await refused(app, "posthog_list_cohorts")
    assert error["kind"] == "workspace_unknown" and "AUDIENCE_MCP_WORKSPACE" in error["remedy"]
