"""A running sandbox -> the credentials of each operation, and the ids that exist, so that cases get past the door."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.faraday.accounts import key_of
from audience_mcp.sandbox.giosg.service import token_of
from audience_mcp.sandbox.posthog.access import FULL, SESSION
from audience_mcp.sandbox.synerise import accounts

Json = dict[str, Any]
ANALYSES = (*("aggregate", "expression", "funnel", "histogram", "metric", "report", "sankey", "segmentation", "trend"),)
VERBS = ("create", "update", "preview")
JSON_TYPES: dict[str, type] = {"string": str, "array": list, "object": dict, "integer": int}
REFERRED = {"analysis", "aggregate", "expression", "identityProvider", "newDir", "analyticType"}  # to a schema
REFERRED |= {"aggregateDataBy", "dateFilter", "variables", "mfaType"}
SESSION_ONLY = {"get_persons_lifecycle", "get_persons_stickiness", "get_persons_trends"}


@dataclass
class Door:
    """`headers` of an identity or operation ("" for all others).

    `known` holds the only values of path parameters and log-in fields, `likely` those that other parameters and body
    fields of that name often have, so that some questions make sense; `own` has what is different for one operation.
    """

    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    known: dict[str, list[Any]] = field(default_factory=dict)
    likely: dict[str, list[Any]] = field(default_factory=dict)
    own: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def for_operation(self, operation: str) -> Door:
        """The door with what is this operation's own among the rest."""
        own = self.own.get(operation, {})
        known = {**self.known, **{name: values for name, values in own.items() if name in self.known}}
        return Door(self.headers, known, {**self.likely, **own})

    def headers_of(self, operation: Mapping[str, Any]) -> dict[str, str]:
        """What an operation is sent with."""
        identity = operation.get("x-tool", {}).get("identity", "workspace")
        names = (operation["operationId"], identity, "")
        return next((self.headers[name] for name in names if name in self.headers), {})

    def opened(self, document: Mapping[str, Any], sure: bool) -> Json:
        """The document with what is known written into it (when `sure`, what is likely as the only values too).

        Answers are not to be judged by it: they share schemas with requests.
        """
        raw = copy.deepcopy(dict(document))
        for node in _nodes(raw):
            if node.get("in") in ("path", "query"):
                holder = node if "schema" in node else node["content"]["application/json"]
                holder["schema"] = self._narrowed(holder["schema"], str(node["name"]), node["in"] == "path", sure)
            for name, schema in (node.get("properties") or {}).items():
                if isinstance(schema, dict):
                    secret = schema.get("x-credential")
                    node["properties"][name] = self._narrowed(schema, str(secret or name), secret is not None, sure)
                    if sure and (name in self.likely or secret in self.known) and name not in node.get("required", []):
                        node["required"] = [*node.get("required", []), name]
        return raw

    def _narrowed(self, schema: Json, name: str, only: bool, sure: bool) -> Json:
        if only and name in self.known:
            return {**schema, "enum": self.known[name]}
        if sure and name in REFERRED and self.likely.get(name):
            return {"enum": self.likely[name]}
        fitting = [
            one for one in self.likely.get(name, ()) if isinstance(one, JSON_TYPES.get(str(schema.get("type")), ()))
        ]
        if not fitting:
            return schema
        return {"enum": fitting} if sure else {"anyOf": [{"enum": fitting}, schema]}


def door(sandbox: Sandbox, provider: str, base: str) -> Door:
    """How to be let in by a provider's mount at `base`."""
    with httpx.Client(base_url=base) as http:
        made: Door = {"synerise": _synerise, "posthog": _posthog, "faraday": _faraday, "giosg": _giosg}[provider](
            sandbox, http
        )
    return made


