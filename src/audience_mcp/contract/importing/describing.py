"""A parsed document of any kind -> its operations in the neutral form."""

from __future__ import annotations

from audience_mcp.contract.importing import openapi_3, postman, swagger
from audience_mcp.contract.importing.described import Description
from audience_mcp.contract.importing.hosts import Hosts
from audience_mcp.contract.importing.notes import Notes
from audience_mcp.contract.importing.parsing import Parsed
from audience_mcp.errors import DocumentProblem

MOST_OPERATIONS = 10_000
READERS = {
    "Swagger 2.0": swagger.describe,
    "OpenAPI 3.0": openapi_3.describe,
    "OpenAPI 3.1": openapi_3.describe,
    "Postman collection": postman.describe,
}


def describe(parsed: Parsed, hosts: Hosts) -> Description:
    """The document's operations.

    Raises:
        DocumentProblem: It has none that could be the provider's, or far too many.
    """
    notes = Notes()
    for note in parsed.notes:
        notes.add(note)
    found = []
    for operation in READERS[parsed.kind](parsed.raw, hosts, notes):
        found.append(operation)
        if len(found) > MOST_OPERATIONS:
            raise DocumentProblem(
                f"The document has over {MOST_OPERATIONS:,} operations.", "Give the analytics part alone."
            )
    if not found:
        told = "".join(f" ({line})" for line in list(notes.lines())[:3])
        raise DocumentProblem(
            f"No operation of the provider stands in the document{told}.", "Give the provider's own document."
        )
    return Description(tuple(found), notes)
