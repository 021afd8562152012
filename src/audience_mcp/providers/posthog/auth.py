"""PostHog: a personal API key; the workspace is the project, written into the path of each call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from audience_mcp.errors import AudienceError, NotFound, PermissionDenied, WorkspaceUnknown
from audience_mcp.openapi.operation import Identity
from audience_mcp.providers.base import Login, Provider, Token, Workspace, some, text_of
from audience_mcp.settings import Variable

MOST_PROJECT_PAGES = 20


class PostHogLogin(Login):
    """A key without a documented end, limited to scopes and perhaps to some projects."""

    _seen: str | None = None  # the configured project, once PostHog has shown it

    async def token(self, identity: Identity, workspace: Workspace | None, event: str | None = None) -> Token:
        key = self._secret("api_key", "POSTHOG_API_KEY")
        return Token({"Authorization": SecretStr(f"Bearer {key}")})

    def own_workspace(self) -> Workspace | None:
        project = self.credential.plain.get("project_id", "").strip()
        return Workspace("posthog", project, label=self.credential.label) if project else None

    async def workspaces(self) -> list[Workspace]:
        """Every project of every organization; a key limited to projects sees its own by other ways.

        Such a key is refused on organizations and project lists, yet may read `users/@me` and itself
        (the source is in the notes of those operations).
        """
        found, refusal = await self._listed()
        configured = self.own_workspace()
        if configured is not None and configured.id not in found:
            found[str(configured.id)] = configured  # said by a person, whether or not the key may list it
        if not found and refusal is not None:
            raise refusal
        return list(found.values())

    async def _listed(self) -> tuple[dict[str, Workspace], AudienceError | None]:
        """The projects PostHog names by number, and what kept it from naming all."""
        token = await self.token("workspace", None)
        found: dict[str, Workspace] = {}
        user, refusal = await self._user(token)
        for organization in _items(user.get("organizations")):
            try:
                for project in await self._projects(text_of(organization.get("id")), token):
                    self._add(found, project, text_of(organization.get("name")))
            except PermissionDenied as error:
                refusal = error  # of this organization alone: the others may still be open
        if refusal is not None:
            for project in await self._scoped_projects(token):
                self._add(found, project, None)
        if not found:
            self._add(found, _mapping(user.get("team")), text_of(_mapping(user.get("organization")).get("name")))
        return found, refusal

    async def identified(self, workspace: Workspace) -> Workspace:
        token = await self.token("workspace", workspace)
        project = _mapping(await self._ask("get_project", {"project_id": workspace.id}, token))
        self._seen = workspace.id
        found: dict[str, Workspace] = {}
        self._add(found, {**project, "id": workspace.id}, None)
        return found.get(str(workspace.id), workspace)

    async def stray(self) -> AudienceError | None:
        configured = self.own_workspace()
        if configured is None or configured.id == self._seen:
            return None
        try:
            await self.identified(configured)
            return None
        except (NotFound, PermissionDenied) as error:
            refused = error
        except AudienceError:
            return None
        try:
            found, _ = await self._listed()
        except AudienceError:
            found = {}
        if isinstance(refused, PermissionDenied) and (not found or configured.id in found):
            return None  # a key that merely may not read projects is refused in the same way
        name = self._variable("POSTHOG_PROJECT_ID")
        return WorkspaceUnknown(
            f"{name} names the project {configured.id}, which this key does not reach.",
            f"The user corrects {name} and restarts the server."
            + (f" The key reaches {some(found.values())}." if found else ""),
            provider="posthog",
            status=refused.status,
        )

    def status(self) -> dict[str, str]:
        return {"form": "personal API key"}

    async def _user(self, token: Token) -> tuple[dict[str, Any], AudienceError | None]:
        try:
            return _mapping(await self._ask("get_current_user", {}, token)), None
        except PermissionDenied as error:
            return {}, error  # a key without user:read

    async def _projects(self, organization: str | None, token: Token) -> list[dict[str, Any]]:
        projects: list[dict[str, Any]] = []
        for _ in range(MOST_PROJECT_PAGES if organization else 0):
            page = _mapping(
                await self._ask(
                    "list_projects", {"organization_id": organization, "limit": 100, "offset": len(projects)}, token
                )
            )
            fresh = list(_items(page.get("results")))
            projects += fresh
            if not fresh or not page.get("next"):
                break
        return projects

    async def _scoped_projects(self, token: Token) -> list[dict[str, Any]]:
        try:
            key = _mapping(await self._ask("get_current_key", {}, token))
        except (PermissionDenied, NotFound):
            return []  # an older PostHog, or a key that may not read itself
        teams = key.get("scoped_teams")
        projects = []
        for team in filter(None, map(text_of, teams if isinstance(teams, list) else [])):
            try:
                project = _mapping(await self._ask("get_project", {"project_id": team}, token))
            except AudienceError:
                project = {}  # without project:read the id is still true, only its name stays unknown
            projects.append({**project, "id": team})
        return projects

    def _add(self, found: dict[str, Workspace], project: dict[str, Any], organization: str | None) -> None:
        number, uuid = text_of(project.get("id")), text_of(project.get("uuid"))
        if number is not None:
            found[number] = Workspace(
                "posthog",
                number,
                text_of(project.get("name")),
                self.credential.label,
                aliases=(uuid,) if uuid else (),
                zone=text_of(project.get("timezone")),
                organization=organization,
            )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


class PostHog(Provider):
    """PostHog's place in the registry."""

    id = "posthog"
    title = "PostHog"
    workspace_word = "project"
    variables = (
        Variable("api_key", "POSTHOG_API_KEY", secret=True),
        Variable("region", "POSTHOG_REGION"),
        Variable("base_url", "POSTHOG_BASE_URL"),
        Variable("project_id", "POSTHOG_PROJECT_ID"),
    )
    document_path = Path(__file__).with_name("openapi.yaml")
    login = PostHogLogin
