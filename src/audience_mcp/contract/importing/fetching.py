"""A file or an address -> the bytes of a document: bounded, without any credential, no redirect to a private place."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

import anyio
from pydantic import SecretStr

from audience_mcp.errors import AudienceError, DocumentProblem
from audience_mcp.rest.client import Client
from audience_mcp.rest.request import Request
from audience_mcp.results.wording import cut, named

MOST_BYTES = 30_000_000
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ACCEPT = "application/json, application/yaml, text/yaml, */*;q=0.5"
LONGEST_ADDRESS = 300
_OTHER = "Give another address, or download the document and give the file."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a document and where they came from: the file or the address last asked."""

    source: str
    body: bytes


def is_address(source: str) -> bool:
    """Whether a person's argument is an address rather than a file."""
    return "://" in source


def read_file(path: Path) -> Fetched:
    """The bytes of a file.

    Raises:
        DocumentProblem: It is missing, unreadable or over 30 MB.
    """
    try:
        with path.expanduser().open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, RuntimeError) as error:  # the latter where it begins with the home of nobody
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
        raise DocumentProblem(
            f"{named(str(path), LONGEST_ADDRESS)} cannot be read ({cut(reason).rstrip('.')}).",
            "Check the path; an address begins with https://.",
        ) from None
    if len(body) > MOST_BYTES:
        raise DocumentProblem(f"{named(str(path), LONGEST_ADDRESS)} is over {MOST_BYTES // 10**6} MB.", _SHORTER)
    return Fetched(str(path), body)


_SHORTER = "Give the description of the analytics part alone."


async def fetch(url: str, tell: Tell) -> Fetched:
    """The bytes behind an address that a person typed or this version knows; `tell` hears of each redirect.

    Raises:
        DocumentProblem: The address, or one it redirects to, is not taken, does not answer, or answers with too much.
    """
    _check_typed(url)
    client = Client(MOST_BYTES)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            reply = await client.send(Request("GET", url, {"Accept": SecretStr(ACCEPT)}), writes=False)
            if reply.status not in REDIRECTS or "location" not in reply.headers:
                break
            url = await _redirected(url, reply.headers["location"])
            tell(f"redirected to {cut(url, LONGEST_ADDRESS)}")
        else:
            raise DocumentProblem(f"{_host(url)} redirects more than {MOST_REDIRECTS} times.", _OTHER)
    except DocumentProblem:
        raise
    except AudienceError as error:
        raise DocumentProblem(error.message, _OTHER) from None
    finally:
        await client.close()
    if reply.status != 200:
        raise DocumentProblem(f"{_host(url)} answers HTTP {reply.status}.", _OTHER)
    return Fetched(url, reply.body)


def _check_typed(url: str) -> None:
    """Refuse what is neither https nor plain http to this machine, and any credential in an address."""
    parts = _split(url)
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None:
        raise DocumentProblem("The address holds a user name or a password; nothing was sent.", "Leave it out.")
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and (host == "localhost" or _is_loopback(host)):
        return
    raise DocumentProblem(
        f"{named(url, LONGEST_ADDRESS)} is not fetched: only https is, and plain http from this machine alone.",
        "Give an https:// address or a file.",
    )


async def _redirected(url: str, location: str) -> str:
    """The address a redirect leads to, if it is one that a stranger may send us to."""
    target = urljoin(url, location)
    parts = _split(target)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or parts.password is not None:
        raise DocumentProblem(f"{_host(url)} redirects to {named(target)}, which is no plain https address.", _OTHER)
    if await _is_private(parts.hostname, parts.port or 443):
        raise DocumentProblem(
            f"{_host(url)} redirects to {named(parts.hostname)}, which lies in a private network; it was not asked.",
            _OTHER,
        )
    return target


async def _is_private(host: str, port: int) -> bool:
    """Whether a name leads to any address that the public network does not route."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass  # a name
    try:
        found = await anyio.getaddrinfo(host, port)
    except (OSError, UnicodeError):
        return host == "localhost" or host.endswith(".localhost")  # unknown here: only a proxy may know it
    return any(not ipaddress.ip_address(place[0]).is_global for *_, place in found)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number is told on reading it
    except ValueError:
        raise DocumentProblem(f"{named(url, LONGEST_ADDRESS)} is no address.", _OTHER) from None
    return parts


def _host(url: str) -> str:
    return cut(urlsplit(url).hostname or "the address")
