"""The curated meanings (`meanings.toml`) and a request's words -> what to search for."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from audience_mcp.search.index import Term
from audience_mcp.search.words import Stemmer, Word, Words, split, words

GAP, WIDEST_GAP = "...", 4
THING = "{}"

Pattern = tuple[Words, ...]
Way = tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a request speaks of, in the words of the tools.

    Of its `ways` to say it the best counts; the terms of a way add up, each given by alternatives of which the best
    counts. `does` tells that it says what to do.
    """

    ways: tuple[Way, ...]
    weight: float = 1.0
    does: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means, as in `Concept`."""

    way: Way
    weight: float
    does: bool


class Meanings:
    """Finds the known phrases in a request."""

    def __init__(self, raw: Mapping[str, Any], stems: Stemmer) -> None:
        entries = [told for entry in raw["meaning"] for told in _spread(entry)]
        stems([word for entry in entries for phrase in entry["says"] for word in split(phrase)])  # all at once
        self.unbent = frozenset(raw["unbent"].split())
        self._silence = frozenset(word.stem for word in words(raw["silence"], stems))
        self._one, self._many = (_concepts(raw[f"unsaid_of_{count}"]) for count in ("one", "many"))
        self._found: defaultdict[Pattern, list[Meaning]] = defaultdict(list)
        self._starting: defaultdict[str, dict[Pattern, frozenset[str]]] = defaultdict(dict)
        for entry in entries:
            meaning = _meaning(entry)
            for phrase in entry["says"]:
                pattern = tuple(words(part, stems, self.unbent) for part in phrase.split(GAP))
                self._found[pattern].append(meaning)
                self._starting[pattern[0][0].stem][pattern] = frozenset(word.stem for part in pattern for word in part)
        self.stems = self._silence.union(*(stems for there in self._starting.values() for stems in there.values()))

    def concepts(self, said: Words, passed: Container[str]) -> Iterator[Concept]:
        """What the words speak of: the longest known phrases first, then the words left, but for the `passed` ones."""
        used: set[int] = set()
        for places, meanings in self._phrases(said):
            if used.isdisjoint(places):
                used.update(places)
                weight, does = max(meaning.weight for meaning in meanings), any(meaning.does for meaning in meanings)
                yield Concept(tuple(meaning.way for meaning in meanings), weight, does)
                if len(places) == 1:
                    yield Concept((((Term(said[places[0]].stem),),),))
        for place, word in enumerate(said):
            if place not in used and word.stem not in passed and self.tells(word):
                yield Concept((((Term(word.stem),),),))

    def tells(self, word: Word) -> bool:
        """Whether a word could tell which tool is meant."""
        return word.stem not in self._silence and not word.stem.isdecimal()

    def unsaid(self, *, of_many: bool) -> list[Concept]:
        """What one usually does with one of a thing, or with many, where no word tells."""
        return self._many if of_many else self._one

    def _phrases(self, said: Words) -> list[tuple[tuple[int, ...], list[Meaning]]]:
        """Every known phrase in the words, with its places; the longest first, of equals the one said first."""
        there = {word.stem for word in said}
        found = [
            (places, self._found[pattern])
            for start, word in enumerate(said)
            for pattern, stems in self._starting.get(word.stem, {}).items()
            if stems <= there and (places := _places(pattern, said, start))
        ]
        return sorted(found, key=lambda phrase: (-len(phrase[0]), phrase[0]))


def read_meanings(stems: Stemmer) -> Meanings:
    """The packaged meanings."""
    text = resources.files("audience_mcp.search").joinpath("meanings.toml").read_text(encoding="utf-8")
    return Meanings(tomllib.loads(text), stems)


def _spread(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """An entry about several things as one entry for each."""
    if "things" not in entry:
        yield entry
    for thing in entry.get("things", ()):
        texts = {key: [text.replace(THING, thing) for text in entry[key]] for key in ("says", "means")}
        yield {**entry, **texts}


def _concepts(entries: list[dict[str, Any]]) -> list[Concept]:
    return [Concept((meaning.way,), meaning.weight) for meaning in map(_meaning, entries)]


def _meaning(entry: Mapping[str, Any]) -> Meaning:
    verbs = [tuple(Term(part.strip(), verb=True) for part in verb.split("|")) for verb in entry.get("does", ())]
    terms = [tuple(Term(part.strip()) for part in term.split("|")) for term in entry.get("means", ())]
    return Meaning((*verbs, *terms), entry.get("weight", 1.0), bool(verbs))


def _places(pattern: Pattern, said: Words, start: int) -> tuple[int, ...]:
    """The places of a phrase that starts at `start`, its parts at most some words apart; none where it is not there."""
    places: list[int] = []
    first, last = start, start
    for part in pattern:
        at = next((place for place in range(first, last + 1) if _stands(part, said, place)), None)
        if at is None:
            return ()
        places += range(at, at + len(part))
        first, last = at + len(part), at + len(part) + WIDEST_GAP
    return tuple(places)


def _stands(part: Words, said: Words, place: int) -> bool:
    there = said[place : place + len(part)]
    return len(there) == len(part) and all(map(Word.fits, part, there))
