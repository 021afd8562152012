"""A prompt and its arguments -> the message, with the steps and tools of what this run offers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from audience_mcp.errors import InvalidArguments
from audience_mcp.results.wording import named
from audience_mcp.server.prompts.book import Part, Prompt, read_prompts, tools_in
from audience_mcp.tools.catalog import Catalog
from audience_mcp.tools.finding import CALL_TOOL, SEARCH_TOOLS

LONGEST_VALUE = 500
_PLACE = re.compile(r"\{(\w+)\}")
UNCONFIRMED = "   Where that ends with contract_unconfirmed:"


class Prompts:
    """The prompts of this run; `titles` are the providers' by id."""

    def __init__(self, catalog: Catalog, titles: Mapping[str, str]) -> None:
        self._catalog, self._titles = catalog, titles

    @cached_property
    def _offered(self) -> set[str]:
        return {tool["name"] for tool in self._catalog.offered()}

    @cached_property
    def _listed(self) -> set[str]:
        return {tool["name"] for tool in self._catalog.listing()}

    def offered(self) -> list[Prompt]:
        """The prompts that have steps to take here."""
        return [prompt for prompt in read_prompts() if self._parts(prompt)]

    def find(self, name: str) -> Prompt:
        """An offered prompt.

        Raises:
            InvalidArguments: There is none of that name here.
        """
        offered = self.offered()
        for prompt in offered:
            if prompt.name == name:
                return prompt
        names = ", ".join(prompt.name for prompt in offered) or "none"
        raise InvalidArguments(f"There is no prompt {named(name)}.", f"Offered here are: {names}.")

    def written(self, prompt: Prompt, given: Mapping[str, str]) -> str:
        """The message, with the values given.

        Raises:
            InvalidArguments: An argument is missing, unknown, or far too long.
        """
        values = _values(prompt, given)
        parts = self._parts(prompt)
        lines = [_filled(prompt.opening, values)]
        if prompt.several and len(parts) > 1:
            lines.append(prompt.several)
        for part in parts:
            lines += ["", f"{self._titles[part.provider]}:", *self._steps(part)]
        closing = [text for text in prompt.closing if self._offered >= set(tools_in(text))]
        if closing:
            lines += ["", "Then:", *(f"{number}. {text}" for number, text in enumerate(closing, 1))]
        lines += ["", f"Check: {prompt.check}", f"Report: {prompt.report}"]
        text = "\n".join(lines)
        hidden = [name for name in tools_in(text) if name not in self._listed]
        if hidden:
            calls = ", ".join(f"`{name}`" for name in hidden)
            text += (
                f"\nNot listed here, so run through `{CALL_TOOL}` (`{SEARCH_TOOLS}` with the name shows the arguments):"
                f" {calls}."
            )
        return text

    def _parts(self, prompt: Prompt) -> list[Part]:
        return [part for part in prompt.parts if self._offered >= set(part.needs)]

    def _steps(self, part: Part) -> Iterator[str]:
        number = 0
        for step in part.steps:
            can, could = (self._offered >= set(tools_in(text)) for text in (step.do, step.otherwise))
            if not can and not (step.otherwise and could):
                continue
            number += 1
            yield f"{number}. {step.do if can else step.otherwise}"
            if can and step.otherwise and could:
                yield f"{UNCONFIRMED} {step.otherwise}"


def _values(prompt: Prompt, given: Mapping[str, str]) -> dict[str, str]:
    known = ", ".join(argument.name for argument in prompt.arguments)
    for name, value in given.items():
        if prompt.argument(name) is None:
            raise InvalidArguments(f"The prompt {prompt.name} has no argument {named(name)}.", f"Known are: {known}.")
        if len(value) > LONGEST_VALUE:
            raise InvalidArguments(f"{name} is longer than {LONGEST_VALUE} characters.", "Say it shorter.")
    values: dict[str, str] = {}
    for argument in prompt.arguments:
        value = given.get(argument.name, "").strip()
        if argument.required and not value:
            raise InvalidArguments(f"The prompt {prompt.name} needs {argument.name}.", argument.description)
        values[argument.name] = named(value, LONGEST_VALUE) if value else argument.unless
    return values


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)
