"""Arguments with which every operation succeeds on the sandbox: ids it lists, definitions it saved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from audience_mcp.app import App
from audience_mcp.call.asker import NoAsker
from audience_mcp.openapi.operation import Operation

LISTS = {
    "aggregateId": ("synerise_list_aggregates", "aggregates", "synerise_get_aggregate"),
    "expressionId": ("synerise_list_expressions", "expressions", "synerise_get_expression"),
    "funnelId": ("synerise_list_funnels", "funnels", "synerise_get_funnel"),
    "histogramId": ("synerise_list_histograms", "histograms", "synerise_get_histogram"),
    "metricId": ("synerise_list_metrics", "metrics", "synerise_get_metric"),
    "reportId": ("synerise_list_reports", "reports", "synerise_get_report"),
    "sankeyId": ("synerise_list_sankeys", "sankeys", "synerise_get_sankey"),
    "segmentationId": ("synerise_list_segmentations", "segmentations", "synerise_get_segmentation"),
    "trendId": ("synerise_list_trends", "trends", "synerise_get_trend"),
}
BY_TOOLSET = {toolset: name for name, (_, toolset, _) in LISTS.items()}
RELATIVE = {"type": "RELATIVE", "offset": {"type": "DAYS", "value": 0}, "duration": {"type": "DAYS", "value": 30}}
INTERVAL = {"start": "2026-06-01T00:00:00Z", "end": "2026-11-20T00:00:00Z"}
COHORT_FILTERS = {
    "properties": {
        "type": "OR",
        "values": [
            {"type": "AND", "values": [{"type": "person", "key": "email", "operator": "is_set", "value": "is_set"}]}
        ],
    }
}
CODE = "246810"
UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


class Samples:
    """Finds what each argument needs, asking the program itself."""

    async def of(self, operation: Operation, app: App) -> dict[str, Any]:
        """Arguments of one operation: all that are required, and what makes it answer."""
        schema = app.catalog.call_target(operation.name).schema
        found: dict[str, Any] = {}
        for argument in operation.arguments:
            if argument.required or argument.name in ("verificationCode", "mfaType", "analysis"):
                found[argument.name] = await self._value(operation, argument.name, schema, app)
        await self._adjust(operation, found, app)
        return found

    async def _value(self, operation: Operation, name: str, schema: Mapping[str, Any], app: App) -> Any:
        delete = operation.access == "destructive"
        if operation.provider == "synerise" and name in LISTS:
            items = (await data(app, LISTS[name][0]))["data"]
            plain = [item for item in items if item.get("aggregateType") != "RUNNING_AGGREGATE"]
            return plain[-1 if delete else 0]["id"]
        if name == "analysis":
            return await self._analysis(operation, app)
        match name:
            case "id" if operation.toolset == "persons":
                return (await data(app, "posthog_list_persons"))["results"][0]["id"]
            case "id":
                return (await self._cohort(app, static="static" in operation.id and "duplicate" not in operation.id))[
                    "id"
                ]
            case "person_ids":
                return [(await data(app, "posthog_list_persons"))["results"][0]["id"]]
            case "person_id":
                return (await data(app, "posthog_list_persons"))["results"][0]["id"]
            case "persona_set_id":
                return (await data(app, "faraday_list_persona_sets"))[0]["id"]
            case "workflow_id":
                return (await data(app, "giosg_list_workflows"))[0]["id"]
            case "organization_id":
                return (await data(app, "posthog_list_organizations"))["results"][0]["id"]
            case "businessProfileUUID":
                return (await data(app, "synerise_list_workspaces"))[0]["guid"]
            case "directoryId":
                made = await data(app, "synerise_create_directory", {"name": "Sample", "analyticType": "FUNNEL"})
                return made["id"]
            case "newDir":
                made = await data(app, "synerise_create_directory", {"name": "Target", "analyticType": "FUNNEL"})
                return made["id"]
            case "analyticId":
                return (await data(app, "synerise_list_funnels"))["data"][0]["id"]
            case "identifierType":
                return "email"
            case "identifierValue":
                return await self._email(app)
            case "clientId":
                return (await self._calculated(app))["clientId"]
            case "dateFilter":
                return RELATIVE
            case "aggregateDataBy":
                return {"type": "DAYS", "value": 7}
            case "variables":
                return []
            case "segmentationIds":
                return [(await data(app, "synerise_list_segmentations"))["data"][0]["id"]]
            case "segmentations":
                every = (await data(app, "synerise_list_segmentations"))["data"]
                return [{"id": UUID, "segmentationIds": [item["id"] for item in every]}]
            case "aggregate" | "expression":
                for item in (await data(app, f"synerise_list_{name}s"))["data"]:
                    saved = (await data(app, f"synerise_get_{name}", {f"{name}Id": item["id"]}))["analysis"]
                    if saved.get("type") not in ("EVENT", "RUNNING_AGGREGATE"):
                        return saved
            case "interval":
                return INTERVAL
            case "filters" if operation.provider == "giosg":
                return []
            case "query":
                return {"kind": "HogQLQuery", "query": "select event, count() from events group by event"}
            case "verificationCode":
                return CODE
            case "mfaType":
                return "TOTP_AUTHENTICATOR"
            case "timestamp":
                return "2026-11-01T00:00:00Z"
            case "key":
                return "email"
        return _plain(schema["properties"][name], schema)

    async def _analysis(self, operation: Operation, app: App) -> Any:
        name = BY_TOOLSET[operation.toolset]
        listing, _, details = LISTS[name]
        for item in (await data(app, listing))["data"]:
            if item.get("aggregateType") != "RUNNING_AGGREGATE":
                return (await data(app, details, {name: item["id"]}))["analysis"]
        raise LookupError(operation.name)

    async def _cohort(self, app: App, *, static: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"name": "Sample", "is_static": static}
        if static:
            people = (await data(app, "posthog_list_persons"))["results"]
            body["_create_static_person_ids"] = [people[0]["id"]]
        else:
            body["filters"] = COHORT_FILTERS
        made = await data(app, "posthog_create_cohort", body)
        # Population is asynchronous: the second look finds it done.
        await data(app, "posthog_get_cohort", {"id": made["id"]})
        ready: dict[str, Any] = await data(app, "posthog_get_cohort", {"id": made["id"]})
        return ready

    async def _calculated(self, app: App) -> dict[str, Any]:
        """An aggregate's value for one person, which tells the person's numeric id."""
        items = (await data(app, "synerise_list_aggregates", {"aggregateType": "AGGREGATE"}))["data"]
        who = {"identifierType": "email", "identifierValue": await self._email(app)}
        value: dict[str, Any] = await data(app, "synerise_calculate_aggregate", {"aggregateId": items[0]["id"], **who})
        return value

    async def _segmented(self, app: App) -> str:
        """The e-mail of somebody who is in a segmentation."""
        ids = [item["id"] for item in (await data(app, "synerise_list_segmentations"))["data"]][:10]
        for person in (await data(app, "posthog_list_persons"))["results"]:
            email = person["properties"].get("email")
            who = {"identifierType": "email", "identifierValue": email, "segmentationIds": ids}
            if email and any(
                True in item.values() for item in await data(app, "synerise_check_profile_segmentations", who)
            ):
                return str(email)
        raise LookupError("nobody is in a segmentation")

    async def _email(self, app: App) -> str:
        people = (await data(app, "posthog_list_persons"))["results"]
        return str(next(person["properties"]["email"] for person in people if person["properties"].get("email")))

    async def _adjust(self, operation: Operation, found: dict[str, Any], app: App) -> None:
        match operation.id:
            case "create_cohort":
                found |= {"name": "Sample", "filters": COHORT_FILTERS}
            case "update_cohort":
                found |= {"name": "Renamed"}
            case "get_person_properties_at_time":
                found["person_id"] = (await data(app, "posthog_list_persons"))["results"][0]["id"]
            case "calculate_dynamic_metric" | "calculate_dynamic_segmentation":
                found["variables"] = []
            case "log_in_profile" | "log_in_profile_from_server" | "log_in_profile_conditionally":
                found |= {"identityProvider": "SYNERISE", "email": await self._email(app), "uuid": UUID}
                if "conditionally" in operation.id:
                    await self.log_in_a_profile(app)
            case "refresh_profile_token":
                await self.log_in_a_profile(app)
            case "delete_analyses":
                found |= {name: [] for name in found}
            case "find_matching_segmentation":
                found["identifierValue"] = await self._segmented(app)
            case "move_analysis":
                found["analyticType"] = "FUNNEL"

    async def log_in_a_profile(self, app: App) -> None:
        """Give the session a profile's token, which some log-ins continue."""
        await data(app, "synerise_log_in_anonymous_profile", {"uuid": UUID})


async def data(app: App, tool: str, arguments: dict[str, Any] | None = None) -> Any:
    """The full answer of another tool."""
    told = await app.dispatcher.run(tool, arguments or {}, NoAsker())
    assert not told.is_error, told.text
    assert told.outcome is not None
    return app.store.get(told.outcome.handle).answer().value if told.outcome.handle else json.loads("null")


def _plain(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A simple value that obeys a schema."""
    if "$ref" in node:
        return _plain(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], schema)
    if "enum" in node:
        return node["enum"][0]
    for word in ("anyOf", "oneOf"):
        if word in node:
            return _plain(node[word][0], schema)
    match node.get("type"):
        case "object":
            return {name: _plain(node["properties"][name], schema) for name in node.get("required", [])}
        case "array":
            return [_plain(node["items"], schema) for _ in range(node.get("minItems", 0))]
        case "integer" | "number":
            return node.get("minimum", 1)
        case "boolean":
            return True
    return {"uuid": UUID, "date-time": "2026-11-01T00:00:00Z"}.get(node.get("format", ""), "sample")
