"""Questions of the sandbox's page answered by tool calls and SQL alone: how many calls and tokens each takes.

`questions.json` holds the calls; `$a` in the SQL stands for the handle of the call named `a`. `make bench-questions`
prints the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import anyio

from audience_mcp.app import App, build_app, read_settings
from audience_mcp.call.asker import NoAsker
from audience_mcp.results.budget import estimate
from audience_mcp.sandbox import Sandbox

QUESTIONS = Path(__file__).with_name("questions.json")
TODAY = date(2026, 11, 20)
"""The day that the answers of docs/sandbox.md are true for."""


class Answered(NamedTuple):
    """One question, what it took (tokens by the cautious estimate), and what of its answer was not found at the end."""

    question: str
    calls: int
    queries: int
    sent: int
    read: int
    missing: list[str]
    last: str


async def answered(app: App, question: dict[str, Any]) -> Answered:
    """Make the calls of a question one after the other, as a model would."""
    handles: dict[str, str] = {}
    sent = read = 0
    last = ""
    for call in question["calls"]:
        arguments = dict(call["arguments"])
        if "sql" in arguments:
            arguments["sql"] = re.sub(r"\$(\w)\b", lambda found: handles[found[1]], arguments["sql"])
        told = await app.dispatcher.run(call["tool"], arguments, NoAsker())
        if told.is_error or told.outcome is None or told.outcome.handle is None:
            raise RuntimeError(f"{question['question']}: {call['tool']} failed: {told.text}")
        handles[call["as"]] = told.outcome.handle
        sent += estimate(json.dumps({"name": call["tool"], "arguments": arguments}))
        read += estimate(told.text)
        last = told.text
    missing = [part for part in question["answer"] if not re.search(rf"(?<!\d){re.escape(part)}(?!\d)", last)]
    queries = sum(call["tool"] == "query_results" for call in question["calls"])
    return Answered(question["question"], len(question["calls"]), queries, sent, read, missing, last)


def questions() -> list[dict[str, Any]]:
    """The questions as they are written down."""
    found: list[dict[str, Any]] = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    return found


def opened() -> App:
    """The program on the sandbox of that day."""
    return build_app(read_settings({"sandbox": True}, {}), sandbox=Sandbox(today=TODAY))


def table(rows: list[Answered]) -> Iterator[str]:
    """The rows as Markdown."""
    yield "| question | calls | of them SQL | tokens sent | tokens read |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield f"| {row.question} | {row.calls} | {row.queries} | {row.sent} | {row.read} |"


async def main() -> int:
    """Answer every question and print what it took; 1 where an answer is not the page's."""
    app = opened()
    try:
        rows = [await answered(app, question) for question in questions()]
    finally:
        await app.close()
    print("\n".join(table(rows)))
    for row in rows:
        if row.missing:
            print(f"wrong: {row.question} lacks {', '.join(row.missing)}\n{row.last}")
    return int(any(row.missing for row in rows))


if __name__ == "__main__":
    raise SystemExit(anyio.run(main))
