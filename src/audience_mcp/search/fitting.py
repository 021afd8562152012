"""What a request speaks of -> how well each tool's own words fit it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from audience_mcp.search.index import Index, Term
from audience_mcp.search.meanings import Concept
from audience_mcp.search.words import split

RARITY = 0.5  # BM25 to this power: one rare word shall not outweigh two usual ones
UNSPOKEN = 0.5  # what a tool loses when nothing of its name was spoken of
JOINING = frozenset({"by", "with", "from", "to", "at", "as", "in", "of"})

Fits = dict[Term, float]


class Fitting:
    """The fits of one request, by the numbers of the tools in the index; `names` are the words of their names."""

    def __init__(self, index: Index, names: Sequence[str]) -> None:
        self._index = index
        self.named = [self._stems(name) - JOINING for name in names]

    def scores(self, concepts: Iterable[Concept]) -> dict[int, float]:
        """A score above 0 for each tool that some concept fits."""
        found: defaultdict[int, Fits] = defaultdict(dict)
        self._add(found, concepts)
        return self._scored(found)

    def with_unsaid(
        self, concepts: Iterable[Concept], unsaid: Iterable[Concept], near: Container[int]
    ) -> dict[int, float]:
        """The same, where `unsaid` counts as well for the tools that fit or are `near`."""
        found: defaultdict[int, Fits] = defaultdict(dict)
        self._add(found, concepts)
        fitting = set(found)
        self._add(found, unsaid)
        return self._scored({number: fits for number, fits in found.items() if number in fitting or number in near})

    def _add(self, found: defaultdict[int, Fits], concepts: Iterable[Concept]) -> None:
        for concept in concepts:
            for number, fits in self._best(concept).items():
                for term, fit in fits.items():
                    # A term counts once, however often it is spoken of.
                    found[number][term] = max(found[number].get(term, 0.0), concept.weight * fit)

    def _best(self, concept: Concept) -> dict[int, Fits]:
        """The tools a concept fits, each with the terms of the way that fits it best."""
        best: dict[int, Fits] = {}
        for way in concept.ways:
            found: defaultdict[int, Fits] = defaultdict(dict)
            for alternatives in way:
                for number, (fit, term) in self._top(alternatives).items():
                    found[number][term] = fit
            for number, fits in found.items():
                if sum(fits.values()) > sum(best.get(number, {}).values()):
                    best[number] = fits
        return best

    def _top(self, alternatives: Iterable[Term]) -> dict[int, tuple[float, Term]]:
        top: dict[int, tuple[float, Term]] = {}
        for term in alternatives:
            for number, fit in self._index.fits(term).items():
                if number not in top or top[number][0] < fit**RARITY:
                    top[number] = fit**RARITY, term
        return top

    def _scored(self, found: dict[int, Fits]) -> dict[int, float]:
        return {number: sum(fits.values()) * self._spoken(number, fits) for number, fits in found.items()}

    def _spoken(self, number: int, fits: Fits) -> float:
        """How much of a tool's name was spoken of."""
        named = self.named[number]
        heard = frozenset[str]().union(*(self._stems(term.words) for term in fits))
        return 1 - UNSPOKEN * len(named - heard) / len(named)

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(stem for stems in self._index.stems(split(text)) for stem in stems)
