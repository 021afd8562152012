"""Synerise: a workspace key (exchanged for a token, or as Basic), a user with a second factor, and profile tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from audience_mcp.errors import (
    AudienceError,
    Conflict,
    CredentialsMissing,
    CredentialsRejected,
    NotFound,
    PermissionDenied,
    ProviderUnavailable,
    RateLimited,
    SecondFactorRequired,
    Timeout,
    WorkspaceUnknown,
)
from audience_mcp.openapi.operation import Identity
from audience_mcp.providers.base import Login, Provider, Surroundings, Token, Workspace
from audience_mcp.providers.synerise.answers import (
    AUTHENTICATOR,
    Pending,
    factor_due,
    moment,
    second_factors,
    token_of,
    told_of_profile,
    user_name,
    workspace_items,
    workspace_name,
)
from audience_mcp.providers.synerise.basic import basic_token, wrong_guid
from audience_mcp.settings import Variable

KEY, USER, PROFILE = "key", "user", "profile"


class SyneriseLogin(Login):
    """Tokens of one credential: the key's, the user's (one per workspace), and the profile's, never mixed up."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._as_user = False
        self._user_name: str | None = None
        self._pending: Pending | None = None
        self._latest: str | None = None  # GUID of the workspace the user selected last
        self._guids: dict[str, str] = {}
        self._own: Workspace | None = None

    async def token(self, identity: Identity, workspace: Workspace | None, event: str | None = None) -> Token:
        if identity == "none":
            return Token()
        if event == "mfa":
            return await self._token_of_factor()
        if event == "workspace_refresh":
            return await self._key()  # only the key's token can be renewed there; a user's must not take its place
        if identity == "profile":
            return self._profile_token()
        as_user = identity == "user" or self._as_user or not self._has_key
        if not as_user and self._is_keys(workspace):
            return self._basic() or await self._key()
        if workspace is not None:
            return await self._user_in(await self._guid_of(workspace))
        return await self._user() if event == "select_workspace" else await self._latest_user()

    def serves(self, identity: Identity) -> bool:
        return {"user": self._has_user, "workspace": self._has_key or self._has_user}.get(identity, True)

    def own_workspace(self) -> Workspace | None:
        if not self._has_key:
            return None
        guid = self.credential.plain.get("workspace_guid") if self._is_basic else None
        return self._own or Workspace("synerise", guid, label=self.credential.label)

    async def workspaces(self) -> list[Workspace]:
        """The key's own and all of the user's; one that cannot be asked does not hide the other (`unreached` tells)."""
        reached: list[Workspace] = []
        self.unreached = None
        if not self._has_key and not self._has_user:
            self._secret(*self._missing())
        if self._has_key:
            try:
                reached.append(await self._identify_own())
            except AudienceError as error:
                self.unreached = error
        if self._has_user:
            try:
                found = await self._users_workspaces()
            except AudienceError as error:
                self.unreached, found = error, []
            twins = [workspace for workspace in found if self._own and workspace.ids & self._own.ids]
            if twins:
                reached, self._own = [], twins[0]
            reached += found
        if not reached and self.unreached is not None:
            raise self.unreached
        return reached

    async def identified(self, workspace: Workspace) -> Workspace:
        if self._has_key and self._is_keys(workspace):
            return await self._identify_own()
        return await super().identified(workspace)

    async def stray(self) -> AudienceError | None:
        basic = self._basic() if self._has_key and self.credential.plain.get("workspace_guid") else None
        return await wrong_guid(self._ask, basic, self._variable) if basic else None

    def reject(self, token: Token) -> None:
        super().reject(token)
        # A wrong code is refused like an old token: the log-in goes on waiting while its token is known to last.
        if self._pending and self._pending.token is token and not (token.expires and self._is_valid(token)):
            self._pending = None

    def session_value(self, wanted: str) -> str | None:
        if wanted == "mfa_type":
            return self._pending.methods[0] if self._pending else AUTHENTICATOR
        if wanted == "device_id":
            # One stable name per user, so that a confirmed second factor holds for its 8 hours.
            user = self.credential.secrets.get("username")
            digest = hashlib.sha256(user.get_secret_value().encode()).hexdigest() if user else ""
            return f"audience-mcp-{digest[:12]}"
        return None

    def selects(self, event: str, arguments: Mapping[str, Any]) -> str | None:
        # With the label: the user's own entry is meant, should a key of another label reach the same workspace.
        return f"{arguments['businessProfileUUID']}@{self.credential.label}" if event == "select_workspace" else None

    def learn(self, event: str, arguments: Mapping[str, Any], answer: Any) -> Mapping[str, Any]:
        if event.startswith("profile"):
            return self._learn_profile(answer)
        token, claims = token_of(answer)
        until = moment(token.expires)
        if event in ("workspace_login", "workspace_refresh"):
            self._tokens[KEY], self._as_user = token, False
            self._own_is(claims.workspace)
            return {"logged in": "workspace key", "workspace id": claims.workspace, "until": until}
        name = user_name(answer)
        methods = second_factors(answer)
        if event == "user_login" and methods:
            self._pending = Pending(token, methods, explicit=True)
            return {
                "user": name,
                "second factor": ", ".join(methods),
                "next": "ask the user for the code, then synerise_verify_user_mfa",
            }
        # A second factor that some call needed finishes that log-in and changes nobody's role.
        self._as_user = self._as_user or event != "mfa" or self._pending is None or self._pending.explicit
        self._user_name, self._pending = name, None
        if event == "select_workspace":
            self._latest = str(arguments["businessProfileUUID"])
            self._tokens[_user_key(self._latest)] = token
            return {"user": name, "workspace": self._latest, "until": until}
        self._tokens[USER], self._latest = token, None
        return {"user": name, "until": until, "next": "select_workspace"}

    async def confirm_factor(self, code: str) -> None:
        if self._pending is None:
            return await super().confirm_factor(code)
        arguments = {
            "mfaType": self._pending.methods[0],
            "verificationCode": code,
            "deviceId": self.session_value("device_id"),
        }
        token = self._pending.token
        try:
            answer = await self._ask("verify_user_mfa", arguments, token)
        except CredentialsRejected:
            self.reject(token)
            raise
        self.learn("mfa", arguments, answer)

    def status(self) -> Mapping[str, Any]:
        forms = []
        if self._has_key:
            forms.append("workspace key (Basic)" if self._is_basic else "workspace key")
        if self._has_user:
            forms.append("user")
        told: dict[str, Any] = {"form": " + ".join(forms) or "profile log-ins only"}
        if self._as_user:
            told["acting as"] = self._user_name or "user"
        if self._pending:
            told["waiting for"] = "second factor: " + ", ".join(self._pending.methods)
        for kind, kept in ((KEY, KEY), (USER, _user_key(self._latest)), (PROFILE, PROFILE)):
            token = self._tokens.get(kept)
            if token and token.expires:
                told[f"{kind} token until"] = moment(token.expires)
        return told

    # --- the key

    @property
    def _is_basic(self) -> bool:
        return self.credential.plain.get("auth", "").strip().lower() == "basic"

    @property
    def _has_key(self) -> bool:
        return "api_key" in self.credential.secrets

    def _basic(self) -> Token | None:
        if not self._is_basic:
            return None
        guid = self.credential.plain.get("workspace_guid", "").strip()
        if not guid:
            raise CredentialsMissing(
                "Basic authorization needs the workspace's GUID beside the key.",
                f"The user sets {self._variable('SYNERISE_WORKSPACE_GUID')},"
                f" or removes {self._variable('SYNERISE_AUTH')}=basic.",
                provider="synerise",
            )
        return basic_token(guid, self._secret("api_key", "SYNERISE_API_KEY"))

    async def _key(self) -> Token:
        async def mint() -> Token:
            token, claims = token_of(await self._ask("log_in_workspace", {}, Token()))
            self._own_is(claims.workspace)
            return token

        return await self._cached(KEY, mint)

    def _own_is(self, number: str | None) -> None:
        """Note the workspace a key's token names; with Basic the GUID is known, and better."""
        if self._own is None and not self._is_basic:
            self._own = Workspace("synerise", number, label=self.credential.label)

    def _is_keys(self, workspace: Workspace | None) -> bool:
        """Whether the key is for `workspace`; a workspace without an id is the key's own."""
        own = self.own_workspace()
        if workspace is None or workspace.id is None or own is None:
            return True
        return bool(workspace.ids & own.ids) or (own.id is None and not self._has_user)

    async def _identify_own(self) -> Workspace:
        token = self._basic() or await self._key()
        own = self.own_workspace()
        if own is not None and own.name is not None:
            return own
        try:
            name = workspace_name(await self._ask("check_permissions", {"permissions": []}, token))
        except AudienceError as error:
            name = None  # a name is a courtesy; a key that may not ask for it still works
            if isinstance(error, ProviderUnavailable | Timeout | RateLimited | CredentialsRejected):
                self.unreached = error  # it has one all the same, by which it is looked for: asked again soon
        own = self.own_workspace()  # as it is now: another call may have learned more meanwhile
        assert own is not None
        self._own = own if own.name is not None else replace(own, name=name)
        return self._own

    # --- the user

    @property
    def _has_user(self) -> bool:
        secrets = self.credential.secrets
        return "username" in secrets and ("password" in secrets or "external_provider_token" in secrets)

    def _missing(self) -> tuple[str, str]:
        """The secret that would make a log-in possible, and its variable."""
        if "username" in self.credential.secrets:
            return "password", "SYNERISE_PASSWORD"
        return ("username", "SYNERISE_USERNAME") if self._has_key else ("api_key", "SYNERISE_API_KEY")

    async def _user(self) -> Token:
        async def mint() -> Token:
            if self._pending is not None and self._lasts(self._pending.token):
                raise factor_due(self._pending.methods)
            self._pending = None
            if not self._has_user:
                self._secret(*self._missing())
            answer = await self._ask("log_in_user", {"deviceId": self.session_value("device_id")}, Token())
            token, _ = token_of(answer)
            methods = second_factors(answer)
            if methods:
                self._pending = Pending(token, methods, explicit=False)
                raise factor_due(methods)
            return token

        return await self._cached(USER, mint)

    async def _user_in(self, guid: str) -> Token:
        async def mint() -> Token:
            return token_of(await self._ask_as_user("select_workspace", {"businessProfileUUID": guid}))[0]

        return await self._cached(_user_key(guid), mint)

    async def _latest_user(self) -> Token:
        """The token of the user's latest selection, or of the user without a workspace."""
        if self._latest is not None:
            try:
                return await self._user_in(self._latest)
            except (PermissionDenied, NotFound):
                self._latest = None  # no longer the user's: list and select must still work
        return await self._user()

    async def _ask_as_user(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Ask with the user's own token; one that the provider no longer takes is renewed once."""
        token = await self._user()
        try:
            return await self._ask(operation, arguments, token)
        except CredentialsRejected:
            self.reject(token)
            return await self._ask(operation, arguments, await self._user())

    async def _users_workspaces(self) -> list[Workspace]:
        found = workspace_items(await self._ask_as_user("list_workspaces", {}), self.credential.label)
        self._guids |= {known: workspace.id for workspace in found if workspace.id for known in workspace.ids}
        return found

    async def _guid_of(self, workspace: Workspace) -> str:
        """What a user selects `workspace` by; a key alone knows only its number.

        Raises:
            WorkspaceUnknown: The user does not reach it.
        """
        if workspace.id is None:
            workspace = await self._identify_own() if self._has_key else workspace
        if workspace.id is not None and "-" in workspace.id:
            return workspace.id
        for look in (False, True):
            if look:
                await self._users_workspaces()
            for known in workspace.ids & self._guids.keys():
                return self._guids[known]
        raise WorkspaceUnknown(
            f"The Synerise user does not reach {workspace.title}.",
            "Pass a workspace of the user (list_workspaces), or go back to the key with synerise_log_in_workspace.",
            provider="synerise",
        )

    async def _token_of_factor(self) -> Token:
        """The token a code is confirmed with; a log-in that has ended begins anew, for the code to have one."""
        if self._pending is None or not self._lasts(self._pending.token):
            try:
                await self._user()
            except SecondFactorRequired:
                if self._pending is None:  # confirmed while this call waited
                    raise
        if self._pending is not None:
            return self._pending.token
        raise Conflict(
            "No second factor is due: the Synerise user is logged in.", "Go on without a code.", provider="synerise"
        )

    # --- the profile

    def _learn_profile(self, answer: Any) -> Mapping[str, Any]:
        told = told_of_profile(answer)
        if told.get("conditions") and not answer.get("token"):
            return {"logged in": "not yet: conditions remain", **told}
        token, _ = token_of(answer)
        self._tokens[PROFILE] = token
        return {"logged in": "profile", "until": moment(token.expires), **told}

    def _profile_token(self) -> Token:
        token = self._tokens.get(PROFILE)
        if token is None or not self._is_valid(token):
            raise CredentialsMissing(
                "No profile is logged in, and this operation continues a profile's session.",
                "Log one in first: synerise_log_in_anonymous_profile or synerise_log_in_profile.",
                provider="synerise",
            )
        return token

    def _is_valid(self, token: Token) -> bool:
        """Whether a token has not ended; without a claim that says so, it counts as valid until it is refused."""
        return token.expires is None or token.expires > self._clock()


def _user_key(guid: str | None) -> str:
    return f"{USER}:{guid.lower()}" if guid else USER


class Synerise(Provider):
    """Synerise's place in the registry."""

    id = "synerise"
    title = "Synerise"
    workspace_word = "workspace"
    variables = (
        Variable("api_key", "SYNERISE_API_KEY", secret=True),
        Variable("auth", "SYNERISE_AUTH"),
        Variable("workspace_guid", "SYNERISE_WORKSPACE_GUID"),
        Variable("username", "SYNERISE_USERNAME", secret=True),
        Variable("password", "SYNERISE_PASSWORD", secret=True),
        Variable("external_provider_token", "SYNERISE_EXTERNAL_PROVIDER_TOKEN", secret=True),
        Variable("profile_api_key", "SYNERISE_PROFILE_API_KEY", secret=True),
        Variable("profile_password", "SYNERISE_PROFILE_PASSWORD", secret=True),
        Variable("identity_provider_token", "SYNERISE_IDENTITY_PROVIDER_TOKEN", secret=True),
        Variable("region", "SYNERISE_REGION"),
        Variable("base_url", "SYNERISE_BASE_URL"),
    )
    document_path = Path(__file__).with_name("openapi.yaml")
    login = SyneriseLogin
