"""Our providers' OpenAPI documents -> one, as a generic engine can take it: the same operations, names and schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

METHODS = ("get", "put", "post", "delete", "patch")


def merged(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One document of several, by provider: each component and operation id gets its provider's name before it.

    Our own `x-` parts and the credentials are left out: nothing generic reads them, and the upstream asks for none.
    """
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for provider, document in documents.items():
        own = _stripped(document, provider)
        for path, item in own["paths"].items():
            for method in METHODS:
                if method in item:
                    item[method]["operationId"] = f"{provider}_{item[method]['operationId']}"
            paths.setdefault(path, {}).update(item)
        for section, parts in own.get("components", {}).items():
            named = {f"{provider}_{name}": part for name, part in parts.items()}
            components.setdefault(section, {}).update(named)
    components.pop("securitySchemes", None)
    info = {"title": "Customer analytics", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": components}


def _stripped(part: Any, provider: str) -> Any:
    if isinstance(part, list):
        return [_stripped(inner, provider) for inner in part]
    if not isinstance(part, dict):
        return part
    if isinstance(reference := part.get("$ref"), str):
        return {**part, "$ref": re.sub(r"(#/components/\w+/)", rf"\g<1>{provider}_", reference)}
    return {
        name: _stripped(inner, provider)
        for name, inner in part.items()
        if not str(name).startswith("x-") and name not in ("security", "servers")
    }
