"""A tool call -> its lines in the audit file: one when it ends, and one before it changes anything."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import SecretStr

from audience_mcp.audit.entry import Entry, Who, system_user
from audience_mcp.audit.masking import Masker
from audience_mcp.audit.trail import Trail
from audience_mcp.changes.change import Place
from audience_mcp.errors import Internal
from audience_mcp.openapi.operation import Operation
from audience_mcp.session.access import Access
from audience_mcp.tools.catalog import META_KEY
from audience_mcp.tools.own import SELECT_WORKSPACE

log = logging.getLogger(__name__)
Json = Any

ASKED = frozenset({"confirmation_required", "second_factor_required"})
REFUSED = frozenset({"declined", "read_only", "workspace_pinned", "not_offered_by_provider", "contract_unconfirmed"})
"""Kinds of error by which a rule of this server or the user stopped the call, as long as no provider answered."""


class Witness:
    """Follows one call and writes its lines. A line that cannot be written stops a write, and nothing else."""

    def __init__(self, trail: Trail, masker: Masker, clock: Callable[[], float], entry: Entry) -> None:
        self._trail, self._masker, self._clock, self.entry = trail, masker, clock, entry
        self._access: Access | None = None
        self._began = time.perf_counter()

    def means(self, wire: Mapping[str, Json], arguments: Mapping[str, Json]) -> None:
        """The call is one of this tool, as it is listed."""
        described(self.entry, wire, arguments)

    def runs(self, operation: Operation, arguments: Mapping[str, Json], access: Access) -> None:
        """The call came to this operation of a provider, in this place."""
        entry, self._access = self.entry, access
        entry.provider, entry.region, entry.operation = access.provider.id, access.endpoints.region, operation.name
        entry.access = "destructive" if operation.destroys(dict(arguments)) else operation.access
        entry.personal = operation.tool.personal
        self._place()

    def writes(self, changes: Sequence[str] = (), place: Place | None = None) -> None:
        """Write the line that says what is about to be changed.

        Raises:
            Internal: It cannot be written: the change must not be made.
        """
        self.entry.changes = tuple(changes)
        if place is not None:
            self.entry.workspace, self.entry.workspace_name = place.id, place.name
        try:
            self._trail.append(self.entry.line(self._clock(), self._masker))
        except OSError as error:
            self.entry.changes = ()
            raise Internal(
                f"The audit file cannot be written ({_why(error)}: {self._trail.path}), and nothing is changed without"
                " a line in it. Nothing was done.",
                "The user frees space or makes that file writable, then call again. Reads still work.",
            ) from None

    def answered(self, status: int) -> None:
        """The provider answered."""
        self.entry.status = status

    def told(self, structured: Mapping[str, Json], *, is_error: bool) -> None:
        """The call ended with this answer or error, as the client gets it."""
        entry = self.entry
        if is_error:
            error = structured["error"]
            kind, status = error["kind"], error["status"]
            entry.error, entry.status = kind, status or entry.status
            self._named(error["workspace"])
            stopped = "asked" if kind in ASKED else "refused" if kind in REFUSED and status is None else None
            self.close(stopped or "error")
            return
        source = structured["provenance"]
        entry.handle, entry.rows, entry.size = source.get("handle"), source.get("rows"), source.get("bytes")
        self._named(source.get("workspace"))
        self.close("ok")

    def _named(self, title: str | None) -> None:
        """Take the workspace's name from its title; the provider may have told it only with the answer."""
        if title and self._access is not None and self.entry.workspace_name is None:
            self._place()
            self.entry.workspace_name = title.removesuffix(f" ({self.entry.workspace})")

    def close(self, outcome: str) -> None:
        """Write the last line; where it cannot be written, the log says so."""
        self._place()
        self.entry.outcome = outcome
        self.entry.duration_ms = round((time.perf_counter() - self._began) * 1000, 1)
        try:
            self._trail.append(self.entry.line(self._clock(), self._masker))
        except OSError as error:
            log.error(
                "the audit file %s cannot be written (%s): the call %s of %s has no line for its end;"
                " writes are refused until it can",
                self._trail.path,
                _why(error),
                self.entry.call,
                self.entry.tool,
            )

    def _place(self) -> None:
        """The workspace as far as it is known: some tell their id and name only while the call runs."""
        access, entry = self._access, self.entry
        if access is None or access.workspace is None:
            return
        known = access.workspace if access.workspace.id else access.login.own_workspace() or access.workspace
        entry.workspace = entry.workspace or known.id
        entry.workspace_name = entry.workspace_name or known.name


class Audit:
    """The audit of one program."""

    def __init__(
        self,
        trail: Trail,
        secret_texts: Collection[SecretStr],
        *,
        sandbox: bool,
        clock: Callable[[], float] = time.time,
        user: str | None = None,
    ) -> None:
        """`secret_texts` never stand in a line; `user` is who works with this program, else the system's own user."""
        self._trail, self._masker, self._clock, self._sandbox = trail, Masker(secret_texts), clock, sandbox
        self._user = user or system_user()

    @contextmanager
    def following(
        self, wire: Mapping[str, Json], arguments: Mapping[str, Json], client: tuple[str, str] | None
    ) -> Iterator[Witness]:
        """Follow one call of a tool (as it is listed) by a client (its name and version).

        What is raised within ends the call without an answer: a cancellation, or a question that its client must
        repeat the call for.
        """
        name, version = client or (None, None)
        who = Who(self._user, os.getpid(), name, version)
        entry = Entry(f"a_{secrets.token_hex(8)}", who, "", "", {}, sandbox=self._sandbox)
        described(entry, wire, arguments)
        witness = Witness(self._trail, self._masker, self._clock, entry)
        try:
            yield witness
        except Exception:
            witness.close("asked")
            raise
        except BaseException:
            witness.close("cancelled")
            raise


def described(entry: Entry, wire: Mapping[str, Json], arguments: Mapping[str, Json]) -> None:
    """Fill in what a tool's listing tells."""
    meta = wire.get("_meta", {}).get(META_KEY, {})
    hints = wire["annotations"]
    entry.tool, entry.arguments = wire["name"], arguments
    own = "session" if wire["name"] == SELECT_WORKSPACE else "read" if hints["readOnlyHint"] else "write"
    entry.access = meta.get("access", own)
    entry.provider = meta.get("provider")
    entry.dry_run = arguments.get("dry_run") is True


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
