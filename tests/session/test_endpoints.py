"""Where a credential's calls go: regions, and base URLs that a key may be sent to."""

from __future__ import annotations

import pytest

from audience_mcp.errors import CredentialsMissing

from .conftest import Opens

pytestmark = pytest.mark.anyio
KEY = {"POSTHOG_API_KEY": "phx_sandboxKey", "POSTHOG_PROJECT_ID": "7"}


async def place(opened: Opens, **more: str) -> tuple[str, str | None]:
    access = await opened(KEY | more).access("posthog_list_cohorts")
    return access.endpoints.urls["api"], access.endpoints.region


@pytest.mark.parametrize(
    ("region", "url"),
    [(None, "https://us.posthog.com"), ("us", "https://us.posthog.com"), (" EU", "https://eu.posthog.com")],
)
async def test_a_region_has_its_own_host(opened: Opens, region: str | None, url: str) -> None:
    told = {"POSTHOG_REGION": region} if region else {}
    assert await place(opened, **told) == (url, (region or "us").strip().lower())


@pytest.mark.parametrize("label", ["", "__PL"])
async def test_an_unknown_region_is_told_with_the_known_ones_and_the_variable(opened: Opens, label: str) -> None:
    rig = opened({f"SYNERISE_API_KEY{label}": "sandbox-key", f"SYNERISE_REGION{label}": "mars"})
    with pytest.raises(CredentialsMissing, match="azure-eu, azure-us, gcp") as caught:
        await rig.access("synerise_list_funnels")
    assert f"SYNERISE_REGION{label} " in caught.value.remedy


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://posthog.example.org", "https://posthog.example.org"),
        ("https://example.org:8443/analytics/", "https://example.org:8443/analytics"),
        ("http://127.0.0.1:8080/posthog", "http://127.0.0.1:8080/posthog"),
        ("http://localhost:8080", "http://localhost:8080"),
        (" http://[::1]:8080 ", "http://[::1]:8080"),
    ],
)
async def test_a_base_url_is_used_as_it_is_and_names_the_region(opened: Opens, given: str, used: str) -> None:
    assert await place(opened, POSTHOG_BASE_URL=given) == (used, used.split("/")[2])


@pytest.mark.parametrize(
    "given",
    [
        "http://posthog.example.org",
        "http://10.0.0.7",
        "http://localhost.example.org",
        "http://127.0.0.1@example.org",
        "ftp://example.org",
        "posthog.example.org",
        "https://",
        "https:///api",
        "https://user:sandbox-secret@example.org",
        "https://:sandbox-secret@example.org",
        "https://@example.org",
        "https://example.org?token=sandbox-secret",
        "https://example.org/?",
        "https://example.org/#",
        "https://example.org:port",
        "https://example.org:99999",
        "https://[::1",
        "https://example.org\\@evil.example.org",
        "https://exa mple.org",
        "https://example.org/\x7f",
    ],
)
async def test_a_base_url_that_a_key_must_not_go_to_is_refused(opened: Opens, given: str) -> None:
    with pytest.raises(CredentialsMissing, match="must be https") as caught:
        await place(opened, POSTHOG_BASE_URL=given)
    assert "POSTHOG_BASE_URL" in caught.value.remedy
    assert "sandbox-secret" not in caught.value.text()


async def test_the_variable_of_a_labelled_or_second_url_is_named_in_full(opened: Opens) -> None:
    rig = opened({"GIOSG_API_TOKEN__PL": "sandbox-token", "GIOSG_SERVICE_URL__PL": "http://example.org"})
    with pytest.raises(CredentialsMissing) as caught:
        await rig.access("giosg_list_workflows")
    assert "GIOSG_SERVICE_URL__PL" in caught.value.remedy


async def test_nothing_configured_is_told_with_the_variables(opened: Opens) -> None:
    with pytest.raises(CredentialsMissing, match="Faraday is not configured") as caught:
        await opened({}).access("faraday_list_persona_sets")
    assert "FARADAY_API_KEY" in caught.value.remedy
