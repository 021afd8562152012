"""The audit file: whole lines from several processes, private, and nothing but a plain file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audience_mcp.audit.trail import Trail
from audience_mcp.errors import SettingsProblem

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
WRITER = """
import json, sys
from pathlib import Path
from audience_mcp.audit.trail import Trail
trail = Trail(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(400):
    trail.append(json.dumps({"of": sys.argv[2], "number": number, "long": sys.argv[2] * 3900}).encode() + b"\\n")
"""
TORN = """
import resource, signal, sys
from pathlib import Path
from audience_mcp.audit.trail import Trail
trail = Trail(Path(sys.argv[1]))
trail.append(b'{"line": 1}\\n')
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
for line in (b'{"line": 2, "broken": true}\\n', b'{"line": 3, "kept_out": true}\\n'):
    try:
        trail.append(line)
    except OSError:
        continue
    sys.exit("a full disk went unnoticed")
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
trail.append(b'{"line": 4}\\n')
"""


def test_several_processes_leave_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), mark], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for mark in "ab"
    ]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    for writer in writers:  # both are at it at the same time
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    lines = [json.loads(line) for line in path.read_text().splitlines() if line]
    for mark in "ab":
        mine = [line for line in lines if line["of"] == mark]
        assert [line["number"] for line in mine] == list(range(400))
        assert all(line["long"] == mark * 3900 for line in mine)


@posix
def test_a_line_that_a_full_disk_broke_swallows_no_later_one(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    done = subprocess.run([sys.executable, "-c", TORN, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_text().splitlines() == ['{"line": 1}', '{"line":', '{"line": 4}']


def test_a_line_that_a_crash_broke_is_ended_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"whole": 1}\n{"brok')
    Trail(path).append(b'{"whole": 2}\n')
    assert path.read_text().splitlines() == ['{"whole": 1}', '{"brok', '{"whole": 2}']


def test_a_line_that_another_process_left_without_an_end_swallows_no_later_one(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    trail.append(b'{"of": "a"}\n')
    with path.open("ab") as other:
        other.write(b'{"of": "b", "brok')
    trail.append(b'{"of": "a"}\n')
    assert path.read_text().splitlines() == ['{"of": "a"}', '{"of": "b", "brok', '{"of": "a"}']


@posix
def test_a_new_file_is_private_and_one_that_is_there_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Trail(path).append(b"1\n")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)  # whom the operator lets read it
    Trail(path).append(b"2\n")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("1\n2\n", 0o640)


def test_a_file_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    trail.append(b"1\n")
    path.rename(tmp_path / "audit.jsonl.1")
    trail.append(b"2\n")
    assert (path.read_text(), (tmp_path / "audit.jsonl.1").read_text()) == ("2\n", "1\n")


@posix
def test_what_is_no_plain_file_of_a_safe_folder_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "everybodys").touch()
    (tmp_path / "everybodys").chmod(0o666)
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("link", "pipe", "everybodys", "open", "open/audit.jsonl", "missing/audit.jsonl", "target/audit.jsonl"):
        with pytest.raises(SettingsProblem, match="AUDIENCE_MCP_AUDIT"):
            Trail(tmp_path / name)
    assert (tmp_path / "target").read_bytes() == b""


@posix
def test_a_link_put_there_later_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        trail.append(b"1\n")
    assert not (tmp_path / "elsewhere").exists()
