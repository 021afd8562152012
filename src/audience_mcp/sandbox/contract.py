"""A request as it arrived + the provider's OpenAPI document -> typed values and what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from jsonschema_rs import Draft202012Validator, ValidationError
from starlette.datastructures import QueryParams

from audience_mcp.openapi.document import Document, Entry, Node, load
from audience_mcp.providers import provider as registered

Place = Literal["path", "query", "body"]
MOST_NESTED = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a request breaks the document.

    `name` is the parameter or the dotted path inside the body (empty for the body as a whole), `kind` the schema
    keyword that failed (`required`, `type`, `enum`, `format`, `minimum`, `additionalProperties` ...), `malformed` for
    JSON that cannot be read and `media` for a body that is not declared as JSON.
    """

    place: Place
    name: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Received:
    """The typed parts of one request."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    problems: tuple[Problem, ...]


@dataclass
class Contract:
    """One provider's document, asked by method and path template."""

    document: Document
    _entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _validators: dict[int, Draft202012Validator] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.document.entries():
            self._entries[entry.method.upper(), _shape(entry.path)] = entry

    def entry(self, method: str, path: str) -> Entry | None:
        """The documented operation at a path template, whatever its parameters are called."""
        return self._entries.get((method.upper(), _shape(path)))

    def receive(
        self,
        method: str,
        path: str,
        segments: Mapping[str, Any],
        query: QueryParams,
        body: bytes,
        content_type: str | None,
    ) -> Received:
        """Read one request; an operation the document does not have is read without checks."""
        entry = self.entry(method, path)
        problems: list[Problem] = []
        values: dict[Place, dict[str, Any]] = {"path": dict(segments), "query": dict(query)}
        for parameter in entry.parameters if entry else ():
            place = parameter["in"]
            if place in values:
                problems += self._read(parameter, values[place], query)
        content = self._decode(body, content_type, problems)
        if entry and "requestBody" in entry.node and not problems:
            problems += self._body_problems(self.document.resolve(entry.node["requestBody"]), body, content)
        return Received(values["path"], values["query"], content, tuple(problems))

    def _read(self, parameter: Node, values: dict[str, Any], query: QueryParams) -> list[Problem]:
        """Put one parameter into `values` with its type; returns what is wrong with it."""
        name, place = parameter["name"], parameter["in"]
        in_json = "content" in parameter
        node = parameter["content"]["application/json"]["schema"] if in_json else parameter["schema"]
        schema = self.document.resolve(node)
        if name not in values:
            if "default" in schema:
                values[name] = schema["default"]
            return [Problem(place, name, "required", f"{name} is required")] if parameter.get("required") else []
        if in_json:
            try:
                values[name] = _parsed(values[name])
            except (ValueError, RecursionError):
                return [Problem(place, name, "malformed", f"{name} is not JSON")]
        elif schema.get("type") == "array":
            texts = query.getlist(name) if parameter.get("explode", True) else str(values[name]).split(",")
            items = self.document.resolve(schema.get("items", {}))
            values[name] = [_typed(text, items) for text in texts]
        else:
            values[name] = _typed(values[name], schema)
        return [_problem(place, name, error) for error in self._validator(node).iter_errors(values[name])]

    @staticmethod
    def _decode(body: bytes, content_type: str | None, problems: list[Problem]) -> Any:
        if not body:
            return None
        if not (content_type or "").split(";")[0].strip().endswith("json"):
            problems.append(Problem("body", "", "media", f"Content type '{content_type or ''}' not supported"))
            return None
        try:
            return _parsed(body)
        except (ValueError, RecursionError):
            problems.append(Problem("body", "", "malformed", "the body is not JSON"))
            return None

    def _body_problems(self, node: Node, body: bytes, content: Any) -> list[Problem]:
        if not body:
            return [Problem("body", "", "required", "Required request body is missing")] if node.get("required") else []
        schema = next(iter(node["content"].values()))["schema"]
        return [_problem("body", "", error) for error in self._validator(schema).iter_errors(content)]

    def _validator(self, node: Node) -> Draft202012Validator:
        if id(node) not in self._validators:
            schemas = self.document.raw.get("components", {}).get("schemas", {})
            rooted = {**node, "components": {"schemas": schemas}}
            self._validators[id(node)] = Draft202012Validator(rooted, validate_formats=True)
        return self._validators[id(node)]


@cache
def contract_of(provider: str) -> Contract:
    """The contract of a provider, read from its document once."""
    return Contract(load(registered(provider).document_path))


def _parsed(text: bytes | str) -> Any:
    """JSON -> its value; NaN, Infinity and halves of characters, which Python would let through, are refused.

    So is what is nested deeper than anybody means: the code behind walks down by calling itself.
    """
    value = json.loads(text, parse_constant=_refuse_constant)
    _check_depth(value, MOST_NESTED)
    if (b"\\u" if isinstance(text, bytes) else "\\u") in text:  # type: ignore[operator]
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _check_depth(value: Any, left: int) -> None:
    if not left:
        raise ValueError("nested too deeply")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _typed(text: Any, schema: Node) -> Any:
    """Text of a URL -> the value its schema speaks of; what does not fit stays text, to be refused."""
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"[+-]?[0-9]{1,400}", str(text)):
        return int(text)
    if kind == "number" and re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", str(text)):
        return float(text)
    if kind == "boolean" and str(text).lower() in ("true", "false"):
        return str(text).lower() == "true"
    return text


def _problem(place: Place, name: str, error: ValidationError) -> Problem:
    keyword = next((part for part in reversed(error.schema_path) if isinstance(part, str)), "")
    inside = [*([name] if name else []), *map(str, error.instance_path)]
    if keyword == "required":
        inside.append(str(getattr(error.kind, "property", "")))
    return Problem(place, ".".join(inside), keyword, error.message)
