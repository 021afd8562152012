"""What the server tells a model before the first call: the session, the summaries, the handles."""

from __future__ import annotations

from audience_mcp.tools.catalog import Offer

LONGEST = 2000

UNCONFIGURED = """\
Customer analytics for Synerise, PostHog, Faraday and giosg. No provider is configured, so only get_session is listed; \
it says how to configure one (environment variables) or to try the built-in sandbox (--sandbox)."""

CONFIGURED = """\
Customer analytics: {named}.
Credentials and tokens are kept by the server: never ask for, pass or repeat a secret.
Workspaces (a PostHog project, Faraday account, giosg organization are workspaces too): list_workspaces shows them, \
select_workspace chooses one for reads, `workspace` (id or name) on a tool sets it for that call alone. A write needs \
its workspace passed or configured. Every answer names the workspace it ran in: check it.
Answers are summaries; the full data stays at the handle in the last line: read_result reads it by JSONPath, slice and \
fields. Lists: `all_pages` reads every page.
Writes: `dry_run` shows the request without sending it. Destructive tools ask the user, or answer with a code to pass \
as `confirm` once the user has agreed; never confirm on your own.
Nested arguments: describe_argument shows the whole grammar; or read a saved object, edit it, send it back.
“Path unconfirmed” marks operations no public page documents; prefer a documented one."""


def instructions(offer: Offer, titles: dict[str, str], *, sandbox: bool, problems: tuple[str, ...]) -> str:
    """The server instructions for this run, under 2,000 characters."""
    if offer.providers:
        text = CONFIGURED.format(named=", ".join(titles[provider] for provider in offer.providers))
    else:
        text = UNCONFIGURED
    if offer.read_only:
        text += "\nThis server is read-only."
    if sandbox:
        text += "\nSANDBOX: every answer is made-up data of an invented retailer."
    for problem in problems:
        text += f"\nConfiguration: {problem}"
    return text[:LONGEST]
