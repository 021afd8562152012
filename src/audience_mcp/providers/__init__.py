"""The registry: one line per provider."""

from __future__ import annotations

from audience_mcp.providers.base import Provider
from audience_mcp.providers.faraday.auth import Faraday
from audience_mcp.providers.giosg.auth import Giosg
from audience_mcp.providers.posthog.auth import PostHog
from audience_mcp.providers.synerise.auth import Synerise

PROVIDERS: tuple[type[Provider], ...] = (Synerise, PostHog, Faraday, Giosg)


def provider(provider_id: str) -> type[Provider]:
    """The provider of that id.

    Raises:
        KeyError: There is none.
    """
    return {known.id: known for known in PROVIDERS}[provider_id]
