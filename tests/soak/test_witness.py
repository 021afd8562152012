"""The judge of the long run finds what it is there to find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .witness import Act, Findings, Said, examine

NAME = "soak-main-000001"
MAKE = {"method": "POST", "path": "/analytics/profiles/funnels", "body": json.dumps({"analysis": {"title": NAME}})}
RENAME = {"method": "PUT", "path": "/analytics/directories/d1", "body": json.dumps({"newName": f"{NAME}-u2"})}
DELETE = {"method": "DELETE", "path": "/analytics/profiles/funnels/f1", "body": ""}
HIDE = {"method": "PATCH", "path": "/api/projects/1/cohorts/7/", "body": json.dumps({"deleted": True})}
COPY = {"method": "GET", "path": "/api/projects/1/cohorts/7/duplicate_as_static_cohort/", "body": ""}
READ = {"method": "GET", "path": "/api/projects/1/cohorts/7/", "body": ""}
DEEDS = [
    (MAKE, f"make {NAME}"),
    (RENAME, f"change {NAME}-u2"),
    (DELETE, "DELETE f1"),
    (HIDE, "DELETE 7"),
    (COPY, "duplicate_as_static_cohort 7"),
]


def judged(folder: Path, requests: list[dict[str, Any]], *acts: Act) -> Findings:
    journal = folder / "journal.jsonl"
    usual = {"status": 200, "fault": None, "reached": True, "workspace": "main"}
    journal.write_text("".join(f"{json.dumps(usual | request)}\n" for request in requests))
    return examine(journal, list(acts))


def act(deed: str, said: Said = "done", *, repeatable: bool = False) -> Act:
    return Act(deed, "main", said, repeatable)


@pytest.mark.parametrize(("request_", "deed"), DEEDS)
def test_what_was_done_once_and_said_to_be_done_is_right(tmp_path: Path, request_: dict[str, Any], deed: str) -> None:
    found = judged(tmp_path, [READ, request_], act(deed))
    assert found.violations == [] and found.requests == 2


@pytest.mark.parametrize(("request_", "deed"), DEEDS)
def test_each_way_to_be_wrong_is_found(tmp_path: Path, request_: dict[str, Any], deed: str) -> None:
    never = request_ | {"reached": False}
    refused = request_ | {"status": 500}
    assert judged(tmp_path, [never, refused], act(deed)).lost
    assert judged(tmp_path, [request_, request_], act(deed)).doubled
    assert judged(tmp_path, [request_, request_], act(deed, "unknown")).doubled
    assert judged(tmp_path, [request_], act(deed, "not done")).denied
    elsewhere = judged(tmp_path, [request_ | {"workspace": "outlet"}], act(deed))
    assert elsewhere.lost and elsewhere.astray
    assert judged(tmp_path, [request_]).astray


def test_what_nobody_knows_may_have_been_done_or_not(tmp_path: Path) -> None:
    for requests in ([MAKE], [MAKE | {"fault": "drop", "reached": False}]):
        assert judged(tmp_path, requests, act(f"make {NAME}", "unknown")).violations == []


def test_what_is_safe_to_repeat_is_counted_and_no_fault(tmp_path: Path) -> None:
    found = judged(tmp_path, [HIDE, HIDE, HIDE], act("DELETE 7", repeatable=True))
    assert (found.violations, found.again) == ([], 2)
