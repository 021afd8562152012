"""Bytes -> an API document of a known kind: JSON, YAML, or the one a Redoc page carries; everything else is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from audience_mcp.errors import DocumentProblem
from audience_mcp.openapi.document import Node
from audience_mcp.openapi.yaml_text import MOST_DEPTH, NotYaml, load
from audience_mcp.results.wording import counted, cut, named

Kind = Literal["Swagger 2.0", "OpenAPI 3.0", "OpenAPI 3.1", "Postman collection"]
# PostHog's document, the largest of the four, has under a million values.
MOST_VALUES = 4_000_000
MOST_NAMED = 5
REDOC = re.compile(r"__redoc_state\s*=\s*(?=\{)")
WHOLE = "Download the document again, whole, and give the file."
KINDS = "Give the provider's OpenAPI document (2.0, 3.0, 3.1; JSON or YAML) or a Postman collection (v2)."


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document of a known kind; `title` and `version` are its own words, to be shown to a person only."""

    kind: Kind
    raw: Node
    title: str
    version: str
    notes: tuple[str, ...] = ()


def parse(body: bytes) -> Parsed:
    """Read `body`.

    Raises:
        DocumentProblem: It is no text, broken, too deep, too large, or no description of an API.
    """
    text = _decoded(body)
    repeated: list[str] = []
    if text.lstrip()[:1] == "<":
        raw = _carried(text, repeated)
    elif text.lstrip()[:1] in ("{", "["):
        raw = _json(text, repeated)
    else:
        raw = _yaml(text, repeated)
    _check_size(raw)
    if not isinstance(raw, dict):
        raise DocumentProblem("The document is no object with fields.", KINDS)
    inner = raw.get("collection")
    if isinstance(inner, dict):  # as Postman's own API exports one
        raw = inner
    info = raw["info"] if isinstance(raw.get("info"), dict) else {}
    return Parsed(
        kind=_kind(raw, info),
        raw=raw,
        title=cut(str(info.get("title") or info.get("name") or "(no title)")),
        version=cut(str(info.get("version") or "(no version)"), 40),
        notes=tuple(_told(repeated)),
    )


def _decoded(body: bytes) -> str:
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise DocumentProblem("The document is no text in UTF-8 or UTF-16.", KINDS) from None
    if not text.strip():
        raise DocumentProblem("The document is empty.", KINDS)
    return text


def _json(text: str, repeated: list[str]) -> Any:
    try:
        return _decoder(repeated).decode(text.strip())
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise DocumentProblem(f"The JSON is broken or cut off: {cut(str(error))}.", WHOLE) from None


def _yaml(text: str, repeated: list[str]) -> Any:
    try:
        return load(text, repeated)
    except NotYaml as error:
        raise DocumentProblem(f"The YAML is broken or not accepted: {cut(str(error), 240)}.", WHOLE) from None


def _carried(text: str, repeated: list[str]) -> Any:
    """The document inside a page that Redoc made; any other page is refused."""
    found = REDOC.search(text)
    if found:
        try:
            state, _ = _decoder(repeated).raw_decode(text, found.end())
            return state["spec"]["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            pass  # told as any other page
    raise DocumentProblem(
        "This is a web page, and no API document stands in it.",
        "Look on it for a link to the OpenAPI document or the Postman collection, and give that.",
    )


def _decoder(repeated: list[str]) -> json.JSONDecoder:
    def pairs(found: list[tuple[str, Any]]) -> Node:
        made = dict(found)
        if len(made) < len(found):
            seen: set[str] = set()
            repeated.extend(key for key, _ in found if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return made

    def refuse(text: str) -> None:
        raise ValueError(f"{text} is no JSON number")

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse)


def _check_size(raw: Any) -> None:
    """Bound what every later step walks; what aliases repeat counts each time."""
    measured: dict[int, tuple[int, int]] = {}

    def measure(value: Any, level: int) -> tuple[int, int]:
        """How many objects and lists a value unfolds to, and how many levels lie below it."""
        if level > MOST_DEPTH:
            raise _too_deep()
        if id(value) not in measured:
            size, height = 1, 0
            for part in value.values() if isinstance(value, dict) else value:
                if isinstance(part, (dict, list)):
                    inner, below = measure(part, level + 1)
                    size, height = size + inner, max(height, below + 1)
            measured[id(value)] = size, height
        return measured[id(value)]

    size, height = measure(raw, 0) if isinstance(raw, (dict, list)) else (1, 0)
    if height > MOST_DEPTH:
        raise _too_deep()
    if size > MOST_VALUES:
        raise DocumentProblem("The document unfolds to too many values.", KINDS)


def _too_deep() -> DocumentProblem:
    return DocumentProblem(f"The document is nested deeper than {MOST_DEPTH} levels.", KINDS)


def _kind(raw: Node, info: Node) -> Kind:
    version = str(raw.get("openapi", ""))
    if str(raw.get("swagger")) == "2.0":
        return "Swagger 2.0"
    if version == "3.0" or version.startswith("3.0."):
        return "OpenAPI 3.0"
    if version == "3.1" or version.startswith("3.1."):
        return "OpenAPI 3.1"
    if isinstance(raw.get("item"), list) and ("/v2." in str(info.get("schema", "")) or "_postman_id" in info):
        return "Postman collection"
    said = raw.get("openapi") or raw.get("swagger")
    what = f"says version {named(str(said), 20)}" if said else "does not say that it describes an API"
    raise DocumentProblem(f"The document {what}.", KINDS)


def _told(repeated: list[str]) -> Iterable[str]:
    if repeated:
        names = ", ".join(named(name, 40) for name in list(dict.fromkeys(repeated))[:MOST_NAMED])
        yield f"{counted(len(repeated), 'key')} met twice in one object ({names}); the last one was read"
