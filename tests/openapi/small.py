"""Small documents, written as a test needs them, and the operations they make."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import yaml

from audience_mcp.openapi.document import Document
from audience_mcp.openapi.operation import Argument, Operation
from audience_mcp.openapi.reader import read

FRAME = """
openapi: 3.1.0
info: {title: Small, version: 1.0.0}
servers: [{url: "https://api.test"}]
paths:
"""

USUAL = """
operationId: read_thing
tags: [things]
summary: Read a thing
description: One thing by its id.
responses: {"200": {description: The thing.}}
"""


def document(paths: str, components: str = "") -> Document:
    text = FRAME + indent(dedent(paths), "  ")
    if components:
        text += "\ncomponents:\n" + indent(dedent(components), "  ")
    return Document(yaml.safe_load(text))


def one(
    *,
    path: str = "/things",
    method: str = "get",
    parameters: str = "[]",
    body: str = "",
    tool: str = "{access: read, contract: seed}",
    components: str = "",
) -> Document:
    """A document with one operation."""
    node: dict[str, Any] = yaml.safe_load(USUAL)
    node["x-tool"] = yaml.safe_load(dedent(tool))
    node["parameters"] = yaml.safe_load(dedent(parameters))
    if body:
        schema = yaml.safe_load(dedent(body))
        node["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    made = document("{}", components)
    made.raw["paths"] = {path: {method: node}}
    return made


def operation(made: Document) -> Operation:
    (found,) = read(made, "small")
    return found


def arguments(made: Document) -> dict[str, Argument]:
    return {argument.name: argument for argument in operation(made).arguments}
