"""Customers who log in through Synerise: new or known, each is one person on all platforms."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.customers import Customer, welcome
from audience_mcp.sandbox.faraday.accounts import key_of

from .checked import client
from .posthog_desk import desk
from .synerise_desk import Desk, by_key

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
ONCE_USED = "8f8d3ef5-6c1c-4c5c-9e36-9d7a5c6f7a11"


async def log_in(sandbox: Sandbox, server: bool = False, **body: Any) -> None:
    """One customer from outside, in the app or through the shop's server."""
    settings = sandbox.environment("http://x")
    outside = {
        "apiKey": settings["SYNERISE_PROFILE_API_KEY"],
        "identityProvider": "OAUTH",
        "identityProviderToken": settings["SYNERISE_IDENTITY_PROVIDER_TOKEN"],
        **body,
    }
    path = "/sauth/v3/auth/login/client"
    if server:
        async with by_key(sandbox) as by_server:
            await by_server.post(f"{path}/server", {"ipAddress": "203.0.113.7", **outside})
    else:
        async with client(sandbox, "synerise") as http:
            await Desk(http).post(path, outside)


async def everybody(sandbox: Sandbox) -> dict[str, Json]:
    """All persons PostHog lists, by their UUID, which nobody shares; none without a name and a distinct id."""
    async with desk(sandbox) as at:
        listed = (await at.get(at.persons, limit=1000))["results"]
        rows = await at.rows("select distinct_id, person_id from person_distinct_ids limit 5000")
    found = {person["uuid"]: person for person in listed}
    assert len(found) == len(listed)
    assert all(person["name"] and all(person["distinct_ids"]) for person in listed)
    assert max(Counter(distinct_id for distinct_id, _ in rows).values()) == 1
    assert {person_id for _, person_id in rows} == set(found)
    return found


@pytest.mark.parametrize("looked_before", [True, False])
async def test_everybody_who_is_made_or_changed_is_one_person(sandbox: Sandbox, looked_before: bool) -> None:
    (known,) = sandbox.state.world.rows("SELECT * FROM profiles WHERE profile_id = 1000003")
    before = await everybody(sandbox) if looked_before else None
    await log_in(sandbox, email="first@customer.example", uuid=ONCE_USED)
    await log_in(sandbox, email="Second@customer.example", uuid=ONCE_USED)  # on the device of the first
    await log_in(sandbox, email="third@customer.example", uuid=str(known["uuid"]), server=True)
    await log_in(sandbox, customId=4711, attributes={"country": "IE", "birth_year": 1990})
    await log_in(sandbox, email="first@customer.example", customId="C-1", agreements={"email": "True"})
    await log_in(sandbox, customId="C-1")
    await log_in(sandbox, email=known["email"], customId="C-2", attributes={"tier": "gold", "shoe_size": 39})
    after = await everybody(sandbox)

    profiles = sandbox.state.world.rows("SELECT * FROM profiles WHERE workspace = 'main'")
    assert {str(row["uuid"]) for row in profiles} == set(after)
    assert len(after) == 204
    assert before is None or before.keys() < after.keys()
    by_email = {person["properties"].get("email"): person for person in after.values()}
    first, second = by_email["first@customer.example"], by_email["second@customer.example"]
    assert first["uuid"] == ONCE_USED and first["distinct_ids"] == ["C-1", ONCE_USED]
    assert first["properties"]["newsletter"] and not second["properties"]["newsletter"]
    assert second["distinct_ids"] == [second["uuid"]]
    outsider = next(person for person in after.values() if "4711" in person["distinct_ids"])
    assert (outsider["properties"]["country"], outsider["properties"]["birth_year"]) == ("IE", 1990)
    changed = after[str(known["uuid"])]
    assert changed["properties"]["customer_id"] == known["custom_id"]
    assert (changed["properties"]["tier"], changed["properties"].get("shoe_size")) == ("gold", None)


async def test_a_new_customer_is_the_same_one_for_synerise_posthog_and_faraday(sandbox: Sandbox) -> None:
    async def personas() -> int:
        headers = {"Authorization": f"Bearer {key_of(sandbox.state.world.workspaces[0])}"}
        async with client(sandbox, "faraday", headers=headers) as http:
            return sum(one["individuals_count"] for one in (await http.get("/v1/persona_sets")).json()[0]["personas"])

    before = await personas()
    await log_in(sandbox, email="new@customer.example", attributes={"tier": "platinum"})
    assert await personas() == before + 1
    async with by_key(sandbox) as synerise, desk(sandbox) as at:
        segment = {"title": "New", "filter": {"conditions": [
            {"attribute": "tier", "logic": "EQUAL", "value": "platinum"}]}}  # fmt: skip
        path = "/analytics/analytics/v3/segmentations/preview/profiles"
        (((profile,)),) = await synerise.post(path, {"analysis": {"title": "New", "segments": [segment]}})
        person = (await at.get(at.persons, email="new@customer.example"))["results"][0]
        told = await at.get(
            f"{at.persons}properties_at_time/", person_id=person["uuid"], timestamp="2026-11-20T23:59:59Z"
        )
    assert (profile["uuid"], profile["customId"]) == (person["uuid"], person["distinct_ids"][0])
    assert told["properties"] == person["properties"]


def test_many_who_come_at_once_under_one_name_are_one(sandbox: Sandbox) -> None:
    world, moment = sandbox.state.world, datetime(2026, 11, 20, 12)
    customers = [Customer(email=f"{number % 4}@customer.example") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: welcome(world, world.workspaces[0], one, moment)["profile_id"], customers))
    assert len(set(found)) == 4
    assert sorted(set(found)) == [1000201, 1000202, 1000203, 1000204]
