"""List, create, read, update and delete of the nine kinds of saved analyses."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.synerise.calculation import Calculation
from audience_mcp.sandbox.synerise.definitions import KINDS, Kind
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.synerise.shelf import Saved, Shelf

SETTINGS = ("isVisibleForClientProfile", "previewDefaultObjectId", "allowNull")
SORT_KEYS: dict[str, Callable[[Saved], Any]] = {
    "name": lambda saved: saved.title.casefold(),
    "author": lambda saved: saved.author,
    "updatedAt": lambda saved: saved.updated,
    "createdAt": lambda saved: saved.created,
    "id": lambda saved: saved.id,
    "directoryId": lambda saved: saved.directory,
}


def routes(service: Service) -> list[Route]:
    """The routes of all kinds."""
    return [route for kind in KINDS.values() for route in _of_kind(service, kind)]


def _of_kind(service: Service, kind: Kind) -> list[Route]:
    collection = f"/analytics/{{namespace}}/{kind.plural}"
    item = f"{collection}/{{{kind.parameter}}}"
    world = service.state.world

    def check(shelf: Shelf, definition: Any) -> None:
        kind.read(Calculation(world, shelf.workspace.key, shelf.definition), definition)

    def found(call: Call, shelf: Shelf) -> Saved:
        return shelf.find(kind.name, str(call.path[kind.parameter]))

    def listing(call: Call, identity: Identity, shelf: Shelf) -> Response:
        saved = [one for one in shelf.analyses.values() if one.kind == kind.name]
        return answer(_page(call, shelf, _filtered(call, saved)))

    def create(call: Call, identity: Identity, shelf: Shelf) -> Response:
        body = call.body or {}
        if "analysis" not in body:
            raise Refusal(400, "analysis: must not be null")
        check(shelf, body["analysis"])
        saved = shelf.add(kind.name, body["analysis"], _settings(body), identity.actor)
        return answer({"id": saved.id} if kind.name == "expression" else saved.id)

    def details(call: Call, identity: Identity, shelf: Shelf) -> Response:
        return answer(shelf.details(found(call, shelf)))

    def update(call: Call, identity: Identity, shelf: Shelf) -> Response:
        saved = found(call, shelf)
        definition = (call.body or {}).get("analysis", saved.definition)
        check(shelf, definition)
        shelf.replace(saved, definition, _settings(call.body or {}), identity.actor)
        # the only update whose success is documented with a body
        return answer(shelf.details(saved)) if kind.name == "metric" else Response()

    def delete(call: Call, identity: Identity, shelf: Shelf) -> Response:
        del shelf.analyses[found(call, shelf).id]
        return Response()

    return [
        service.analytics("GET", collection, listing),
        service.analytics("POST", collection, create),
        service.analytics("GET", item, details),
        service.analytics("PUT", item, update),
        service.analytics("DELETE", item, delete),
    ]


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    """The settings beside the definition; a profile's id is documented as a number here and a whole one in answers."""
    settings = {name: body[name] for name in SETTINGS if name in body}
    profile = settings.get("previewDefaultObjectId")
    if profile is not None:
        if abs(profile) >= 2**63 or profile != int(profile):
            raise Refusal(400, "previewDefaultObjectId: must be a whole number")
        settings["previewDefaultObjectId"] = int(profile)
    return settings


def _filtered(call: Call, saved: list[Saved]) -> list[Saved]:
    query = call.query
    if words := query.get("search"):
        saved = [one for one in saved if words.casefold() in one.title.casefold()]
    if directory := query.get("directoryId"):
        saved = [one for one in saved if one.directory == directory.lower()]
    if ids := query.get("ids"):
        wanted = {part.strip().lower() for part in ids.split(",")}
        saved = [one for one in saved if one.id in wanted]
    if kind := query.get("aggregateType"):
        saved = [one for one in saved if one.definition.get("type", "AGGREGATE") == kind]
    key, _, direction = query.get("sortBy", "updatedAt:desc").partition(":")
    saved = sorted(saved, key=lambda one: one.id)  # a stable order among equals, so that pages never overlap
    return sorted(saved, key=SORT_KEYS[key], reverse=direction == "desc")


def _page(call: Call, shelf: Shelf, saved: list[Saved]) -> dict[str, Any]:
    page, limit = call.query.get("page", 1), call.query.get("limit", 50)
    if limit < 1:
        raise Refusal(400, "limit: must be greater than or equal to 1")
    pages = max(1, ceil(len(saved) / limit))
    around = {"first": 1, "prev": page - 1, "next": page + 1, "last": pages}
    key, _, direction = call.query.get("sortBy", "updatedAt:desc").partition(":")
    return {
        "meta": {
            "totalCount": len(saved),
            "totalPages": pages,
            "page": page,
            "limit": limit,
            "sortedBy": key,
            "ordering": direction,
            "link": [
                {
                    "rel": rel,
                    "url": f"{call.request.url.path}?{urlencode({**call.request.query_params, 'page': number})}",
                }
                for rel, number in around.items()
                if 1 <= number <= pages
            ],
            "code": 200,
        },
        "data": [shelf.summary(one) for one in saved[(page - 1) * limit : page * limit]],
    }
