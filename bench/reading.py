"""Lists and answers of the servers -> what a model reads of them: tokens of the tools and of each answer."""

from __future__ import annotations

import json
from collections import Counter as Sums
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.client import Broken, Connection, Contestant
from bench.contestants import OURS, TOOL
from bench.tokens import Counter, estimated
from bench.upstream import ITEMS

OPERATION = "audience-mcp/operation"
OUR_OWN = "own tools"


@dataclass(frozen=True, slots=True)
class Listing:
    """What one `tools/list` shows a model: how many tools, their tokens by provider, the longest input schema.

    `estimated` is what the server's own estimate takes the tokens to be.
    """

    tools: int
    tokens: int
    estimated: int
    by_provider: dict[str, int]
    longest_schema: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What one answer shows a model: tokens of its text and of its structured form, and bytes on the wire.

    `estimated` is what the server's own estimate takes the text to be; only of our answers.
    """

    text: int
    structured: int
    wire: int
    estimated: int | None = None


def listing(contestant: Contestant, counter: Counter) -> Listing:
    """Ask a server for its tools and count name, description and input schema of each."""
    with Connection(contestant) as connection:
        connection.handshake()
        tools = json.loads(connection.ask("tools/list")[1])["result"]["tools"]
    texts = [visible(tool) for tool in tools]
    by_provider: Sums[str] = Sums()
    for tool, tokens in zip(tools, counter.count(texts), strict=True):
        by_provider[tool.get("_meta", {}).get(OPERATION, {}).get("provider", OUR_OWN)] += tokens
    longest = max(len(_compact(tool["inputSchema"])) for tool in tools)
    return Listing(len(tools), by_provider.total(), sum(estimated(texts)), dict(by_provider), longest)


def visible(tool: Mapping[str, Any]) -> str:
    """What a client puts before the model."""
    return _compact({key: tool[key] for key in ("name", "description", "inputSchema") if key in tool})


def answers(contestants: Sequence[Contestant], counter: Counter) -> dict[str, dict[str, Shown]]:
    """What each server's answer of each size costs: server -> size -> tokens and bytes."""
    shown: dict[str, dict[str, Shown]] = {}
    for contestant in contestants:
        with Connection(contestant) as connection:
            connection.handshake()
            shown[contestant.name] = {size: _shown(connection, items, counter) for size, items in ITEMS.items()}
    return shown


def _shown(connection: Connection, items: int, counter: Counter) -> Shown:
    line = connection.call(TOOL, {"limit": items})[1]
    result = json.loads(line)["result"]
    text = "\n".join(block["text"] for block in result["content"] if block["type"] == "text")
    structured = _compact(result["structuredContent"]) if "structuredContent" in result else ""
    tokens, structured_tokens = counter.count([text, structured])
    if connection.contestant.name != OURS:
        return Shown(tokens, structured_tokens, len(line))
    if str(items) not in text.replace(",", ""):
        raise Broken(f"{OURS}: the answer does not say that there are {items} items:\n{text}")
    return Shown(tokens, structured_tokens, len(line), *estimated([text]))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
