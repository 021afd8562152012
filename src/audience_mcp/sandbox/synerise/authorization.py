"""The log-ins of operators: workspace keys, users with their second factor, and the selection of a workspace."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Refusal, answer
from audience_mcp.sandbox.synerise.accounts import EXTERNAL_PROVIDER_TOKEN, PASSWORD, USERS, VERIFICATION_CODE, User
from audience_mcp.sandbox.synerise.service import Identity, Service
from audience_mcp.sandbox.world import Workspace

DEVICE_SECONDS = 8 * 3600  # a device that gave the second factor is not asked again for so long
AUTHORITIES = [
    "ANALYTICS",
    "ANALYTICS_AGGREGATES",
    "ANALYTICS_TRENDS",
    "CLIENT_ANALYTICS_PREVIEW",
    "CAMPAIGNS_RECOMMENDATIONS",
]


def routes(service: Service) -> list[Route]:
    """The operators' routes."""
    desk = _Desk(service)
    return [
        service.route("POST", "/uauth/auth/login/user", desk.log_in),
        service.route("POST", "/uauth/auth/login/user/mfa/verification", desk.verify, "unverified"),
        service.route("POST", "/uauth/auth/login/user/profile/{businessProfileUUID}", desk.select, "user"),
        service.route("GET", "/uauth/business-profile/", desk.workspaces, "user"),
        service.route("GET", "/uauth/business-profile/current", desk.current, "user"),
        service.route("POST", "/uauth/v2/auth/login/profile", desk.log_in_workspace),
        service.route("POST", "/v4/auth/login/profile", desk.log_in_workspace),
        service.route("GET", "/v4/auth/refresh/profile", desk.refresh, "workspace"),
        service.route("POST", "/uauth/api-key/permission-check", desk.check_permissions, "workspace"),
    ]


class _Desk:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._world = service.state.world

    def log_in(self, call: Call, identity: Identity) -> Response:
        user = USERS.get(call.body["username"])
        by_password = call.body["password"] == PASSWORD
        by_provider = call.body.get("externalProviderToken") == EXTERNAL_PROVIDER_TOKEN
        if user is None or not (by_password or by_provider):
            raise Refusal(401, "Bad credentials")
        known = self._service.known_devices.get((user.username, call.body.get("deviceId", "")), 0)
        owed = () if known > self._service.state.clock() else user.mfa
        return answer({**self._session(user, None, owed), "mfaMethods": list(owed)})

    def verify(self, call: Call, identity: Identity) -> Response:
        user = _user(identity)
        if call.query["mfaType"] not in user.mfa:
            raise Refusal(400, f"mfaType {call.query['mfaType']} is not set up for this user")
        if call.body["verificationCode"] != VERIFICATION_CODE:
            raise Refusal(401, "Verification code is invalid")
        if device := call.body.get("deviceId"):
            self._service.known_devices[user.username, device] = self._service.state.clock() + DEVICE_SECONDS
        return answer({**self._session(user, None), "mfaMethods": []})

    def select(self, call: Call, identity: Identity) -> Response:
        wanted = str(call.path["businessProfileUUID"]).lower()
        for workspace in self._world.workspaces:
            if str(workspace.synerise_guid) == wanted:
                call.runs_in(workspace.key)
                return answer(self._session(_user(identity), workspace))
        raise Refusal(403, "The user has no access to this business profile")

    def workspaces(self, call: Call, identity: Identity) -> Response:
        return answer([_item(workspace) for workspace in self._world.workspaces])

    def current(self, call: Call, identity: Identity) -> Response:
        if identity.workspace is None:
            return answer({"selected": False, "data": None})
        return answer({"selected": True, "data": _item(self._world.workspace(identity.workspace))})

    def log_in_workspace(self, call: Call, identity: Identity) -> Response:
        key = call.body["apiKey"]
        found = self._service.keys.workspace.get(key)
        if found is None:
            raise Refusal(401, "Invalid API key")
        call.runs_in(found)
        return answer({"token": self._workspace_token(found, key)})

    def refresh(self, call: Call, identity: Identity) -> Response:
        assert identity.workspace is not None  # consumer "workspace"
        if "exp" not in identity.claims:
            raise Refusal(403, "Only a token can be refreshed")
        return answer({"token": self._workspace_token(identity.workspace, identity.claims["apk"])})

    def check_permissions(self, call: Call, identity: Identity) -> Response:
        assert identity.workspace is not None
        known = self._known_permissions()
        return answer(
            {
                "businessProfileName": self._world.workspace(identity.workspace).name,
                "permissions": [name in known for name in call.body],
            }
        )

    def _known_permissions(self) -> set[str]:
        """Every permission the document names; the sandbox's keys have them all but those withheld."""
        entries = self._service.state.contract("synerise").document.entries()
        named = {name for entry in entries for name in entry.node.get("x-tool", {}).get("permissions", [])}
        return named - self._service.state.withheld

    def _workspace_token(self, workspace: str, key: str) -> str:
        return self._service.token("business_profile", self._world.workspace(workspace), apk=key)

    def _session(self, user: User, workspace: Workspace | None, owed: tuple[str, ...] = ()) -> dict[str, Any]:
        token = self._service.token("user", workspace, uid=user.id, eml=user.username, mfa="pending" if owed else None)
        consumer = {
            "type": "USER",
            "businessProfileId": workspace.synerise_id if workspace else None,
            "name": user.username,
            "id": user.id,
            "authorities": AUTHORITIES if workspace else [],
            "roles": "-2",
        }
        return {"token": token, "consumer": consumer}


def _user(identity: Identity) -> User:
    return USERS[identity.claims["eml"]]


def _item(workspace: Workspace) -> dict[str, Any]:
    return {"id": workspace.synerise_id, "guid": workspace.synerise_guid, "name": workspace.name}
