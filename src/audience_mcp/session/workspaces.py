"""Which workspaces the credentials reach, and which of them a name or an id means."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio

from audience_mcp.errors import AudienceError, SecondFactorRequired, WorkspaceUnknown
from audience_mcp.providers.base import Login, Workspace
from audience_mcp.session.endpoints import Endpoints
from audience_mcp.session.twins import merged, served_by

FRESH_SECONDS = 600.0
LOOK_AGAIN_SECONDS = 20.0
MOST_LISTED = 12
LONGEST_REFERENCE = 80


@dataclass(frozen=True, slots=True)
class Reached:
    """What one provider's credentials reach, and what kept others from being asked."""

    workspaces: tuple[Workspace, ...]
    problems: tuple[AudienceError, ...] = ()

    @property
    def only(self) -> Workspace | None:
        """The only workspace there is; None when there are more, or when not all credentials could be asked."""
        return self.workspaces[0] if len(self.workspaces) == 1 and not self.problems else None

    @property
    def obstacle(self) -> AudienceError | None:
        """What to cure before looking for a workspace: a log-in that waits for its code, or that nothing was seen."""
        waiting = [problem for problem in self.problems if isinstance(problem, SecondFactorRequired)]
        return next(iter(waiting if self.workspaces else waiting + list(self.problems)), None)


class Directory:
    """The workspaces of one provider, asked from it when needed and kept for ten minutes.

    `logins` are those that can act in a workspace at all.
    """

    def __init__(
        self,
        provider: str,
        word: str,
        logins: Sequence[Login],
        places: Mapping[str, Endpoints],
        clock: Callable[[], float],
    ) -> None:
        self.logins, self._places = tuple(logins), places
        self._provider, self._word, self._clock = provider, word, clock
        self._reached = Reached(())
        self._asked_at = float("-inf")
        self._looks = 0
        self._lock = anyio.Lock()
        self._named: dict[tuple[str, str | None], Workspace] = {}

    async def all(self, *, within: float = FRESH_SECONDS) -> Reached:
        """Everything the credentials reach, less than `within` seconds old; what could not be asked is asked again."""
        if self._is_known(within):
            return self._reached  # without the lock, for which many calls at once would wait one after the other
        looks = self._looks
        async with self._lock:
            waited = self._looks != looks  # another call looked meanwhile: its answer is new enough, good or bad
            if not waited and not self._is_known(within):
                self._reached = await self._look()
                self._asked_at = self._clock()
                self._looks += 1
            return self._reached

    async def matching(self, reference: str) -> tuple[list[Workspace], Reached]:
        """The workspaces `reference` (id, id@LABEL or name) may mean; a miss has the provider asked again."""
        own = [workspace for login in self.logins if (workspace := login.own_workspace())]
        exact = [workspace for workspace in own if _is_id(workspace, reference)]
        if len(exact) == 1 and len(self.logins) == 1:
            return exact, self._reached
        reached = await self.all()
        matches = _matches(reached.workspaces, reference)
        if not matches and self._clock() - self._asked_at > LOOK_AGAIN_SECONDS:
            reached = await self.all(within=LOOK_AGAIN_SECONDS)
            matches = _matches(reached.workspaces, reference)
        return matches, reached

    @property
    def known(self) -> tuple[Workspace, ...]:
        """What was reached when the provider was last asked, or what a credential is by itself; nobody is asked."""
        own = (login.own_workspace() for login in self.logins)
        return self._reached.workspaces or tuple(workspace for workspace in own if workspace)

    def seen(self, reference: str) -> Workspace | None:
        """The one workspace `reference` means among those already known; nobody is asked."""
        matches = _matches(self._reached.workspaces, reference)
        return matches[0] if len(matches) == 1 else None

    async def find(self, reference: str) -> Workspace:
        """The one workspace `reference` means.

        Raises:
            WorkspaceUnknown: None fits, or several do; the text lists them.
        """
        matches, reached = await self.matching(reference)
        if len(matches) == 1:
            return matches[0]
        shown = shortened(reference.removesuffix("@"))
        if matches:
            raise WorkspaceUnknown(
                f"{shown!r} fits {len(matches)} {self._word}s: {'; '.join(map(exactly, matches[:MOST_LISTED]))}.",
                "Pass the id; where two credentials share one id, pass id@LABEL as shown.",
                provider=self._provider,
            )
        if reached.obstacle is not None:
            raise reached.obstacle
        near = None if reached.problems else nearest(reference, reached.workspaces)  # it may be where nobody could look
        raise WorkspaceUnknown(
            f"No {self._word} {shown!r} is reached by the configured credentials."
            + (f" Did you mean {near!r}?" if near else "")
            + unasked(reached),
            f"Known are: {told(reached.workspaces) or 'none'}. list_workspaces shows all.",
            provider=self._provider,
        )

    async def named(self, workspace: Workspace) -> Workspace:
        """`workspace` with its name and zone, asked once; as it is where the provider does not tell."""
        if workspace.name is not None:
            return workspace
        known = next((seen for seen in self._reached.workspaces if same(seen, workspace)), None)
        if known is not None and known.name is not None:
            return known
        key = (workspace.label, workspace.id)
        async with self._lock:
            if key not in self._named:
                login = next(login for login in self.logins if login.credential.label == workspace.label)
                try:
                    self._named[key] = await login.identified(workspace)
                except AudienceError:
                    self._named[key] = workspace  # a courtesy: the call itself went well
            return self._named[key]

    def _is_known(self, within: float) -> bool:
        return not self._reached.problems and self._clock() - self._asked_at < within

    async def _look(self) -> Reached:
        found: list[Workspace] = []
        problems: list[AudienceError] = []
        for login in self.logins:
            problem = None
            try:
                found += await login.workspaces()
                problem = login.unreached
            except AudienceError as error:
                problem = error
            if problem is not None:
                # What it told before still holds: a workspace must not seem gone because of a bad moment.
                label = login.credential.label
                found += [served_by(w, label) for w in self._reached.workspaces if label in (w.label, *w.also)]
                problems.append(problem)
        return Reached(merged(found, by_label(self.logins), self._places), tuple(problems))


