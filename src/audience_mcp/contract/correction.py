"""A correction: what an import or a probe taught of one operation, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Literal
from urllib.parse import urlsplit

from audience_mcp.openapi.document import Node

Status = Literal["imported", "probed"]
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """One operation as it truly is.

    `operation` is the tool's name (`synerise_get_funnel`), `method` is lower case, `date` is ISO 8601. `source` is an
    address or a file: it is kept without query, credentials and folders (`told_source`), so it may be passed as given.

    `node` is the whole corrected OpenAPI operation object: its parameters, request body and responses. `operationId`
    and `x-tool` (but for `contract` and `source`) are always ours; `tags`, `summary`, `description`, `security` and
    `servers` are ours where it leaves them out, and should be: words of a foreign document would reach the model. What
    our document binds must stand in it (parameters marked `x-workspace`, fields marked `x-credential` or `x-session`),
    and path arguments keep our names. None keeps the operation as it is, with the parameters its old path shared.

    `schemas` are the components that `node` refers to as `#/components/schemas/NAME` and that are not ours: a name is
    this correction's own, whatever other corrections or the packaged document call by it. References to a name that
    is not in `schemas` mean the packaged document's.

    `sandbox` tells that made-up data taught it: it counts only where a sandbox answers.
    """

    operation: str
    status: Status
    source: str
    date: str
    path: str
    method: str
    node: Node | None = None
    schemas: Node = field(default_factory=dict)
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of an overlay that is not applied, in words: `subject` is a tool's name or an action's target."""

    subject: str
    reason: str


def told_source(source: str) -> str:
    """The source as it may be written down: an address without credentials, query and fragment, or a file's name."""
    text = "".join(character for character in source.strip() if character.isprintable())
    if "://" in text and not text.startswith("file:"):
        parts = urlsplit(text)
        text = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    else:
        text = PureWindowsPath(text).name  # knows both separators
    return text[:LONGEST_SOURCE]
