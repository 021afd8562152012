"""Names by which a thing made in this run is known again wherever it turns up: `soak-outlet-000123`."""

from __future__ import annotations

import re
from itertools import count

KEYS = {"main": "Meadow & Main", "outlet": "Meadow & Main Outlet"}
_MARK = re.compile(r"soak-(?:main|outlet)-\d{6}(?:-u\d+)?")


class Marks:
    """Gives each thing its own name."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, workspace: str) -> str:
        """A name that no other thing has."""
        return f"soak-{workspace}-{next(self._numbers):06}"


def marks_in(text: str) -> list[str]:
    """Every mark in a text."""
    return _MARK.findall(text)


def workspace_of(mark: str) -> str:
    """The workspace that a mark was made for."""
    return mark.split("-")[1]


def other(mark: str, workspace: str) -> bool:
    """Whether a mark belongs to another workspace."""
    return workspace_of(mark) != workspace
