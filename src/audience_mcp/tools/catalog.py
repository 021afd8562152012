"""The compiled files -> every tool there is: what is listed, and on first use what is called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audience_mcp.errors import NotOffered, ReadOnly, SettingsProblem
from audience_mcp.tools.finding import FINDING_NAMES, finding_tools
from audience_mcp.tools.own import EXPORT_RESULT, GET_SESSION, OWN_NAMES, SELECT_WORKSPACE, UNDO_CHANGE
from audience_mcp.tools.presets import Preset, lists

if TYPE_CHECKING:
    from audience_mcp.openapi.operation import Operation
    from audience_mcp.tools.arguments import ArgumentChecker

META_KEY = "audience-mcp/operation"
CHECKOUT_LISTING = Path(__file__).parents[3] / "tools.json"


@dataclass(frozen=True, slots=True)
class Server:
    """One address a document names: which host it is (`base`) and for which region."""

    url: str
    base: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What this run offers, and what of it is listed; fixed at start. No toolsets means all of the providers' ones."""

    providers: tuple[str, ...]
    toolsets: tuple[str, ...] = ()
    read_only: bool = False
    preset: Preset = "all"


@dataclass(frozen=True, slots=True)
class Overlaid:
    """What an overlay makes of one provider: its compiled operations by id, and its listed tools by name, that differ
    from the packaged ones."""

    operations: Mapping[str, Any]
    listed: Mapping[str, dict[str, Any]]


class Tool:
    """One operation as it is called: the operation, and its arguments' whole schema compiled on first use."""

    def __init__(self, operation: Operation, schema: Mapping[str, Any]) -> None:
        self.operation = operation
        self.schema = schema

    @cached_property
    def checker(self) -> ArgumentChecker:
        """The compiled check of this tool's arguments."""
        from audience_mcp.tools.arguments import ArgumentChecker

        return ArgumentChecker(self.operation.name, self.schema)


class _Compiled:
    """One provider's compiled file; operations become objects when they are asked for."""

    def __init__(self, raw: Mapping[str, Any], overlaid: Overlaid | None) -> None:
        self.servers = tuple(Server(**server) for server in raw["servers"])
        self._raw: Mapping[str, Any] = {**raw["operations"], **overlaid.operations} if overlaid else raw["operations"]
        self._tools: dict[str, Tool] = {}

    def ids(self) -> Iterable[str]:
        return self._raw

    def tool(self, operation_id: str) -> Tool:
        from audience_mcp.openapi.operation import Operation

        if operation_id not in self._tools:
            entry = self._raw[operation_id]
            self._tools[operation_id] = Tool(Operation.model_validate(entry["operation"]), entry["schema"])
        return self._tools[operation_id]


