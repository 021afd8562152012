"""A JSON object of a definition -> its fields; what is missing, of another type or unknown is refused with 400."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from audience_mcp.sandbox.core import Refusal

_REQUIRED: Any = object()
_LARGEST = 1e15  # beyond it, doubles no longer tell whole numbers apart


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number that a double can hold."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


class Fields:
    """Takes fields one by one; `done` refuses whatever was not taken. `where` names the object in messages."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise Refusal(400, f"{where} must be an object")
        self._left = dict(value)
        self.where = where

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def raw(self, name: str, default: Any = _REQUIRED) -> Any:
        """The field as it is."""
        if name not in self._left:
            if default is _REQUIRED:
                raise Refusal(400, f"{self.where}.{name} is required")
            return default
        return self._left.pop(name)

    def heading(self) -> str:
        """The `title` that every definition has; the optional `description` beside it is taken too."""
        if not isinstance(self.raw("description", ""), str):
            raise Refusal(400, f"{self.where}.description must be a text")
        return self.text("title")

    def text(self, name: str, default: Any = _REQUIRED) -> str:
        """A string that is not blank."""
        return str(self._checked(name, default, lambda value: isinstance(value, str) and bool(value.strip()), "a text"))

    def whole(self, name: str, default: Any = _REQUIRED, least: int = 0, most: int = 999_999) -> int:
        """A whole number between two bounds."""
        return int(
            self._checked(
                name,
                default,
                lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most,
                f"a whole number from {least} to {most}",
            )
        )

    def flag(self, name: str, default: Any = _REQUIRED) -> bool:
        """A boolean."""
        return bool(self._checked(name, default, lambda value: isinstance(value, bool), "true or false"))

    def choice(self, name: str, options: Collection[str], default: Any = _REQUIRED) -> str:
        """One of the options."""
        return str(self._checked(name, default, lambda value: value in list(options), f"one of {', '.join(options)}"))

    def choices(self, name: str, options: Collection[str], most: int) -> tuple[str, ...]:
        """An array of different options, empty when it is left out."""
        given = self.several(name, [], most=most)
        for item in given:
            if item not in list(options) or given.count(item) > 1:
                raise Refusal(400, f"{self.where}.{name} must hold different ones of {', '.join(options)}")
        return tuple(given)

    def several(self, name: str, default: Any = _REQUIRED, least: int = 0, most: int = 50) -> list[Any]:
        """An array with a number of items between two bounds."""
        return list(
            self._checked(
                name,
                default,
                lambda value: isinstance(value, list) and least <= len(value) <= most,
                f"an array of {least} to {most} items",
            )
        )

    def done(self) -> None:
        """Refuse what is left."""
        for name in self._left:
            raise Refusal(400, f"{self.where}.{name} is not a known field")

    def _checked(self, name: str, default: Any, fits: Any, wanted: str) -> Any:
        if name not in self._left and default is not _REQUIRED:
            return default
        value = self.raw(name)
        if not fits(value):
            raise Refusal(400, f"{self.where}.{name} must be {wanted}")
        return value
