"""What was there before a write is kept: through restarts, lost answers and full disks, and never with a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import respx

from .conftest import Opens
from .desk import HOSTS, SECRETS, WORKSPACES, Desk, good

pytestmark = pytest.mark.anyio
COHORT = f"{HOSTS['posthog']}/api/projects/7/cohorts/3/"
UPDATE = "posthog_update_cohort"
NEVER = {"AUDIENCE_MCP_CONFIRM": "never"}


class Provider:
    """One cohort as the provider has it; `lost` answers of writes never arrive."""

    def __init__(self, edge: respx.MockRouter) -> None:
        self.cohort: dict[str, Any] = {"id": 3, "name": "Buyers", "description": "", "deleted": False, "count": 5}
        self.written: list[dict[str, Any]] = []
        self.readable, self.lost, self.ignores = True, False, False
        edge.get(COHORT).mock(side_effect=self._read)
        edge.patch(COHORT).mock(side_effect=self._write)

    def _read(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=self.cohort) if self.readable else httpx.Response(503)

    def _write(self, request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        self.written.append(sent)
        if not self.ignores:
            self.cohort = {**self.cohort, **sent, "count": self.cohort["count"] + 1}
        if self.lost:
            raise httpx.ReadTimeout("late")
        return httpx.Response(200, json=self.cohort)


@pytest.fixture
def provider(edge: respx.MockRouter) -> Provider:
    return Provider(edge)


@pytest.fixture
def lasting(opens: Opens, tmp_path: Path) -> Callable[..., Desk]:
    """Opens programs that keep their changes in one folder."""

    def open_one(environment: dict[str, str] | None = None, **flags: Any) -> Desk:
        wiring = {"changes": tmp_path / "changes"}
        return opens(SECRETS | WORKSPACES | NEVER | (environment or {}), wiring=wiring, **flags)

    return open_one


async def rows(desk: Desk, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.kept(good(await desk.run("list_changes", **arguments)))
    return found


async def test_a_change_is_undone_by_a_later_run(lasting: Callable[..., Desk], provider: Provider) -> None:
    good(await lasting().run(UPDATE, id=3, name="Renamed"))
    later = lasting()
    (row,) = await rows(later)
    good(await later.run("undo_change", change=row["change"]))
    assert provider.written == [{"name": "Renamed"}, {"name": "Buyers"}] and provider.cohort["name"] == "Buyers"
    assert [one["undo"] for one in await rows(lasting())] == ["yes", f"undone by {(await rows(later))[0]['change']}"]


async def test_no_secret_is_ever_kept(lasting: Callable[..., Desk], provider: Provider, tmp_path: Path) -> None:
    desk = lasting()
    good(await desk.run(UPDATE, id=3, name="Renamed"))
    desk.edge.post(url__regex="/login/client$").respond(json={"token": "5ecret-of-a-profile"})
    good(await desk.run("synerise_log_in_profile", identityProvider="SYNERISE", email="kim@example.org"))
    assert len(await rows(desk)) == 2
    kept = b"".join(path.read_bytes() for path in (tmp_path / "changes").iterdir())
    assert b"Buyers" in kept and b"5ecret" not in kept and b"kim@example.org" not in kept


async def test_changes_at_another_address_are_not_told(lasting: Callable[..., Desk], provider: Provider) -> None:
    good(await lasting().run(UPDATE, id=3, name="Renamed"))
    elsewhere = lasting({"POSTHOG_BASE_URL": "http://127.0.0.1:8080/posthog"})
    assert await rows(elsewhere) == [] and len(await rows(lasting())) == 1
    assert await rows(lasting(), provider="synerise") == []


async def test_a_pinned_run_tells_its_own_workspace_alone(lasting: Callable[..., Desk], provider: Provider) -> None:
    good(await lasting().run(UPDATE, id=3, name="Renamed"))
    (row,) = await rows(lasting())
    pinned = lasting({"POSTHOG_PROJECT_ID": "8"}, pin_workspace=True)
    assert await rows(pinned) == []
    assert (await pinned.refused("undo_change", change=row["change"]))["kind"] == "not_found"
    assert len(await rows(lasting(pin_workspace=True))) == 1


@pytest.mark.parametrize("tool", [UPDATE, "posthog_delete_cohort"])
async def test_what_cannot_be_kept_is_not_overwritten(
    opens: Opens, provider: Provider, tmp_path: Path, tool: str
) -> None:
    (tmp_path / "full").write_text("a file where the folder should be")
    arguments: dict[str, Any] = {"id": 3, "name": "Renamed"} if tool == UPDATE else {"id": 3}
    desk = opens(SECRETS | WORKSPACES, wiring={"changes": tmp_path / "full"})
    told = await desk.run(tool, **arguments)
    if "confirm=" in told.text:
        told = await desk.run(tool, **arguments, confirm=told.text.split("confirm='")[1].split("'")[0])
    assert "cannot be written" in told.text and "Nothing was sent" in told.text and str(tmp_path) in told.text
    assert provider.written == []
    sure = opens(SECRETS | WORKSPACES | NEVER, wiring={"changes": tmp_path / "full"})
    assert "not kept in the journal: it cannot be undone" in good(await sure.run(tool, **arguments)).text
    assert len(provider.written) == 1


async def test_what_overwrites_nothing_is_sent_and_said_to_be_unkept(opens: Opens, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where the folder should be")
    desk = opens(wiring={"changes": tmp_path / "full"})
    desk.edge.post(url__regex="/cohorts/$").respond(201, json={"id": 4, "name": "New"})
    assert "not kept in the journal" in good(await desk.run("posthog_create_cohort", name="New")).text


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_write_whose_answer_was_lost_is_kept_as_unknown(
    lasting: Callable[..., Desk], provider: Provider, carried_out: bool
) -> None:
    desk = lasting()
    provider.lost, provider.ignores = True, not carried_out
    found = await desk.refused(UPDATE, id=3, name="Renamed")
    assert found["kind"] == "outcome_unknown" and "list_changes" in found["remedy"]
    provider.lost = provider.ignores = False
    (row,) = await rows(desk)
    assert row["changed"] == "outcome unknown: name"
    told = await desk.run("undo_change", change=row["change"])
    assert told.is_error is not carried_out and provider.cohort["name"] == "Buyers"
    assert carried_out or "There is nothing to undo" in told.text


async def test_an_unknown_outcome_is_not_undone_over_what_somebody_else_wrote(
    lasting: Callable[..., Desk], provider: Provider
) -> None:
    desk = lasting()
    provider.lost = True
    await desk.refused(UPDATE, id=3, name="Renamed")
    provider.lost, provider.cohort = False, {**provider.cohort, "name": "Theirs"}
    found = await desk.refused("undo_change", change=(await rows(desk))[0]["change"])
    assert found["kind"] == "conflict" and '"Renamed", "Theirs"' in found["message"]


async def test_a_cancelled_write_is_kept_as_unknown(lasting: Callable[..., Desk], provider: Provider) -> None:
    desk, scope = lasting(), anyio.CancelScope()

    async def slow(request: httpx.Request) -> httpx.Response:
        scope.cancel()
        await anyio.sleep_forever()
        raise AssertionError

    desk.edge.patch(COHORT).mock(side_effect=slow)
    with scope:
        await desk.run(UPDATE, id=3, name="Renamed")
    assert [row["changed"] for row in await rows(desk)] == ["outcome unknown: name"]


async def test_a_refused_write_is_no_change(lasting: Callable[..., Desk], provider: Provider) -> None:
    desk = lasting()
    desk.edge.patch(COHORT).respond(400, json={"detail": "no"})
    await desk.refused(UPDATE, id=3, name="Renamed")
    assert await rows(desk) == []


async def test_an_update_of_what_cannot_be_read_is_sent_and_said_to_be_final(
    lasting: Callable[..., Desk], provider: Provider
) -> None:
    desk = lasting()
    provider.readable = False
    told = good(await desk.run(UPDATE, id=3, name="Renamed"))
    assert "cannot be undone: what it was could not be read" in told.text
    plan = good(await desk.run(UPDATE, id=3, name="Again", dry_run=True))
    assert "could not be read beforehand (provider_unavailable), so it cannot be undone" in plan.text
    assert len(provider.written) == 1
    (row,) = await rows(desk)
    assert row["undo"] == "no: what it was could not be read"


async def test_an_undo_waits_until_the_object_can_be_read(lasting: Callable[..., Desk], provider: Provider) -> None:
    desk = lasting()
    good(await desk.run(UPDATE, id=3, name="Renamed"))
    provider.readable = False
    found = await desk.refused("undo_change", change=(await rows(desk))[0]["change"])
    assert found["kind"] == "conflict" and "nobody knows" in found["message"] and len(provider.written) == 1


async def test_the_provider_is_asked_no_more_than_it_must_be(lasting: Callable[..., Desk], provider: Provider) -> None:
    """Once before, so that it is kept; not after, where the answer is the object itself."""
    desk = lasting()
    good(await desk.run(UPDATE, id=3, name="Renamed"))
    assert [request.method for request in desk.sent()] == ["GET", "PATCH"]
