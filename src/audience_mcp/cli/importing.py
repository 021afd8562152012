"""`audience-mcp contract import`: shows how the provider's own document differs from ours, asks, writes an overlay."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio

from audience_mcp.cli.running import settings_of
from audience_mcp.cli.standing import known
from audience_mcp.contract.importing.difference import difference, heading
from audience_mcp.contract.importing.examining import Examination, examine
from audience_mcp.contract.importing.fetching import Fetched, fetch, is_address, read_file
from audience_mcp.contract.importing.published import addresses
from audience_mcp.contract.overlays import OverlayProblem, news, write
from audience_mcp.errors import DocumentProblem
from audience_mcp.openapi.operation import Operation
from audience_mcp.providers import provider as provider_of
from audience_mcp.results.wording import counted

DONE, FAILED = 0, 1


def run(options: argparse.Namespace) -> int:
    """Import one document; 1 where nothing could be read, or was to be written and was not."""
    settings_of(options)  # refuses a setting that nothing knows
    try:
        examination = _given(options.provider, options.source) if options.source else _published(options.provider)
    except DocumentProblem as problem:
        print(f"audience-mcp: {problem.message}\nNext: {problem.remedy}", file=sys.stderr)
        return FAILED
    except (OverlayProblem, OSError) as error:
        print(f"audience-mcp: the overlay of {options.provider} cannot be used ({error})", file=sys.stderr)
        return FAILED
    for line in difference(examination):
        print(line)
    if not examination.corrections:
        print("Nothing to correct.")
        return DONE
    if not news(options.provider, examination.corrections):
        print("The overlay says all of this already; nothing was written.")
        return DONE
    if options.dry_run:
        print("A dry run: nothing was written.")
        return DONE
    return _write(options.provider, examination) if options.yes or _agreed() else FAILED


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
    return examination


def _agreed() -> bool:
    """Whether the person agrees; without a terminal nobody can be asked."""
    if not sys.stdin.isatty():
        print("Nothing was written: there is no terminal to ask on. Repeat with --yes to keep this.", file=sys.stderr)
        return False
    try:
        answer = input("Keep these corrections? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().casefold() in ("y", "yes"):
        return True
    print("Nothing was written.")
    return False


def _write(provider: str, examination: Examination) -> int:
    before = _operations(provider)
    try:
        path = write(provider, examination.corrections)
    except (OverlayProblem, OSError) as error:
        print(f"audience-mcp: the overlay of {provider} cannot be written ({error})", file=sys.stderr)
        return FAILED
    after = _operations(provider)
    changed = [name for name, operation in before.items() if operation != after[name]]
    print(f"\nwritten to {path}; {counted(len(changed), 'tool')} changed: {', '.join(changed) or 'none'}")
    print("A server that is running keeps its tools until it is restarted.")
    print(f"To take this back: audience-mcp contract undo {provider}")
    return DONE


def _operations(provider: str) -> dict[str, Operation]:
    return {operation.name: operation for operation in known([provider]).operations}


def _tell(line: str) -> None:
    print(f"  {line}")
