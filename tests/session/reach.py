"""What the providers of these tests reach, answered at the HTTP edge."""

from __future__ import annotations

from typing import Any

import respx

KEY = {"POSTHOG_API_KEY": "phx_sandboxKey"}
GIOSG = {"GIOSG_API_TOKEN": "sandbox-giosg-token"}
READ, WRITE = "posthog_list_cohorts", "posthog_create_cohort"


def projects(edge: respx.MockRouter, host: str = "https://us.posthog.com", **names: str) -> respx.Route:
    """PostHog projects by number, `p1="Meadow"`; all in one organization. Returns the route of `users/@me`."""
    rows: list[dict[str, Any]] = [
        {"id": int(key[1:]), "name": name, "uuid": f"uuid-{key[1:]}"} for key, name in names.items()
    ]
    edge.get(url__startswith=f"{host}/api/organizations/org/projects/").respond(json={"results": rows})
    return edge.get(f"{host}/api/users/@me/").respond(json={"organizations": [{"id": "org"}]})


def organization(edge: respx.MockRouter, number: str, name: str) -> respx.Route:
    """The organization of the giosg user."""
    return edge.get("https://service.giosg.com/api/v5/users/me").respond(
        json={"organization_id": number, "organization": {"name": name}}
    )
