"""Results in memory and on disk: exact, private, bounded, and gone in good time."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from audience_mcp.errors import ResultExpired
from audience_mcp.results.answer import Answer, decode
from audience_mcp.results.store import FOLDER_LIFETIME, ResultStore

from .anything import values
from .telling import KEPT

Json = Any


class Clock:
    """A clock that moves when it is told to."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def put(store: ResultStore, value: Json = 1, body: bytes | None = None, **call: Any) -> str:
    answer = Answer("json", value, 1) if body is None else decode(body, "application/json")
    facts = {"tool": "posthog_list_cohorts", "arguments": {"limit": 5}, "provenance": KEPT, **call}
    return store.put(answer, body=body, **facts)


def test_a_result_is_kept_to_the_byte_with_its_call_and_its_provenance() -> None:
    store = ResultStore()
    body = b'{ "a" : 1.10 , "b":"\xc5\xbc" }\n'
    handle = put(store, body=body, title="List cohorts", personal=True)
    stored = store.get(handle)
    assert stored.body == body
    assert stored.answer().value == {"a": 1.1, "b": "ż"}
    assert stored.media_type == "application/json"
    assert (stored.card.tool, stored.card.arguments) == ("posthog_list_cohorts", {"limit": 5})
    assert stored.card.provenance == replace(KEPT, handle=handle)
    assert stored.card.personal is True


@given(values.filter(lambda value: "\ud800" not in repr(value)))
def test_a_value_without_its_body_comes_back_the_same(value: Json) -> None:
    store = ResultStore()
    assert json.dumps(store.get(put(store, value)).answer().value) == json.dumps(value)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a;b\n1;x\n", "text/csv"),
        ("zażółć".encode("iso-8859-2"), "text/plain; charset=iso-8859-2"),
        (b'{"a": "caf\xe9"}', "application/json"),
        (b'\xef\xbb\xbf["\\ud800"]', "application/json"),
        (b"[" * 5000, "application/json"),
        (b"", None),
    ],
)
def test_every_kind_of_answer_is_read_back_as_it_was_told(body: bytes, content_type: str | None) -> None:
    store = ResultStore()
    answer = decode(body, content_type)
    handle = store.put(answer, tool="t", arguments={}, provenance=KEPT, body=body)
    assert store.get(handle).answer().value == answer.value


def test_csv_without_its_body_is_written_anew() -> None:
    store = ResultStore()
    answer = decode(b"a;b\n1;x\n", "text/csv")
    stored = store.get(store.put(answer, tool="t", arguments={}, provenance=KEPT))
    assert stored.media_type == "text/csv"
    assert stored.answer().value == answer.value


def test_handles_never_repeat_and_look_alike() -> None:
    store = ResultStore()
    handles = {put(store) for _ in range(500)}
    assert len(handles) == 500
    assert all(len(handle) == 18 and handle.startswith("r_") for handle in handles)


@pytest.mark.parametrize("handle", ["", "r_", "../../etc/passwd", "r_aaaaaaaaaaaaaaaa/..", "r_" + "a" * 16, "x" * 9999])
def test_an_unknown_handle_is_expired_and_opens_no_file(handle: str, tmp_path: Path) -> None:
    with pytest.raises(ResultExpired) as raised:
        ResultStore(tmp_path).get(handle)
    assert len(raised.value.message) < 120
    assert "Repeat the call" in raised.value.remedy


def test_an_expired_result_names_the_call_to_repeat() -> None:
    clock = Clock()
    store = ResultStore(lifetime_seconds=60, clock=clock)
    handle = put(store, arguments={"id": 7, "workspace": "48"})
    clock.now += 59
    assert store.get(handle).answer().value == 1
    clock.now += 1
    with pytest.raises(ResultExpired) as raised:
        store.get(handle)
    assert raised.value.remedy == 'Call posthog_list_cohorts again with the arguments {"id":7,"workspace":"48"}.'
    assert raised.value.workspace == KEPT.workspace


def test_what_memory_cannot_hold_goes_to_a_private_folder_that_closing_removes(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = ResultStore(memory_bytes=1000)
    handles = [put(store, "x" * 400) for _ in range(5)]
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.glob("*.body"))) == 3
    assert all(store.get(handle).answer().value == "x" * 400 for handle in handles)
    store.close()
    assert not folder.exists()
    with pytest.raises(ResultExpired):
        store.get(handles[0])


def test_results_in_a_given_folder_are_read_by_another_process_for_an_hour(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / "results"
    first = ResultStore(folder, clock=clock)
    handle = put(first, {"a": [1]})
    first.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    clock.now += FOLDER_LIFETIME - 1
    assert ResultStore(folder, clock=clock).get(handle).answer().value == {"a": [1]}
    clock.now += 2
    later = ResultStore(folder, clock=clock)
    with pytest.raises(ResultExpired) as raised:
        later.get(handle)
    assert "posthog_list_cohorts" in raised.value.remedy
    assert [path.suffix for path in folder.iterdir()] == [".json"]


def test_cards_are_forgotten_a_day_after_their_results(tmp_path: Path) -> None:
    clock = Clock()
    put(ResultStore(tmp_path, clock=clock))
    clock.now += 26 * 3600
    ResultStore(tmp_path, clock=clock)
    assert list(tmp_path.iterdir()) == []


def test_the_disk_is_bounded_too(tmp_path: Path) -> None:
    clock = Clock()
    store = ResultStore(tmp_path, memory_bytes=0, disk_bytes=1000, clock=clock)
    handles = []
    for _ in range(4):
        handles.append(put(store, "x" * 400))
        clock.now += 1
    assert store.get(handles[-1]).answer().value == "x" * 400
    with pytest.raises(ResultExpired):
        store.get(handles[0])
    large = put(store, "x" * 4000)
    assert store.get(large).answer().value == "x" * 4000
    assert len(list(tmp_path.glob("*.body"))) == 1


def test_a_folder_that_cannot_be_written_costs_the_result_and_not_the_call(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    store = ResultStore(file / "results", memory_bytes=0)
    handle = put(store)
    with pytest.raises(ResultExpired) as raised:
        store.get(handle)
    assert "posthog_list_cohorts" in raised.value.remedy


def test_a_damaged_card_is_as_good_as_none(tmp_path: Path) -> None:
    handle = put(ResultStore(tmp_path))
    (tmp_path / f"{handle}.json").write_text("{")
    with pytest.raises(ResultExpired):
        ResultStore(tmp_path).get(handle)


def test_expired_results_leave_memory_when_others_come() -> None:
    clock = Clock()
    store = ResultStore(lifetime_seconds=60, clock=clock, memory_bytes=10**9)
    old = put(store)
    clock.now += 61
    put(store)
    clock.now -= 61
    with pytest.raises(ResultExpired):
        store.get(old)


def test_a_store_that_is_dropped_takes_its_folder_along(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = ResultStore(memory_bytes=0)
    put(store)
    assert len(list(tmp_path.iterdir())) == 1
    del store
    assert list(tmp_path.iterdir()) == []
