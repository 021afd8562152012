"""The servers that are measured: ours, the peer, the bare SDK; and what is asked of all of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import yaml

from audience_mcp.providers import PROVIDERS
from bench.client import Contestant
from bench.merging import merged

ROOT = Path(__file__).parents[1]
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
TOOL = "synerise_list_aggregates"
PATH = "/analytics/profiles/aggregates"
OURS, PEER, BARE, PLAIN = "audience-mcp", "FastMCP from_openapi", "SDK server, no pipeline", "httpx alone"


def ours(upstream: str, *flags: str) -> Contestant:
    """Our server with every provider configured; Basic authorization, so that no log-in is part of a call."""
    urls = ("SYNERISE_BASE_URL", "POSTHOG_BASE_URL", "FARADAY_BASE_URL", "GIOSG_BASE_URL", "GIOSG_SERVICE_URL")
    keys = ("SYNERISE_API_KEY", "POSTHOG_API_KEY", "FARADAY_API_KEY", "GIOSG_API_TOKEN")
    guid = {"SYNERISE_AUTH": "basic", "SYNERISE_WORKSPACE_GUID": "5d1c2f0e-7a55-4d7c-9d43-0c8b1a2e6f10"}
    environment = {**dict.fromkeys(urls, upstream), **dict.fromkeys(keys, "bench"), **guid}
    return Contestant(OURS, (sys.executable, "-m", "audience_mcp", "serve", *flags), environment)


def peer(upstream: str, folder: Path) -> Contestant:
    """FastMCP over our documents merged into one, which is written to `folder` beforehand."""
    document = folder / "merged.json"
    documents = {
        provider.id: yaml.safe_load(
            (ROOT / "src/audience_mcp/providers" / provider.id / "openapi.yaml").read_text(encoding="utf-8")
        )
        for provider in PROVIDERS
    }
    document.write_text(json.dumps(merged(documents)), encoding="utf-8")
    environment = {"BENCH_UPSTREAM": upstream, "BENCH_DOCUMENT": str(document)}
    command = (str(PEER_PYTHON), str(ROOT / "bench/servers/fastmcp_openapi.py"))
    return Contestant(PEER, command, environment, {"namespace": "profiles"})


def bare(upstream: str) -> Contestant:
    """The SDK's low-level server in our environment."""
    return Contestant(BARE, (sys.executable, str(ROOT / "bench/servers/bare_sdk.py")), {"BENCH_UPSTREAM": upstream})


def peer_versions() -> dict[str, str]:
    """The versions in the peer's environment that decide its speed."""
    code = "import importlib.metadata as m; print(m.version('fastmcp'), m.version('mcp'))"
    told = subprocess.run([str(PEER_PYTHON), "-c", code], check=True, capture_output=True, text=True).stdout.split()
    return dict(zip(("fastmcp", "its mcp"), told, strict=True))