class Catalog:
    """Every tool of this version, filtered by what this run offers."""

    def __init__(
        self,
        offer: Offer,
        listing: list[dict[str, Any]] | None = None,
        overlaid: Mapping[str, Overlaid] | None = None,
    ) -> None:
        """Take the packaged listing, or another one; `overlaid` is what overlays make of it, by provider.

        Raises:
            SettingsProblem: The offer names a toolset that no tool is in.
        """
        self.offer = offer
        self._listing = packaged_listing()["tools"] if listing is None else listing
        self._overlaid = overlaid or {}
        if self._overlaid:
            changed = {name: tool for one in self._overlaid.values() for name, tool in one.listed.items()}
            self._listing = [changed.get(tool["name"], tool) for tool in self._listing]
        known: list[dict[str, Any]] = [*self._listing, *finding_tools(offer.providers, read_only=offer.read_only)]
        self._by_name = {tool["name"]: tool for tool in known}
        self._compiled: dict[str, _Compiled] = {}
        self._check_toolsets()

    def listing(self) -> list[dict[str, Any]]:
        """The tools this run lists, sorted by name; with no provider, `get_session` alone."""
        finding = [self._by_name[name] for name in FINDING_NAMES] if self.offer.providers else []
        listed = [tool for tool in (*self.offered(), *finding) if lists(self.offer.preset, tool["name"])]
        return sorted(listed, key=lambda tool: str(tool["name"]))

    def offered(self) -> list[dict[str, Any]]:
        """The tools that may be called, listed or not, but for the two that lead to them; by name."""
        if not self.offer.providers:
            return [self._by_name[GET_SESSION]]
        return [tool for tool in self._listing if self._refusal(tool) is None]

    def knows(self, name: str) -> bool:
        """Whether this version has a tool of that name, offered or not."""
        return name in self._by_name

    def wire(self, name: str) -> dict[str, Any]:
        """The tool as it is listed."""
        return self._by_name[name]

    def check_offered(self, name: str) -> None:
        """Let a call pass, or say why this run does not offer the tool.

        Raises:
            ReadOnly: The server is read-only and the tool writes.
            NotOffered: Its provider or toolset is switched off.
        """
        refusal = self._refusal(self._by_name[name])
        if refusal is not None:
            raise refusal

    def call_target(self, name: str) -> Tool:
        """The operation behind a tool of a provider.

        Raises:
            KeyError: The name is no provider's tool.
        """
        meta = self._by_name[name]["_meta"][META_KEY]
        return self.operation(meta["provider"], name.removeprefix(f"{meta['provider']}_"))

    def operation(self, provider: str, operation_id: str) -> Tool:
        """One operation by provider and id, internal ones included."""
        return self._of(provider).tool(operation_id)

    def operations(self, provider: str) -> list[Operation]:
        """Every operation of a provider, internal ones included, in the document's order."""
        compiled = self._of(provider)
        return [compiled.tool(operation_id).operation for operation_id in compiled.ids()]

    def servers(self, provider: str) -> tuple[Server, ...]:
        """The addresses the provider's document names, the default first."""
        return self._of(provider).servers

    def _of(self, provider: str) -> _Compiled:
        if provider not in self._compiled:
            file = resources.files("audience_mcp.compiled").joinpath(f"{provider}.json")
            self._compiled[provider] = _Compiled(json.loads(file.read_bytes()), self._overlaid.get(provider))
        return self._compiled[provider]

    def _check_toolsets(self) -> None:
        metas = [tool["_meta"][META_KEY] for tool in self._listing if tool["name"] not in OWN_NAMES]
        known = {f"{meta['provider']}.{meta['toolset']}" for meta in metas} | {meta["provider"] for meta in metas}
        for toolset in self.offer.toolsets:
            if toolset not in known:
                near = sorted(name for name in known if name.startswith(f"{toolset.partition('.')[0]}."))
                raise SettingsProblem(f"there is no toolset {toolset!r}; known are {', '.join(near or sorted(known))}")

    def _refusal(self, tool: Mapping[str, Any]) -> ReadOnly | NotOffered | None:
        name = tool["name"]
        if name in FINDING_NAMES:
            return None
        if name in OWN_NAMES:
            return _written(name) if self.offer.read_only and name in (EXPORT_RESULT, UNDO_CHANGE) else None
        meta = tool["_meta"][META_KEY]
        provider, toolset = meta["provider"], f"{meta['provider']}.{meta['toolset']}"
        if provider not in self.offer.providers:
            return NotOffered(
                f"{name} is not offered: {provider} is not configured or was left out at start.",
                f"The user configures {provider} (see get_session), or starts the server with --providers naming it.",
                provider=provider,
            )
        if self.offer.toolsets and not {provider, toolset} & set(self.offer.toolsets):
            return NotOffered(
                f"{name} is not offered: its toolset {toolset} was left out at start.",
                f"The user starts the server with --toolsets naming {toolset}.",
                provider=provider,
            )
        if self.offer.read_only and meta["access"] != "read" and not name.endswith(f"_{SELECT_WORKSPACE}"):
            return _written(name, provider)
        return None


def _written(name: str, provider: str | None = None) -> ReadOnly:
    return ReadOnly(
        f"{name} is refused: the server was started read-only.",
        "Use a read, or the user starts the server without --read-only.",
        provider=provider,
    )


def packaged_listing() -> dict[str, Any]:
    """tools.json as shipped: inside the installed package, or at the root of a checkout."""
    packaged = resources.files("audience_mcp.compiled").joinpath("tools.json")
    source = packaged if packaged.is_file() else CHECKOUT_LISTING
    listing: dict[str, Any] = json.loads(source.read_bytes())
    return listing
