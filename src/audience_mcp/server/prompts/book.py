"""The prompts as they are written down in `prompts.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_TOOL = re.compile(r"`(\w+)`")


@dataclass(frozen=True, slots=True)
class Argument:
    """What a prompt can be told.

    `unless` is said where no value is given; `options` are usual values; `known` names list tools whose stored answers
    hold fitting names; `workspaces` that it is a workspace.
    """

    name: str
    description: str
    required: bool = False
    unless: str = ""
    options: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    workspaces: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; `otherwise` is for providers that do not know the path of a tool in it."""

    do: str
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The steps at one provider; without the tools it `needs` it makes no sense."""

    provider: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A job: what it is, the steps at each provider, then everywhere, what to check and how to report."""

    name: str
    title: str
    description: str
    opening: str
    closing: tuple[str, ...]
    check: str
    report: str
    arguments: tuple[Argument, ...]
    parts: tuple[Part, ...]
    several: str = ""

    def argument(self, name: str) -> Argument | None:
        """One of its arguments."""
        return next((argument for argument in self.arguments if argument.name == name), None)


@cache
def read_prompts() -> tuple[Prompt, ...]:
    """Every prompt, in the order they are written."""
    import tomllib  # not at start: most clients never ask for prompts

    text = resources.files("audience_mcp.server.prompts").joinpath("prompts.toml").read_text(encoding="utf-8")
    return tuple(map(_prompt, tomllib.loads(text)["prompt"]))


def tools_in(text: str) -> list[str]:
    """The tools that a text names, in order."""
    return list(dict.fromkeys(_TOOL.findall(text)))


def _prompt(raw: dict[str, Any]) -> Prompt:
    arguments = tuple(Argument(**_frozen(entry)) for entry in raw.pop("argument"))
    parts = tuple(_part(entry) for entry in raw.pop("part"))
    return Prompt(**_frozen(raw), arguments=arguments, parts=parts)


def _part(raw: dict[str, Any]) -> Part:
    return Part(raw["provider"], tuple(raw["needs"]), tuple(Step(**step) for step in raw["steps"]))


def _frozen(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
