"""What a model is told before its first call: short, true of this run, and no more than it needs."""

from __future__ import annotations

import re

import pytest

from audience_mcp.providers import PROVIDERS
from audience_mcp.server.instructions import LONGEST, instructions
from audience_mcp.tools.catalog import Catalog, Offer
from audience_mcp.tools.finding import FINDING_NAMES

EVERY_PROVIDER = tuple(provider.id for provider in PROVIDERS)
TITLES = {provider.id: provider.title for provider in PROVIDERS}
PROBLEM = "AUDIENCE_MCP_TOOL is not a setting of this version"


def told(offer: Offer, *problems: str, sandbox: bool = False) -> str:
    return instructions(offer, TITLES, sandbox=sandbox, problems=problems)


@pytest.mark.parametrize("preset", ["all", "core", "search"])
@pytest.mark.parametrize("read_only", [False, True])
def test_they_are_short_and_name_only_tools_that_may_be_called(preset: str, read_only: bool) -> None:
    offer = Offer(EVERY_PROVIDER, read_only=read_only, preset=preset)  # type: ignore[arg-type]
    text = told(offer, PROBLEM, sandbox=True)
    assert len(text) < LONGEST
    offered = {tool["name"] for tool in Catalog(offer).offered()} | FINDING_NAMES
    known = {name for name in re.findall(r"\b[a-z]+_[a-z_]+\b", text) if name not in ("all_pages", "dry_run")}
    assert known <= offered and {"query_results", "chart_result", "read_result", "list_workspaces"} <= known
    assert (known >= FINDING_NAMES) == (preset != "all")
    assert ("`confirm`" in text) == (not read_only) == ("read-only" not in text)
    assert all(title in text for title in TITLES.values())


def test_only_what_is_configured_is_promised() -> None:
    assert told(Offer(("faraday",))).startswith("Customer analytics: Faraday.")
    unconfigured = told(Offer(()))
    assert (
        "No provider is configured" in unconfigured
        and "--sandbox" in unconfigured
        and "search_tools" not in unconfigured
    )


def test_made_up_data_and_problems_are_told_and_never_make_them_too_long() -> None:
    text = told(Offer(EVERY_PROVIDER), PROBLEM, sandbox=True)
    assert "SANDBOX" in text and PROBLEM in text
    assert len(told(Offer(EVERY_PROVIDER), *[PROBLEM] * 50)) == LONGEST
