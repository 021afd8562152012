"""YAML text -> plain values, event by event: bounded in depth and aliases, no tags but JSON's, duplicate keys told.

The usual loaders recurse, follow merge keys without bound and build objects by tag; a stranger's file gets none of it.
"""

from __future__ import annotations

from typing import Any

MOST_DEPTH = 100
MOST_ALIASES = 10_000
MOST_MERGED = 200_000
TAG = "tag:yaml.org,2002:"
SCALARS = {"str", "int", "float", "bool", "null"}
MERGE = "<<"


class NotYaml(ValueError):
    """The text is no YAML that is accepted; the message says why and at which line."""


class _Open:
    """A collection whose end has not been read yet."""

    def __init__(self, value: list[Any] | dict[str, Any], anchor: str | None) -> None:
        self.value, self.anchor = value, anchor
        self.key: str | None = None
        self.merges: list[Any] = []


def load(text: str | bytes, repeated: list[str]) -> Any:
    """The value of the first document in `text`; keys met twice are added to `repeated`, and the last one stands.

    Raises:
        NotYaml: The text is broken, too deep, or uses what no API document needs.
    """
    import yaml  # heavy, and only a new overlay or an import of a YAML file needs it

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    except (yaml.YAMLError, UnicodeError):
        raise NotYaml("it holds what is no text") from None
    builder = _Builder(loader, yaml, repeated)
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.DocumentEndEvent):
                return builder.result
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it holds what is no text"
        raise NotYaml(said + (f" at line {mark.line + 1}" if mark else "")) from None
    except RecursionError:
        raise NotYaml("it is nested too deep") from None
    finally:
        loader.dispose()
    raise NotYaml("it holds nothing")


class _Builder:
    def __init__(self, loader: Any, yaml: Any, repeated: list[str]) -> None:
        self._loader, self._yaml, self._repeated = loader, yaml, repeated
        self._stack: list[_Open] = []
        self._anchors: dict[str, Any] = {}
        self._aliases = self._merged = 0
        self.result: Any = None

    def take(self, event: Any) -> None:
        yaml = self._yaml
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), event.anchor, event)
        elif isinstance(event, yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > MOST_ALIASES or event.anchor not in self._anchors:
                raise NotYaml(f"an alias at {_at(event)} names nothing before it, or there are too many")
            self._put(self._anchors[event.anchor], None, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if len(self._stack) >= MOST_DEPTH:
                raise NotYaml(f"it is nested deeper than {MOST_DEPTH} levels at {_at(event)}")
            self._stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            closed = self._stack.pop()
            if isinstance(closed.value, dict):
                self._merge(closed.value, closed.merges)
            self._put(closed.value, closed.anchor, event)

    def _put(self, value: Any, anchor: str | None, event: Any) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._stack:
            self.result = value
            return
        top = self._stack[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is None:
            if isinstance(value, (dict, list)):
                raise NotYaml(f"a key at {_at(event)} is no text")
            top.key = _key(value)
        else:
            if top.key == MERGE:
                top.merges += value if isinstance(value, list) else [value]
            else:
                if top.key in top.value:
                    self._repeated.append(top.key)
                top.value[top.key] = value
            top.key = None

    def _scalar(self, event: Any) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(self._yaml.ScalarNode, event.value, event.implicit)
        name = tag.removeprefix(TAG)
        if name not in SCALARS:
            return event.value  # dates and the like stay the text they are
        try:
            return getattr(self._loader, f"construct_yaml_{name}")(self._yaml.ScalarNode(f"{TAG}{name}", event.value))
        except (ValueError, KeyError, IndexError, OverflowError):
            return event.value

    def _merge(self, into: dict[str, Any], sources: list[Any]) -> None:
        """Take over the keys of merged mappings; what stands in the mapping itself comes first."""
        for source in sources:
            if isinstance(source, dict):
                self._merged += len(source)
                if self._merged > MOST_MERGED:
                    raise NotYaml("its merge keys add up to too much")
                for key, value in source.items():
                    into.setdefault(key, value)


def _key(value: Any) -> str:
    """A key as JSON would have it: `200:` and `'200':` are the same."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _at(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"
