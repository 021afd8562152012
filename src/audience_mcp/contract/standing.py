"""The overlays of a run -> what differs from the packaged tools; worked out once, then found in the state folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from audience_mcp import __version__, private_file
from audience_mcp.contract.actions import made_up, marked
from audience_mcp.contract.correction import Refused
from audience_mcp.providers import provider as provider_of
from audience_mcp.session.endpoints import is_here
from audience_mcp.settings import Settings
from audience_mcp.tools.catalog import Overlaid

# A change of what is kept, or of what is refused, makes another name of it.
FORM = "2"


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of one provider's overlay."""

    provider: str
    path: Path
    overlaid: Overlaid
    refused: tuple[Refused, ...]

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that are not as packaged."""
        listed = set(self.overlaid.listed)
        return tuple(sorted(listed | {f"{self.provider}_{operation}" for operation in self.overlaid.operations}))

    @property
    def problem(self) -> str | None:
        """What of it is not applied, in one sentence; None when all is."""
        if not self.refused:
            return None
        first, more = self.refused[0], len(self.refused) - 1
        told = f"overlay {self.path.name}: {first.subject} is not applied: {first.reason.rstrip('.')}"
        if not more:
            return f"{told}; see `audience-mcp contract status`"
        others = f"{more} more {'is' if more == 1 else 'are'} not applied either"
        return f"{told}; {others}: `audience-mcp contract status` lists them"


def standings(
    providers: Iterable[str], folder: Path, cache: Path | None = None, sandboxes: Container[str] = ()
) -> list[Standing]:
    """What came of the overlays in `folder`, of the providers that have one; `cache` keeps it for the next start.

    What a sandbox taught counts for the providers in `sandboxes` alone.
    """
    found = []
    for provider in providers:
        path = folder / f"{provider}.yaml"
        if standing := _standing(provider, path, cache, sandbox=provider in sandboxes):
            found.append(standing)
    return found


def providers_here(settings: Settings) -> frozenset[str]:
    """The providers in whose place a sandbox may answer: every credential of theirs leads to this machine."""
    return frozenset(
        provider
        for provider in settings.configured
        if all(
            is_here(one.plain.get(field, ""))
            for one in settings.credentials
            if one.provider == provider
            for field in provider_of(provider).url_fields.values()
        )
    )


def _standing(provider: str, path: Path, cache: Path | None, *, sandbox: bool) -> Standing | None:
    try:
        if not path.exists():
            return None
        kept = _Kept(provider, path, cache, sandbox=sandbox) if cache else None
        standing = kept.read() if kept else None
        if standing is None:
            standing = _applied(provider, path, sandbox=sandbox)
            if kept:
                kept.write(standing)
    except OSError as error:
        refused = Refused("the file", f"it cannot be read ({error.strerror or 'unreadable'})")
        return Standing(provider, path, Overlaid({}, {}), (refused,))
    return standing


def _applied(provider: str, path: Path, *, sandbox: bool) -> Standing:
    # Only a new overlay is parsed and compiled; every other start finds what came of it.
    from audience_mcp.contract.applying import apply_overlay
    from audience_mcp.openapi.overlay import OverlayProblem, parse

    try:
        actions = parse(path)["actions"]
    except OverlayProblem as problem:
        return Standing(provider, path, Overlaid({}, {}), (Refused("the file", f"{problem}; correct or remove it"),))
    of_sandbox = {} if sandbox else {marked(action): None for action in actions if made_up(action)}
    applied = apply_overlay(provider, [action for action in actions if sandbox or not made_up(action)])
    reason = (
        f"a sandbox taught it, and the base URL of {provider} leads to none;"
        f" `audience-mcp contract undo {provider}` takes it back"
    )
    left_out = tuple(Refused(str(operation), reason) for operation in of_sandbox)
    return Standing(provider, path, applied.overlaid, (*left_out, *applied.refused))


class _Kept:
    """What came of an overlay, on the disk: named by what it was made of, and read only as it was written."""

    def __init__(self, provider: str, path: Path, folder: Path, *, sandbox: bool) -> None:
        digest = hashlib.sha256(f"{__version__} {FORM} {sandbox} ".encode())
        for made_of in (provider_of(provider).document_path, path):
            digest.update(hashlib.sha256(made_of.read_bytes()).digest())
        self._provider, self._path, self._folder = provider, path, folder
        self._file = folder / f"{provider}-{digest.hexdigest()[:32]}.json"

    def read(self) -> Standing | None:
        try:
            seal, _, content = self._file.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != seal:
            return None  # broken off, or damaged: it is worked out again
        kept = json.loads(content)
        refused = tuple(Refused(**one) for one in kept["refused"])
        return Standing(self._provider, self._path, Overlaid(kept["operations"], kept["listed"]), refused)

    def write(self, standing: Standing) -> None:
        overlaid = standing.overlaid
        content = json.dumps(
            {
                "operations": overlaid.operations,
                "listed": overlaid.listed,
                "refused": [asdict(one) for one in standing.refused],
            },
            ensure_ascii=False,
        ).encode()
        with suppress(OSError):  # a start that cannot keep it is as good, only slower
            self._folder.mkdir(parents=True, exist_ok=True, mode=private_file.FOLDER_MODE)
            private_file.replace(self._file, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            for other in self._folder.glob(f"{self._provider}-*"):
                if other != self._file:
                    other.unlink()
