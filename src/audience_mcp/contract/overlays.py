"""A provider's overlay on the disk: read, written, taken back one step."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audience_mcp import private_file
from audience_mcp.contract.actions import MARK, actions_of, correction_of, in_order, marked, touches
from audience_mcp.contract.correction import Correction
from audience_mcp.openapi.document import Document, load
from audience_mcp.openapi.overlay import VERSION, OverlayProblem, parse, plain
from audience_mcp.providers import PROVIDERS
from audience_mcp.providers import provider as provider_of
from audience_mcp.settings import overlays_folder

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Overlay:
    """One overlay file: whose it is, where it stands, and its actions in order, checked by `applying` only."""

    provider: str
    path: Path
    actions: tuple[Any, ...]


def overlay_path(provider: str, folder: Path | None = None) -> Path:
    """Where a provider's overlay stands: `<configuration folder>/overlays/<provider>.yaml`, or in `folder`."""
    return (folder or overlays_folder()) / f"{provider}.yaml"


def document_of(provider: str) -> Document:
    """The packaged document of a provider, which its overlay extends."""
    return load(provider_of(provider).document_path)


def read(provider: str, folder: Path | None = None) -> Overlay | None:
    """The overlay of a provider; None where there is none, or an empty file.

    Raises:
        OverlayProblem: What stands there is no overlay, or cannot be read; the text names it, and what to do.
    """
    path = overlay_path(provider, folder)
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            return None
        return Overlay(provider, path, tuple(parse(path)["actions"]))
    except OverlayProblem as problem:
        raise OverlayProblem(f"{path} is no overlay: {problem}; repair or delete it") from None
    except OSError as error:
        raise OverlayProblem(f"{path} cannot be read ({error.strerror}); repair or delete it") from None


def corrections(overlay: Overlay) -> list[Correction]:
    """The corrections that `write` put into an overlay; what a person wrote by hand is not among them."""
    known: dict[str, Correction] = {}
    for action in overlay.actions:
        if correction := correction_of(action, overlay.actions):
            known[correction.operation] = correction
    return list(known.values())


def news(provider: str, found: Iterable[Correction], folder: Path | None = None) -> list[Correction]:
    """Those corrections that the provider's overlay does not hold already, learned on whatever day.

    Raises:
        OverlayProblem: The overlay that is there is none.
        KeyError: A correction is of an operation that the provider does not have.
    """
    present, document = read(provider, folder), document_of(provider)
    known: dict[str | None, list[Any]] = {}
    for action in present.actions if present else ():
        known.setdefault(marked(action), []).append(action)

    def says(correction: Correction) -> bool:
        held = known.get(correction.operation)
        if not held:
            return False
        same_day = replace(correction, date=str(held[-1][MARK].get("date", "")))
        return bool(plain(actions_of(same_day, document, provider)) == held)

    return [correction for correction in found if not says(correction)]


def write(provider: str, found: Iterable[Correction], folder: Path | None = None) -> Path:
    """Add corrections to a provider's overlay, over what it already said of the same operations; the file's path.

    What a person wrote into the file by hand stays and has the last word (its comments do not stay). The overlay as it
    was is kept for `undo`, so what it holds already is no reason to write it. Nothing is checked here:
    `applying.fitting` tells what of the corrections the server will take.

    Raises:
        OverlayProblem: The overlay that is there is none; it is left as it is.
        KeyError: A correction is of an operation that the provider does not have.
        OSError: The file cannot be written.
    """
    new = news(provider, found, folder)
    path = overlay_path(provider, folder)
    if not new:
        return path
    present = read(provider, folder)
    replaced = {correction.operation for correction in new}
    kept = [a for a in (present.actions if present else ()) if marked(a) not in replaced]
    document = document_of(provider)
    actions = [*kept, *(action for correction in new for action in actions_of(correction, document, provider))]
    text = _text(provider, in_order(actions))
    path.parent.mkdir(parents=True, exist_ok=True, mode=private_file.FOLDER_MODE)
    private_file.replace(_before(path), path.read_bytes() if present else b"", durable=True)
    private_file.replace(_seal(path), _sealed(text), durable=True)
    private_file.replace(path, text, durable=True)
    return path


def check_writable(provider: str, folder: Path | None = None) -> None:
    """Find out that `write` cannot work, before anything is done whose outcome it would keep.

    Raises:
        OverlayProblem: The overlay that is there is none.
        OSError: Nothing can be written beside it.
    """
    read(provider, folder)
    path = overlay_path(provider, folder)
    path.parent.mkdir(parents=True, exist_ok=True, mode=private_file.FOLDER_MODE)
    trial = path.with_suffix(f".{secrets.token_hex(4)}")
    private_file.replace(trial, b"", durable=True)
    trial.unlink()


def by_hand(provider: str, folder: Path | None = None) -> list[str]:
    """The corrected tools of which something written by hand has the last word, as the packaged document tells.

    Raises:
        OverlayProblem: The overlay that is there is none.
    """
    overlay, raw = read(provider, folder), document_of(provider).raw
    touched: set[str] = set()
    for action in overlay.actions if overlay else ():
        if isinstance(action, dict) and marked(action) is None:
            touched |= {f"{provider}_{name}" for name in touches(action, raw)}
    return [one.operation for one in (corrections(overlay) if overlay else ()) if one.operation in touched]


def overlooked(folder: Path | None = None) -> list[Path]:
    """What looks like an overlay and is no provider's, because of its name."""
    place = folder or overlays_folder()
    if not place.is_dir():
        return []
    read_ones = [path for one in PROVIDERS if (path := overlay_path(one.id, folder)).exists()]
    return [
        path
        for path in sorted(place.iterdir())
        if path.suffix.lower() in SUFFIXES and path.exists() and not any(path.samefile(one) for one in read_ones)
    ]


def undo(provider: str, folder: Path | None = None) -> bool:
    """Put back the overlay as it was before the last `write`, once; False where nothing is kept to put back.

    Raises:
        OverlayProblem: Somebody changed the file since, and that would be lost; the text says what to do.
        OSError: The files cannot be read or written.
    """
    path = overlay_path(provider, folder)
    before, seal = _before(path), _seal(path)
    if not before.is_file():
        return False
    if path.exists() and not (seal.is_file() and seal.read_bytes() == _sealed(path.read_bytes())):
        way = f"rename {before} to {path.name}" if before.stat().st_size else "delete the file"
        raise OverlayProblem(
            f"{path} was changed by hand since, and that would be lost. To go back all the same, keep a copy of it"
            f" elsewhere and {way}"
        )
    seal.unlink(missing_ok=True)
    if before.stat().st_size:
        before.replace(path)
    else:  # there was none
        path.unlink(missing_ok=True)
        before.unlink()
    return True


def _before(path: Path) -> Path:
    """The overlay as it was before the last change; empty where there was none."""
    return path.with_suffix(".before")


def _seal(path: Path) -> Path:
    """The digest of the overlay as it was written, by which a later change of it shows."""
    return path.with_suffix(".written")


def _sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _text(provider: str, actions: list[Any]) -> bytes:
    import yaml

    class Plain(yaml.SafeDumper):
        """Writes what stands in two places twice: an alias would be an obstacle to who reads the file."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    overlay = {
        "overlay": VERSION,
        "info": {"title": f"Corrections of the {provider} document of audience-mcp", "version": "1"},
        "extends": f"urn:audience-mcp:document:{provider}",
        "actions": actions,
    }
    return yaml.dump(overlay, Dumper=Plain, encoding="utf-8", sort_keys=False, allow_unicode=True, width=120)
