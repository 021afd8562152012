"""One workspace that several credentials reach -> one record, so that its name and id are not ambiguous."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from audience_mcp.providers.base import Login, Workspace
from audience_mcp.session.endpoints import Endpoints


def merged(
    workspaces: Sequence[Workspace], logins: Mapping[str, Login], places: Mapping[str, Endpoints]
) -> tuple[Workspace, ...]:
    """The same workspaces with twins made one; the credential that is the workspace by itself serves it.

    Ids are compared only between credentials of one address: two regions may count from the same number.
    """
    kept: list[Workspace] = []
    for workspace in workspaces:
        twin = next((known for known in kept if _are_one(known, workspace, places)), None)
        if twin is None:
            kept.append(workspace)
        else:
            kept[kept.index(twin)] = _one(twin, workspace, logins)
    return tuple(kept)


def served_by(workspace: Workspace, label: str) -> Workspace:
    """The same workspace served by another of the credentials that reach it."""
    labels = (workspace.label, *workspace.also)
    if label == workspace.label or label not in labels:
        return workspace
    return replace(workspace, label=label, also=tuple(other for other in labels if other != label))


def _are_one(one: Workspace, other: Workspace, places: Mapping[str, Endpoints]) -> bool:
    return places[one.label].urls == places[other.label].urls and bool(one.ids & other.ids)


def _one(one: Workspace, other: Workspace, logins: Mapping[str, Login]) -> Workspace:
    """Both records in one: the fuller id and every alias, served by a credential whose own workspace it is."""
    fuller = one if len(one.id or "") >= len(other.id or "") else other
    labels = dict.fromkeys((one.label, *one.also, other.label, *other.also))
    server = next((label for label in labels if _is_own(fuller, one, other, logins.get(label))), one.label)
    return replace(
        fuller,
        name=fuller.name or one.name or other.name,
        label=server,
        also=tuple(label for label in labels if label != server),
        aliases=tuple(sorted((one.ids | other.ids) - {(fuller.id or "").casefold()})),
        zone=fuller.zone or one.zone or other.zone,
        organization=fuller.organization or one.organization or other.organization,
    )


def _is_own(fuller: Workspace, one: Workspace, other: Workspace, login: Login | None) -> bool:
    own = login.own_workspace() if login else None
    return own is not None and bool(own.ids & (fuller.ids | one.ids | other.ids))
