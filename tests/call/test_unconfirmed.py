"""Operations whose path no public page shows: what is not sent, and what a refusal there means."""

from __future__ import annotations

from typing import Any

import pytest

from audience_mcp.call.sending import unconfirmed
from audience_mcp.openapi.operation import Operation

from .conftest import Opens
from .desk import HOSTS, SECRETS, USER, WORKSPACES, Desk, good
from .sample import UUID, catalog, least, operation, operations

pytestmark = pytest.mark.anyio
SYNERISE = HOSTS["synerise"]
INFERRED = [o for o in operations() if o.tool.contract == "inferred"]
RISKY = [o.name for o in INFERRED if o.access != "read" or o.supplied]
SAFE = [o.name for o in INFERRED if o.name not in RISKY]
CALCULATE, SAVED = "synerise_calculate_funnel", f"{SYNERISE}/analytics/profiles/funnels/{UUID}"
CALCULATED = f"{SYNERISE}/analytics/analytics/v3/funnels/{UUID}/calculate"
ALLOW = {"AUDIENCE_MCP_UNCONFIRMED": "allow", "AUDIENCE_MCP_CONFIRM": "never"}
NO_SUCH = {"status": 404, "error": "Not Found", "path": "/x"}


def test_there_are_operations_of_both_sorts() -> None:
    assert len(RISKY) >= 3 and len(SAFE) >= 15
    assert "synerise_delete_analyses" in RISKY and "synerise_log_in_profile_from_server" in RISKY


@pytest.mark.parametrize("tool", RISKY)
async def test_a_guessed_path_that_writes_or_carries_a_secret_is_not_called(opens: Opens, tool: str) -> None:
    desk = opens(SECRETS | USER | WORKSPACES | {"AUDIENCE_MCP_CONFIRM": "never"})
    found = await desk.refused(tool, **least(tool))
    assert found["kind"] == "contract_unconfirmed" and found["status"] is None
    assert "was not sent" in found["message"] and "AUDIENCE_MCP_UNCONFIRMED=allow" in found["remedy"]
    assert all(f"synerise_{name}" in found["remedy"] for name in operation(tool).tool.nearly)
    assert not desk.edge.calls


@pytest.mark.parametrize("tool", RISKY)
async def test_the_user_may_allow_it(opens: Opens, tool: str) -> None:
    desk = opens(SECRETS | WORKSPACES | ALLOW)
    desk.edge.post(url__regex="/login/client/anonymous$").respond(json={"token": "a-profile"})
    if operation(tool).tool.identity == "user":
        desk = opens(USER | ALLOW | {"AUDIENCE_MCP_WORKSPACE": f"synerise={UUID}"})
        desk.edge.post(f"{SYNERISE}/uauth/auth/login/user").respond(json={"token": "of-a-user"})
        desk.edge.post(f"{SYNERISE}/uauth/auth/login/user/profile/{UUID}").respond(json={"token": "in-a-workspace"})
        desk.edge.get(f"{SYNERISE}/uauth/business-profile/").respond(json=[{"guid": UUID, "name": "Meadow"}])
    sent = desk.edge.route(path__regex=operation(tool).path.replace("{analyticId}", UUID)).respond(json={"token": "t"})
    good(await desk.run(tool, **least(tool)))
    assert sent.call_count == 1


async def test_a_dry_run_of_a_guessed_path_shows_it_without_sending(desk: Desk) -> None:
    told = good(await desk.run("synerise_move_analysis", **least("synerise_move_analysis"), dry_run=True))
    assert "/analytics/directories/analyses/" in told.text and "path unconfirmed" in told.text
    assert not desk.edge.calls


@pytest.mark.parametrize("tool", SAFE)
async def test_a_guessed_read_is_sent_and_its_answer_says_so(desk: Desk, tool: str) -> None:
    desk.edge.route(host="api.synerise.com").respond(json={"data": [{"id": UUID}]})
    told = good(await desk.run(tool, **least(tool)))
    assert "path unconfirmed" in told.text
    assert "path unconfirmed" in told.structured["provenance"]["notes"]


