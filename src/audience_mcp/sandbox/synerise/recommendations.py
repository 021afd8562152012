"""The metrics that recommendation campaigns can be judged by: a fixed list, as on the live service."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, answer
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.synerise.shelf import Shelf

METRICS = (
    {"id": "recommendation-views", "name": "Recommendation views", "unit": "count"},
    {"id": "recommendation-clicks", "name": "Recommendation clicks", "unit": "count"},
    {"id": "recommendation-ctr", "name": "Click-through rate", "unit": "percent"},
    {"id": "recommendation-revenue", "name": "Revenue after a click", "unit": "currency"},
)


def routes(service: Service) -> list[Route]:
    """The two routes of recommendation metrics."""

    def available(call: Call, identity: Identity, shelf: Shelf) -> Response:
        return answer(METRICS)

    def available_ids(call: Call, identity: Identity, shelf: Shelf) -> Response:
        return answer([metric["id"] for metric in METRICS])

    return [
        service.analytics("GET", "/metrics/v2/available", available),
        service.analytics("GET", "/metrics/v2/available-ids", available_ids),
    ]
