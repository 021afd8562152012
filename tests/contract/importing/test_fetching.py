"""A file or an address -> bytes: bounded, without a credential, never sent on to a private place."""

from __future__ import annotations

from pathlib import Path

import pytest
import respx

from audience_mcp.contract.importing.fetching import MOST_BYTES, fetch, read_file
from audience_mcp.contract.importing.published import addresses
from audience_mcp.errors import DocumentProblem
from audience_mcp.providers import PROVIDERS, provider

pytestmark = pytest.mark.anyio
URL = "https://docs.example.com/openapi.json"


def ignore(_line: str) -> None:
    """Nobody listens."""


async def refused(url: str) -> DocumentProblem:
    with pytest.raises(DocumentProblem) as caught:
        await fetch(url, ignore)
    return caught.value


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_bytes(b"{}")
    assert read_file(file).body == b"{}"


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DocumentProblem, match="cannot be read"):
            read_file(path)


def test_a_file_over_the_bound_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    with pytest.raises(DocumentProblem, match="over 30 MB"):
        read_file(file)


@respx.mock
async def test_no_credential_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNERISE_API_KEY", "s3cret")
    route = respx.get(URL).respond(200, content=b"{}")
    assert (await fetch(URL, ignore)).body == b"{}"
    sent = route.calls.last.request
    assert not {"authorization", "cookie"} & {name.lower() for name in sent.headers}
    assert "s3cret" not in str(sent.headers.raw)


@respx.mock
async def test_each_redirect_is_told() -> None:
    respx.get(URL).respond(302, headers={"Location": "https://files.example.com/v2.json"})
    respx.get("https://files.example.com/v2.json").respond(200, content=b"[]")
    told: list[str] = []
    fetched = await fetch(URL, told.append)
    assert (fetched.source, fetched.body) == ("https://files.example.com/v2.json", b"[]")
    assert told == ["redirected to https://files.example.com/v2.json"]


@respx.mock
@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://localhost/x",
        "http://docs.example.com/x",
        "file:///etc/passwd",
        "https://user:pass@docs.example.com/x",
    ],
)
async def test_a_redirect_to_a_private_place_or_off_https_is_not_followed(target: str) -> None:
    respx.get(URL).respond(302, headers={"Location": target})
    other = respx.route().respond(200, content=b"secret")
    problem = await refused(URL)
    assert "redirects to" in problem.message
    assert not other.called


@respx.mock
async def test_a_fourth_redirect_is_not_followed() -> None:
    route = respx.get(url__startswith="https://docs.example.com/")
    route.respond(307, headers={"Location": "/again"})
    assert "more than 3 times" in (await refused(URL)).message
    assert route.call_count == 4


@respx.mock
@pytest.mark.parametrize(
    "url",
    ["http://docs.example.com/x", "ftp://docs.example.com/x", "file:///etc/passwd", "https://", "http://10.0.0.1/x"],
)
async def test_only_https_is_fetched_and_plain_http_from_this_machine_alone(url: str) -> None:
    route = respx.route().respond(200)
    assert (await refused(url)).message
    assert not route.called


@respx.mock
@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost:9", "[::1]:9"])
async def test_a_person_may_name_this_machine(host: str) -> None:
    respx.get(f"http://{host}/x").respond(200, content=b"here")
    assert (await fetch(f"http://{host}/x", ignore)).body == b"here"


async def test_an_address_with_a_password_is_not_fetched() -> None:
    assert "password" in (await refused("https://me:secret@docs.example.com/x")).message


@respx.mock
@pytest.mark.parametrize("status", [204, 401, 404, 500, 302])
async def test_any_other_answer_is_told_with_its_status(status: int) -> None:
    respx.get(URL).respond(status)
    assert f"HTTP {status}" in (await refused(URL)).message


def test_every_published_address_is_https_and_says_how_it_is_known() -> None:
    known = [address for one in PROVIDERS for address in addresses(one)]
    assert known
    assert all(address.url.startswith("https://") and address.source for address in known)


def test_a_provider_that_publishes_none_has_none() -> None:
    assert addresses(provider("giosg")) == ()
