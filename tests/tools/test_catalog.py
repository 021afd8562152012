"""What a run offers is fixed by its providers, toolsets and read-only mode; the rest is refused with a reason."""

from __future__ import annotations

import pytest

from audience_mcp.errors import NotOffered, ReadOnly, SettingsProblem
from audience_mcp.tools.catalog import META_KEY, Catalog, Offer
from audience_mcp.tools.own import GET_SESSION, OWN_NAMES, SELECT_WORKSPACE

from .packaged import EVERY_PROVIDER, listing


def names(offer: Offer) -> set[str]:
    return {tool["name"] for tool in Catalog(offer).listing()}


def test_with_nothing_configured_the_session_alone_is_listed() -> None:
    assert names(Offer(())) == {GET_SESSION}


def test_with_everything_configured_everything_is_listed_sorted() -> None:
    assert [tool["name"] for tool in Catalog(Offer(EVERY_PROVIDER)).listing()] == sorted(listing())


@pytest.mark.parametrize("provider", EVERY_PROVIDER)
def test_only_a_configured_providers_tools_are_listed(provider: str) -> None:
    found = names(Offer((provider,)))
    assert found >= OWN_NAMES
    assert {name.partition("_")[0] for name in found - OWN_NAMES} == {provider}


def test_toolsets_narrow_what_is_listed() -> None:
    found = names(Offer(EVERY_PROVIDER, ("posthog.cohorts", "faraday")))
    groups = {listing()[name]["_meta"][META_KEY]["provider"] for name in found - OWN_NAMES}
    assert groups == {"posthog", "faraday"}
    assert "posthog_list_cohorts" in found
    assert "posthog_run_query" not in found


@pytest.mark.parametrize("toolset", ["posthog.cohort", "posthog.", "posthg", "cohorts"])
def test_a_toolset_that_does_not_exist_is_told_at_start(toolset: str) -> None:
    with pytest.raises(SettingsProblem, match=r"there is no toolset .*known are .*posthog\.cohorts"):
        Catalog(Offer(("posthog",), (toolset,)))


def test_read_only_offers_reads_and_the_choice_of_a_workspace() -> None:
    found = names(Offer(EVERY_PROVIDER, read_only=True))
    rest = {name for name in found if not listing()[name]["annotations"]["readOnlyHint"]}
    assert rest == {SELECT_WORKSPACE, "synerise_select_workspace"}
    assert "posthog_list_cohorts" in found
    assert "posthog_duplicate_cohort_as_static" not in found


def test_a_write_is_refused_when_read_only() -> None:
    with pytest.raises(ReadOnly, match="read-only"):
        Catalog(Offer(EVERY_PROVIDER, read_only=True)).check_offered("posthog_delete_cohort")


def test_a_tool_of_a_provider_that_is_not_configured_is_refused_and_says_how_to_offer_it() -> None:
    with pytest.raises(NotOffered) as caught:
        Catalog(Offer(("posthog",))).check_offered("faraday_list_persona_sets")
    assert caught.value.provider == "faraday"
    assert "--providers" in caught.value.remedy


def test_a_tool_of_a_toolset_that_was_left_out_is_refused_and_names_the_toolset() -> None:
    with pytest.raises(NotOffered) as caught:
        Catalog(Offer(EVERY_PROVIDER, ("posthog.query",))).check_offered("posthog_list_cohorts")
    assert "posthog.cohorts" in caught.value.remedy


def test_what_is_listed_may_be_called_and_what_is_not_may_not() -> None:
    offers = [
        Offer(EVERY_PROVIDER),
        Offer(("synerise",), read_only=True),
        Offer(EVERY_PROVIDER, ("posthog.cohorts", "giosg.workflows")),
    ]
    for offer in offers:
        catalog = Catalog(offer)
        listed = {tool["name"] for tool in catalog.listing()}
        for name in listing():
            if name in listed:
                catalog.check_offered(name)
            else:
                with pytest.raises((NotOffered, ReadOnly)):
                    catalog.check_offered(name)


def test_a_name_of_no_tool_is_not_known() -> None:
    catalog = Catalog(Offer(EVERY_PROVIDER))
    assert catalog.knows("posthog_list_cohorts")
    assert not catalog.knows("posthog_get_project")  # internal
    assert not catalog.knows("nonsense")
    with pytest.raises(KeyError):
        catalog.call_target("nonsense")


def test_internal_operations_are_reached_by_provider_and_id() -> None:
    tool = Catalog(Offer(EVERY_PROVIDER)).operation("posthog", "get_project")
    assert tool.operation.tool.internal


def test_a_tool_and_its_checker_are_made_once() -> None:
    catalog = Catalog(Offer(EVERY_PROVIDER))
    assert catalog.call_target("posthog_get_cohort") is catalog.operation("posthog", "get_cohort")
    assert catalog.call_target("posthog_get_cohort").checker is catalog.call_target("posthog_get_cohort").checker


def test_the_default_address_of_a_provider_comes_first() -> None:
    catalog = Catalog(Offer(EVERY_PROVIDER))
    assert catalog.servers("posthog")[0].region == "us"
    assert {server.base for server in catalog.servers("giosg")} == {"api", "service"}
    assert catalog.servers("faraday")[0].url == "https://api.faraday.ai"
