"""The people of the sandbox, as it keeps them itself, and what a run may not say of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from audience_mcp.app import App
from audience_mcp.call.asker import Asker, NoAsker
from audience_mcp.sandbox import Sandbox
from audience_mcp.server.dispatch import Told

STAFF = ("robin@meadowandmain.example", "Robin Meadow")
TOKEN = re.compile(r"\b(?:email|phone|person|address):[0-9a-f]{4,}\b")
FIRST = re.compile(r'"(?:first_?name|last_?name|firstName|lastName)":\s*"(?!person:)')


@dataclass(frozen=True)
class People:
    """E-mail addresses and full names."""

    emails: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, shop: Sandbox) -> People:
        rows = shop.state.world.rows("SELECT email, first_name, last_name FROM profiles WHERE email IS NOT NULL")
        names = {f"{row['first_name']} {row['last_name']}" for row in rows if row["first_name"]}
        assert len(rows) > 50 and len(names) > 30
        return cls(tuple(row["email"].lower() for row in rows) + STAFF[:1], tuple(names) + STAFF[1:])

    @property
    def words(self) -> set[str]:
        """First and last names of customers, each by itself."""
        return {word for name in self.names if name not in STAFF for word in name.split()}

    def named_in(self, text: str) -> list[str]:
        """Whom a text tells of."""
        lower = text.lower()
        found = [email for email in self.emails if email in lower] if "@" in lower or "%40" in lower else []
        return found + [name for name in self.names if name in text] + FIRST.findall(text)


async def run(app: App, tool: str, asker: Asker | None = None, /, **arguments: Any) -> Told:
    return await app.dispatcher.run(tool, arguments, asker or NoAsker())


async def good(app: App, tool: str, /, **arguments: Any) -> Told:
    told = await run(app, tool, **arguments)
    assert not told.is_error, told.text
    return told


def handle_of(told: Told) -> str:
    assert told.outcome is not None and told.outcome.handle is not None
    return told.outcome.handle


async def data(app: App, tool: str, /, **arguments: Any) -> Any:
    """The stored answer of a call that goes well."""
    return app.store.get(handle_of(await good(app, tool, **arguments))).answer().value


def said(told: Told) -> str:
    """All that an answer says, to the model and to an App."""
    app = told.outcome.app if told.outcome else None
    return "\n".join([told.text, json.dumps(told.structured, ensure_ascii=False), json.dumps(app, ensure_ascii=False)])
