"""A request -> what it says: its words spelled right, what they speak of, the providers it names."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import pairwise

from audience_mcp.search.meanings import Concept, Meanings
from audience_mcp.search.spelling import Spelling
from audience_mcp.search.words import Stemmer, Word, Words, unquoted, words

SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a request says.

    `meant` are the providers it names; `of_many` that it speaks of several things of a kind that can be listed;
    `telling` are its words that could tell which tool is meant.
    """

    said: Words
    concepts: tuple[Concept, ...]
    meant: frozenset[str]
    of_many: bool
    telling: frozenset[str]

    @property
    def does(self) -> bool:
        """Whether it says what to do."""
        return any(concept.does for concept in self.concepts)

    def signs(self) -> frozenset[str]:
        """What it may have in common with other requests: words, pairs of words, meanings."""
        stems = [word.stem for word in self.said]
        terms = (term for concept in self.concepts for way in concept.ways for terms in way for term in terms)
        meanings = (f"{'does' if term.verb else 'means'} {term.words}" for term in terms)
        pairs = (f"{first} {second}" for first, second in pairwise(stems))
        return frozenset((*stems, *pairs, *meanings, *((SEVERAL,) if self.of_many else ())))


class Hearing:
    """Listens to requests; `providers` are ids by the stem of their names, `listed` the stems of what can be listed."""

    def __init__(
        self,
        stems: Stemmer,
        meanings: Meanings,
        spelling: Spelling,
        providers: Mapping[str, str],
        listed: Container[str],
    ) -> None:
        self._stems, self._meanings, self._spelling = stems, meanings, spelling
        self._providers, self._listed = providers, listed

    def heard(self, request: str) -> Heard:
        """What the request says, quoted names and addresses left aside."""
        raw = words(unquoted(request), self._stems, self._meanings.unbent)
        said = tuple(Word(self._spelling.mended(word.stem), word.plural) for word in raw)
        return Heard(
            said,
            tuple(self._meanings.concepts(said, self._providers)),
            frozenset(self._providers[word.stem] for word in said if word.stem in self._providers),
            any(word.plural and word.stem in self._listed for word in said),
            frozenset(word.stem for word in said if self._meanings.tells(word)),
        )
