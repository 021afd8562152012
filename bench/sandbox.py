"""What the sandbox costs: start, memory, and the median time of each kind of calculation, at two sizes of the world.

`python -m bench.sandbox` measures each size in a process of its own and prints a table.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.synerise.definitions import KINDS

ROOT = Path(__file__).parents[1]
SIZES = (200_000, 1_000_000)
REPEATS = 7
V3, V4 = "/synerise/analytics/analytics/v3", "/synerise/analytics/analytics/v4"
EVERYTHING: dict[str, Any] = {"variables": [], "dateFilter": {}}
SAVED = {
    "metric": (f"{V3}/metrics/{{id}}/calculate", "Revenue"),
    "trend": (f"{V3}/trends/{{id}}/calculate", "Visits and purchases"),
    "histogram": (f"{V3}/histograms/{{id}}/calculate", "Orders and revenue by week"),
    "funnel": (f"{V3}/funnels/{{id}}/calculate", "Visit to purchase"),
    "report": (f"{V4}/reports/{{id}}/calculate", "Orders by country and device"),
    "segmentation": (f"{V3}/segmentations/preview", "Left a cart behind"),
    "sankey": (f"{V3}/sankeys/preview", "Around the purchase"),
    "aggregate": ("/synerise/analytics/profiles/aggregates/{id}/calculate/by/id", "Total spend"),
    "expression": ("/synerise/analytics/profiles/expressions/{id}/calculate/by/id", "Average basket"),
}


async def measure(events: int) -> dict[str, float]:
    """Seconds of the start and of each calculation, and the memory of this process in MB."""
    started = time.perf_counter()
    sandbox = Sandbox(today=date(2026, 11, 20), events=events, limits=0)
    sandbox.state.world.connection().close()
    figures = {"start": time.perf_counter() - started}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://sandbox") as http:
        for name, (path, body, headers) in (await requests(sandbox, http)).items():
            figures[name] = await median(http, path, body, headers)
    figures["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


async def requests(sandbox: Sandbox, http: httpx.AsyncClient) -> dict[str, tuple[str, Any, dict[str, str]]]:
    """One calculation of each kind over the whole history: path, body (none: a GET) and headers."""
    settings, main = sandbox.environment("http://sandbox"), sandbox.state.world.workspaces[0]
    login = await http.post("/synerise/uauth/v2/auth/login/profile", json={"apiKey": settings["SYNERISE_API_KEY"]})
    synerise = {"Authorization": f"Bearer {login.json()['token']}"}
    found: dict[str, tuple[str, Any, dict[str, str]]] = {}
    for kind in KINDS:
        path, title = SAVED[kind]
        identifier = sandbox.state.world.identifier("synerise", main.key, kind, title)
        body: Any = EVERYTHING
        if path.endswith("/preview"):
            saved = await http.get(f"/synerise/analytics/profiles/{kind}s/{identifier}", headers=synerise)
            body = {"analysis": {**saved.json()["analysis"], "dateFilter": {}}}
        elif path.endswith("/by/id"):
            body = {"identifierValue": "1000001"}
        found[kind] = (path.format(id=identifier), body, synerise)
    query = "SELECT event, count(), count(DISTINCT person_id) FROM events GROUP BY event"
    posthog = {"Authorization": f"Bearer {settings['POSTHOG_API_KEY']}"}
    path = f"/posthog/api/projects/{main.posthog_project}/query/"
    found["posthog query"] = (path, {"query": {"kind": "HogQLQuery", "query": query}}, posthog)
    faraday = {"Authorization": f"Bearer {settings['FARADAY_API_KEY']}"}
    sets = (await http.get("/faraday/v1/persona_sets", headers=faraday)).json()
    found["faraday flow"] = (f"/faraday/v1/persona_sets/{sets[0]['id']}/analysis/flow", None, faraday)
    giosg = {"Authorization": f"Token {settings['GIOSG_API_TOKEN']}"}
    flows = f"/giosg/api/objectives/v1/orgs/{main.giosg_organization}/workflows"
    workflow = (await http.get(flows, headers=giosg)).json()[0]["id"]
    report = f"/giosg/api/reporting/workflow/v1/orgs/{main.giosg_organization}/workflows/{workflow}/query/"
    interval = {"start": "2026-05-25T00:00:00Z", "end": "2026-11-20T23:59:59Z"}
    found["giosg report"] = (report, {"filters": [], "interval": interval}, giosg)
    return found


async def median(http: httpx.AsyncClient, path: str, body: Any, headers: dict[str, str]) -> float:
    """The median seconds of some repetitions, after a first one that is not counted."""
    taken = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        answer = await (
            http.get(path, headers=headers) if body is None else http.post(path, json=body, headers=headers)
        )
        taken.append(time.perf_counter() - started)
        answer.raise_for_status()
    return statistics.median(taken[1:])


def both() -> tuple[dict[str, float], dict[str, float]]:
    """The figures at each size, each measured in a process of its own: seconds, and MB where the name says so."""
    small, large = (
        json.loads(
            subprocess.run(
                [sys.executable, "-m", "bench.sandbox", str(events)], cwd=ROOT, check=True, stdout=subprocess.PIPE
            ).stdout
        )
        for events in SIZES
    )
    return small, large


def main() -> None:
    """Measure each size and print the table and its target."""
    from bench import report, targets

    small, large = both()
    print(report.sandbox(small, large, SIZES))
    print()
    print(report.targets(targets.growth(small, large, SIZES[1] / SIZES[0])))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(measure(int(sys.argv[1])))))
    else:
        main()
