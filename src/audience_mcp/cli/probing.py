"""`audience-mcp contract probe`: lists harmless requests, asks, sends them, and keeps what they prove."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

import anyio

from audience_mcp.app import App, build_app
from audience_mcp.cli.asking import agree, tell_unusable, tell_written
from audience_mcp.cli.running import corrected, settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.contract.applying import fitting
from audience_mcp.contract.overlays import check_writable, document_of, write
from audience_mcp.contract.probing.learning import corrections_of
from audience_mcp.contract.probing.listing import listing, step, summary
from audience_mcp.contract.probing.plan import Ask, Plan, make_plan
from audience_mcp.contract.probing.running import Findings, Probe
from audience_mcp.contract.probing.sending import Carrier
from audience_mcp.errors import SettingsProblem
from audience_mcp.openapi.overlay import OverlayProblem
from audience_mcp.results.wording import counted
from audience_mcp.settings import overlays_cache, overlays_folder

INTERRUPTED = 130


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
    if plan.trials and not options.dry_run and not _is_ready(provider, app):
        return FAILED
    for line in listing(plan):
        print(line)
    if not plan.trials:
        print(f"{provider} has no unconfirmed path that harmless requests could find out.")
        return DONE
    if options.dry_run:
        print("\nA dry run: nothing was sent.")
        return DONE
    question = "\nSend these requests with your credential, and keep what they prove?"
    repeat = f"to send these: audience-mcp contract probe {provider} --yes"
    agreed = options.yes or agree(question, "Nothing was sent", repeat)
    return _probe(app, plan) if agreed else FAILED


def _is_ready(provider: str, app: App) -> bool:
    """Whether requests can be sent, and what they prove can be kept; no request is spent before."""
    if provider not in app.catalog.offer.providers:
        print(f"audience-mcp: {provider} is not configured; see `audience-mcp doctor`", file=sys.stderr)
        return False
    try:
        check_writable(provider)
    except (OverlayProblem, OSError) as error:
        tell_unusable(provider, error)
        return False
    return True


def _probe(app: App, plan: Plan) -> int:
    """Send and keep; what is proven before Ctrl-C is kept as well."""
    carrier = Carrier(app.session, app.client)
    probe = Probe(plan, carrier.send, _tell)

    async def run_and_close() -> Findings:
        try:
            return await probe.run()
        finally:
            await app.close()

    print()
    interrupted = False
    try:
        findings = anyio.run(run_and_close)
    except KeyboardInterrupt:
        interrupted, findings = True, probe.so_far("you ended it")
    for line in summary(plan.provider, findings):
        print(line)
    kept = _keep(plan.provider, findings, sandbox=carrier.sandbox)
    if interrupted:
        return INTERRUPTED
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
        tell_unusable(provider, error)
        return FAILED
    for one in refused:
        print(f"not kept: {one.subject}: {one.reason}", file=sys.stderr)
    if path is not None:
        tools = ", ".join(one.operation for one in fit)
        tell_written(path, provider, f"{counted(len(fit), 'tool')} proven: {tools}")
        if sandbox:
            print(f"The SANDBOX answered: this counts only while the base URL of {provider} leads to this machine.")
    return FAILED if refused else DONE


def _tell(ask: Ask, status: int, said: str) -> None:
    print(step(ask, status, said), flush=True)
