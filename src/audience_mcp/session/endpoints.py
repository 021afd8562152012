"""Credential + documented servers -> where its calls go: one base URL per host, and the region's name."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from audience_mcp.errors import CredentialsMissing
from audience_mcp.providers.base import Provider, labelled
from audience_mcp.settings import Credential
from audience_mcp.tools.catalog import Server


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base URLs by host name ("api", ...), and the region in words (its id, or the host of a base URL that was set)."""

    urls: Mapping[str, str]
    region: str | None


def endpoints(provider: type[Provider], credential: Credential, servers: tuple[Server, ...]) -> Endpoints:
    """Where calls with `credential` go.

    Raises:
        CredentialsMissing: The region is unknown, or a base URL cannot be used; the text names the setting.
    """
    region = credential.plain.get("region", "").strip().lower() or None
    known = [server.region for server in servers if server.base == "api" and server.region]
    if region is not None and region not in known:
        raise CredentialsMissing(
            f"{provider.title} has no region {region!r}; known are {', '.join(known) or 'none'}.",
            f"The user sets {_variable(provider, 'region', credential)} to a known region.",
            provider=provider.id,
        )
    urls: dict[str, str] = {}
    named = region
    for base, field in provider.url_fields.items():
        given = credential.plain.get(field)
        if given:
            urls[base] = _checked(provider, _variable(provider, field, credential), given.strip())
            if base == "api":
                named = urlsplit(urls[base]).netloc
            continue
        candidates = [server for server in servers if server.base == base]
        in_region = [server for server in candidates if region is not None and server.region == region]
        chosen = (in_region or candidates)[0]
        urls[base] = chosen.url
        named = named or chosen.region
    return Endpoints(urls, named)


def _variable(provider: type[Provider], field: str, credential: Credential) -> str:
    name = next((variable.name for variable in provider.variables if variable.field == field), field)
    return labelled(name, credential.label)


def _checked(provider: type[Provider], variable: str, url: str) -> str:
    if not _is_usable(url):
        raise CredentialsMissing(
            f"The base URL of {provider.title} must be https (http only to this machine), without user or query.",
            f"The user corrects {variable}.",
            provider=provider.id,
        )
    return url.rstrip("/")


def _is_usable(url: str) -> bool:
    """Whether a path can be appended to `url` and the credential be sent there."""
    if any(mark in url for mark in "?#\\") or any(not character.isprintable() or character == " " for character in url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port or an IPv6 address that is none
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    return secure and bool(parts.hostname) and "@" not in parts.netloc and port != 0


def is_here(url: str) -> bool:
    """Whether a URL leads to this machine."""
    try:
        return _is_loopback(urlsplit(url.strip()).hostname)
    except ValueError:
        return False


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
