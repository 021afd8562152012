"""No answer, no full result and no log line holds a key, a password or a token, whatever is called."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox

from .program import connected, data, linked, running, secrets_of, text_of

pytestmark = pytest.mark.anyio
TOKEN = re.compile(r"eyJ[\w-]{8,}\.")  # how a signed token begins

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_session", {}),
    ("list_workspaces", {}),
    ("posthog_get_current_user", {}),
    ("posthog_list_organizations", {}),
    ("posthog_list_cohorts", {"limit": 1}),
    ("faraday_list_accounts", {}),
    ("giosg_get_current_user", {}),
    ("synerise_list_workspaces", {}),
    ("synerise_get_current_workspace", {}),
    ("synerise_check_permissions", {"permissions": ["ANALYTICS_FUNNEL_READ"]}),
    ("synerise_log_in_user", {}),
    ("synerise_log_in_workspace", {}),
    ("synerise_refresh_workspace_token", {}),
    ("synerise_verify_user_mfa", {"verificationCode": "000000"}),
    ("synerise_log_in_anonymous_profile", {"uuid": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}),
    ("synerise_refresh_profile_token", {}),
    ("get_session", {}),
]


async def test_nothing_a_client_reads_holds_a_secret(shop: Sandbox, era: str, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    answered = 0
    async with running(shop) as app, connected(app, era) as client:
        organization = (await data(client, "posthog_list_organizations"))["results"][0]["id"]
        person = (await data(client, "posthog_list_persons", {"limit": 1}))["results"][0]
        profile = {"email": person["properties"]["email"], "uuid": person["uuid"], "identityProvider": "SYNERISE"}
        found = [
            ("posthog_list_projects", {"organization_id": organization}),
            ("synerise_log_in_profile", profile),
            ("synerise_refresh_profile_token", {}),
        ]
        for tool, arguments in [*CALLS, *found]:
            result = await client.call_tool(tool, arguments)
            said += [text_of(result), json.dumps(result.structured_content)]
            answered += not result.is_error
            if len(result.content) > 1:
                said.append(await linked(client, result))
    assert answered == len(CALLS) + len(found) - 1  # no second factor is due
    assert any(TOKEN.search(str(entry.headers)) for entry in shop.journal)  # tokens were used, and look like this
    said += [record.getMessage() for record in caplog.records if record.name.startswith(("audience_mcp", "http"))]
    for text in said:
        assert not TOKEN.search(text), text[:300]
        assert not [secret for secret in secrets_of(shop) if secret in text], text[:300]


async def test_an_answer_with_a_token_in_it_is_told_and_not_kept(shop: Sandbox, era: str) -> None:
    async with running(shop) as app, connected(app, era) as client:
        for tool in ("synerise_log_in_user", "synerise_log_in_workspace", "synerise_refresh_workspace_token"):
            result = await client.call_tool(tool, {})
            assert not result.is_error and len(result.content) == 1
            assert result.structured_content and "handle" not in result.structured_content["provenance"]
