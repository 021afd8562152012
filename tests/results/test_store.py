"""Results in memory and on disk: exact, private, bounded, and gone in good time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from audience_mcp.errors import ResultExpired
from audience_mcp.results.answer import Answer, decode
from audience_mcp.results.reading import Reading
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
    assert raised.value.message == f"The result {handle} has expired: results are kept for 1 minutes."
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


def spilt(folder: Path) -> list[str]:
    """The names of all files below a folder, without the marks of folders in use."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "in-use")


HOLDER = """
import sys
from audience_mcp.results.answer import Answer
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.store import ResultStore
store = ResultStore(memory_bytes=0)
if sys.argv[1:]:
    from audience_mcp.cli.serve import end_on_signals
    end_on_signals([store])
store.put(Answer("json", 1, 1), tool="t", arguments={}, provenance=Provenance())
print(flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(folder: Path, *signals: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds a result on disk until its stdin is closed, or a signal ends it as it ends `serve`."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, "-c", HOLDER, *signals]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert len(spilt(folder)) == 2
        yield process


@pytest.mark.skipif(sys.platform == "win32", reason="there a folder in use cannot be told from one left behind")
def test_what_a_killed_process_left_is_removed_by_the_next_one_and_what_a_living_one_uses_is_not(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with holder(tmp_path) as process:
        ResultStore()
        assert len(spilt(tmp_path)) == 2
        process.kill()
        process.wait()
        assert len(spilt(tmp_path)) == 2
    ResultStore()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("signals", [(), ("SIGTERM",)], ids=["stdin is closed", "SIGTERM"])
def test_however_a_process_ends_it_leaves_no_result_behind(tmp_path: Path, signals: tuple[str, ...]) -> None:
    with holder(tmp_path, *signals) as process:
        assert process.stdin
        for name in signals:
            process.send_signal(getattr(signal, name))
        process.stdin.close()
        process.wait()
    assert list(tmp_path.iterdir()) == []


def test_folders_of_others_are_left_alone(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("in-use", "precious"):
        (mine / name).write_text("")
    (tmp_path / "audience-mcp-link").symlink_to(mine, target_is_directory=True)
    (tmp_path / "audience-mcp-unmarked").mkdir()
    (tmp_path / "audience-mcp-file").write_text("")
    ResultStore()
    assert spilt(tmp_path) == ["audience-mcp-file", "precious"] and (tmp_path / "audience-mcp-unmarked").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files there")
def test_a_full_disk_costs_the_result_and_neither_the_call_nor_the_next_result(
    tmp_path: Path, monkeypatch: Any
) -> None:
    import resource

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = ResultStore(memory_bytes=1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        lost = put(store, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(ResultExpired) as raised:
        store.get(lost)
    assert raised.value.message.endswith("is not kept any more.") and "posthog_list_cohorts" in raised.value.remedy
    assert not [name for name in spilt(tmp_path) if ".body" in name]
    assert store.get(put(store, "x" * 5000)).answer().value == "x" * 5000


def test_a_temporary_folder_that_the_system_cleared_is_made_anew(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = ResultStore(memory_bytes=0)
    gone = put(store, "x" * 100)
    shutil.rmtree(next(tmp_path.iterdir()))
    with pytest.raises(ResultExpired):
        store.get(gone)
    assert store.get(put(store, "y" * 100)).answer().value == "y" * 100


def test_many_results_take_little_memory_and_the_oldest_are_forgotten_whole(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = ResultStore(memory_bytes=50_000, most_cards=80)
    names = {f"id-{number}": f"name {number}" for number in range(200)}
    call: dict[str, Any] = {"arguments": {"filters": "f" * 50_000}, "names": names}
    tracemalloc.start()
    try:
        handles = [put(store, [number, "x" * 10_000], **call) for number in range(100)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 400_000
    with pytest.raises(ResultExpired, match="No stored result"):
        store.get(handles[19])
    assert len([name for name in spilt(tmp_path) if name.endswith(".json")]) <= 80
    old = store.get(handles[20])
    assert old.answer().value[0] == 20 and old.card.names == names


def test_the_cards_of_what_is_kept_come_newest_first() -> None:
    store = ResultStore(lifetime_seconds=60, clock=(clock := Clock()))
    put(store)
    clock.now += 30
    handles = [put(store) for _ in range(3)]
    clock.now += 30
    assert [card.handle for card in store.cards()] == handles[::-1]


def test_very_long_arguments_are_remembered_by_how_they_begin() -> None:
    store = ResultStore(lifetime_seconds=60, clock=(clock := Clock()))
    handle = put(store, arguments={"id": 7, "filters": [{"key": "k" * 20_000}]})
    clock.now += 60
    with pytest.raises(ResultExpired) as raised:
        store.get(handle)
    assert raised.value.remedy.startswith('Call posthog_list_cohorts again with the arguments {"id":7,"filters":"[{')
    assert len(raised.value.remedy) < 1500


def test_the_names_and_the_reading_of_a_result_survive_the_disk_and_the_process(tmp_path: Path) -> None:
    reading = Reading(kind="page", items="/results", columns=("id", "name"))
    handle = put(ResultStore(tmp_path), {"results": []}, names={"1": "one"}, reading=reading)
    card = ResultStore(tmp_path).get(handle).card
    assert (card.names, card.reading) == ({"1": "one"}, reading)
