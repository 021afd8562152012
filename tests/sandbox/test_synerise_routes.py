"""The sandbox serves what the document describes, and little else."""

from __future__ import annotations

import re

from audience_mcp.sandbox import Sandbox
from audience_mcp.sandbox.synerise import routes

DEPRECATED_TWIN = ("POST", "/v4/auth/login/profile")


def shape(method: str, path: str) -> tuple[str, str]:
    return method.upper(), re.sub(r"\{[^}]*\}", "{}", path)


def test_every_documented_operation_is_served_and_nothing_undocumented_is(shared: Sandbox) -> None:
    documented = {shape(one.method, one.path) for one in shared.state.contract("synerise").document.entries()}
    served = [
        shape(method, one.path) for one in routes(shared.state) for method in one.methods or () if method != "HEAD"
    ]
    assert set(served) - {DEPRECATED_TWIN} == documented
    assert len(served) == len(set(served))
