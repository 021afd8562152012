"""docs/security.md names a test for each promise: every one of them exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_the_page_names_exists(file: str, test: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {test or 'test_'}", source, re.MULTILINE)


def test_every_promise_names_what_shows_it() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and line.count(" | ") == 2]
    promises = [row for row in rows if not row.startswith(("| promise", "| who", "| a ", "| another"))]
    promises += [row for row in rows if row.startswith("| a ") and "tests/" in row]
    assert len(promises) >= 30
    assert not [row for row in promises if "`tests/" not in row and "`make soak`" not in row]
