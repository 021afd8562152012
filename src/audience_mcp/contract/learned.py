"""Corrections -> what they teach about a provider and nothing about who found it out: methods, paths, bare schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from audience_mcp.contract.correction import Correction
from audience_mcp.contract.overlays import document_of
from audience_mcp.openapi.document import Document, Node
from audience_mcp.tools.schema import SCHEMAS

# What says which values are valid, and is kept; everything that is not named here is left out.
PLAIN = frozenset(
    {
        "type", "format", "nullable", "required", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
        "readOnly", "writeOnly", "deprecated",
    }
)  # fmt: skip
NESTED = frozenset({"items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"})
LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
VALUES = frozenset({"enum", "const", "default"})
# A word of a vocabulary: letters, so that no id, address, host or telephone number passes for one.
WORD = re.compile(r"[A-Za-z]+(?:[_ -][A-Za-z]+){0,7}")
LONGEST_WORD = 40
NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$@-]{0,63}")
TELLING = re.compile(r"\d{3}|[0-9a-fA-F]{12}|[0-9a-fA-F]{8}-")
SHORT_VERSION = re.compile(r"v\d{1,2}")  # a longer number may be an account's
SMALL = 1000
PROBE, PUBLISHED = "probe", "provider's published address"
# A probe puts its paths together from the words of our own document.
OURS = (PROBE, PUBLISHED)


def anonymised(provider: str, found: Iterable[Correction]) -> list[Node]:
    """What each correction says of the provider: tool, method, path, how that is known, and the schemas it brought.

    A document that the provider did not publish may be a customer's own: of its paths and parameters only the words
    that our document of the provider has as well are told, the others become `{literal}` and `{parameter}`.
    """
    document = document_of(provider)
    domains = {_domain(str(server["url"])) for server in document.raw.get("servers", [])}
    words = _words(document)
    components = document.raw.get("components", {})
    return [_told(correction, domains, words, components) for correction in found]


def _words(document: Document) -> frozenset[str]:
    """What the packaged paths are made of: literals, values of the fixed parameters, and the names of parameters."""
    words: set[str] = set()
    for entry in document.entries():
        words |= set(entry.path.split("/"))
        for part in entry.parameters:
            words |= {part["name"], str(part.get("schema", {}).get("const", part["name"]))}
    return frozenset(words)


def _told(correction: Correction, domains: set[str], words: frozenset[str], components: Node) -> Node:
    kind = _kind(correction, domains)
    known = None if kind in OURS else words
    told: Node = {
        "tool": correction.operation,
        "status": correction.status,
        "source": kind,
        "method": correction.method.upper(),
        "path": "/".join(_segment(part, known) for part in correction.path.split("/")),
    }
    node = correction.node or {}
    names = _schema_names(correction)
    packaged = components.get("schemas", {})
    names |= {name: f"packaged.{name}" if name in names.values() else name for name in packaged.keys() - names.keys()}
    given = [_resolved(part, components) for part in node.get("parameters", []) if isinstance(part, dict)]
    if parameters := [_parameter(part, names, known) for part in given]:
        told["parameters"] = [part for part in parameters if part]
    if (body := _content(node.get("requestBody"), names)) is not None:
        told["body"] = body
    responses = node.get("responses")
    answers = {
        str(status): answer
        for status, response in (responses.items() if isinstance(responses, dict) else ())
        if re.fullmatch(r"[2][0-9X]{2}", str(status)) and (answer := _content(response, names)) is not None
    }
    if answers:
        told["answers"] = answers
    schemas = {names[name]: bare(schema, names) for name, schema in correction.schemas.items()}
    ours = {names[name]: name for name in packaged}
    while missing := set(_referred({**told, "schemas": schemas})) & ours.keys() - schemas.keys():
        schemas |= {name: bare(packaged[ours[name]], names) for name in sorted(missing)}
    return {**told, "schemas": schemas} if schemas else told


def _resolved(part: Node, components: Node) -> Node:
    """A parameter that stands among the packaged document's shared ones, in its place."""
    name = str(part.get("$ref", "")).removeprefix("#/components/parameters/")
    found = components.get("parameters", {}).get(name, part)
    return found if isinstance(found, dict) else part


