"""`audience-mcp contract probe`: lists harmless requests, asks, sends them, and keeps what they prove."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

import anyio

from audience_mcp.app import App, build_app
from audience_mcp.cli.running import corrected, settings_of
from audience_mcp.contract.applying import fitting
from audience_mcp.contract.overlays import OverlayProblem, document_of, write
from audience_mcp.contract.probing.learning import corrections_of
from audience_mcp.contract.probing.listing import listing, step, summary
from audience_mcp.contract.probing.plan import Ask, Plan, make_plan
from audience_mcp.contract.probing.running import Findings, Probe
from audience_mcp.contract.probing.sending import Carrier
from audience_mcp.errors import SettingsProblem
from audience_mcp.results.wording import counted
from audience_mcp.settings import overlays_cache, overlays_folder

DONE, FAILED = 0, 1


def run(options: argparse.Namespace) -> int:
    """Probe one provider; 1 where nothing may be sent, the run stopped early, or what is proven cannot be kept.

    Raises:
        SettingsProblem: The embedded sandbox is configured instead of the provider.
    """
    settings = settings_of(options)
    provider: str = options.provider
    if settings.sandbox:
        raise SettingsProblem("contract probe asks the provider itself: unset AUDIENCE_MCP_SANDBOX")
    app = build_app(settings, overlays=overlays_folder(), overlays_cache=overlays_cache())
    for line in corrected(one for one in app.overlays if one.provider == provider):
        print(line)
    catalog = app.catalog
    plan = make_plan(
        provider, catalog.operations(provider), lambda name: catalog.operation(provider, name).schema, options.most
    )
    for line in listing(plan):
        print(line)
    if not plan.trials:
        print(f"{provider} has no unconfirmed path that harmless requests could find out.")
        return DONE
    if options.dry_run:
        print("\nA dry run: nothing was sent.")
        return DONE
    if provider not in app.catalog.offer.providers:
        print(f"audience-mcp: {provider} is not configured; see `audience-mcp doctor`", file=sys.stderr)
        return FAILED
    if not (options.yes or _agreed(provider)):
        return FAILED
    return anyio.run(_probe, app, plan)


async def _probe(app: App, plan: Plan) -> int:
    carrier = Carrier(app.session, app.client)
    print()
    try:
        findings = await Probe(plan, carrier.send, _tell).run()
    finally:
        await app.close()
    for line in summary(plan.provider, findings):
        print(line)
    kept = _keep(plan.provider, findings, sandbox=carrier.sandbox)
    return FAILED if findings.stopped and not findings.limited else kept


def _keep(provider: str, findings: Findings, *, sandbox: bool) -> int:
    """Write what is proven as an overlay, as far as the server will take it."""
    today = datetime.now(UTC).date().isoformat()
    found = corrections_of(findings.of("proven"), document_of(provider), today, sandbox=sandbox)
    if not found:
        print("\nNothing was written.")
        return DONE
    try:
        fit, refused = fitting(provider, found)
        path = write(provider, fit) if fit else None
    except (OverlayProblem, OSError) as error:
        print(f"audience-mcp: the overlay of {provider} cannot be written ({error})", file=sys.stderr)
        return FAILED
    for one in refused:
        print(f"not kept: {one.subject}: {one.reason}", file=sys.stderr)
    if path is not None:
        print(f"\nwritten to {path}, for {counted(len(fit), 'tool')}: {', '.join(one.operation for one in fit)}")
        print("A server that is running keeps its tools until it is restarted.")
        print(f"To take this back: audience-mcp contract undo {provider}")
        if sandbox:
            print("The SANDBOX answered: take this back before the provider itself is asked.")
    return FAILED if refused else DONE


def _agreed(provider: str) -> bool:
    """Whether the person agrees; without a terminal nobody can be asked."""
    if not sys.stdin.isatty():
        print(
            "\nNothing was sent: there is no terminal to ask on. Repeat with --yes to send these:"
            f" audience-mcp contract probe {provider} --yes",
            file=sys.stderr,
        )
        return False
    try:
        answer = input("\nSend these requests with your credential, and keep what they prove? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().casefold() in ("y", "yes"):
        return True
    print("Nothing was sent.")
    return False


def _tell(ask: Ask, status: int, said: str) -> None:
    print(step(ask, status, said), flush=True)
