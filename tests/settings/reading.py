"""Settings of two made-up providers, read from what a test passes in and from nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audience_mcp.errors import SettingsProblem
from audience_mcp.settings import Settings, Variable, read

DECLARED = {
    "posthog": (
        Variable("api_key", "POSTHOG_API_KEY", secret=True),
        Variable("region", "POSTHOG_REGION"),
        Variable("project_id", "POSTHOG_PROJECT_ID"),
    ),
    "synerise": (
        Variable("username", "SYNERISE_USERNAME", secret=True),
        Variable("password", "SYNERISE_PASSWORD", secret=True),
    ),
}


def settings(
    flags: dict[str, Any] | None = None, file: str | None = None, folder: Path | None = None, /, **environment: str
) -> Settings:
    """Flags, environment, and the text of a TOML file (written into `folder`)."""
    if file is not None and folder is not None:
        path = folder / "config.toml"
        path.write_text(file, encoding="utf-8")
        environment["AUDIENCE_MCP_CONFIG"] = str(path)
    return read(DECLARED, flags, environment)


def problem(*arguments: Any, **environment: str) -> str:
    with pytest.raises(SettingsProblem) as caught:
        settings(*arguments, **environment)
    return str(caught.value)
