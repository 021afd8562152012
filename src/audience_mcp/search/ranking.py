"""A request -> tools, the best first: by their own words, and by what such requests usually ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from audience_mcp.search.examples import Traits, read_examples
from audience_mcp.search.fitting import Fitting
from audience_mcp.search.hearing import Heard, Hearing
from audience_mcp.search.index import NAME, Index
from audience_mcp.search.meanings import read_meanings
from audience_mcp.search.spelling import Spelling
from audience_mcp.search.words import apart
from audience_mcp.tools.catalog import META_KEY

FIELDS = {NAME: 4.0, "title": 2.0, "description": 0.5, "area": 1.0, "arguments": 0.2}
EXAMPLES = 1 / 15  # what the example requests count beside the words
OTHER_PROVIDER = 0.8  # what a tool loses when another provider was named
OURS_BESIDE, OURS = 0.8, 1.2  # our own tools: where a provider was named, and where none was
INFERRED = 0.97  # loses to its equals, and to nothing that fits better
ADDED = frozenset({"workspace", "dry_run", "confirm", "all_pages", "limit", "offset", "page", "format"})
LISTS = "list "
_NAME = re.compile(r"\w+")


class Ranking:
    """Ranks these tools (as they are listed); made once, asked often."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._tools = {str(tool["name"]): _meta(tool) for tool in tools}
        texts = [_text(tool) for tool in tools]
        index = Index(FIELDS, texts)
        self._meanings = read_meanings(index.stems)
        self._fitting = Fitting(index, [text[NAME] for text in texts])
        lists = (text[NAME].startswith(LISTS) for text in texts)
        listed = frozenset[str]().union(
            *(named for named, lists in zip(self._fitting.named, lists, strict=True) if lists)
        )
        ids = sorted({meta["provider"] for meta in self._tools.values() if meta})
        providers = {stem: provider for provider in ids for stem in index.stems([provider])[0]}
        spelling = Spelling({*index.vocabulary(), *self._meanings.stems, *providers})
        self._hearing = Hearing(index.stems, self._meanings, spelling, providers, listed)
        traits = {name: _traits(name, meta) for name, meta in self._tools.items()}
        self._examples = read_examples(lambda request: self._hearing.heard(request).signs(), traits)

    def ranked(self, request: str) -> list[str]:
        """Names of all tools, the best first and those it names before them; none where it says nothing that tells."""
        named = [name for name in _NAME.findall(request.lower()) if name in self._tools]
        heard = self._hearing.heard(request)
        fits = self._fits(heard)
        if not fits and not self._examples.know(heard.telling):
            return []
        best = max(fits.values(), default=1.0)
        leaning = self._examples.leaning(heard.signs())
        scores = {
            name: fits.get(name, 0.0) / best + EXAMPLES * leaning.get(name, 0.0) - _distance(meta, heard.meant)
            for name, meta in self._tools.items()
        }
        return list(dict.fromkeys([*named, *sorted(scores, key=lambda name: (-scores[name], name))]))

    def _fits(self, heard: Heard) -> dict[str, float]:
        metas = list(self._tools.values())
        if heard.does:
            scores = self._fitting.scores(heard.concepts)
        else:
            near = {number for number, meta in enumerate(metas) if meta.get("provider") in heard.meant}
            scores = self._fitting.with_unsaid(heard.concepts, self._meanings.unsaid(of_many=heard.of_many), near)
        names = list(self._tools)
        return {names[number]: score * _standing(metas[number], heard.meant) for number, score in scores.items()}


def _standing(meta: Mapping[str, Any], meant: frozenset[str]) -> float:
    """What a tool's score is multiplied by for what it is, whatever its words."""
    if not meta:
        return OURS_BESIDE if meant else OURS
    return INFERRED if meta["contract"] == "inferred" else 1.0


def _distance(meta: Mapping[str, Any], meant: frozenset[str]) -> float:
    return OTHER_PROVIDER if meant and meta and meta["provider"] not in meant else 0.0


def _meta(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = tool.get("_meta", {}).get(META_KEY, {})
    return meta


def _traits(name: str, meta: Mapping[str, Any]) -> Traits:
    """What a tool shares with others: the verb of its name, the thing it is done to (in the singular), its area."""
    provider, toolset = meta.get("provider", ""), meta.get("toolset", "")
    verb, _, thing = name.removeprefix(f"{provider}_").partition("_")
    thing = thing.replace("s_", "_").removesuffix("s")
    return {"tool": name, "verb": verb, "thing": thing, "area": f"{provider} {toolset}"}


def _text(tool: Mapping[str, Any]) -> dict[str, str]:
    provider, toolset = (str(_meta(tool).get(key, "")) for key in ("provider", "toolset"))
    # Other tools' names in a description say what this one is not.
    described = [word for word in str(tool["description"]).removesuffix("Path unconfirmed.").split() if "_" not in word]
    return {
        NAME: apart([str(tool["name"]).removeprefix(f"{provider}_")]),
        "title": str(tool["title"]),
        "description": " ".join(described),
        "area": apart([provider, toolset]),
        "arguments": apart(name for name in tool["inputSchema"]["properties"] if name not in ADDED),
    }