@pytest.mark.parametrize("saved", [200, 403, 500])
async def test_an_unknown_path_of_an_object_that_is_there_is_told_as_unconfirmed(desk: Desk, saved: int) -> None:
    desk.edge.post(CALCULATED).respond(404, json=NO_SUCH)
    documented = desk.edge.get(SAVED).respond(saved, json={"id": UUID})
    found = await desk.refused(CALCULATE, **least(CALCULATE, funnelId=UUID))
    assert (found["kind"], found["status"]) == ("contract_unconfirmed", 404)
    assert documented.called and "synerise_get_funnel" in found["remedy"]
    assert found["workspace"] == "48" and found["provider"] == "synerise"


async def test_an_object_that_its_own_address_does_not_know_is_not_found(desk: Desk) -> None:
    desk.edge.post(CALCULATED).respond(404, json=NO_SUCH)
    desk.edge.get(SAVED).respond(404, json=NO_SUCH)
    found = await desk.refused(CALCULATE, **least(CALCULATE, funnelId=UUID))
    assert (found["kind"], found["status"]) == ("not_found", 404)


@pytest.mark.parametrize(("saved", "kind"), [(200, "contract_unconfirmed"), (404, "not_found")])
async def test_a_write_at_a_sibling_path_is_judged_alike(desk: Desk, saved: int, kind: str) -> None:
    desk.edge.put(SAVED).respond(404, json=NO_SUCH)
    desk.edge.get(SAVED).respond(saved, json={"id": UUID})
    found = await desk.refused("synerise_update_funnel", **least("synerise_update_funnel", funnelId=UUID))
    assert found["kind"] == kind
    desk.edge.post(url__regex="/profiles/funnels$").respond(404, json=NO_SUCH)  # nothing whose id could be wrong
    assert (await desk.refused("synerise_create_funnel"))["kind"] == "contract_unconfirmed"


@pytest.mark.parametrize(
    ("tool", "kind"),
    [
        (CALCULATE, "contract_unconfirmed"),  # inferred
        ("synerise_update_funnel", "contract_unconfirmed"),  # sibling
        ("synerise_get_funnel", "not_offered_by_provider"),  # seed
        ("posthog_list_persons", "not_offered_by_provider"),  # public
    ],
)
async def test_a_method_that_is_not_taken_is_unconfirmed_where_the_path_is(desk: Desk, tool: str, kind: str) -> None:
    refusing: dict[str, Any] = {"status_code": 405, "json": {"error": "Method Not Allowed"}}
    desk.edge.route(host__regex="synerise|posthog").respond(**refusing)
    found = await desk.refused(tool, **least(tool))
    assert (found["kind"], found["status"]) == (kind, 405)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_other_refusals_of_a_guessed_path_keep_their_kind(desk: Desk, status: int) -> None:
    desk.edge.post(CALCULATED).respond(status, json=NO_SUCH)
    found = await desk.refused(CALCULATE, **least(CALCULATE, funnelId=UUID))
    assert found["kind"] != "contract_unconfirmed" and found["status"] == status


def test_the_listing_marks_guessed_paths_and_no_others() -> None:
    for tool in (o.name for o in operations()):
        listed = catalog().wire(tool)
        guessed = listed["_meta"]["audience-mcp/operation"]["contract"] == "inferred"
        assert guessed is (operation(tool) in INFERRED)
        assert listed["description"].endswith("Path unconfirmed.") is guessed, tool
        assert ("unconfirmed" in listed["description"].lower()) is guessed, tool


def test_what_is_nearly_the_same_is_documented_and_named_with_what_it_needs() -> None:
    for made in (o for o in operations() if o.tool.nearly):
        remedy = unconfirmed(catalog(), made, "x").remedy
        for near in (operation(f"{made.provider}_{name}") for name in made.tool.nearly):
            needed = [argument.name for argument in near.arguments if argument.required]
            assert (f"{near.name} with {' and '.join(needed)}" if needed else near.name) in remedy
            assert near.tool.contract in ("seed", "public"), made.name


def test_every_guessed_read_names_what_answers_nearly_the_same() -> None:
    assert {o.name for o in INFERRED if o.access == "read" and not o.tool.nearly} == set()


@pytest.mark.parametrize("made", INFERRED, ids=lambda made: str(made.id))
def test_the_two_commands_are_named_and_probing_only_for_reads(made: Operation) -> None:
    remedy = unconfirmed(catalog(), made, "x").remedy
    assert "`audience-mcp contract import synerise`" in remedy
    assert ("`audience-mcp contract probe synerise`" in remedy) is (made.access == "read")
