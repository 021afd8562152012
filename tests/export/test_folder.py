"""A file below the export folder: whole or not there, private, never over another unasked, never anywhere else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from audience_mcp.errors import AudienceError, Conflict, NotOffered, PermissionDenied
from audience_mcp.export.folder import Draft

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and modes are told by POSIX here")
ROOT_IGNORES_MODES = hasattr(os, "geteuid") and os.geteuid() == 0


Write = Callable[..., None]


@pytest.fixture(params=[True, False], ids=["walking", "looking"])
def write(request: pytest.FixtureRequest) -> Write:
    """Writes one file, by each way of checking where it goes."""

    def one(root: Path, *place: str, content: bytes = b"new", overwrite: bool = False) -> None:
        with Draft(root, place, content, walks=request.param) as draft:
            draft.publish(overwrite=overwrite)

    return one


def seen(root: Path) -> dict[str, bytes]:
    """Every file below a folder with what is in it, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_file_is_written_privately_with_the_folders_on_its_way(write: Write, tmp_path: Path) -> None:
    write(tmp_path, "2026", "november", "report.csv")
    assert seen(tmp_path) == {"2026/november/report.csv": b"new"}
    assert stat.S_IMODE((tmp_path / "2026/november/report.csv").stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "2026", tmp_path / "2026/november")} == {0o700}
    assert (tmp_path / "2026/november/report.csv").stat().st_nlink == 1


def test_a_file_that_exists_stays_as_it_is_and_a_free_name_is_told(write: Write, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("report.csv", "report-2.csv"):
        (tmp_path / "a" / name).write_bytes(b"old")
    with pytest.raises(Conflict) as refused:
        write(tmp_path, "a", "report.csv")
    assert "a/report-3.csv is free" in refused.value.remedy and "overwrite=true" in refused.value.remedy
    assert seen(tmp_path) == {"a/report.csv": b"old", "a/report-2.csv": b"old"}


def test_it_is_written_over_when_that_was_asked_for(write: Write, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"old")
    write(tmp_path, "report.csv", overwrite=True)
    assert seen(tmp_path) == {"report.csv": b"new"}
    assert stat.S_IMODE((tmp_path / "report.csv").stat().st_mode) == 0o600


def test_a_reader_of_the_old_file_keeps_it_while_a_new_one_takes_its_place(write: Write, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"old")
    with (tmp_path / "report.csv").open("rb") as reader:
        write(tmp_path, "report.csv", overwrite=True)
        assert reader.read() == b"old"


def test_what_is_not_published_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Draft(tmp_path, ["report.csv"], b"new"):
        assert len(seen(tmp_path)) == 1
        raise KeyboardInterrupt
    assert seen(tmp_path) == {}


KILLED = """
import os, signal, sys
from pathlib import Path
from audience_mcp.export.folder import Draft
with Draft(Path(sys.argv[1]), ["report.csv"], b"new"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_no_half_file_and_a_later_draft_clears_up(write: Write, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"old")
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)]).returncode == -9
    (left,) = set(seen(tmp_path)) - {"report.csv"}
    write(tmp_path, "other.csv")
    assert seen(tmp_path) == {"report.csv": b"old", "other.csv": b"new", left: b"new"}  # it might be at work still
    os.utime(tmp_path / left, (0, 0))
    (tmp_path / "mine.part").write_bytes(b"somebody's")
    os.utime(tmp_path / "mine.part", (0, 0))
    write(tmp_path, "third.csv")
    assert set(seen(tmp_path)) == {"report.csv", "other.csv", "third.csv", "mine.part"}


def test_one_of_many_that_want_a_name_at_once_gets_it(write: Write, tmp_path: Path) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def one(number: int) -> None:
        start.wait()
        try:
            write(tmp_path, "report.csv", content=str(number).encode())
            outcomes.append(str(number))
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (won,) = {outcome for outcome in outcomes if outcome != "conflict"}
    assert outcomes.count("conflict") == 7 and seen(tmp_path) == {"report.csv": won.encode()}


@pytest.mark.parametrize("way", ["a", "a/b"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_on_the_way_leads_nowhere(write: Write, tmp_path: Path, way: str, overwrite: bool) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / way).parent.mkdir(parents=True)
    outside.mkdir()
    (root / way).symlink_to(outside, target_is_directory=True)
    with pytest.raises(PermissionDenied) as refused:
        write(root, *way.split("/"), "report.csv", overwrite=overwrite)
    assert seen(outside) == {} == seen(root) and "links" in refused.value.remedy


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_link_in_the_files_place_is_not_written_through(write: Write, tmp_path: Path, overwrite: bool) -> None:
    root, outside = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    outside.write_bytes(b"old")
    (root / "report.csv").symlink_to(outside)
    (root / "gone.csv").symlink_to(tmp_path / "nowhere")
    for name in ("report.csv", "gone.csv"):
        with pytest.raises(Conflict):
            write(root, name, overwrite=overwrite)
    assert outside.read_bytes() == b"old" and not (tmp_path / "nowhere").exists()
    assert sorted(path.name for path in root.iterdir()) == ["gone.csv", "report.csv"]


def test_the_folder_itself_may_be_a_link_the_user_set(write: Write, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "report.csv")
    assert seen(tmp_path / "real") == {"report.csv": b"new"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_or_a_pipe_in_the_files_place_stays(write: Write, tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "a.csv").mkdir()
    os.mkfifo(tmp_path / "b.csv")
    for name in ("a.csv", "b.csv"):
        with pytest.raises(Conflict):
            write(tmp_path, name, overwrite=overwrite)
    assert (tmp_path / "a.csv").is_dir() and (tmp_path / "b.csv").is_fifo() and seen(tmp_path) == {}


def test_a_folder_that_does_not_exist_is_not_made(write: Write, tmp_path: Path) -> None:
    with pytest.raises(NotOffered) as refused:
        write(tmp_path / "none", "a", "report.csv")
    assert "AUDIENCE_MCP_EXPORT_DIR" in refused.value.remedy and not (tmp_path / "none").exists()


def test_a_file_where_a_folder_is_wanted_is_told(write: Write, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    for root, place in ((tmp_path, ("a", "b.csv")), (tmp_path / "a", ("b.csv",))):
        with pytest.raises(PermissionDenied):
            write(root, *place)
    assert seen(tmp_path) == {"a": b"old"}


@pytest.mark.skipif(ROOT_IGNORES_MODES, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(write: Write, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionDenied):
        write(tmp_path, "report.csv")


def test_a_disk_that_takes_only_half_leaves_nothing_and_the_old_file_whole(write: Write, tmp_path: Path) -> None:
    import resource

    (tmp_path / "report.csv").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(PermissionDenied) as refused:
            write(tmp_path, "report.csv", content=b"x" * 5000, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(refused.value, AudienceError) and "nothing is left of it" in refused.value.message
    assert seen(tmp_path) == {"report.csv": b"old"}
