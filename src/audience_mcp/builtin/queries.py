"""query_results: SQL over stored results; its rows are a result again, with the sources they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from anyio import to_thread

from audience_mcp.call.outcome import Outcome
from audience_mcp.errors import InvalidArguments, ResultExpired
from audience_mcp.query.engine import Answered, Engine
from audience_mcp.query.layout import layout
from audience_mcp.query.statement import HANDLE
from audience_mcp.query.wire import Question
from audience_mcp.results.answer import Answer, decode
from audience_mcp.results.draft import View
from audience_mcp.results.provenance import Provenance
from audience_mcp.results.reading import Reading
from audience_mcp.results.store import ResultStore
from audience_mcp.results.stored import StoredResult
from audience_mcp.results.summarize import summarize
from audience_mcp.results.zone import known
from audience_mcp.settings import Settings
from audience_mcp.tools.own import QUERY_RESULTS

TITLE = "Query"
_AND, _THEN = ", ", "; "
_DOUBT_TOKENS = 4  # what it costs more to say that completeness is unknown
LARGE_BYTES = 256_000  # from here on an answer is opened beside the event loop


class Queries:
    """Answers SQL over stored results."""

    def __init__(self, settings: Settings, store: ResultStore, engine: Engine | None = None) -> None:
        self._settings, self._store, self._engine = settings, store, engine or Engine()

    async def run(self, sql: str) -> Outcome:
        """The rows of a query, kept as a result of their own.

        Raises:
            ResultExpired: A result that the query names is gone; the remedy names the call to repeat.
            InvalidArguments: The query is refused or fails; the remedy says what to write instead.
        """
        found: dict[str, StoredResult] = {}
        gone: dict[str, ResultExpired] = {}
        # What looks like a handle may be a mere text: that only the engine's parser knows, and says afterwards.
        for handle in dict.fromkeys(text.lower() for text in HANDLE.findall(sql)):
            try:
                found[handle] = self._store.get(handle)
            except ResultExpired as error:
                gone[handle] = error
        size = sum(len(stored.body) for stored in found.values())
        most = self._engine.bounds.read_bytes
        if size > most:
            raise InvalidArguments(
                f"The results that the query names hold {size / 1e6:.1f} MB; at most {most / 1e6:g} MB are read.",
                "Query fewer of them at once, each down to what is needed: an answer is a result again.",
            )
        zone = common_zone(stored.card.provenance for stored in found.values())
        answered = await self._engine.run(Question(sql, zone), found.values())
        if answered.missing is not None:
            raise gone[answered.missing]
        read = partial(decode, answered.body, "application/json")
        answer = await to_thread.run_sync(read) if len(answered.body) > LARGE_BYTES else read()
        sources = [found[handle] for handle in answered.handles]
        provenance = replace(joined(sources, sandbox=self._settings.sandbox), zone=zone)
        return self._kept(sql, answered, answer, sources, provenance)

    def _kept(
        self, sql: str, answered: Answered, answer: Answer, sources: Sequence[StoredResult], provenance: Provenance
    ) -> Outcome:
        value = answer.value
        one = answered.count == 1 and len(value[0]) == 1
        reading = Reading(
            kind="scalar" if one else "table",
            columns=tuple(value[0]) if value else (),
            shape="documented" if provenance.shape == "documented" else "assumed",
            personal=any(source.card.personal for source in sources),
        )
        if answered.cut:
            bound = f"cut after {answered.count} rows: aggregate, or select fewer rows or columns"
            provenance = replace(provenance, complete=False, notes=(bound, *provenance.notes))
        handle = self._store.put(
            answer,
            tool=QUERY_RESULTS,
            arguments={"sql": sql},
            provenance=provenance,
            body=answered.body,
            title=TITLE,
            personal=reading.personal,
            reading=reading,
        )
        told = layout(View(value, "json", reading)).described(handle)
        provenance = replace(provenance, handle=handle, columns=told, workspace=_shortly(provenance.workspace))
        summary = summarize(answer, reading, provenance, self._settings.result_tokens - _DOUBT_TOKENS, title=TITLE)
        # The rows are all there; whether they were made of all there is, only the sources know.
        source = replace(summary.provenance, complete=provenance.complete)
        return Outcome(replace(summary, provenance=source), handle, TITLE, size=answer.size)


def joined(sources: Sequence[StoredResult], *, sandbox: bool) -> Provenance:
    """Where the rows of a query come from: all its sources, and of each fact only what is true of all of them.

    `fetched` is the time of the oldest source; workspaces that differ are told with their providers.
    """
    cards = [source.card for source in sources]
    told = [card.provenance for card in cards]
    providers = _distinct(name for one in told for name in (one.provider or "").split(_AND))
    places = _distinct(place for one in told for place in _places(one))
    complete = [one.complete for one in told]
    return Provenance(
        provider=_AND.join(providers) or "audience-mcp",
        workspace=_THEN.join(places if len(places) > 1 else [place.partition(": ")[2] for place in places]) or None,
        region=_AND.join(_distinct(one.region for one in told)) or None,
        fetched=min((one.fetched for one in told if one.fetched), default=None)
        or datetime.now(UTC).isoformat(timespec="seconds"),
        operation=QUERY_RESULTS,
        window=_common(one.window for one in told),
        complete=False if False in complete else None if None in complete else True,
        shape="documented" if all(one.shape == "documented" for one in told) else "assumed",
        sandbox=sandbox or any(one.sandbox for one in told),
        notes=tuple(f"from {card.handle} ({card.title or card.tool})" for card in cards),
    )


def _places(source: Provenance) -> list[str]:
    """The workspaces of a source, each after its provider; one that comes from several has them so already."""
    if not source.workspace:
        return []
    several = source.provider and _AND in source.provider
    return source.workspace.split(_THEN) if several else [f"{source.provider}: {source.workspace}"]


def _shortly(places: str | None) -> str | None:
    """Several workspaces without their ids, where their names alone tell them apart: all must fit on the line."""
    full = (places or "").split(_THEN)
    short = [place.rpartition(" (")[0] if place.endswith(")") else place for place in full]
    return _THEN.join(short) if len(full) > 1 and len(set(short)) == len(full) else places


def common_zone(sources: Iterable[Provenance]) -> str:
    """The time zone that all sources share, so that days are those of the workspace; else UTC."""
    zone = _common(source.zone for source in sources)
    return zone if zone and known(zone) else "UTC"


def _distinct(texts: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _common(texts: Iterable[str | None]) -> str | None:
    """What all say alike; None where they differ."""
    said = set(texts)
    return said.pop() if len(said) == 1 else None
