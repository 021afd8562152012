"""Requests that others made (`asked.toml`) -> which tools a new request leans to.

Each example teaches four things at once: how people ask for this tool, for what it does (the verb of its name), for the
thing it does it to, and for its area. So one example of deleting a funnel helps to find every delete and every funnel
tool. The weights are log-odds of counted words (naive Bayes per trait): nothing is trained but by counting.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from math import log, sqrt

RARE = 1.0  # a sign counts as if so many more examples had it: what was said once proves little
CAUTION = 5.0  # how many examples of nothing in particular each trait starts with
TOOL = "tool"

Signs = frozenset[str]
Trait = tuple[str, str]
Traits = Mapping[str, str]


class Examples:
    """Counts the signs (words, pairs of words, meanings) that the examples of each trait have."""

    def __init__(self, asked: Iterable[tuple[str, Signs]], traits: Mapping[str, Traits]) -> None:
        self._traits = traits
        self._asked = 0
        self._examples: Counter[Trait] = Counter()
        self._having: defaultdict[str, Counter[Trait]] = defaultdict(Counter)
        for tool, signs in asked:
            self._asked += 1
            self._examples.update(traits[tool].items())
            for sign in signs:
                self._having[sign].update(traits[tool].items())

    def know(self, words: Signs) -> bool:
        """Whether any of these words was said before."""
        return any(word in self._having for word in words)

    def leaning(self, signs: Signs) -> dict[str, float]:
        """How much a request with these signs is like what was asked of each tool; above 0 is more than by chance."""
        known = sorted(sign for sign in signs if sign in self._having)
        if not known:
            return {}
        gained: defaultdict[Trait, float] = defaultdict(float)
        for sign in known:
            having = self._having[sign]
            usual = (sum(count for (name, _), count in having.items() if name == TOOL) + RARE) / self._asked
            for trait, count in having.items():
                gained[trait] += log(1 + count / (usual * CAUTION))
        odds = {
            trait: (gained[trait] - len(known) * log(1 + examples / CAUTION)) / sqrt(len(known))
            for trait, examples in self._examples.items()
        }
        return {tool: sum(odds.get(trait, 0.0) for trait in traits.items()) for tool, traits in self._traits.items()}


def read_examples(hear: Callable[[str], Signs], traits: Mapping[str, Traits]) -> Examples:
    """The packaged examples of the tools that are there."""
    text = resources.files("audience_mcp.search").joinpath("asked.toml").read_text(encoding="utf-8")
    asked = tomllib.loads(text)
    return Examples(((tool, hear(request)) for tool in asked if tool in traits for request in asked[tool]), traits)