def _referred(node: Any) -> Iterator[str]:
    """The names of the schemas that are referred to."""
    if isinstance(node, list):
        for part in node:
            yield from _referred(part)
    elif isinstance(node, dict):
        if str(node.get("$ref", "")).startswith(SCHEMAS):
            yield node["$ref"].removeprefix(SCHEMAS)
        for part in node.values():
            yield from _referred(part)


def bare(schema: Any, names: Mapping[str, str]) -> Any:
    """A schema without words, examples, and values that could be somebody's; references under the names given."""
    if not isinstance(schema, dict):
        return schema if isinstance(schema, bool) else {}
    kept: Node = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str) and value.startswith(SCHEMAS):
            name = value.removeprefix(SCHEMAS)
            kept[key] = SCHEMAS + names.get(name, name)
        elif key == "properties" and isinstance(value, dict):
            kept[key] = {name: bare(part, names) for name, part in value.items() if _is_name(name)}
        elif key in NESTED:
            kept[key] = bare(value, names)
        elif key in LISTS and isinstance(value, list):
            kept[key] = [bare(part, names) for part in value]
        elif key == "required" and isinstance(value, list):
            kept[key] = [name for name in value if _is_name(name)]
        elif key in VALUES:
            values = value if key == "enum" and isinstance(value, list) else [value]
            if all(map(_is_word, values)):
                kept[key] = value
        elif key in PLAIN and (_is_name(value) if key == "format" else _is_plain(value)):
            kept[key] = value
    return kept


def _parameter(part: Node, names: Mapping[str, str], known: frozenset[str] | None) -> Node | None:
    if not _is_name(part.get("name")):
        return None
    told = {key: part[key] for key in ("name", "in") if isinstance(part.get(key), str)}
    if known is not None and part["name"] not in known:
        told["name"] = "{parameter}"
    return {**told, "required": part.get("required") is True, "schema": bare(part.get("schema", {}), names)}


def _content(holder: Any, names: Mapping[str, str]) -> Any:
    """The schema of a JSON body; None where there is none."""
    content = holder.get("content") if isinstance(holder, dict) else None
    media = content.get("application/json") if isinstance(content, dict) else None
    return bare(media["schema"], names) if isinstance(media, dict) and "schema" in media else None


def _kind(correction: Correction, domains: set[str]) -> str:
    if correction.status == "probed":
        return PROBE
    if "://" not in correction.source:
        return "local file"
    return PUBLISHED if _domain(correction.source) in domains else "another address"


def _domain(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _schema_names(correction: Correction) -> dict[str, str]:
    """Names without the operation before them; numbers for those that could tell something."""
    prefix = correction.operation.partition("_")[2] + "."
    names: dict[str, str] = {}
    for number, name in enumerate(correction.schemas, 1):
        short = name.removeprefix(prefix)
        names[name] = short if _is_name(short) and short not in names.values() else f"Schema{number}"
    return names


def _segment(part: str, known: frozenset[str] | None) -> str:
    """A segment of a path; `known` are the words it may hold, None where any may stand there."""
    if TELLING.search(part) and "{" not in part:
        return "{id}"
    if known is None or part in known or part.strip("{}") in known or SHORT_VERSION.fullmatch(part):
        return part
    return "{parameter}" if part.startswith("{") and part.endswith("}") else "{literal}"


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and bool(NAME.fullmatch(name)) and not TELLING.search(name)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) and _is_word(item) for item in value)
    return isinstance(value, (bool, int, float)) or _is_word(value)


def _is_word(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_WORD and bool(WORD.fullmatch(value)) and not TELLING.search(value)
    return value is None or (isinstance(value, (bool, int, float)) and abs(value) < SMALL)
