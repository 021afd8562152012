"""A request -> tools, the best first: by the words of their names, titles, descriptions, areas and arguments."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import Any

from audience_mcp.search.index import NAME, Index, Term
from audience_mcp.search.meanings import Concept, read_meanings
from audience_mcp.search.words import Word, Words, apart, split, unquoted, words
from audience_mcp.tools.catalog import META_KEY

FIELDS = {NAME: 4.0, "title": 2.0, "description": 0.5, "area": 1.0, "arguments": 0.2}
RARITY = 0.5  # BM25 to this power: one rare word shall not outweigh two usual ones
UNSPOKEN = 0.5  # what a tool loses when nothing of its name was spoken of
OTHER_PROVIDER = 0.25  # another one was named
OURS_BESIDE, OURS = 0.8, 1.2  # our own tools: where a provider was named, and where none was
INFERRED = 0.97  # loses to its equals, and to nothing that fits better
SHORTEST_CORRECTED, ALIKE = 6, 0.82

ADDED = frozenset({"workspace", "dry_run", "confirm", "all_pages", "limit", "offset", "page", "format"})
JOINING = frozenset({"by", "with", "from", "to", "at", "as", "in", "of"})
LISTS = "list "

Fits = dict[Term, float]


class Ranking:
    """Ranks these tools (as they are listed); made once, asked often."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._names = [str(tool["name"]) for tool in tools]
        self._metas = [tool.get("_meta", {}).get(META_KEY, {}) for tool in tools]
        texts = [_text(tool, meta) for tool, meta in zip(tools, self._metas, strict=True)]
        self._index = Index(FIELDS, texts)
        self._meanings = read_meanings(self._index.stems)
        self._named = [self._stems(text[NAME]) - JOINING for text in texts]
        lists = [named for named, text in zip(self._named, texts, strict=True) if text[NAME].startswith(LISTS)]
        self._listed = frozenset[str]().union(*lists)
        self._providers = {stem: p for meta in self._metas if (p := meta.get("provider")) for stem in self._stems(p)}
        self._known = self._index.vocabulary() | self._meanings.stems | set(self._providers)

    def ranked(self, request: str) -> list[str]:
        """Names of the tools that have anything to do with `request`, the best first."""
        said = self._said(request)
        meant = {self._providers[word.stem] for word in said if word.stem in self._providers}
        concepts = list(self._meanings.concepts(said, self._providers))
        found: defaultdict[int, Fits] = defaultdict(dict)
        for concept in concepts:
            self._add(found, concept)
        if not any(concept.does for concept in concepts):
            near = set(found) | {number for number, meta in enumerate(self._metas) if meta.get("provider") in meant}
            of_many = any(word.plural and word.stem in self._listed for word in said)
            for concept in self._meanings.unsaid(of_many=of_many):
                self._add(found, concept, near)
        scores = {number: self._score(number, fits, meant) for number, fits in found.items()}
        return [self._names[n] for n in sorted(scores, key=lambda n: (-scores[n], self._names[n]))]

    def _add(self, found: defaultdict[int, Fits], concept: Concept, among: Container[int] | None = None) -> None:
        """Count a concept for the tools it fits; a term counts once, however often it is spoken of."""
        for number, fits in self._fitting(concept).items():
            if among is None or number in among:
                for term, fit in fits.items():
                    found[number][term] = max(found[number].get(term, 0.0), concept.weight * fit)

    def _fitting(self, concept: Concept) -> dict[int, Fits]:
        """The tools a concept fits, each with the terms of the way that fits it best."""
        best: dict[int, Fits] = {}
        for way in concept.ways:
            found: defaultdict[int, Fits] = defaultdict(dict)
            for alternatives in way:
                top: dict[int, tuple[float, Term]] = {}
                for term in alternatives:
                    for number, fit in self._index.fits(term).items():
                        if number not in top or top[number][0] < fit**RARITY:
                            top[number] = fit**RARITY, term
                for number, (fit, term) in top.items():
                    found[number][term] = fit
            for number, fits in found.items():
                if sum(fits.values()) > sum(best.get(number, {}).values()):
                    best[number] = fits
        return best

    def _score(self, number: int, fits: Fits, meant: set[str]) -> float:
        named, meta = self._named[number], self._metas[number]
        heard = frozenset[str]().union(*(self._stems(term.words) for term in fits))
        score = sum(fits.values()) * (1 - UNSPOKEN * len(named - heard) / len(named))
        if not meta:
            return score * (OURS_BESIDE if meant else OURS)
        if meant and meta["provider"] not in meant:
            score *= OTHER_PROVIDER
        return score * INFERRED if meta["contract"] == "inferred" else score

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(stem for stems in self._index.stems(split(text)) for stem in stems)

    def _said(self, request: str) -> Words:
        said = words(unquoted(request), self._index.stems, self._meanings.unbent)
        return tuple(Word(self._corrected(word.stem), word.plural) for word in said)

    def _corrected(self, stem: str) -> str:
        """The known word that a misspelled one is likest."""
        if stem in self._known or len(stem) < SHORTEST_CORRECTED or stem.isdecimal():
            return stem
        return next(iter(difflib.get_close_matches(stem, self._known, 1, ALIKE)), stem)


def _text(tool: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, str]:
    provider = str(meta.get("provider", ""))
    # Other tools' names in a description say what this one is not.
    described = [word for word in str(tool["description"]).removesuffix("Path unconfirmed.").split() if "_" not in word]
    return {
        NAME: apart([str(tool["name"]).removeprefix(f"{provider}_")]),
        "title": str(tool["title"]),
        "description": " ".join(described),
        "area": apart([provider, str(meta.get("toolset", ""))]),
        "arguments": apart(name for name in tool["inputSchema"]["properties"] if name not in ADDED),
    }
