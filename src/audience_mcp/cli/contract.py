"""`audience-mcp contract`: how sure each path is, and how a person makes it certain; the verbs and their flags."""

from __future__ import annotations

import argparse
import importlib

from audience_mcp.cli.verbs import add_verb
from audience_mcp.errors import SettingsProblem

# The verbs that do the work, by module of this package; loaded when they are run.
MODULES = {
    "status": "status",
    "import": "importing",
    "probe": "probing",
    "undo": "undoing",
    "report": "reporting",
}
MOST_REQUESTS = 40

EXAMPLES = """examples:
  audience-mcp contract status                        how sure each path is, and what is refused
  audience-mcp contract import synerise openapi.json  correct ours from the provider's own document
  audience-mcp contract probe synerise --dry-run      what would be tried with harmless reads
  audience-mcp contract undo synerise
  audience-mcp contract report --output learned.yaml
"""


def add_verbs(parser: argparse.ArgumentParser) -> None:
    """Give `contract` its verbs."""
    verbs = parser.add_subparsers(dest="action", required=True, metavar="VERB")

    status = add_verb(
        verbs,
        "status",
        "how many paths are documented, guessed, imported or probed; what is refused and why",
        """examples:
  audience-mcp contract status
  audience-mcp contract status --json""",
    )
    status.add_argument("--json", action="store_true", help="print as JSON")

    importing = add_verb(
        verbs,
        "import",
        "correct our paths, arguments and schemas from the provider's own OpenAPI document or Postman collection",
        """examples:
  audience-mcp contract import synerise                     where the provider publishes one
  audience-mcp contract import synerise ~/Downloads/openapi.yaml --dry-run
  audience-mcp contract import posthog https://us.posthog.com/api/schema/ --yes

Shows the difference and asks; what does not fit changes nothing. `contract undo` takes it back.""",
    )
    _of_provider(importing)
    importing.add_argument(
        "source", nargs="?", metavar="FILE_OR_URL", help="the document; without it the provider's published addresses"
    )
    _asking(importing, "do not ask before something is kept")

    probe = add_verb(
        verbs,
        "probe",
        "find out unconfirmed read paths with harmless requests, sent with your credential",
        """examples:
  audience-mcp contract probe synerise --dry-run      lists the requests and sends none
  audience-mcp contract probe synerise --most 10 --workspace synerise=Shop

Only reads are tried, with ids that nothing has; never a write, never a delete.""",
    )
    _of_provider(probe)
    probe.add_argument(
        "--most",
        type=_count,
        default=MOST_REQUESTS,
        metavar="N",
        help=f"the most requests sent (default {MOST_REQUESTS})",
    )
    probe.add_argument(
        "--workspace", action="append", metavar="PROVIDER=ID_OR_NAME", help="the workspace to ask in (repeatable)"
    )
    _asking(probe, "send the requests and keep what they prove, without asking")

    undo = add_verb(
        verbs,
        "undo",
        "go back to before the last import or probe of a provider",
        """examples:
  audience-mcp contract undo synerise""",
    )
    _of_provider(undo)

    report = add_verb(
        verbs,
        "report",
        "what imports and probes taught, as an anonymised file that may be given to the project",
        """examples:
  audience-mcp contract report                     print it
  audience-mcp contract report --output learned.yaml

Holds methods, paths and schemas; no data, no examples, no ids, no texts, and no address of yours.""",
    )
    report.add_argument("--output", metavar="FILE", help="write to this file, which must not be there yet")

    for verb in (status, importing, probe, undo, report):
        verb.add_argument("--config", metavar="FILE", help="TOML file with settings")
        verb.add_argument("--log", metavar="LEVEL", help="DEBUG, INFO, WARNING (default), ERROR; to stderr")


def run(options: argparse.Namespace) -> int:
    """Run one of the verbs; its exit code.

    Raises:
        SettingsProblem: There is no such provider.
    """
    provider = getattr(options, "provider", None)
    if provider is not None:
        from audience_mcp.providers import PROVIDERS

        known = [one.id for one in PROVIDERS]
        if provider not in known:
            raise SettingsProblem(f"there is no provider {provider!r}; known are {', '.join(known)}")
    code: int = importlib.import_module(f"audience_mcp.cli.{MODULES[options.action]}").run(options)
    return code


def _of_provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="synerise, posthog, faraday or giosg")


def _asking(parser: argparse.ArgumentParser, yes: str) -> None:
    parser.add_argument("--yes", action="store_true", help=yes)
    parser.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a number of at least 1, not {text!r}")
    return int(text)
