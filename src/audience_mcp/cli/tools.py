"""`audience-mcp tools`: the catalog as a table, as JSON, with costs; and its compilation."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from audience_mcp.cli.costs import MOST_TOKENS, area, by_area, by_preset, cost, excesses
from audience_mcp.cli.running import settings_of
from audience_mcp.cli.verbs import DONE, FAILED
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import CHECKOUT_LISTING, META_KEY, packaged_listing
from audience_mcp.tools.compiling import compile_all


def run(options: argparse.Namespace) -> int:
    """Print, compile or check the catalog."""
    settings_of(options)  # refuses a setting that nothing knows
    if options.write or options.check:
        return _compiled(CHECKOUT_LISTING.parent, check=options.check)
    listing = packaged_listing()
    if options.json:
        print(json.dumps(listing, ensure_ascii=False, indent=1))
        return DONE
    _table(listing["tools"], tokens=options.tokens)
    return DONE


def _compiled(root: Path, *, check: bool) -> int:
    stale = []
    for path, text in compile_all(PROVIDERS, root).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `audience-mcp tools --write` and commit the result", file=sys.stderr)
        return FAILED
    print(f"{'up to date' if not stale else 'written: ' + ', '.join(stale)}")
    dear = list(excesses())
    for excess in dear:
        print(excess, file=sys.stderr)
    return FAILED if check and dear else DONE


def _table(tools: list[dict[str, Any]], *, tokens: bool) -> None:
    for tool in tools:
        meta = tool.get("_meta", {}).get(META_KEY, {})
        columns = [f"{tool['name']:42}", f"{area(tool):32}", f"{meta.get('access', ''):12}"]
        columns.append(f"{meta.get('contract', ''):9}")
        print("".join(columns) + (f"{cost(tool):6}" if tokens else f"{tool['title']}"))
    print(f"{len(tools)} tools")
    if tokens:
        print("\ntokens of name, description and input schema (a cautious estimate of o200k_base)")
        for group, spent in by_area(tools).items():
            print(f"  {group:32}{spent:7}")
        for preset, spent in by_preset().items():
            print(f"  {f'serve --tools {preset}':32}{spent:7} of at most {MOST_TOKENS[preset]}")
