"""`audience-mcp doctor`: what is configured and from where, what each provider answers, and what to do."""

from __future__ import annotations

import argparse
import json
from typing import Any

import anyio

from audience_mcp.app import App, build_app
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED, WRONG_USE
from audience_mcp.errors import AudienceError
from audience_mcp.providers import PROVIDERS
from audience_mcp.providers.base import Provider
from audience_mcp.settings import Credential, overlays_cache, overlays_folder


def run(options: argparse.Namespace) -> int:
    """Ask every configured provider; 1 when something is wrong or nothing is configured, 2 for an unknown setting."""
    settings = settings_of(options, strict=False)
    chosen = [provider for provider in PROVIDERS if not settings.providers or provider.id in settings.providers]

    async def examine() -> dict[str, Any]:
        app = build_app(settings, overlays=overlays_folder(), overlays_cache=overlays_cache())
        try:
            return {
                "config_file": str(settings.config) if settings.config else None,
                "problems": list(app.settings.problems),
                "corrected": {overlay.provider: list(overlay.tools) for overlay in app.overlays},
                "providers": {provider.id: await _examined(app, provider) for provider in chosen},
            }
        finally:
            await app.close()

    report = anyio.run(examine)
    print(json.dumps(report, ensure_ascii=False, indent=1) if options.json else _told(report))
    states = [entry["state"] for entry in report["providers"].values()]
    if settings.problems:
        return WRONG_USE
    return DONE if "ok" in states and "wrong" not in states and not report["problems"] else FAILED


async def _examined(app: App, provider: type[Provider]) -> dict[str, Any]:
    credentials = [c for c in app.settings.credentials if c.provider == provider.id]
    if not credentials:
        names = " or ".join(variable.name for variable in provider.variables if variable.secret)
        return {"state": "not configured", "remedy": f"set {names} in the environment of the server, or in config.toml"}
    entry: dict[str, Any] = {
        "state": "ok",
        "configured": {c.label or "(default)": _origin(app, c) for c in credentials},
        "workspaces": [],
        "wrong": [],
    }
    problems: list[AudienceError] = []
    try:
        reached = await app.session.reached(provider.id, fresh=True)
        entry["workspaces"] = [workspace.title for workspace in reached.workspaces]
        entry["log_in"] = dict(app.session.status(provider.id))
        problems += reached.problems
        for login, _ in app.session.logins(provider.id):
            stray, own = await login.stray(), login.own_workspace()
            if stray is not None:
                # What the log-in met on its way is the same trouble in fewer words.
                problems = [*(problem for problem in problems if problem is not login.unreached), stray]
                entry["workspaces"] = [title for title in entry["workspaces"] if own is None or title != own.title]
        if provider.id in app.settings.workspaces:
            await app.session.workspace_of(provider.id, app.settings.workspaces[provider.id])
    except AudienceError as error:
        problems.append(error)
    if problems or not entry["workspaces"]:
        entry["state"] = "wrong"
        entry["wrong"] = [{"kind": e.kind, "message": e.message, "remedy": e.remedy} for e in problems]
    if not problems and not entry["workspaces"]:
        entry["wrong"] = [
            {
                "kind": "workspace_unknown",
                "message": f"The credential reaches no {provider.workspace_word}.",
                "remedy": "Check its scopes and the base URL.",
            }
        ]
    return entry


def _origin(app: App, credential: Credential) -> dict[str, str]:
    """Where each field came from; the sandbox brings its own."""
    return {field: "sandbox" if app.settings.sandbox else where for field, where in credential.origin.items()}


def _told(report: dict[str, Any]) -> str:
    lines = [f"configuration file: {report['config_file'] or 'none'}"]
    lines += [f"! {problem}" for problem in report["problems"]]
    for name, entry in report["providers"].items():
        lines.append(f"\n{name}: {entry['state']}")
        if "remedy" in entry:
            lines.append(f"  {entry['remedy']}")
        for label, origin in entry.get("configured", {}).items():
            fields = ", ".join(f"{field} ({where})" for field, where in origin.items())
            lines.append(f"  credential {label}: {fields}")
        for label, status in entry.get("log_in", {}).items():
            lines.append(f"  log-in {label}: " + "; ".join(f"{key} {value}" for key, value in status.items() if value))
        if entry.get("workspaces"):
            lines.append(f"  workspaces: {'; '.join(entry['workspaces'])}")
        if tools := report["corrected"].get(name):
            lines.append(f"  corrected by an overlay: {', '.join(tools)}")
        for wrong in entry.get("wrong", []):
            lines.append(f"  ! {wrong['kind']}: {wrong['message']}\n    do: {wrong['remedy']}")
    return "\n".join(lines)
