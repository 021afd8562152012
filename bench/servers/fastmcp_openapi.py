"""The peer: FastMCP's `from_openapi` over our own documents merged into one; runs in an environment of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx2
from fastmcp import FastMCP  # type: ignore[import-not-found]

document = json.loads(Path(os.environ["BENCH_DOCUMENT"]).read_text(encoding="utf-8"))
client = httpx2.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"], headers={"Authorization": "Bearer bench"})
FastMCP.from_openapi(document, client=client, name="bench").run(transport="stdio", show_banner=False)
