"""Postman collection (2.0 or 2.1) -> described operations: paths, names and the types its examples show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from audience_mcp.contract.importing.cleaning import Cleaner
from audience_mcp.contract.importing.described import Described, Parameter
from audience_mcp.contract.importing.hosts import Hosts, Server
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.paths import placed
from audience_mcp.contract.importing.samples import schema_of
from audience_mcp.openapi.document import METHODS, Node
from audience_mcp.results.wording import named

MOST_FOLDERS = 20
VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_.-]*)\s*\}\}")
# An id that the author of the collection left in an address stands for any id.
EXAMPLE_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def describe(raw: Node, hosts: Hosts, notes: Notes) -> Iterator[Described]:
    """Every request of the collection that goes to the provider; what is passed over is noted."""
    cleaner, bases = Cleaner({}, notes), _bases(raw.get("variable"), hosts, notes)
    for item in _items(raw.get("item"), 0):
        request = item["request"]
        method = str(request.get("method", "GET"))
        if method.lower() not in METHODS:
            continue
        server, path = _place(request.get("url"), hosts, bases)
        if server is None:
            notes.add(f"a request to {named(path)} was passed over: that is not the provider's host")
            continue
        whole = placed(server, method, path, notes)
        if whole is not None:
            yield _described(item, method.upper(), whole, server, cleaner)


def _items(listed: Any, level: int) -> Iterator[Node]:
    for item in listed if isinstance(listed, list) and level < MOST_FOLDERS else ():
        if isinstance(item, dict):
            if isinstance(item.get("request"), dict):
                yield item
            elif isinstance(item.get("request"), str):  # the short form of a GET
                yield {**item, "request": {"method": "GET", "url": item["request"]}}
            yield from _items(item.get("item"), level + 1)


def _bases(listed: Any, hosts: Hosts, notes: Notes) -> dict[str, Server | None]:
    """Variables of the collection that hold the address of a server."""
    found = {}
    for one in listed if isinstance(listed, list) else ():
        key, value = (one.get("key"), one.get("value")) if isinstance(one, dict) else (None, None)
        if isinstance(key, str) and isinstance(value, str) and "://" in value:
            server = hosts.server(value)
            if server is None:
                notes.add(f"the server {named(value)} is not the provider's and was ignored")
            found[key] = server
    return found


def _place(url: Any, hosts: Hosts, bases: dict[str, Server | None]) -> tuple[Server | None, str]:
    """The host of a request and its path as a template; without a host, what is not ours."""
    raw = url.get("raw") if isinstance(url, dict) else url
    text = raw if isinstance(raw, str) else ""
    if not text and isinstance(url, dict):  # version 2.0 may leave `raw` out
        host, parts = url.get("host"), url.get("path")
        joined = ".".join(map(str, host)) if isinstance(host, list) else str(host or "")
        text = f"{joined}/{'/'.join(map(str, parts)) if isinstance(parts, list) else str(parts or '')}"
    text = text.split("?")[0].split("#")[0]
    scheme, found, rest = text.partition("://")
    if not found:
        rest = text
    head, slash, tail = rest.partition("/")
    variable = VARIABLE.fullmatch(head)
    server: Server | None
    if variable or not head:
        server = bases.get(variable[1] if variable else "", Server(None, ""))
    else:
        server = hosts.server(f"{scheme if found else 'https'}://{head}")
    path = slash + "/".join(_segment(part, number) for number, part in enumerate(tail.split("/")))
    return server, (path or "/") if server else head


def _segment(part: str, number: int) -> str:
    if part.startswith(":") and len(part) > 1:
        return "{" + _name(part[1:]) + "}"
    if EXAMPLE_ID.fullmatch(part):
        return f"{{id{number}}}"
    return VARIABLE.sub(lambda found: "{" + _name(found[1]) + "}", part)


def _name(text: str) -> str:
    return re.sub(r"\W", "_", text, flags=re.ASCII)


def _described(item: Node, method: str, path: str, server: Server, cleaner: Cleaner) -> Described:
    request, url = item["request"], item["request"].get("url")
    body = _example(request.get("body"))
    return Described(
        method=method,
        path=path,
        base=server.base,
        titles=(item["name"],) if isinstance(item.get("name"), str) and item["name"] else (),
        parameters=tuple(Parameter(name, "query", False, {}) for name in _queried(url)),
        read_body=lambda: cleaner.clean(schema_of(body)) if isinstance(body, (dict, list)) else None,
        read_answer=lambda: _answer(item, cleaner),
        sampled=True,
    )


def _queried(url: Any) -> Iterable[str]:
    """The names in the query: those listed, then those that stand in the text of the address alone."""
    listed, raw = (url.get("query"), url.get("raw")) if isinstance(url, dict) else (None, url)
    parts = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    names = [one["key"] for one in parts if isinstance(one.get("key"), str)]
    if isinstance(raw, str):
        _, _, query = raw.partition("#")[0].partition("?")
        names += [unquote_plus(pair.partition("=")[0]) for pair in query.split("&")]
    return dict.fromkeys(name for name in names if name and "{{" not in name)


def _example(body: Any) -> Any:
    """The JSON of a raw body; variables in it stand for texts."""
    text = body.get("raw") if isinstance(body, dict) and body.get("mode") == "raw" else None
    return _json(text)


def _answer(item: Node, cleaner: Cleaner) -> Node | None:
    answers = item.get("response")
    for answer in answers if isinstance(answers, list) else ():
        code = answer.get("code") if isinstance(answer, dict) else None
        if isinstance(code, int) and 200 <= code < 300:
            example = _json(answer.get("body"))
            if isinstance(example, (dict, list)):
                return cleaner.clean(schema_of(example))
    return None


def _json(text: Any) -> Any:
    if not isinstance(text, str):
        return None
    for attempt in (text, re.sub(r'(?<!")\{\{[^{}]*\}\}(?!")', "null", text)):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None
