"""Dynamic keys of a definition + the `variables` of a request -> values.

A value of a definition may be written `{"variable": NAME, "default": VALUE}`; a request's `variables` are objects
with `name` and `value`. Both spellings are the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audience_mcp.sandbox.core import Refusal
from audience_mcp.sandbox.synerise.fields import Fields


class DynamicKeys:
    """The values given for dynamic keys, and the keys met while a definition is read (`used`: name -> value)."""

    def __init__(self, variables: Sequence[Any] = ()) -> None:
        self._given: dict[str, Any] = {}
        self.used: dict[str, Any] = {}
        for number, item in enumerate(variables):
            fields = Fields(item, f"variables[{number}]")
            self._given[fields.text("name")] = fields.raw("value")
            fields.done()

    def value(self, written: Any, where: str) -> Any:
        """What a written value stands for."""
        if not isinstance(written, Mapping):
            return written
        fields = Fields(written, where)
        name, default = fields.text("variable"), fields.raw("default")
        fields.done()
        self.used[name] = self._given.get(name, default)
        return self.used[name]

    def check(self) -> None:
        """Refuse a given variable that the definition does not have."""
        for name in self._given.keys() - self.used.keys():
            raise Refusal(400, f"variables: the analysis has no dynamic key '{name}'")

    def listed(self) -> list[dict[str, Any]]:
        """The keys in use as a `variables` array."""
        return [{"name": name, "value": value} for name, value in self.used.items()]


def has_keys(definition: Any) -> bool:
    """Whether a definition has a dynamic key anywhere."""
    if isinstance(definition, Mapping):
        return {"variable", "default"} <= definition.keys() or any(map(has_keys, definition.values()))
    return isinstance(definition, list) and any(map(has_keys, definition))
