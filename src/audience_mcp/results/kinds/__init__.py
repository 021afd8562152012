"""The kinds of answers, each in a module of its own: it recognises its shape, or says nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from audience_mcp.results.draft import Draft, View
from audience_mcp.results.kinds import (
    acknowledgements,
    activity,
    funnels,
    membership,
    objects,
    pages,
    personas,
    persons,
    sankeys,
    scalars,
    segments,
    series,
    sessions,
    tables,
    texts,
)


class Kind(NamedTuple):
    """A name that `answer.kind` may give, and its teller; `plain` ones are also tried where there is no hint."""

    name: str
    tell: Callable[[View], Draft | None]
    plain: bool = False


KINDS = (
    Kind("text", texts.tell, plain=True),
    Kind("page", pages.tell, plain=True),
    Kind("table", tables.tell, plain=True),
    Kind("scalar", scalars.tell, plain=True),
    Kind("object", objects.tell, plain=True),
    Kind("series", series.tell),
    Kind("funnel", funnels.tell),
    Kind("flow", personas.tell),
    Kind("sankey", sankeys.tell),
    Kind("segments", segments.tell),
    Kind("membership", membership.tell),
    Kind("persons", persons.tell_many),
    Kind("person", persons.tell_one),
    Kind("activity", activity.tell),
    Kind("acknowledgement", acknowledgements.tell),
    Kind("session", sessions.tell),
)
