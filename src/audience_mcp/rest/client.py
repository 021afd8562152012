"""Request -> raw answer: timeouts, a bound on what is read, allowed hosts, and no redirect ever followed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio

from audience_mcp import __version__
from audience_mcp.errors import (
    CredentialsRejected,
    InvalidArguments,
    NotReached,
    OutcomeUnknown,
    ProviderUnavailable,
    ResponseTooLarge,
    Timeout,
)
from audience_mcp.rest.lanes import Lanes
from audience_mcp.rest.request import JSON, Request

if TYPE_CHECKING:
    import ssl

    import httpx

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
TOTAL_SECONDS = 120.0
CONNECTIONS = 64
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
_WHOLE = ((b"{", b"}"), (b"[", b"]"))
SANDBOX_HEADER = "x-audience-mcp-sandbox"  # the sandbox over HTTP says so, and its answers are marked


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers by lower-case name, body bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str | None:
        """The declared media type."""
        return self.headers.get("content-type")

    @property
    def is_spoilt(self) -> bool:
        """Whether it is declared as JSON and by its ends cannot be: it breaks off, or is a gateway's page."""
        ends = self.body.strip()
        kind = (self.content_type or "").partition(";")[0].strip().lower()
        return kind.endswith("json") and (ends[:1], ends[-1:]) not in _WHOLE and ends[:1] in (b"{", b"[", b"<")


class Client:
    """Sends requests; one pool of connections, opened with the first call.

    `embedded` answers an origin by an ASGI application in this process (the sandbox); `most_bytes` bounds what is
    read of one answer, `total_seconds` how long it may take from first to last.
    """

    def __init__(
        self,
        most_bytes: int,
        embedded: Mapping[str, Callable[[], Any]] | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._most_bytes, self._total_seconds = most_bytes, total_seconds
        self._embedded = embedded or {}
        self._lanes: Lanes | None = None

    async def send(self, request: Request, *, writes: bool) -> Reply:
        """Send `request` once.

        Raises:
            Timeout, ProviderUnavailable: It could not be answered and nothing was changed.
            OutcomeUnknown: It writes, was sent, and the answer was lost.
            RateLimited: Too many requests of this server are under way; nothing was sent.
            ResponseTooLarge: The answer is over the bound.
            InvalidArguments: The arguments make an address that cannot be sent (too long).
            CredentialsRejected: A credential holds what no header can carry.
        """
        import httpx

        lanes = self._open()
        headers = {name: value.get_secret_value() for name, value in request.headers.items()}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise CredentialsRejected(
                "The credential holds a line break or a character outside ASCII, which no header can carry; nothing was"
                " sent.",
                "The user copies the credential again, without quotes or spaces around it.",
            )
        if request.has_body:
            headers["Content-Type"] = JSON
        scheme, host, *_ = urlsplit(request.url)
        headers = {"User-Agent": f"audience-mcp/{__version__}", "Accept-Encoding": "gzip, deflate", **headers}
        try:
            message = httpx.Request(
                request.method, request.url, headers=headers, content=request.content, extensions={"timeout": _TIMEOUTS}
            )
            with anyio.fail_after(self._total_seconds):
                async with (
                    lanes.lent(f"{scheme}://{host}") as transport,
                    aclosing(await transport.handle_async_request(message)) as response,
                ):
                    body = await self._read(response, host)
                    log.debug("%s %s -> %s, %d bytes", request.method, host, response.status_code, len(body))
                    return Reply(response.status_code, dict(response.headers), body)
        except httpx.InvalidURL as error:
            raise InvalidArguments(
                f"The address of this call to {host} cannot be sent ({error}).",
                "Pass shorter arguments, or fewer values in one call.",
            ) from None
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.UnsupportedProtocol,
        ) as error:
            raise NotReached(
                f"{host} could not be reached ({type(error).__name__}); nothing was sent.",
                "Check the network and the base URL, then try again.",
            ) from None
        except ResponseTooLarge as error:
            if writes and error.status is not None and error.status < 300:
                unread = OutcomeUnknown(
                    f"{error.message} The write was carried out, but what it answered was not read.",
                    "Read the object or list before doing anything again.",
                    status=error.status,
                )
                unread.settled = True
                raise unread from None
            raise
        except (httpx.TimeoutException, TimeoutError):
            if writes:
                raise _lost(host) from None
            raise Timeout(
                f"{host} did not answer in time.", "Narrow the date range or the page, or try again once."
            ) from None
        except (httpx.HTTPError, ConnectionError) as error:  # the second only from an embedded application
            if writes:
                raise _lost(host) from None
            raise ProviderUnavailable(
                f"The connection to {host} broke ({type(error).__name__}).", "Try again; nothing was changed."
            ) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._lanes is not None:
            await self._lanes.close()
            self._lanes = None

    async def _read(self, response: httpx.Response, host: str) -> bytes:
        from audience_mcp.rest.unpacking import unpacked

        body = bytearray()  # a list of pieces would cost many times the size of an answer that comes in tiny ones
        async with aclosing(unpacked(response)) as pieces:
            async for piece in pieces:
                if len(body) + len(piece) > self._most_bytes:
                    raise ResponseTooLarge(
                        f"{host} answers HTTP {response.status_code} with more than {self._most_bytes / 1e6:g} MB.",
                        "Ask for less (a smaller limit, fewer days), or the user raises AUDIENCE_MCP_MAX_RESPONSE_MB.",
                        status=response.status_code,
                    )
                body += piece
        return bytes(body)

    def _open(self) -> Lanes:
        if self._lanes is None:
            import httpx

            limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
            embedded = {origin: httpx.ASGITransport(make()) for origin, make in self._embedded.items()}

            def transport(origin: str) -> httpx.AsyncBaseTransport:
                if origin in embedded:
                    return embedded[origin]
                proxy = _proxy(origin)
                try:
                    return httpx.AsyncHTTPTransport(verify=_certificates(), limits=limits, proxy=proxy)
                except (ImportError, ValueError, httpx.InvalidURL):
                    if proxy is None:
                        raise
                    raise _unusable(origin) from None  # what is raised may show the proxy's password

            self._lanes = Lanes(CONNECTIONS, transport)
        return self._lanes


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, by the system or the environment (SSL_CERT_FILE); read from the disk once, when it is needed."""
    import httpx

    return httpx.create_ssl_context()


def _proxy(origin: str) -> str | None:
    """The proxy that the environment or the system names for a place."""
    from urllib.request import getproxies, proxy_bypass

    scheme, host, *_ = urlsplit(origin)
    if proxy_bypass(host):
        return None
    proxies = getproxies()
    named = proxies.get(scheme) or proxies.get("all")
    return named if named is None or "://" in named else f"http://{named}"


def _unusable(origin: str) -> NotReached:
    host = urlsplit(origin).hostname
    error = NotReached(
        f"{host} could not be reached: the proxy in the environment is of a kind this server cannot use, or its address"
        " cannot be read; nothing was sent.",
        f"The user sets HTTPS_PROXY (or ALL_PROXY) to an http:// proxy, or NO_PROXY={host}, and starts the server"
        " again.",
    )
    error.settled = True  # it stays so until then
    return error


def _lost(host: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"The request was sent to {host} and its answer was lost; it may or may not have been carried out.",
        "Read the object or list before trying again, so that nothing is done twice.",
    )
