"""A private file takes the place of what was there whole, or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from audience_mcp import private_file


@pytest.mark.parametrize("durable", [False, True])
def test_it_takes_the_place_of_what_was_there_for_its_owner_alone(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"before")
    path.chmod(0o644)
    private_file.replace(path, b"after", durable=durable)
    assert path.read_bytes() == b"after" and list(tmp_path.iterdir()) == [path]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_what_was_there_and_no_draft(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    folder.mkdir()
    with pytest.raises(OSError):
        private_file.replace(folder, b"content")
    assert list(tmp_path.iterdir()) == [folder]
