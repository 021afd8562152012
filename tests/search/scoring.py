"""Questions with every tool that would do -> how often a right one comes first, and among the first three."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from audience_mcp.providers import PROVIDERS
from audience_mcp.search.ranking import Ranking
from audience_mcp.tools.catalog import Catalog, Offer

EVERY_PROVIDER = tuple(provider.id for provider in PROVIDERS)
TUNED, HELD_OUT = "questions", "held_out"
FIRST_FEW = 3


@dataclass(frozen=True)
class Question:
    """What was asked, and every tool that would be a right call for it."""

    ask: str
    tools: tuple[str, ...]


@dataclass(frozen=True)
class Miss:
    """A question whose first tool was a wrong one; `place` is where the first right one came, from 1 on."""

    question: Question
    place: int | None
    first: list[str]


@dataclass(frozen=True)
class Score:
    """How a set of questions came out."""

    asked: int
    misses: list[Miss]

    @property
    def first(self) -> float:
        """The share of questions with a right tool first."""
        return 1 - len(self.misses) / self.asked

    @property
    def among_three(self) -> float:
        """The share with a right one among the first three."""
        return 1 - sum(miss.place is None or miss.place > FIRST_FEW for miss in self.misses) / self.asked


@cache
def ranking() -> Ranking:
    """Over everything, all providers configured."""
    return Ranking(Catalog(Offer(EVERY_PROVIDER)).offered())


def questions(name: str) -> list[Question]:
    entries = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))
    return [Question(entry["ask"], tuple(entry["tools"])) for entry in entries]


def score(name: str) -> Score:
    misses = []
    asked = questions(name)
    for question in asked:
        ranked = ranking().ranked(question.ask)
        place = next((place for place, tool in enumerate(ranked, 1) if tool in question.tools), None)
        if place != 1:
            misses.append(Miss(question, place, ranked[:FIRST_FEW]))
    return Score(len(asked), misses)
