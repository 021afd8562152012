"""Synerise's dialect: log-ins with expiring tokens, nine kinds of saved analyses and their calculations."""

from __future__ import annotations

from starlette.routing import Route

from audience_mcp.sandbox.core import SandboxState
from audience_mcp.sandbox.synerise import (
    analyses,
    authorization,
    calculations,
    customers,
    directories,
    persons,
    recommendations,
)
from audience_mcp.sandbox.synerise.accounts import (
    ANALYST,
    IDENTITY_PROVIDER_TOKEN,
    OWNER,
    PASSWORD,
    PROFILE_PASSWORD,
    VERIFICATION_CODE,
    Keys,
)
from audience_mcp.sandbox.synerise.service import EXPIRED, Service, refusal

__all__ = ["EXPIRED", "REMARKS", "environment", "refusal", "routes"]

REMARKS = (
    f"Synerise user {OWNER.username} (password {PASSWORD}) has a second factor; its code is {VERIFICATION_CODE}.",
    f"All customers of the shop have the password {PROFILE_PASSWORD}.",
)


def routes(state: SandboxState) -> list[Route]:
    """All routes of Synerise; fixed paths stand before those with parameters."""
    service = Service(state)
    sections = (authorization, customers, directories, calculations, persons, recommendations, analyses)
    return [route for section in sections for route in section.routes(service)]


def environment(state: SandboxState, base: str) -> dict[str, str]:
    """A key for each workspace, and the user without a second factor for what only users may do."""
    keys = Keys.of(state.world)
    by_workspace = {workspace: key for key, workspace in keys.workspace.items()}
    profile_key = next(key for key, workspace in keys.profile.items() if workspace == "main")
    return {
        "SYNERISE_BASE_URL": base,
        "SYNERISE_API_KEY": by_workspace["main"],
        "SYNERISE_API_KEY__OUTLET": by_workspace["outlet"],
        "SYNERISE_BASE_URL__OUTLET": base,  # a label inherits nothing: without it the key would leave the machine
        "SYNERISE_USERNAME": ANALYST.username,
        "SYNERISE_PASSWORD": PASSWORD,
        "SYNERISE_PROFILE_API_KEY": profile_key,
        "SYNERISE_PROFILE_PASSWORD": PROFILE_PASSWORD,
        "SYNERISE_IDENTITY_PROVIDER_TOKEN": IDENTITY_PROVIDER_TOKEN,
    }
