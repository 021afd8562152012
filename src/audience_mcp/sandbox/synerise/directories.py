"""Directories of analyses: list, create, rename, delete, move an analysis; and deletion of many analyses at once."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.synerise.definitions import KINDS
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.synerise.shelf import Directory, Shelf


def routes(service: Service) -> list[Route]:
    """The routes of the management section."""

    def batch_delete(call: Call, identity: Identity) -> Response:
        return _batch_delete(call, service.shelf(identity))

    return [
        service.analytics("GET", "/analytics/directories", _list),
        service.analytics("POST", "/analytics/directories", _create),
        service.analytics("PUT", "/analytics/directories/{directoryId}", _rename),
        service.analytics("DELETE", "/analytics/directories/{directoryId}", _delete),
        service.analytics("PUT", "/analytics/directories/analyses/{analyticId}", _move),
        service.route("POST", "/analytics/analytics/v3/batch-delete", batch_delete, "user"),
    ]


def _list(call: Call, identity: Identity, shelf: Shelf) -> Response:
    kind = call.query["analyticType"]
    return answer([_item(one) for one in shelf.directories.values() if one.analytic_type == kind])


def _create(call: Call, identity: Identity, shelf: Shelf) -> Response:
    name = _named(call.body["name"], "name")
    return answer({"id": shelf.add_directory(name, call.body["analyticType"]).id})


def _rename(call: Call, identity: Identity, shelf: Shelf) -> Response:
    directory = shelf.find_directory(call.path["directoryId"])
    directory.name = _named(call.body["newName"], "newName")
    return Response()


def _delete(call: Call, identity: Identity, shelf: Shelf) -> Response:
    """Delete a directory; its analyses go to the default one of their type."""
    directory = shelf.find_directory(call.path["directoryId"])
    if directory.is_default:
        raise Refusal(400, "The default directory cannot be deleted")
    home = shelf.default_directory(directory.analytic_type).id
    for saved in shelf.analyses.values():
        if saved.directory == directory.id:
            saved.directory = home
    del shelf.directories[directory.id]
    return Response()


def _move(call: Call, identity: Identity, shelf: Shelf) -> Response:
    kind = str(call.body["analyticType"])
    saved = shelf.find(kind.lower(), call.path["analyticId"])
    directory = shelf.find_directory(call.body["newDir"])
    if directory.analytic_type != kind:
        raise Refusal(400, f"Directory {directory.id} is not of type {kind}")
    saved.directory = directory.id
    shelf.touch(saved, identity.actor)
    return Response()


def _batch_delete(call: Call, shelf: Shelf) -> Response:
    """Delete all that is named, or nothing when one of them does not exist."""
    doomed = [shelf.find(kind.name, item) for kind in KINDS.values() for item in call.body[f"{kind.parameter}s"]]
    for saved in doomed:
        shelf.analyses.pop(saved.id, None)
    return Response()


def _named(name: str, where: str) -> str:
    if not name.strip():
        raise Refusal(400, f"{where}: must not be blank")
    return name


def _item(directory: Directory) -> dict[str, Any]:
    return {
        "id": directory.id,
        "name": directory.name,
        "analyticType": directory.analytic_type,
        "isDefault": directory.is_default,
        "createdAt": directory.created,
        "updatedAt": directory.updated,
    }