def _synerise(sandbox: Sandbox, http: httpx.Client) -> Door:
    keys = accounts.Keys.of(sandbox.state.world)
    workspace, profile = next(iter(keys.workspace)), next(iter(keys.profile))
    guid = str(sandbox.state.world.workspaces[0].synerise_guid)
    log_in = {"username": accounts.ANALYST.username, "password": accounts.PASSWORD}
    user = _token(http, "/uauth/auth/login/user", log_in)
    user = _token(http, f"/uauth/auth/login/user/profile/{guid}", {}, user)
    anonymous = {"apiKey": profile, "uuid": "11111111-2222-4333-8444-555555555555"}
    unverified = _token(http, "/uauth/auth/login/user", {**log_in, "username": accounts.OWNER.username})
    headers = {
        "none": {},
        "user": _bearer(user),
        "verify_user_mfa": _bearer(unverified),
        "profile": _bearer(_token(http, "/sauth/v3/auth/login/client/anonymous", anonymous)),
        "": _bearer(_token(http, "/uauth/v2/auth/login/profile", {"apiKey": workspace})),
    }
    known: dict[str, list[Any]] = {
        "businessProfileUUID": [str(item.synerise_guid) for item in sandbox.state.world.workspaces],
        "namespace": ["profiles"],
        "username": [accounts.ANALYST.username],
        "password": [accounts.PASSWORD],
        "api_key": [workspace],
        "profile_api_key": [profile],
        "profile_password": [accounts.PROFILE_PASSWORD],
        "identity_provider_token": [accounts.IDENTITY_PROVIDER_TOKEN],
        "clientId": [row["profile_id"] for row in sandbox.state.world.rows("SELECT profile_id FROM profiles LIMIT 5")],
    }
    folders: set[str] = set()
    for kind in ANALYSES:
        listed = http.get(f"/analytics/profiles/{kind}s", headers=headers[""]).json()["data"]
        known[f"{kind}Id"] = [item["id"] for item in listed]
        folders |= {item["directoryId"] for item in listed if item.get("directoryId")}
    known["analyticId"] = [known[f"{kind}Id"][0] for kind in ANALYSES]
    known["directoryId"] = sorted(folders)
    people = sandbox.state.world.rows("SELECT custom_id, email FROM profiles WHERE workspace = 'main' LIMIT 5")
    definitions = dict(zip(ANALYSES, _definitions(http, known, headers[""]), strict=True))
    likely: dict[str, list[Any]] = {
        "analysis": list(definitions.values()),
        "aggregate": [definitions["aggregate"]],
        "expression": [definitions["expression"]],
        "aggregateDataBy": [{"type": "WEEKS", "value": 1}],
        "dateFilter": [{}, {"type": "ABSOLUTE", "from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z"}],
        "variables": [[]],
        "verificationCode": [accounts.VERIFICATION_CODE],
        "mfaType": ["EMAIL"],
        "identifierValue": [row["custom_id"] for row in people],
        "newDir": known["directoryId"],
        "identityProvider": ["SYNERISE", "GOOGLE"],
        "email": [row["email"] for row in people],
        "uuid": ["11111111-2222-4333-8444-555555555555"],
    }
    metric = http.get(f"/analytics/profiles/metrics/{known['metricId'][0]}", headers=headers[""]).json()
    moved = {"analyticId": [metric["id"]], "analyticType": ["METRIC"], "newDir": [metric["directoryId"]]}
    own = {f"{verb}_{kind}": {"analysis": [definitions[kind]]} for verb in VERBS for kind in ANALYSES}
    own["preview_segmentation_profiles"] = own["preview_segmentation"]
    known["identifierType"] = ["custom_identify"]
    return Door(headers, known, likely, {**own, "move_analysis": moved})


def _posthog(sandbox: Sandbox, http: httpx.Client) -> Door:
    project = sandbox.state.world.workspaces[0].posthog_project
    headers = {"": _bearer(FULL.value), **{name: _bearer(SESSION.value) for name in SESSION_ONLY}}
    cohorts = http.get(f"/api/projects/{project}/cohorts/", headers=headers[""]).json()["results"]
    people = http.get(f"/api/projects/{project}/persons/", headers=headers[""]).json()["results"]
    ids = [item["id"] for item in people]
    likely = {
        "person_ids": [ids[:3]],
        "person_id": ids[:5],
        "target_date": ["-3d", "2026-01-01", "mStart"],
        "timestamp": [f"{sandbox.state.world.since.isoformat()}Z"],
        "date_from": ["-30d", "all"],
        "entity_id": ["page.visit", "transaction.charge"],
        "events": [[{"id": "page.visit", "type": "events"}]],
        "key": ["tier", "birth_year", "$device_type"],
        "query": ["select event, count() from events group by event", "select id as person_id from persons limit 9"],
    }
    # a cohort's id is a number and a person's a UUID, both are called id: each schema takes what is of its type
    known = {
        "project_id": [str(project)],
        "organization_id": [str(sandbox.state.world.workspaces[0].posthog_organization)],
        "id": [item["id"] for item in (*cohorts, *people[:5])],
    }
    return Door(headers, known, likely)


def _faraday(sandbox: Sandbox, http: httpx.Client) -> Door:
    headers = {"": _bearer(key_of(sandbox.state.world.workspaces[0]))}
    sets = http.get("/v1/persona_sets", headers=headers[""]).json()
    return Door(headers, {"persona_set_id": [item["id"] for item in sets]})


def _giosg(sandbox: Sandbox, http: httpx.Client) -> Door:
    workspace = sandbox.state.world.workspaces[0]
    headers = {"": {"Authorization": f"Token {token_of(workspace)}"}}
    organization = str(workspace.giosg_organization)
    workflows = http.get(f"/api/objectives/v1/orgs/{organization}/workflows", headers=headers[""]).json()
    known = {
        "organization_id": [organization],
        "workflow_id": [item["id"] for item in workflows],
        "step_index": [1, 2, 9],
    }
    likely = {
        "start": [f"{sandbox.state.world.since.isoformat()}Z"],
        "end": [f"{sandbox.state.world.now.isoformat()}Z"],
        "time_zone": ["Europe/Warsaw"],
        "property": ["label", "action"],
    }
    return Door(headers, known, likely)


def _definitions(http: httpx.Client, known: dict[str, list[Any]], headers: dict[str, str]) -> list[Json]:
    """The analyses that are saved, one of each kind."""
    paths = [f"/analytics/profiles/{kind}s/{known[f'{kind}Id'][-1]}" for kind in ANALYSES]
    return [http.get(path, headers=headers).json()["analysis"] for path in paths]


def _token(http: httpx.Client, path: str, body: Json, token: str | None = None) -> str:
    answer = http.post(path, json=body, headers=_bearer(token) if token else {})
    answer.raise_for_status()
    return str(answer.json()["token"])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _nodes(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)
