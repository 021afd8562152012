"""What the calls of a run have made so far, and the writes they made it with."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .desk import Desk, Told
from .marks import Marks
from .witness import Act, Said

_CODE = re.compile(r"confirm='([^']+)'")
State = Literal["there", "gone", "perhaps"]


@dataclass
class Thing:
    """One object: `texts` are the descriptions it may have, several where the answer to a change was lost."""

    kind: str
    name: str
    workspace: str
    state: State = "perhaps"
    id: Any = None
    texts: set[str] = field(default_factory=lambda: {""})


@dataclass
class Shop:
    """All things of a run; `dice` decides."""

    desk: Desk
    dice: random.Random
    marks: Marks = field(default_factory=Marks)
    things: list[Thing] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def new(self, kind: str, workspace: str, name: str = "") -> Thing:
        """A thing that is about to be made."""
        self.things.append(Thing(kind, name or self.marks.new(workspace), workspace))
        return self.things[-1]

    async def write(
        self,
        thing: Thing,
        deed: str,
        tool: str,
        arguments: dict[str, Any],
        *,
        repeatable: bool = False,
        expects: Iterable[str] = (),
    ) -> Told:
        """Make a write, and keep what was said of it; in the configured workspace it is not always named."""
        named = thing.workspace != "main" or self.dice.random() < 0.8
        told = await self.desk.ask(tool, thing.workspace, arguments, writes=True, expects=set(expects), named=named)
        said: Said = "done" if told.ok else "unknown" if told.kind == "outcome_unknown" else "not done"
        self.acts.append(Act(deed, thing.workspace, said, repeatable))
        return told

    async def make(self, thing: Thing, tool: str, arguments: dict[str, Any], deed: str = "") -> Told:
        """Create a thing; it is there, or not, or perhaps."""
        told = await self.write(thing, deed or f"make {thing.name}", tool, arguments)
        if told.ok:
            thing.state = "there"
            thing.id = told.value["id"] if isinstance(told.value, dict) else told.value
        elif told.kind != "outcome_unknown":
            thing.state = "gone"
        return told

    async def change(self, thing: Thing, tool: str, arguments: dict[str, Any], text: str) -> Told:
        """Change a thing's text."""
        told = await self.write(thing, f"change {text}", tool, arguments, repeatable=True)
        if told.ok:
            thing.texts = {text}
        elif told.kind == "outcome_unknown":
            thing.texts.add(text)
        return told

    async def delete(self, thing: Thing, tool: str, arguments: dict[str, Any], *, repeatable: bool = False) -> None:
        """Delete a thing in two steps: asked what would happen, then with the code."""
        named = tool != "undo_change"
        # What was changed since it was made, or cannot be read, is not undone.
        wanted = ("confirmation_required",) if named else ("confirmation_required", "conflict")
        asked = await self.desk.ask(tool, thing.workspace, arguments, expects=wanted, named=named)
        code = _CODE.search(str(asked.structured.get("error", {}).get("remedy")))
        if asked.ok:
            self.desk.wrong(f"{tool} was carried out without a yes")
        if asked.kind != "confirmation_required" or code is None:
            return
        # The object may have been unreadable for one of the two steps: the code does not fit then, and says so.
        told = await self.desk.ask(
            tool, thing.workspace, {**arguments, "confirm": code[1]}, writes=True, expects=wanted, named=named
        )
        said: Said = "done" if told.ok else "unknown" if told.kind == "outcome_unknown" else "not done"
        self.acts.append(Act(f"DELETE {thing.id}", thing.workspace, said, repeatable))
        if said != "not done":
            thing.state = "gone" if told.ok else "perhaps"

    def check(self, right: bool, thing: Thing, what: str) -> None:
        """Note what is not as it was left."""
        if not right:
            self.desk.wrong(f"{thing.kind} {thing.name} ({thing.id}, {thing.state}): {what}")
