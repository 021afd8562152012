"""The questions of docs/sandbox.md are answered by tool calls and SQL alone, with the page's own answers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bench.questions import answered, opened, questions

from audience_mcp.app import App

pytestmark = pytest.mark.anyio
PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
ANSWERS = {
    number: answer for number, answer in re.findall(r"^### (\d+)\. .*?^Answer: (.*?)$", PAGE, re.MULTILINE | re.DOTALL)
}


@pytest.fixture(scope="module")
async def app() -> AsyncIterator[App]:
    made = opened()
    yield made
    await made.close()


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["question"][:40])
async def test_a_question_is_answered_as_the_page_says(app: App, question: dict[str, Any]) -> None:
    found = await answered(app, question)
    assert not found.missing, found.last
    number = question["question"].partition(".")[0]
    if number in ANSWERS:
        said = ANSWERS[number].replace(",", "").replace(" ", "")
        assert all(part.replace(" ", "") in said for part in question["answer"])
    else:
        assert found.read > 0 and question["answer"] == []
