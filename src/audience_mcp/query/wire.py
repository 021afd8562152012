"""What the server and the process of a query say to each other: byte strings, each after its length."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from audience_mcp.results.stored import StoredResult, read_card

_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one query may take: seconds by the clock, megabytes of memory, rows and bytes of its answer, threads, and
    bytes of the results that it reads.
    """

    seconds: float = 20
    memory_mb: int = 512
    rows: int = 100_000
    bytes: int = 20_000_000
    threads: int = 2
    read_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """A query: its text, and the time zone (an IANA name) whose clocks its days and hours go by."""

    sql: str
    zone: str = "UTC"


def request(question: Question, results: Iterable[StoredResult], bounds: Bounds) -> bytes:
    """A query with every result that it may name."""
    job = json.dumps({"question": asdict(question), "bounds": asdict(bounds)}).encode()
    return packed([job, *(part for one in results for part in (one.card.encoded(), one.body))])


def read_request(content: bytes) -> tuple[Question, list[StoredResult], Bounds]:
    """The query, its results and its bounds again."""
    job, *parts = unpacked(content)
    facts = json.loads(job)
    results = [StoredResult(read_card(card), body) for card, body in zip(parts[::2], parts[1::2], strict=True)]
    return Question(**facts["question"]), results, Bounds(**facts["bounds"])


def packed(parts: Iterable[bytes]) -> bytes:
    """The parts as one byte string."""
    return b"".join(piece for part in parts for piece in (len(part).to_bytes(_LENGTH, "big"), part))


def unpacked(content: bytes) -> list[bytes]:
    """The parts again.

    Raises:
        ValueError: The content ends too early.
    """
    parts: list[bytes] = []
    at = 0
    while at < len(content):
        start = at + _LENGTH
        at = start + int.from_bytes(content[at:start], "big")
        if at > len(content):
            raise ValueError("the content ends too early")
        parts.append(content[start:at])
    return parts
