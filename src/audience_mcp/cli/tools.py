"""`audience-mcp tools`: the catalog as a table, as JSON, with costs; and its compilation."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from audience_mcp.cli.running import settings_of
from audience_mcp.providers import PROVIDERS
from audience_mcp.results.budget import estimate
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
        return 0
    _table(listing["tools"], tokens=options.tokens)
    return 0


def visible(tool: dict[str, Any]) -> str:
    """What a client puts before the model: name, description and input schema."""
    return json.dumps(
        {key: tool[key] for key in ("name", "description", "inputSchema")}, ensure_ascii=False, separators=(",", ":")
    )


def _compiled(root: Path, *, check: bool) -> int:
    stale = []
    for path, text in compile_all(PROVIDERS, root).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `audience-mcp tools --write` and commit the result", file=sys.stderr)
        return 1
    print(f"{'up to date' if not stale else 'written: ' + ', '.join(stale)}")
    return 0


def _table(tools: list[dict[str, Any]], *, tokens: bool) -> None:
    total: Counter[str] = Counter()
    for tool in tools:
        meta = tool.get("_meta", {}).get(META_KEY, {})
        group = f"{meta['provider']}.{meta['toolset']}" if meta else "own"
        cost = estimate(visible(tool)) if tokens else 0
        total[meta.get("provider", "own")] += cost
        columns = [f"{tool['name']:42}", f"{group:32}", f"{meta.get('access', ''):12}", f"{meta.get('contract', ''):9}"]
        print("".join(columns) + (f"{cost:6}" if tokens else f"{tool['title']}"))
    print(f"{len(tools)} tools")
    if tokens:
        parts = ", ".join(f"{name} {cost}" for name, cost in total.items())
        print(f"{sum(total.values())} tokens (cautious estimate of o200k_base): {parts}")
