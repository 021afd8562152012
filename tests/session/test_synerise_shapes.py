"""Answers of Synerise that nobody documented: read as far as they can be, never a crash, never a wrong workspace."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import respx

from audience_mcp.errors import CredentialsRejected, ProviderUnavailable, SecondFactorRequired, WorkspacePinned
from audience_mcp.providers.synerise.answers import second_factors, workspace_items
from audience_mcp.providers.synerise.claims import read_claims

from .conftest import Opens
from .rig import jwt
from .synerise_edge import HOST, KEY_ENV, MAIN, OUTLET, USER_ENV, SyneriseEdge

pytestmark = pytest.mark.anyio
READ = "synerise_list_funnels"
LOG_IN = f"{HOST}/uauth/v2/auth/login/profile"


@pytest.mark.parametrize(
    "item",
    [
        {"id": 49, "guid": OUTLET, "name": "Outlet"},
        {"businessProfileId": 49, "businessProfileGuid": OUTLET, "businessProfileName": "Outlet"},
        {"id": 49, "uuid": OUTLET, "name": "Outlet", "guid": None},
        {"id": OUTLET, "businessProfileId": 49, "name": "Outlet"},
        {"id": "49", "profileHash": OUTLET, "name": "Outlet", "owner": 5},
    ],
)
async def test_a_workspace_is_found_under_any_likely_names(
    synerise: SyneriseEdge, opened: Opens, item: dict[str, Any]
) -> None:
    synerise.items = [item]
    rig = opened(USER_ENV)
    for reference in ("Outlet", "49", OUTLET):
        await rig.call(READ, workspace=reference)
    assert synerise.seen == [("user", 49)] * 3


@pytest.mark.parametrize("items", [None, {}, "text", [], [None, 3, [], {}, {"name": "x"}, {"id": None}, {"id": {}}]])
async def test_a_list_of_another_shape_holds_no_workspace(synerise: SyneriseEdge, opened: Opens, items: Any) -> None:
    synerise.items = items
    assert await opened(USER_ENV).titles("synerise") == []
    assert await opened(KEY_ENV | USER_ENV).titles("synerise") == ["Meadow (48)"]


def test_two_guids_under_unknown_names_are_not_guessed_between() -> None:
    assert workspace_items([{"owner": MAIN, "space": OUTLET, "id": 49}], "")[0].id == "49"


@pytest.mark.parametrize(
    ("methods", "read"),
    [
        (None, ()),
        ([], ()),
        ("EMAIL", ("EMAIL",)),
        (["EMAIL", "TOTP_AUTHENTICATOR"], ("TOTP_AUTHENTICATOR", "EMAIL")),
        ([None, 5, {}, ""], ("5",)),
        ({"EMAIL": True}, ()),
    ],
)
def test_second_factors_are_read_from_a_list_of_names(methods: Any, read: tuple[str, ...]) -> None:
    assert second_factors({"mfaMethods": methods}) == read


async def test_a_factor_named_alone_is_asked_for(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.methods = "EMAIL"  # type: ignore[assignment]
    with pytest.raises(SecondFactorRequired, match=r"\(EMAIL\)"):
        await opened(USER_ENV).call(READ, workspace=MAIN)


@pytest.mark.parametrize("answer", [None, [], "token", 5, {}, {"token": None}, {"token": {}}, {"token": "a b"}])
async def test_a_log_in_answered_without_a_token_is_told(edge: respx.MockRouter, opened: Opens, answer: Any) -> None:
    edge.post(LOG_IN).respond(json=answer)
    with pytest.raises(CredentialsRejected, match="without a token"):
        await opened(KEY_ENV).call(READ)


async def test_a_page_instead_of_a_log_in_is_told(edge: respx.MockRouter, opened: Opens) -> None:
    edge.post(LOG_IN).respond(html="<html>maintenance</html>")
    with pytest.raises(ProviderUnavailable, match="text/html instead of JSON") as caught:
        await opened(KEY_ENV).call(READ)
    assert (caught.value.provider, caught.value.region) == ("synerise", "azure-eu")


async def test_a_token_that_tells_nothing_of_itself_still_serves(edge: respx.MockRouter, opened: Opens) -> None:
    edge.post(LOG_IN).respond(json={"token": "opaque"})
    edge.post(f"{HOST}/uauth/api-key/permission-check").respond(json=["unexpected"])
    read = edge.get(url__startswith=f"{HOST}/analytics/").respond(json={"data": []})
    rig = opened(KEY_ENV)
    await rig.call(READ)
    assert read.calls.last.request.headers["authorization"] == "Bearer opaque"
    assert await rig.titles("synerise") == ["(the credential's own)"]


def payload(raw: bytes) -> str:
    return f"h.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.s"


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "..", "h.ключ.s", payload(b"[1]"), payload(b"\xff"), payload(b"[" * 100_000), payload(b"1")],
)
def test_what_is_no_jwt_has_no_claims(token: str) -> None:
    assert (read_claims(token).expires, read_claims(token).workspace) == (None, None)


@pytest.mark.parametrize("end", [True, "1900000000", None, -1, 1_900_000_000_000, 1e400, float("nan")])
def test_an_end_that_is_no_date_in_seconds_is_not_believed(end: Any) -> None:
    assert read_claims(jwt(exp=end, bpi=48)).expires is None


@pytest.mark.parametrize("number", [True, None, 4.5, [], {"id": 1}])
def test_a_workspace_claim_that_is_no_number_or_text_is_left_out(number: Any) -> None:
    assert read_claims(jwt(exp=1_900_000_000, bpi=number)).workspace is None


async def test_a_pinned_workspace_is_not_left_by_synerises_own_selection(synerise: SyneriseEdge, opened: Opens) -> None:
    rig = opened(USER_ENV, workspace=["synerise=Meadow"], pin_workspace=True)
    with pytest.raises(WorkspacePinned, match="Meadow"):
        await rig.call("synerise_select_workspace", {"businessProfileUUID": OUTLET})
    assert synerise.asked["select"] == 0
    await rig.call("synerise_select_workspace", {"businessProfileUUID": MAIN})
    await rig.call(READ)
    assert synerise.seen == [("user", 48)]


async def test_a_workspace_named_like_a_number_is_not_taken_for_the_keys(synerise: SyneriseEdge, opened: Opens) -> None:
    synerise.items = [{"id": 49, "guid": OUTLET, "name": "48"}]
    rig = opened(KEY_ENV | USER_ENV)
    await rig.call(READ, workspace="49")
    await rig.call(READ, workspace="48")
    assert synerise.seen == [("user", 49), ("key", 48)]
