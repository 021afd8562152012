"""The arguments this server adds stand exactly where they mean something."""

from __future__ import annotations

import pytest

from audience_mcp.openapi.operation import Operation
from audience_mcp.tools.schema import ALL_PAGES, CONFIRM, DRY_RUN, OUR_ARGUMENTS, WORKSPACE

from .packaged import called, properties

every_operation = pytest.mark.parametrize("name", sorted(called()))


def operation(name: str) -> Operation:
    return called()[name].operation


@every_operation
def test_every_operation_in_a_workspace_takes_one_for_this_call(name: str) -> None:
    assert (WORKSPACE in properties(name)) is operation(name).in_workspace


@every_operation
def test_every_paged_list_takes_all_pages(name: str) -> None:
    assert (ALL_PAGES in properties(name)) is (operation(name).tool.paging is not None)


@every_operation
def test_everything_that_writes_takes_a_dry_run(name: str) -> None:
    assert (DRY_RUN in properties(name)) is (operation(name).access in ("write", "destructive"))


@every_operation
def test_everything_that_can_destroy_takes_a_confirmation(name: str) -> None:
    destroys = operation(name).access == "destructive" or bool(operation(name).tool.destructive_when)
    assert (CONFIRM in properties(name)) is destroys


@every_operation
def test_our_arguments_are_optional_and_never_the_operations_own(name: str) -> None:
    own = {argument.name for argument in operation(name).arguments}
    assert not own & set(OUR_ARGUMENTS)
    assert not set(called()[name].schema.get("required", [])) & set(OUR_ARGUMENTS)


def test_a_switch_of_workspace_keeps_its_own_argument_and_runs_in_none() -> None:
    assert list(properties("synerise_select_workspace")) == ["businessProfileUUID"]


def test_an_update_that_can_delete_takes_a_confirmation() -> None:
    assert CONFIRM in properties("posthog_update_cohort")


def test_second_factor_arguments_are_optional() -> None:
    schema = called()["synerise_verify_user_mfa"].schema
    assert {"mfaType", "verificationCode"} <= set(schema["properties"])
    assert "required" not in schema
