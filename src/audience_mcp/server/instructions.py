"""What the server tells a model before the first call: the session, the summaries, the handles, the presets."""

from __future__ import annotations

from collections.abc import Mapping

from audience_mcp.tools.catalog import Offer
from audience_mcp.tools.presets import Preset

LONGEST = 2000

UNCONFIGURED = """\
Customer analytics for Synerise, PostHog, Faraday and giosg. No provider is configured, so only get_session is listed; \
it says how to configure one (environment variables) or to try the built-in sandbox (--sandbox)."""

CONFIGURED = """\
Customer analytics: {named}.{listed}
Credentials and tokens are kept by the server: never ask for, pass or repeat a secret.
Workspaces (a PostHog project, Faraday account, giosg organization are workspaces too): list_workspaces shows them, \
select_workspace chooses one for reads, `workspace` (id or name) on a tool sets it for that call alone. A write needs \
its workspace passed or configured. Every answer names the workspace it ran in: check it.
Answers are summaries; the full data stays at the handle in the last line. Before calling again: query_results runs \
SQL over stored results (a handle is a table, several can be joined), chart_result draws one, read_result reads parts \
by JSONPath. Never reckon over rows in your head. Lists: `all_pages` reads every page.
{writes}
Nested arguments: describe_argument shows the whole grammar; or read a saved object, edit it, send it back.
“Path unconfirmed” marks operations no public page documents; prefer a documented one."""

WRITES = """\
Writes: `dry_run` shows the request and what would differ, without sending it; list_changes and undo_change take \
changes back. Destructive tools ask the user, or answer with a code to pass \
as `confirm` once the user has agreed; never confirm on your own."""
READ_ONLY = "This server is read-only: nothing can be changed."

# What is said of tools that are not listed, by preset.
LISTED: Mapping[Preset, str] = {
    "all": "",
    "core": " Listed are the tools most used; search_tools finds the others by what you want to do (plain words),"
    " call_tool runs them.",
    "search": " Few tools are listed: search_tools finds all others by what you want to do (plain words) and gives"
    " their arguments, call_tool runs them.",
}


def instructions(offer: Offer, titles: dict[str, str], *, sandbox: bool, problems: tuple[str, ...]) -> str:
    """The server instructions for this run, under 2,000 characters."""
    if offer.providers:
        text = CONFIGURED.format(
            named=", ".join(titles[provider] for provider in offer.providers),
            listed=LISTED[offer.preset],
            writes=READ_ONLY if offer.read_only else WRITES,
        )
    else:
        text = UNCONFIGURED
    if sandbox:
        text += "\nSANDBOX: every answer is made-up data of an invented retailer."
    for problem in problems:
        text += f"\nConfiguration: {problem}"
    return text[:LONGEST]
