"""`audience-mcp contract import`: shows how the provider's own document differs from ours, asks, writes an overlay."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio

from audience_mcp.cli.asking import agree, tell_unusable, tell_written
from audience_mcp.cli.known import changed, operations
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.contract.importing.difference import difference, heading, strangers
from audience_mcp.contract.importing.examining import Examination, examine
from audience_mcp.contract.importing.fetching import Fetched, fetch, is_address, read_file
from audience_mcp.contract.importing.published import addresses
from audience_mcp.contract.overlays import write
from audience_mcp.errors import DocumentProblem
from audience_mcp.openapi.overlay import OverlayProblem
from audience_mcp.providers import provider as provider_of
from audience_mcp.results.wording import counted


def run(options: argparse.Namespace) -> int:
    """Import one document; 1 where nothing could be read, or was to be written and was not."""
    settings_of(options)  # refuses a setting that nothing knows
    try:
        examination = _given(options.provider, options.source) if options.source else _published(options.provider)
    except DocumentProblem as problem:
        print(f"audience-mcp: {problem.message}\nNext: {problem.remedy}", file=sys.stderr)
        return FAILED
    except (OverlayProblem, OSError) as error:
        tell_unusable(options.provider, error)
        return FAILED
    for line in difference(examination):
        print(line)
    if not examination.corrections:
        held = "The overlay says all of this already; nothing was written."
        print(held if examination.held else "Nothing to correct.")
        return DONE
    if options.dry_run:
        print("A dry run: nothing was written.")
        return DONE
    agreed = options.yes or agree("Keep these corrections?", "Nothing was written", "to keep this.")
    return _write(options.provider, examination) if agreed else FAILED


def _given(provider: str, source: str) -> Examination:
    fetched = anyio.run(fetch, source, _tell) if is_address(source) else read_file(Path(source))
    return _examined(provider, fetched)


def _published(provider: str) -> Examination:
    """The first of the published addresses whose answer is a description of the provider's API."""
    listed = addresses(provider_of(provider))
    for address in listed:
        print(f"trying {address.url}")
        try:
            return _examined(provider, anyio.run(fetch, address.url, _tell))
        except DocumentProblem as problem:
            print(f"  no: {problem.message}")
    where = f"none of the {len(listed)} published addresses gave one" if listed else "no address of one is known"
    raise DocumentProblem(
        f"There is no API document of {provider} to read: {where}.",
        f"Download the provider's OpenAPI document or Postman collection, then `audience-mcp contract import {provider}"
        " FILE`.",
    )


def _examined(provider: str, fetched: Fetched) -> Examination:
    examination = examine(provider, fetched, datetime.now(UTC).date().isoformat())
    for line in heading(examination):
        print(line)
    if examination.matching.is_empty:
        for line in strangers(examination):
            print(line)
        raise DocumentProblem(
            "No operation of the document is like one of ours: it is probably the document of another provider, or of"
            f" another part of {provider}.",
            f"Give the document of the part of {provider} that `audience-mcp contract status` lists.",
        )
    return examination


def _write(provider: str, examination: Examination) -> int:
    before = operations(provider)
    try:
        path = write(provider, examination.corrections)
    except (OverlayProblem, OSError) as error:
        tell_unusable(provider, error)
        return FAILED
    names = changed(before, operations(provider))
    tell_written(path, provider, f"{counted(len(names), 'tool')} changed: {', '.join(names) or 'none'}")
    return DONE


def _tell(line: str) -> None:
    print(f"  {line}")
