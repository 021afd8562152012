"""`audience-mcp contract report`: what imports and probes taught, as a file that says nothing of who ran them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audience_mcp import __version__
from audience_mcp.cli.known import known, learned
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.contract.learned import anonymised

WHERE_TO = (
    "Others have the same questions: read the report, and if you like, attach it to an issue in the project's issue"
    " tracker."
)


def run(options: argparse.Namespace) -> int:
    """Print the report or write it; 1 where nothing was learned, or the file is there already."""
    import yaml

    settings_of(options)  # refuses a setting that nothing knows
    found = {
        overlay.provider: anonymised(overlay.provider, [one for one in learned(overlay) if not one.sandbox])
        for overlay in known().overlays
    }
    if not any(found.values()):
        print("audience-mcp: there is nothing to report: no import or probe corrected anything", file=sys.stderr)
        return FAILED
    report = {"audience-mcp": __version__, "learned": {provider: told for provider, told in found.items() if told}}
    text = yaml.safe_dump(report, sort_keys=False, allow_unicode=True, width=120)
    if options.output is None:
        print(text, end="")
        print(WHERE_TO, file=sys.stderr)
        return DONE
    path = Path(options.output)
    try:
        path = path.expanduser()
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except (OSError, RuntimeError) as error:  # the latter where it begins with the home of nobody
        reason = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        print(f"audience-mcp: {path} cannot be written ({reason})", file=sys.stderr)
        print("Next: give another file, one that is not there yet, in a folder that is.", file=sys.stderr)
        return FAILED
    print(f"{path} is written. {WHERE_TO}")
    return DONE
