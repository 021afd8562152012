"""The composition root: settings -> session, catalog, caller, store, dispatcher; the only place that wires."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from audience_mcp import private_file
from audience_mcp import settings as settings_module
from audience_mcp.builtin.changes import Changes
from audience_mcp.builtin.charts import Charts
from audience_mcp.builtin.exports import Exports
from audience_mcp.builtin.finding import Finding
from audience_mcp.builtin.grammar import Grammar
from audience_mcp.builtin.overview import Overview
from audience_mcp.builtin.own import OwnTools
from audience_mcp.builtin.queries import Queries
from audience_mcp.builtin.stored import StoredResults
from audience_mcp.builtin.undo import Undo
from audience_mcp.builtin.workspaces import Workspaces
from audience_mcp.call.attended import BEAT_SECONDS
from audience_mcp.call.caller import Caller
from audience_mcp.call.confirmation import Sealer, Spent
from audience_mcp.call.consent import Consent
from audience_mcp.call.seeing import Sight
from audience_mcp.call.sending import Sender
from audience_mcp.call.writing import Writing
from audience_mcp.changes.journal import Journal
from audience_mcp.providers import PROVIDERS
from audience_mcp.rest.client import Client
from audience_mcp.rest.patience import Patience, Sleep
from audience_mcp.results.store import ResultStore
from audience_mcp.server.completion import Suggestions
from audience_mcp.server.dispatch import Dispatcher
from audience_mcp.server.instructions import LONGEST, instructions
from audience_mcp.server.prompts.writing import Prompts
from audience_mcp.session.session import Session
from audience_mcp.settings import Settings, Variable
from audience_mcp.tools.catalog import Catalog, Offer

if TYPE_CHECKING:
    from audience_mcp.audit.audit import Audit
    from audience_mcp.contract.standing import Standing
    from audience_mcp.redaction.redactor import Redactor
    from audience_mcp.sandbox import Sandbox

SANDBOX_URL = "https://sandbox.invalid"  # a name that can never resolve: nothing leaves the process
RESULTS_MEMORY_BYTES = 64 * 1024 * 1024
SERVER_RESULT_SECONDS = 24 * 3600.0
CALL_RESULT_SECONDS = 3600.0
VAULT = "redaction.vault"
LONGEST_CALL_SECONDS = 600.0  # between the first page of an answer, where its tokens are made, and its end


@dataclass(frozen=True, slots=True)
class App:
    """One wired program."""

    settings: Settings
    catalog: Catalog
    session: Session
    client: Client
    store: ResultStore
    dispatcher: Dispatcher
    instructions: str
    prompts: Prompts
    suggestions: Suggestions
    overlays: tuple[Standing, ...] = ()

    async def close(self) -> None:
        """Close connections and remove temporary results."""
        await self.client.close()
        self.store.close()


def declared() -> dict[str, tuple[Variable, ...]]:
    """Every provider's variables."""
    return {provider.id: provider.variables for provider in PROVIDERS}


