"""What the documents say of undoing fits the operations they name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from audience_mcp.openapi.operation import Operation, Undo
from audience_mcp.providers import PROVIDERS
from audience_mcp.tools.catalog import Catalog, Offer

CATALOG = Catalog(Offer(tuple(provider.id for provider in PROVIDERS)))
WRITES = [o for provider in PROVIDERS for o in CATALOG.operations(provider.id) if o.writes]
# Nothing that is documented takes these back: see list_changes and the question before them.
FINAL = {
    "synerise_log_in_profile", "synerise_log_in_profile_from_server", "synerise_log_in_anonymous_profile",
    "synerise_rename_directory", "synerise_delete_directory", "synerise_move_analysis", "synerise_delete_analyses",
    "posthog_add_persons_to_static_cohort", "posthog_remove_person_from_static_cohort",
    "posthog_reset_person_distinct_id",
}  # fmt: skip


def of(operation: Operation, other: str) -> Operation:
    return CATALOG.operation(operation.provider, other).operation


def body(operation: Operation) -> set[str]:
    return {argument.name for argument in operation.arguments if argument.place == "body"}


def test_every_write_can_be_taken_back_or_is_known_to_be_final() -> None:
    assert {operation.name for operation in WRITES if operation.tool.undo is None} == FINAL


@pytest.mark.parametrize("operation", [o for o in WRITES if o.tool.undo], ids=lambda o: o.name)
def test_the_operation_that_takes_a_write_back_is_able_to(operation: Operation) -> None:
    undo = operation.tool.undo
    assert undo is not None
    back = of(operation, undo.operation)
    if undo.restore:
        assert operation.tool.object and back.tool.object and back.access == "write"
        assert operation.tool.object.argument == back.tool.object.argument
        assert body(operation) | set((operation.tool.sends and operation.tool.sends.body) or {}) <= body(back)
    elif undo.create:
        assert operation.access == "destructive" and operation.tool.object and back.access == "write"
        assert set(undo.assume) <= {argument.name for argument in back.arguments if argument.required}
        assert back.tool.undo and back.tool.undo.delete == operation.id
    else:
        assert back.access == "destructive" and operation.access == "write"
        assert [argument.place for argument in back.arguments] == ["path"]


@pytest.mark.parametrize("operation", [o for o in WRITES if o.tool.each], ids=lambda o: o.name)
def test_what_is_done_to_many_is_what_is_done_to_each(operation: Operation) -> None:
    assert set(operation.tool.each) == body(operation)
    for each in operation.tool.each.values():
        assert of(operation, each).access == operation.access and of(operation, each).tool.object


@pytest.mark.parametrize("ways", [{}, {"restore": "a", "create": "b"}, {"restore": "a", "delete": "b"}])
def test_there_is_one_way_back_and_no_more(ways: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="exactly one of restore, create, delete"):
        Undo.model_validate(ways)
