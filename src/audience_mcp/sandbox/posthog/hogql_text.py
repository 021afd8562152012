"""HogQL's spelling -> DuckDB's: quotes, `$` in names, `properties['key']`, cohorts; and the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

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


def respell(query: str, cohorts: Mapping[str, int] | None = None) -> str:
    """The same query with tokens DuckDB reads; comments are dropped, `cohorts` are those it may call by name.

    Raises:
        KeyError: It calls a cohort by a name that none has.
    """
    tokens = _quantiles(_members(_subscripts_as_fields(list(_tokens(query))), cohorts or {}))
    return "".join(tokens).strip().rstrip(";").strip()


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
        elif token.lower() == "isnull":
            yield "is_null"  # DuckDB has a keyword of that name
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


def _members(tokens: list[str], cohorts: Mapping[str, int]) -> list[str]:
    """`in cohort 7` and `in cohort 'Gold'` -> the query of their people."""
    done = list(tokens)
    words = [at for at, token in enumerate(tokens) if token != " "]
    for one, two, three in zip(words, words[1:], words[2:], strict=False):
        if tokens[one].lower() == "in" and tokens[two].lower() == "cohort":
            given = tokens[three]
            number = cohorts[given[1:-1].replace("''", "'")] if given.startswith("'") else given
            done[two] = "(select person_id from cohort_people where cohort_id ="
            done[three] = f"{number})"
    return done


def _quantiles(tokens: list[str]) -> list[str]:
    """`quantile(0.5)(value)` -> `quantile(0.5, value)`."""
    done = [token for token in tokens if token]
    for at in range(len(done) - 4):
        if done[at].lower() == "quantile" and done[at + 1 : at + 5 : 2] == ["(", ")"] and done[at + 4] == "(":
            done[at + 3], done[at + 4] = ", ", ""
    return done


def _name(item: list[str]) -> str:
    parts = [part for part in item if part.strip()]
    if len(parts) > 2 and parts[-2].lower() == "as":
        return parts[-1].strip('"')
    return "".join(item).strip().replace('"', "")
