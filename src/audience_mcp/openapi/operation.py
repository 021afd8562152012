"""An operation: everything that is known of one provider call, as plain data.

`openapi.reader` makes operations from the documents; compiled to JSON they are what the running server calls with.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Json = Any
Access = Literal["read", "write", "destructive", "session"]
Contract = Literal["seed", "public", "sibling", "inferred", "imported", "probed"]
Identity = Literal["none", "workspace", "user", "profile"]
Place = Literal["path", "query", "body"]


class Strict(BaseModel):
    """Base of the vocabulary: a key it does not know is an error, so a typing slip in a document cannot pass."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Argument(Strict):
    """One argument the model may pass, and where it goes on the wire (`style` is for query strings).

    `default` is what the provider uses when it is left out; it is never sent for the model.
    """

    name: str
    place: Place
    required: bool = False
    style: Literal["form", "repeat", "comma", "json"] = "form"
    session: str | None = None
    default: Json = None


class Constant(Strict):
    """A value that is always sent, or (`sent_with`) only beside another property."""

    name: str
    place: Place
    value: Json
    sent_with: str | None = None


class Supplied(Strict):
    """A log-in value that the session supplies and the model never sees."""

    name: str
    place: Place
    field: str
    required: bool = False


class Paging(Strict):
    """How the next page is asked for; `items`, `next` and `total` are JSON pointers into the answer."""

    style: Literal["page", "next"]
    number: str | None = None
    size: str | None = None
    items: str = ""
    next: str | None = None
    total: str | None = None
    start: int = 1


class AnswerHint(Strict):
    """What the answer is expected to hold; the summary uses it only where the data agrees."""

    kind: str = "generic"
    items: str | None = None
    columns: tuple[str, ...] = ()
    total: str | None = None
    shape: Literal["documented", "assumed"] = "documented"
    headline: str | None = None
    drop: tuple[str, ...] = ()


class ObjectHint(Strict):
    """The saved object an argument names, and the documented operation that reads it.

    `computed` is what the provider puts into it by itself: `/name` for a field of the object, a bare name at any depth.
    It is never sent back and never counts as a change. `deleted` is true in one that is gone and still read.
    """

    argument: str
    operation: str
    name: str = "/name"
    version: str | None = None
    depends: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    deleted: str | None = None


class Undo(Strict):
    """The operation that takes a write back; exactly one of the first three.

    `restore` writes an object's previous fields, `create` makes a deleted object anew, `delete` removes a created one,
    whose id stands at `id` (JSON pointer) of the create's answer. `assume` are values for required fields that reading
    the object does not show.
    """

    restore: str | None = None
    create: str | None = None
    delete: str | None = None
    id: str = "/id"
    assume: dict[str, Json] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one(self) -> Undo:
        if sum(way is not None for way in (self.restore, self.create, self.delete)) != 1:
            raise ValueError("undo names exactly one of restore, create, delete")
        return self

    @property
    def operation(self) -> str:
        """The id of the operation that does it."""
        return str(self.restore or self.create or self.delete)


class NamesHint(Strict):
    """A second read that gives names to the ids of an answer."""

    operation: str
    with_: dict[str, str] = Field(alias="with")
    items: str
    key: str
    name: str
    for_: str = Field(alias="for")


class Sends(Strict):
    """What goes on the wire where it differs from the documented request."""

    method: str
    body: dict[str, Json] | None = None


class Hints(Strict):
    """The MCP hints of a write."""

    destructive: bool
    idempotent: bool


class Limit(Strict):
    """A documented rate limit: `requests` in `seconds`, counted per value of an argument where `per` names one."""

    requests: int
    seconds: int
    per: str | None = None


class Instructions(Strict):
    """The `x-tool` part of an operation, as the documents write it.

    `each` is for calls about many objects: a list argument, and the operation that does the same to one id of it.
    `core` marks the few operations of a provider that answer most questions.
    """

    access: Access
    contract: Contract
    source: str = ""
    identity: Identity = "workspace"
    workspace: bool | None = None
    session: str | None = None
    secrets: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    personal: bool = False
    object: ObjectHint | None = None
    each: dict[str, str] = Field(default_factory=dict)
    undo: Undo | None = None
    sends: Sends | None = None
    destructive_when: dict[str, Json] = Field(default_factory=dict, alias="destructive-when")
    hints: Hints | None = None
    repeat: Literal["safe", "never"] | None = None
    paging: Paging | None = None
    answer: AnswerHint = AnswerHint()
    names: NamesHint | None = None
    failures: dict[str, str] = Field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    permissions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    deprecation: str | None = None
    nearly: tuple[str, ...] = ()
    internal: bool = False
    core: bool = False
    body_argument: str | None = Field(default=None, alias="body-argument")


class Operation(Strict):
    """One documented operation of one provider.

    `path` keeps its `{parameters}`; `base` names the host ("api" unless the provider has several); `body` says whether
    the request has none, an object of fields, or one whole argument.
    """

    id: str
    provider: str
    toolset: str
    title: str
    description: str
    method: str
    path: str
    base: str
    arguments: tuple[Argument, ...]
    constants: tuple[Constant, ...] = ()
    supplied: tuple[Supplied, ...] = ()
    workspace_parameter: str | None = None
    body: Literal["none", "fields", "whole"] = "none"
    deprecated: bool = False
    tool: Instructions

    @property
    def name(self) -> str:
        """The tool's name: provider and operation id."""
        return f"{self.provider}_{self.id}"

    @property
    def access(self) -> Access:
        """What the operation does: read, write, destructive or session."""
        return self.tool.access

    @property
    def writes(self) -> bool:
        """Whether it can change something at the provider."""
        return self.tool.access in ("write", "destructive")

    @property
    def risky_guess(self) -> bool:
        """Whether its path is a guess and it writes or carries a credential: refused unless the user allows it."""
        risky = self.writes or self.tool.access == "session" or bool(self.supplied)
        return self.tool.contract == "inferred" and risky

    @property
    def in_workspace(self) -> bool:
        """Whether it runs inside one workspace."""
        if self.tool.workspace is not None:
            return self.tool.workspace
        return self.tool.identity == "workspace"

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when its answer was lost."""
        if self.tool.repeat is not None:
            return self.tool.repeat == "safe"
        return self.tool.access == "read"

    def destroys(self, arguments: dict[str, Json]) -> bool:
        """Whether these arguments make the call destructive."""
        if self.tool.access == "destructive":
            return True
        when = self.tool.destructive_when
        return bool(when) and all(arguments.get(name) == value for name, value in when.items())
