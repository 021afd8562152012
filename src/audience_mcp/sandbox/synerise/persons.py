"""Calculations for one profile: aggregates, expressions and segmentations."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.synerise import aggregates, expressions, segmentations
from audience_mcp.sandbox.synerise.calculation import Calculation
from audience_mcp.sandbox.synerise.calculations import V3, calculation
from audience_mcp.sandbox.synerise.fields import Fields
from audience_mcp.sandbox.synerise.profiles import find_profile
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.synerise.shelf import Saved, Shelf

AGGREGATES, EXPRESSIONS, SEGMENTATIONS = (
    f"/analytics/{{namespace}}/{kind}" for kind in ("aggregates", "expressions", "segmentations")
)
BY = "by/{identifierType}"
PERIODS = "/analytics/analytics/definitions-manager/aggregates/{aggregateId}/client/{clientId}/calculate/histogram"


def routes(service: Service) -> list[Route]:
    """The routes of calculations for one profile."""
    desk = _Desk(service)
    return [
        service.analytics("POST", f"{AGGREGATES}/preview/{BY}", desk.preview_aggregate),
        service.analytics("POST", f"{AGGREGATES}/profile-card/{BY}", desk.card("aggregate")),
        service.analytics("POST", f"{AGGREGATES}/{{aggregateId}}/calculate/{BY}", desk.saved("aggregate")),
        service.analytics("POST", PERIODS, desk.aggregate_by_period),
        service.analytics("POST", f"{EXPRESSIONS}/preview/{BY}", desk.preview_expression),
        service.analytics("POST", f"{EXPRESSIONS}/profile-card/{BY}", desk.card("expression")),
        service.analytics("POST", f"{EXPRESSIONS}/{{expressionId}}/calculate/{BY}", desk.saved("expression")),
        service.analytics("POST", f"{SEGMENTATIONS}/profile-card/{BY}", desk.card("segmentation")),
        service.analytics("POST", f"{SEGMENTATIONS}/check/{BY}", desk.check),
        service.analytics("POST", f"{V3}/segmentations/first-matching/{BY}", desk.first_matching),
    ]


class _Desk:
    def __init__(self, service: Service) -> None:
        self._service = service

    def saved(self, kind: str) -> Any:
        """Calculate a saved aggregate or expression."""

        def respond(call: Call, identity: Identity, shelf: Shelf) -> Response:
            made, profile = self._profile(call, shelf)
            return answer(_valued(made, shelf.find(kind, str(call.path[f"{kind}Id"])), profile))

        return respond

    def card(self, kind: str) -> Any:
        """Calculate all of a kind that are shown on profile cards."""

        def respond(call: Call, identity: Identity, shelf: Shelf) -> Response:
            made, profile = self._profile(call, shelf)
            shown = [
                saved
                for saved in shelf.analyses.values()
                if saved.kind == kind and saved.settings.get("isVisibleForClientProfile")
            ]
            return answer([_valued(made, saved, profile) for saved in shown])

        return respond

    def preview_aggregate(self, call: Call, identity: Identity, shelf: Shelf) -> Response:
        made, profile = self._profile(call, shelf)
        aggregate = aggregates.read(made, call.body["aggregate"])
        if aggregate.running:
            raise Refusal(400, "aggregate: only aggregates of type AGGREGATE can be previewed")
        identifier = made.world.identifier("preview", repr(call.body["aggregate"]))
        return answer(
            {
                "aggregateId": identifier,
                "aggregateuuid": identifier,
                "clientId": profile,
                "title": aggregate.title,
                "result": aggregates.value(made, aggregate, profile),
                "variables": made.keys.listed(),
                "dateFilter": call.body["aggregate"].get("dateFilter", {}),
                "analyticVersion": made.world.identifier("version", identifier),
            }
        )

    def preview_expression(self, call: Call, identity: Identity, shelf: Shelf) -> Response:
        made, profile = self._profile(call, shelf)
        expression = expressions.read(made, call.body["expression"])
        if expression.event is not None:
            raise Refusal(400, "expression: only expressions of type CLIENT can be previewed")
        return answer(
            {
                "expressionId": made.world.identifier("preview", repr(call.body["expression"])),
                "clientId": profile,
                "title": expression.title,
                "result": expressions.value(made, expression, profile),
                "variables": made.keys.listed(),
            }
        )

    def aggregate_by_period(self, call: Call, identity: Identity, shelf: Shelf) -> Response:
        saved = shelf.find("aggregate", call.path["aggregateId"])
        made = calculation(self._service, shelf, call.body)
        profile = find_profile(made, "id", str(call.path["clientId"]))
        result = aggregates.by_period(made, saved.definition, profile)
        made.keys.check()
        return answer(result)

    def check(self, call: Call, identity: Identity, shelf: Shelf) -> Response:
        made, profile = self._profile(call, shelf)
        saved = [shelf.find("segmentation", item) for item in call.body["segmentationIds"]]
        return answer(
            [
                {"segmentationId": one.id, "name": one.title, "belongs": _segment(made, one, profile) is not None}
                for one in saved
            ]
        )

    def first_matching(self, call: Call, identity: Identity, shelf: Shelf) -> Response:
        """The id of the first entry with a segmentation that holds the profile, null for none."""
        made, profile = self._profile(call, shelf)
        entries: list[tuple[str, list[Saved]]] = []
        for number, item in enumerate(call.body["segmentations"]):
            fields = Fields(item, f"segmentations[{number}]")
            name = fields.text("id")
            ids = fields.several("segmentationIds", least=1)
            fields.done()
            entries.append((name, [shelf.find("segmentation", str(one)) for one in ids]))
        for name, saved in entries:
            if any(_segment(made, one, profile) is not None for one in saved):
                return answer(name)
        return answer(None)

    def _profile(self, call: Call, shelf: Shelf) -> tuple[Calculation, int]:
        made = calculation(self._service, shelf)
        return made, find_profile(made, call.path["identifierType"], call.body["identifierValue"])


def _valued(made: Calculation, saved: Saved, profile: int) -> dict[str, Any]:
    if saved.kind == "aggregate":
        result = aggregates.value(made, aggregates.read(made, saved.definition), profile)
    elif saved.kind == "expression":
        result = expressions.value(made, expressions.read(made, saved.definition), profile)
    else:
        result = _segment(made, saved, profile)
    return {"clientId": profile, f"{saved.kind}Id": saved.id, "name": saved.title, "result": result}


def _segment(made: Calculation, saved: Saved, profile: int) -> str | None:
    return segmentations.segment_of(made, saved.definition, profile)
