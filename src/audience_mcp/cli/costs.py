"""What the tool lists cost a model's context, and how much they may: by tool, by toolset, by preset."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from audience_mcp.providers import PROVIDERS
from audience_mcp.results.budget import estimate
from audience_mcp.tools.catalog import META_KEY, Catalog, Offer
from audience_mcp.tools.presets import PRESETS, Preset

MOST_TOKENS: Mapping[Preset, int] = {"all": 19_500, "core": 4_500, "search": 1_500}
"""What each preset may cost with every provider configured, by the cautious estimate of o200k_base (some 14 % above the
true count of a tool list). A list that has to grow changes this in the same commit."""


def visible(tool: Mapping[str, Any]) -> str:
    """What a client puts before the model: name, description and input schema."""
    return json.dumps(
        {key: tool[key] for key in ("name", "description", "inputSchema")}, ensure_ascii=False, separators=(",", ":")
    )


def cost(tool: Mapping[str, Any]) -> int:
    """The tokens of one listed tool."""
    return estimate(visible(tool))


def area(tool: Mapping[str, Any]) -> str:
    """The toolset a tool belongs to; `own` for the server's own."""
    meta = tool.get("_meta", {}).get(META_KEY)
    return f"{meta['provider']}.{meta['toolset']}" if meta else "own"


def by_area(tools: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The tokens of each toolset, and of each provider in all."""
    found: Counter[str] = Counter()
    for tool in tools:
        toolset = area(tool)
        for group in dict.fromkeys((toolset.partition(".")[0], toolset)):
            found[group] += cost(tool)
    return dict(sorted(found.items()))


def by_preset() -> dict[Preset, int]:
    """The tokens of what each preset lists, every provider configured."""
    every = tuple(provider.id for provider in PROVIDERS)
    return {preset: sum(map(cost, Catalog(Offer(every, preset=preset)).listing())) for preset in PRESETS}


def excesses(most: Mapping[Preset, int] = MOST_TOKENS) -> Iterator[str]:
    """A sentence for each preset that costs more than it may."""
    for preset, tokens in by_preset().items():
        if tokens > most[preset]:
            yield f"--tools {preset} lists {tokens} tokens, more than the {most[preset]} of cli/costs.py"
