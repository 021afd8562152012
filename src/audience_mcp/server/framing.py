"""One line of stdin -> the JSON-RPC message on it, or the JSON-RPC error that answers what is none."""

from __future__ import annotations

import json
from typing import Any

import mcp_types as t

LONGEST_FRAME = 16 * 2**20
"""Bytes of one line; a client's whole conversation is shorter, and more would be held in memory to no use."""

_ANSWERS = frozenset({"result", "error"})
_NO_JSON = object()
_LONGEST_INTEGER = 4000  # digits; Python refuses to convert more


class Unreadable(Exception):
    """A line that is no message of the protocol; `answer` is what its sender gets, None for nothing."""

    def __init__(self, answer: t.JSONRPCError | None) -> None:
        super().__init__("no frame" if answer is None else answer.error.message)
        self.answer = answer


def message(line: bytes) -> t.JSONRPCMessage:
    """The message on a line.

    Raises:
        Unreadable: It holds none. An empty line asks for no answer, and neither does a broken answer of the client's:
            an error about an error would have no end.
    """
    try:
        read = t.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except (ValueError, RecursionError):
        raise Unreadable(_refusal(line)) from None
    if isinstance(read, t.JSONRPCNotification) and b'"id"' in line and _has_id(_parsed(line)):
        # The SDK takes a request whose id is of the wrong type for a notification; its sender would wait for ever.
        raise Unreadable(_error(None, t.INVALID_REQUEST, "The id of a request is a string or an integer."))
    return read


def too_long() -> t.JSONRPCError:
    """What answers a line over the limit."""
    return _error(None, t.PARSE_ERROR, f"A line is longer than {LONGEST_FRAME // 2**20} MiB; it was not read.")


def _refusal(line: bytes) -> t.JSONRPCError | None:
    """What answers a line without a message; by its id where one can be found, so that nobody waits for ever."""
    if not line.strip():
        return None
    given = _parsed(line)
    if given is _NO_JSON:
        return _error(None, t.PARSE_ERROR, "The line is not JSON in UTF-8, or is nested too deep.")
    if isinstance(given, list):
        return _error(None, t.INVALID_REQUEST, "Batches are not part of the protocol: send one message a line.")
    if not isinstance(given, dict):
        return _error(None, t.INVALID_REQUEST, "A message is a JSON object.")
    if _ANSWERS & set(given) and "method" not in given:
        return None
    known = _identity(given)
    if given.get("jsonrpc") != "2.0":
        return _error(known, t.INVALID_REQUEST, 'A message says "jsonrpc": "2.0".')
    if not isinstance(given.get("method"), str) or not isinstance(given.get("params"), dict | None):
        return _error(known, t.INVALID_REQUEST, "A message names its method as text and its params as an object.")
    return _error(known, t.PARSE_ERROR, "The message holds half a character, bytes outside UTF-8 or an endless number.")


def _parsed(line: bytes) -> Any:
    """The JSON of a line as far as any reader of ours can tell; _NO_JSON where there is none."""
    try:
        return json.loads(line.decode("utf-8", "replace"), parse_int=_integer)
    except (ValueError, RecursionError):
        return _NO_JSON


def _has_id(given: Any) -> bool:
    return isinstance(given, dict) and "id" in given


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def _identity(given: dict[str, Any]) -> int | str | None:
    identity = given.get("id")
    if isinstance(identity, str):
        return identity if identity.isascii() else None
    return identity if isinstance(identity, int) and not isinstance(identity, bool) else None


def _error(identity: int | str | None, code: int, said: str) -> t.JSONRPCError:
    return t.JSONRPCError(jsonrpc="2.0", id=identity, error=t.ErrorData(code=code, message=said))