def shortened(reference: str) -> str:
    """What was asked for, short enough to be repeated in an error."""
    return reference if len(reference) <= LONGEST_REFERENCE else f"{reference[:LONGEST_REFERENCE]}..."


def told(workspaces: Sequence[Workspace]) -> str:
    """Workspaces in one line, for an error or a hint."""
    shown = "; ".join(workspace.title for workspace in workspaces[:MOST_LISTED])
    rest = len(workspaces) - MOST_LISTED
    return f"{shown} and {rest} more" if rest > 0 else shown


def exactly(workspace: Workspace) -> str:
    """A workspace's name with the reference that means it alone."""
    return f"{workspace.name or 'unnamed'} = {workspace.id or ''}@{workspace.label}"


def nearest(reference: str, workspaces: Sequence[Workspace]) -> str | None:
    """The name or id most like `reference`, if one is alike at all."""
    by_folded = {name.casefold(): name for w in workspaces for name in (w.id, w.name) if name}
    near = difflib.get_close_matches(reference.strip().casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[near[0]] if near else None


def unasked(reached: Reached) -> str:
    """The end of a sentence: what kept some workspaces from being seen."""
    return f" Not all could be asked: {reached.problems[0].message}" if reached.problems else ""


def same(one: Workspace, other: Workspace) -> bool:
    """Whether two records mean one workspace; a name that looks like an id does not count."""
    labels = {one.label, *one.also} & {other.label, *other.also}
    if one.provider != other.provider or not labels:
        return False
    return bool(one.ids & other.ids) or (one.id is None and other.id is None)


def by_label(logins: Sequence[Login]) -> Mapping[str, Login]:
    """Log-ins by the label of their credential."""
    return {login.credential.label: login for login in logins}


def _is_id(workspace: Workspace, reference: str) -> bool:
    return workspace.has_id(reference) or _labelled(workspace, reference) is not None


def _labelled(workspace: Workspace, reference: str) -> Workspace | None:
    """The workspace served by the credential that `reference` names, if it is `id@LABEL`."""
    known, mark, label = reference.strip().casefold().rpartition("@")
    for own in (workspace.label, *workspace.also):
        if mark and known in workspace.ids and own.casefold() == label:
            return served_by(workspace, own)
    return None


def _matches(workspaces: Sequence[Workspace], reference: str) -> list[Workspace]:
    """By id first: a workspace that happens to be named like another's id must not shadow it."""
    by_id = [_labelled(workspace, reference) or workspace for workspace in workspaces if _is_id(workspace, reference)]
    return by_id or [workspace for workspace in workspaces if workspace.answers_to(reference)]
