"""The journal on disk: private, bounded, shared by several processes, and whole after a crash."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audience_mcp.changes.change import Change, Place
from audience_mcp.changes.journal import Bounds, Journal, new_change_id, undone
from audience_mcp.errors import Conflict

PLACE = Place("posthog", "https://us.posthog.com", "7", "Meadow & Main")
WRITER = """
import sys
from pathlib import Path
from audience_mcp.changes.change import Change, Place
from audience_mcp.changes.journal import Journal

journal, who = Journal(Path(sys.argv[1])), sys.argv[2]
place = Place("posthog", "https://us.posthog.com", "7", "Meadow & Main")
for number in range(25):
    change = Change(f"c_{who}{number}", number, place, "posthog_update_cohort", "update_cohort", before={"x": "y" * 99})
    journal.begin(change)
    journal.end(change)
"""


def change(number: float = 0.0, place: Place = PLACE, **facts: Any) -> Change:
    known = {"before": {"name": "Gold", "number": number}, "fields": ("name",), "object": 3, **facts}
    return Change(new_change_id(), number, place, "posthog_update_cohort", "update_cohort", **known)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "changes")


def the_file(journal: Journal) -> Path:
    assert journal.folder is not None
    (path,) = journal.folder.glob("*.jsonl")
    return path


def test_a_change_is_there_again_after_a_restart_as_it_was(journal: Journal) -> None:
    begun = change(name="“Gold”\ud800", sent={"name": "\n"}, undoes="c_x")
    journal.begin(begun)
    assert Journal(journal.folder).changes("posthog") == [begun]
    ended = replace(begun, outcome="done", after={"name": "Silver"}, name="Silver")
    journal.end(ended)
    assert Journal(journal.folder).changes("posthog") == [ended]
    assert Journal(journal.folder).changes("synerise") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_read_it(journal: Journal) -> None:
    journal.begin(change())
    assert journal.folder is not None and journal.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in journal.folder.iterdir()} == {0o600}


def test_each_workspace_has_a_file_of_its_own_whatever_its_id_is(journal: Journal) -> None:
    journal.begin(change())
    journal.begin(change(place=Place("posthog", "https://us.posthog.com", "../../../etc/passwd")))
    journal.begin(change(place=Place("posthog", "https://eu.posthog.com", "7")))
    assert journal.folder is not None
    names = [path.stem for path in journal.folder.glob("*.jsonl")]
    assert len(names) == 3 and all(name.replace("-", "").isalnum() for name in names)
    assert len(journal.changes("posthog")) == 3


def test_a_line_that_broke_off_costs_itself_alone(journal: Journal) -> None:
    first, second = change(1), change(2)
    journal.begin(first)
    path = the_file(journal)
    with path.open("ab") as file:
        file.write(second.begun()[:-20])  # the process died here
    third = change(3)
    journal.begin(third)
    with path.open("ab") as file:
        file.write(b'\xff\xfe not JSON\n[]\n{"change": 3}\n{"of": "c_gone", "known": {}}\n')
    assert journal.changes("posthog") == [third, first]


def test_two_processes_write_one_journal(journal: Journal) -> None:
    command = [sys.executable, "-c", WRITER, str(journal.folder)]
    running = [subprocess.Popen([*command, who]) for who in "ab"]
    assert [process.wait(30) for process in running] == [0, 0]
    found = journal.changes("posthog")
    assert {one.id for one in found} == {f"c_{who}{number}" for who in "ab" for number in range(25)}
    assert all(one.before == {"x": "y" * 99} for one in found)


@pytest.mark.parametrize("bounds", [Bounds(changes=10), Bounds(bytes=4000)])
def test_it_never_grows_beyond_its_bounds_and_the_oldest_go_first(journal: Journal, bounds: Bounds) -> None:
    small, made = Journal(journal.folder, bounds), [change(number) for number in range(24)]
    for one in made:
        small.begin(one)
        small.end(one)
        assert len(small.changes("posthog")) <= bounds.changes
        assert the_file(small).stat().st_size <= bounds.bytes + 2000
    left = small.changes("posthog")
    assert left == list(reversed(made[-len(left) :])) and len(left) >= 4


def test_one_change_larger_than_the_bounds_is_kept_all_the_same(journal: Journal) -> None:
    small, large = Journal(journal.folder, Bounds(bytes=1000)), change(2, before={"x": "y" * 5000})
    small.begin(change(1))
    small.begin(large)
    assert small.changes("posthog") == [large]


def test_what_cannot_be_written_is_an_error_and_not_lost_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("where the folder should be")
    with pytest.raises(OSError):
        Journal(tmp_path / "a file").begin(change())


def test_a_change_can_be_taken_back_by_one_other_at_a_time(journal: Journal) -> None:
    first = change(1)
    journal.begin(first)
    failed = change(2, undoes=first.id)
    journal.begin(failed)
    with pytest.raises(Conflict, match="may have been undone already, by change"):
        Journal(journal.folder).begin(change(3, undoes=first.id))
    journal.end(replace(failed, outcome="failed"))
    second = change(4, undoes=first.id)
    journal.begin(second)
    journal.end(replace(second, outcome="done"))
    with pytest.raises(Conflict, match="was undone already"):
        journal.begin(change(5, undoes=first.id))
    back = change(6, undoes=second.id)
    journal.begin(back)
    found = undone(reversed(journal.changes("posthog")))
    assert set(found) == {second.id}  # taken back itself, so that the first one is in effect again


def test_without_a_folder_it_is_kept_in_memory(tmp_path: Path) -> None:
    memory = Journal(None, Bounds(changes=10))
    for number in range(30):
        memory.begin(change(number))
    assert 9 <= len(memory.changes("posthog")) <= 10 and memory.changes("posthog")[0].at == 29
