"""HogQL's spelling -> DuckDB's: quotes, `$` in names, `properties['key']`; and the names its result columns get."""

from __future__ import annotations

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<text>'(?:[^'\\]|\\.|'')*')
      | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
      | (?P<name>[$A-Za-z_][\w$]*)
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<sign>!=|<=|>=|==|<>|\|\||::|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
OPEN, CLOSE = "([{", ")]}"
ENDS_LIST = {"from", "where", "group", "having", "order", "limit", "union", "except", "intersect", "qualify", "window"}


def respell(query: str) -> str:
    """The same query with tokens DuckDB reads; comments are dropped."""
    return "".join(_subscripts_as_fields(list(_tokens(query)))).strip().rstrip(";").strip()


def column_names(query: str) -> list[str]:
    """What the items of the first select list are called: their alias, or their own text."""
    names, item, depth, selecting = [], [""], 0, False
    for token in _tokens(query):
        word = token.lower()
        depth += (token in OPEN) - (token in CLOSE)
        if not selecting:
            selecting = depth == 0 and word == "select"
        elif depth == 0 and (word in ENDS_LIST or token == ";"):
            break
        elif depth == 0 and token == ",":
            names.append(_name(item))
            item = [""]
        elif word != "distinct" or "".join(item).strip():
            item.append(" " if token.isspace() else token)
    return [*names, _name(item)]


def _tokens(query: str) -> Iterator[str]:
    for match in TOKEN.finditer(query):
        token = match.group()
        if match.lastgroup == "space":
            yield " "
        elif match.lastgroup == "text":
            plain = re.sub(r"\\(.)|''", lambda escape: escape.group(1) or "'", token[1:-1], flags=re.DOTALL)
            yield "'" + plain.replace("'", "''") + "'"
        elif token.startswith("`") or (match.lastgroup == "name" and "$" in token):
            yield f'"{token.strip("`")}"'
        else:
            yield token


def _subscripts_as_fields(tokens: list[str]) -> list[str]:
    """`properties['key']` -> `properties."key"`."""
    done: list[str] = []
    at = 0
    while at < len(tokens):
        following = tokens[at + 1 : at + 4]
        if tokens[at] == "properties" and len(following) == 3 and following[0] == "[" and following[1].startswith("'"):
            done += ["properties", ".", f'"{following[1][1:-1]}"']
            at += 4
        else:
            done.append(tokens[at])
            at += 1
    return done


def _name(item: list[str]) -> str:
    parts = [part for part in item if part.strip()]
    if len(parts) > 2 and parts[-2].lower() == "as":
        return parts[-1].strip('"')
    return "".join(item).strip().replace('"', "")
