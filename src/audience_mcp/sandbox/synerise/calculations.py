"""Previews, recalculations and calculations with overrides of the analyses that look at everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.synerise import funnels, metrics, reports, sankeys, segmentations, series
from audience_mcp.sandbox.synerise.calculation import Calculation, Definition
from audience_mcp.sandbox.synerise.keys import DynamicKeys
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.synerise.shelf import Shelf

V3 = "/analytics/analytics/v3"
REPORTS = "/analytics/analytics/v4/reports"
OVERRIDES = ("dateFilter", "aggregateDataBy", "filter")
UTF8 = "application/json;charset=UTF-8"

Compute = Callable[[Calculation, Definition], Any]
ComputeNullable = Callable[[Calculation, Definition, bool], Any]


def routes(service: Service) -> list[Route]:
    """The routes of calculations."""
    return [
        *_previews(service),
        _saved(service, f"{V3}/funnels/{{funnelId}}/calculate", "funnel", funnels.calculate, UTF8),
        _saved(service, f"{V3}/histograms/{{histogramId}}/calculate", "histogram", series.calculate_histogram),
        _saved(service, f"{V3}/trends/{{trendId}}/calculate", "trend", series.calculate_trend),
        _saved(service, f"{V3}/metrics/{{metricId}}/calculate", "metric", metrics.calculate),
        _saved(service, f"{V3}/metrics/{{metricId}}/calculate-dynamic", "metric", metrics.calculate),
        _saved(service, f"{V3}/metrics/{{metricId}}/recalculate", "metric", metrics.calculate),
        _saved(service, f"{REPORTS}/{{reportId}}/calculate", "report", reports.calculate),
        _saved(service, f"{REPORTS}/{{reportId}}/recalculate", "report", reports.calculate),
        _saved(
            service, f"{V3}/segmentations/{{segmentationId}}/calculate-dynamic", "segmentation", segmentations.calculate
        ),
        service.analytics("GET", f"{V3}/metrics/histogram-metrics", _histogram_metrics),
    ]


def calculation(service: Service, shelf: Shelf, body: Mapping[str, Any] | None = None) -> Calculation:
    """A calculation in a workspace with the variables and overrides of a request."""
    given = body or {}
    return Calculation(
        service.state.world,
        shelf.workspace.key,
        shelf.definition,
        DynamicKeys(given.get("variables", [])),
        {name: given[name] for name in OVERRIDES if name in given},
    )


def _previews(service: Service) -> list[Route]:
    kinds: list[tuple[str, Compute, str]] = [
        (f"{V3}/funnels/preview", funnels.calculate, "application/json"),
        (f"{V3}/histograms/preview", series.calculate_histogram, "application/json"),
        (f"{V3}/trends/preview", series.calculate_trend, "application/json"),
        (f"{V3}/metrics/preview", metrics.calculate, "application/json"),
        (f"{V3}/sankeys/preview", sankeys.calculate, UTF8),
    ]
    nullable: list[tuple[str, ComputeNullable]] = [
        (f"{V3}/segmentations/preview", segmentations.calculate),
        (f"{V3}/segmentations/preview/profiles", segmentations.preview_profiles),
        (f"{REPORTS}/preview", reports.calculate),
        (f"{REPORTS}/preview/csv", reports.calculate_csv),
    ]

    def plain(compute: Compute, media: str) -> Callable[[Call, Identity, Shelf], Response]:
        return lambda call, identity, shelf: answer(
            compute(calculation(service, shelf), _definition(call)), media_type=media
        )

    def with_nulls(compute: ComputeNullable) -> Callable[[Call, Identity, Shelf], Response]:
        def respond(call: Call, identity: Identity, shelf: Shelf) -> Response:
            result = compute(calculation(service, shelf), _definition(call), call.body.get("allowNull", True))
            return Response(result, media_type="text/csv") if isinstance(result, str) else answer(result)

        return respond

    return [
        *(service.analytics("POST", path, plain(compute, media)) for path, compute, media in kinds),
        *(service.analytics("POST", path, with_nulls(compute)) for path, compute in nullable),
    ]


def _saved(service: Service, path: str, kind: str, compute: Any, media: str = "application/json") -> Route:
    """A calculation of a saved analysis; a report keeps to what it was saved with about nulls."""

    def respond(call: Call, identity: Identity, shelf: Shelf) -> Response:
        saved = shelf.find(kind, str(call.path[f"{kind}Id"]))
        made = calculation(service, shelf, call.body)
        settings = {"allow_null": saved.settings.get("allowNull", True)} if kind == "report" else {}
        result = compute(made, saved.definition, **settings)
        made.keys.check()
        return answer(result, media_type=media)

    return service.analytics("POST", path, respond)


def _definition(call: Call) -> Definition:
    definition = (call.body or {}).get("analysis")
    if not isinstance(definition, Mapping):
        raise Refusal(400, "analysis: must not be null")
    return definition


def _histogram_metrics(call: Call, identity: Identity, shelf: Shelf) -> Response:
    usable = [saved for saved in shelf.analyses.values() if saved.kind == "metric"]
    return answer([{"id": saved.id, "name": saved.title} for saved in usable], media_type=UTF8)
