"""The command `audience-mcp`: verbs, flags, exit codes (0 done, 1 failed, 2 wrong use)."""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import sys
from collections.abc import Sequence
from types import ModuleType

from audience_mcp import __version__
from audience_mcp.cli import contract
from audience_mcp.cli.verbs import FAILED, WRONG_USE, add_verb
from audience_mcp.errors import SettingsProblem

COMMANDS = ("serve", "tools", "call", "sandbox", "demo", "contract", "doctor")
HIGHEST_PORT = 65535

EPILOG = """examples:
  audience-mcp --sandbox                          serve made-up data over stdio, no credentials needed
  audience-mcp call posthog_list_cohorts --sandbox
  audience-mcp doctor                             what is configured, and whether it works
  audience-mcp COMMAND --help                     more about one command
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    _make_writable()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not any(word in COMMANDS for word in given) and not {"-h", "--help", "--version"} & set(given):
        given.insert(0, "serve")
    parser = build_parser()
    options, rest = parser.parse_known_args(given)
    if options.command == "call" and not any(word.startswith("-") for word in rest):
        options.words += rest  # words after a flag
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        command = _loaded(options.command)
        code: int = command.run(options)
        return code
    except SettingsProblem as problem:
        print(f"audience-mcp: {problem}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED


def _loaded(command: str) -> ModuleType:
    """The command's module, without a garbage collection on the way: a start is about a tenth shorter.

    All that an import makes lives as long as the process, so there is nothing to find.
    """
    gc.disable()
    try:
        return importlib.import_module(f"audience_mcp.cli.{command}")
    finally:
        gc.freeze()  # counts what was made as old,
        gc.unfreeze()  # so that the next collection does not begin with it
        gc.enable()


def _make_writable() -> None:
    """Let output hold any character: in UTF-8 on Windows, elsewhere escaped where the terminal's encoding lacks it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if sys.platform == "win32":  # pragma: no cover - its pipes default to a code page
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="backslashreplace")


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = argparse.ArgumentParser(
        prog="audience-mcp",
        description="Customer analytics (Synerise, PostHog, Faraday, giosg) as typed MCP tools with short answers.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"audience-mcp {__version__}")
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = add_verb(
        verbs,
        "serve",
        "serve MCP over stdio (the default command)",
        """examples:
  audience-mcp serve --sandbox
  audience-mcp serve --providers posthog --read-only
  audience-mcp serve --tools core                  list the best few of each provider; search_tools finds the rest
  audience-mcp serve --tools search                list no provider's tools: search_tools and call_tool lead to them
  audience-mcp serve --workspace posthog=12345 --pin-workspace""",
    )
    _run_flags(serve)

    tools = add_verb(
        verbs,
        "tools",
        "list the tools of this version, or regenerate tools.json",
        """examples:
  audience-mcp tools --tokens
  audience-mcp tools --json > tools.json
  audience-mcp tools --write        in a checkout: regenerate the compiled files""",
    )
    form = tools.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print exactly what tools.json holds")
    form.add_argument(
        "--tokens", action="store_true", help="add what each tool, toolset and preset costs a model's context"
    )
    form.add_argument("--write", action="store_true", help="compile the documents to tools.json and the catalog")
    form.add_argument(
        "--check", action="store_true", help="fail when the compiled files are stale or a list is dearer than it may be"
    )

    call = add_verb(
        verbs,
        "call",
        "call tools and print exactly what a model would read",
        """examples:
  audience-mcp call synerise_list_funnels '{"limit": 5}' --sandbox
  audience-mcp call select_workspace '{"workspace": "Outlet"}' posthog_list_cohorts --sandbox
  audience-mcp call read_result '{"handle": "r_..."}'      within an hour of the call that made it""",
    )
    call.add_argument("words", nargs="+", metavar="TOOL [JSON]", help="tool names, each with its arguments as JSON")
    _run_flags(call)

    sandbox = add_verb(
        verbs,
        "sandbox",
        "run the sandbox as an HTTP server and print its credentials",
        """examples:
  audience-mcp sandbox --port 8080
  eval "$(audience-mcp sandbox --port 8080 --export)"     the lines alone, without serving
  audience-mcp sandbox --faults 429:0.05,500:0.02,slow:0.1:2s,drop:0.02,expire:0.01,garbage:0.01
  audience-mcp sandbox --paths true.yaml          what a wrong guess of a path looks like (see docs/sandbox.md)""",
    )
    sandbox.add_argument(
        "--port", type=_port, default=8080, help="port on 127.0.0.1; 0 takes a free one (default 8080)"
    )
    sandbox.add_argument("--seed", type=int, default=7, help="another seed is another retailer (default 7)")
    sandbox.add_argument("--today", metavar="DATE", help="last day with events, YYYY-MM-DD (default today)")
    sandbox.add_argument("--export", action="store_true", help="print the export lines and stop")
    sandbox.add_argument("--file", metavar="PATH", help="keep the data in this DuckDB file")
    sandbox.add_argument("--journal", metavar="PATH", help="append every request to this file, a line of JSON each")
    sandbox.add_argument(
        "--faults", metavar="SPEC", default="", help="what goes wrong, KIND:RATE[:SECONDS] by commas (see the example)"
    )
    sandbox.add_argument(
        "--limits", type=float, default=1.0, metavar="SCALE", help="documented rate limits times this; 0: none"
    )
    sandbox.add_argument(
        "--withhold", action="append", default=[], metavar="NAME", help="a permission or scope no key has (repeatable)"
    )
    sandbox.add_argument(
        "--token-seconds", type=int, default=3600, metavar="N", help="how long a token lives (default 3600)"
    )
    sandbox.add_argument(
        "--paths", metavar="FILE", help="YAML or JSON, tool name: METHOD /path; unconfirmed paths are there instead"
    )
    sandbox.add_argument("--speed", type=float, default=1.0, help="let the sandbox's clock run so many times as fast")

    add_verb(
        verbs,
        "demo",
        "a day's questions on all four providers, through a real MCP client, on the sandbox",
        """examples:
  audience-mcp demo
  audience-mcp demo | less""",
    )

    contract.add_verbs(
        add_verb(verbs, "contract", "how sure each operation's path is, and how to make it certain", contract.EXAMPLES)
    )

    doctor = add_verb(
        verbs,
        "doctor",
        "what is configured, what each provider answers, and what to do",
        """examples:
  audience-mcp doctor
  audience-mcp doctor --json --providers posthog""",
    )
    doctor.add_argument("--json", action="store_true", help="print as JSON")
    _run_flags(doctor)
    return parser


def _port(text: str) -> int:
    """A port number; argparse tells what else it was given."""
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {HIGHEST_PORT}, not {text!r}")
    return int(text)


def _run_flags(parser: argparse.ArgumentParser) -> None:
    """The flags of `serve`, which `call` and `doctor` take as well."""
    parser.add_argument("--sandbox", action="store_true", default=None, help="answer every provider from made-up data")
    parser.add_argument("--providers", metavar="A,B", help="offer only these providers")
    parser.add_argument("--toolsets", metavar="P.T,P.T", help="offer only these toolsets (see `audience-mcp tools`)")
    parser.add_argument(
        "--tools",
        metavar="PRESET",
        help="what is listed, not what may be called: all (default), core or search, with search_tools for the rest",
    )
    parser.add_argument("--read-only", action="store_true", default=None, help="offer and accept reads only")
    parser.add_argument(
        "--workspace", action="append", metavar="PROVIDER=ID_OR_NAME", help="the configured workspace (repeatable)"
    )
    parser.add_argument(
        "--pin-workspace", action="store_true", default=None, help="no argument can leave the configured workspace"
    )
    parser.add_argument(
        "--redact",
        action="append",
        metavar="WHAT",
        help="emails, phones, names, addresses, all, or a field's name: a token in place of each value (repeatable)",
    )
    parser.add_argument("--audit", metavar="PATH", help="append one line of JSON for each call to this file")
    parser.add_argument("--config", metavar="FILE", help="TOML file with settings")
    parser.add_argument("--log", metavar="LEVEL", help="DEBUG, INFO, WARNING (default), ERROR; to stderr")