def read_settings(flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this run.

    Raises:
        SettingsProblem: A setting cannot be used.
    """
    return settings_module.read(declared(), flags, environment)


def build_app(
    settings: Settings,
    *,
    sandbox: Sandbox | None = None,
    results: Path | None = None,
    changes: Path | None = None,
    overlays: Path | None = None,
    overlays_cache: Path | None = None,
    clock: Callable[[], float] = time.time,
    beat_seconds: float = BEAT_SECONDS,
    sleep: Sleep = anyio.sleep,
) -> App:
    """Wire a program. `results` is a folder in which results outlive the process for an hour (the command line's),
    `changes` one for the journal of changes, which without it ends with the process. `overlays` is the folder of
    corrections of the providers' documents (the sandbox answers as the packaged ones say, so there they do not count),
    `overlays_cache` one for what comes of them.

    With `settings.sandbox` every provider is answered in process; `sandbox` gives one instead of a new one.
    `beat_seconds` is how often a client hears that a long call is still at work; `sleep` is how a call waits before it
    is sent again.

    Raises:
        SettingsProblem: The audit file cannot be used, or there is no toolset of a name.
    """
    embedded: dict[str, Callable[[], Any]] = {}
    if settings.sandbox:
        settings, embedded = _sandboxed(settings, sandbox)
    configured = settings.configured
    chosen = tuple(name for name in configured if not settings.providers or name in settings.providers)
    standing = _standing(settings, chosen, None if settings.sandbox else overlays, overlays_cache)
    settings = replace(settings, problems=(*settings.problems, *(one.problem for one in standing if one.problem)))
    overlaid = {one.provider: one.overlaid for one in standing}
    catalog = Catalog(Offer(chosen, settings.toolsets, settings.read_only, settings.tools), overlaid=overlaid)
    client = Client(int(settings.max_response_mb * 1e6), embedded)
    patience = Patience(clock, sleep)
    session = Session(settings, PROVIDERS, catalog, client, patience, clock)
    store = ResultStore(
        folder=results,
        memory_bytes=RESULTS_MEMORY_BYTES,
        lifetime_seconds=CALL_RESULT_SECONDS if results else SERVER_RESULT_SECONDS,
        clock=clock,
        masked=settings.redact,
    )
    sender = Sender(catalog, client, patience)
    spent = Spent(results.parent / "confirm.spent" if results else None)
    consent = Consent(settings.confirm, Sealer(_seal_key(results), clock, spent))
    # What a sandbox's changes were is gone with it, and must never stand among real ones.
    journal = Journal(None if settings.sandbox else changes)
    sight = Sight(catalog, sender)
    writing = Writing(settings.confirm, catalog, session, sight, consent, journal, clock)
    redactor = _redactor(settings, results, clock)
    caller = Caller(settings, catalog, session, sender, writing, store, clock, redactor)
    kept = Changes(settings, catalog, session, journal, store, redactor)
    own = OwnTools(
        catalog,
        Workspaces(settings, catalog, session, store, redactor),
        Overview(settings, catalog, session, PROVIDERS),
        StoredResults(settings, store),
        Queries(settings, store),
        Charts(settings, store),
        Exports(settings, store),
        kept,
        Undo(settings, catalog, session, kept, caller, sight, store, redactor),
        Grammar(settings, catalog),
    )
    titles = {provider.id: provider.title for provider in PROVIDERS}
    text = instructions(
        catalog.offer,
        titles,
        sandbox=settings.sandbox,
        problems=settings.problems,
    )
    if redactor is not None:
        text = f"{text}\n{redactor.instruction}"[:LONGEST]
    audit = _audit(settings, clock)
    dispatcher = Dispatcher(catalog, caller, own, Finding(settings, catalog), titles, beat_seconds, audit, redactor)
    prompts, suggestions = Prompts(catalog, titles), Suggestions(session, store, catalog.offer.providers, redactor)
    return App(settings, catalog, session, client, store, dispatcher, text, prompts, suggestions, standing)


def _standing(
    settings: Settings, providers: tuple[str, ...], folder: Path | None, cache: Path | None
) -> tuple[Standing, ...]:
    """What came of the overlays; without any nothing more is loaded."""
    if folder is None or not folder.is_dir():
        return ()
    from audience_mcp.contract.standing import providers_here, standings

    return tuple(standings(providers, folder, cache, providers_here(settings)))


def _sandboxed(settings: Settings, sandbox: Sandbox | None) -> tuple[Settings, dict[str, Callable[[], Any]]]:
    """The same settings with the sandbox's credentials and its main workspaces, and the way to reach it."""
    from audience_mcp.sandbox import Sandbox

    world = sandbox or Sandbox()
    credentials = tuple(settings_module.credentials(declared(), world.environment(SANDBOX_URL), {}))
    main = world.state.world.workspaces[0].name  # counts as configured by a person; the others take an argument
    workspaces = {**{provider.id: main for provider in PROVIDERS}, **settings.workspaces}
    return replace(settings, credentials=credentials, workspaces=workspaces), {SANDBOX_URL: lambda: world.app}


def _audit(settings: Settings, clock: Callable[[], float]) -> Audit | None:
    """What writes each call down, where the operator named a file for it."""
    if settings.audit is None:
        return None
    from audience_mcp.audit.audit import Audit
    from audience_mcp.audit.trail import Trail

    texts = [secret for credential in settings.credentials for secret in credential.secrets.values()]
    return Audit(Trail(settings.audit), texts, sandbox=settings.sandbox, clock=clock)


def _redactor(settings: Settings, results: Path | None, clock: Callable[[], float]) -> Redactor | None:
    """What masks personal data, where the user wants that. Its tokens live as long as the results they stand in: in
    memory, or beside the results in a file, which goes when the last of them does."""
    path = results.parent / VAULT if results else None
    if not settings.redact:
        forgotten = clock() - CALL_RESULT_SECONDS - LONGEST_CALL_SECONDS
        if path is not None and path.exists() and path.stat().st_mtime < forgotten:
            path.unlink(missing_ok=True)
        return None
    from audience_mcp.redaction.redactor import Redactor
    from audience_mcp.redaction.vault import FEWEST_DIGITS, Vault

    if path is None:
        return Redactor(settings.redact, secrets.token_bytes(32))
    vault = Vault(path, CALL_RESULT_SECONDS + LONGEST_CALL_SECONDS, clock)
    redactor = Redactor(settings.redact, vault.key, fewest=FEWEST_DIGITS, keep=vault.keep)
    vault.teach(redactor.tokens)
    redactor.recall(vault.written)
    return redactor


def _seal_key(results: Path | None) -> bytes:
    """The key of confirmation codes: the process's own, or for the command line one that its next run finds again."""
    if results is None:
        return secrets.token_bytes(32)
    path = results.parent / "confirm.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        private_file.replace(path, secrets.token_bytes(32))
    return path.read_bytes()
