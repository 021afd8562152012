"""Sending once: what was lost, what was refused, and what never leaves for another place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from audience_mcp import errors
from audience_mcp.rest.client import Client
from audience_mcp.rest.request import Request

from .made import BASE, TOKEN, request

pytestmark = pytest.mark.anyio
URL = f"{BASE}/things"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    made = Client(most_bytes=1_000)
    yield made
    await made.close()


async def failing(client: Client, cause: Exception, *, writes: bool) -> errors.AudienceError:
    with respx.mock:
        respx.route().mock(side_effect=cause)
        with pytest.raises(errors.AudienceError) as caught:
            await client.send(request(), writes=writes)
    return caught.value


@respx.mock
async def test_an_answer_comes_back_as_it_is(client: Client) -> None:
    respx.get(URL).respond(201, content=b"\xff\x00raw", headers={"Content-Type": "text/csv", "X-Thing": "1"})
    reply = await client.send(request(), writes=False)
    assert (reply.status, reply.body) == (201, b"\xff\x00raw")
    assert (reply.content_type, reply.headers["x-thing"]) == ("text/csv", "1")


@respx.mock
async def test_the_request_goes_out_as_it_was_built(client: Client) -> None:
    url = f"{BASE}/a%2Fb/%252e%252e/%C5%BC/?ids=a%2Cb&q=x+y&f=%5B%7B%22k%22%3A1%7D%5D"
    route = respx.route(method="PATCH").respond(200)
    await client.send(request(url, "PATCH", body={"name": "ż"}, has_body=True), writes=True)
    sent = route.calls.last.request
    assert BASE + sent.url.raw_path.decode() == url
    assert sent.content == '{"name": "ż"}'.encode()
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["user-agent"].startswith("audience-mcp/")


@respx.mock
async def test_a_request_without_a_body_declares_none(client: Client) -> None:
    route = respx.get(URL).respond(200)
    await client.send(request(), writes=False)
    assert "content-type" not in route.calls.last.request.headers
    assert route.calls.last.request.content == b""


@pytest.mark.parametrize("cause", [httpx.ReadTimeout("late"), httpx.WriteTimeout("late"), TimeoutError()])
async def test_a_read_that_is_not_answered_in_time_is_a_timeout(client: Client, cause: Exception) -> None:
    error = await failing(client, cause, writes=False)
    assert error.kind == "timeout"
    assert "api.test" in error.message


@pytest.mark.parametrize(
    "cause",
    [
        httpx.ReadTimeout("late"),
        httpx.WriteTimeout("late"),
        TimeoutError(),
        httpx.ReadError("broken"),
        httpx.RemoteProtocolError("gone"),
        httpx.DecodingError("no gzip"),
    ],
)
async def test_a_write_whose_answer_is_lost_has_an_unknown_outcome(client: Client, cause: Exception) -> None:
    error = await failing(client, cause, writes=True)
    assert error.kind == "outcome_unknown"
    assert "before trying again" in error.remedy


@pytest.mark.parametrize("cause", [httpx.ReadError("broken"), httpx.RemoteProtocolError("gone")])
async def test_a_read_whose_connection_breaks_may_be_tried_again(client: Client, cause: Exception) -> None:
    error = await failing(client, cause, writes=False)
    assert error.kind == "provider_unavailable"
    assert "nothing was changed" in error.remedy


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize(
    "cause",
    [
        httpx.ConnectError("no route"),
        httpx.ConnectTimeout("late"),
        httpx.PoolTimeout("busy"),
        httpx.ProxyError("refused"),
        httpx.UnsupportedProtocol("ftp"),
    ],
)
async def test_what_was_never_sent_is_no_lost_answer(client: Client, cause: Exception, writes: bool) -> None:
    error = await failing(client, cause, writes=writes)
    assert error.kind == "provider_unavailable"
    assert "nothing was sent" in error.message


async def test_a_failure_never_repeats_what_the_transport_says(client: Client) -> None:
    error = await failing(client, httpx.ReadError(f"while sending Bearer {TOKEN}"), writes=True)
    assert TOKEN not in error.text()


@respx.mock
@pytest.mark.parametrize(("size", "fits"), [(1_000, True), (1_001, False)])
async def test_an_answer_over_the_bound_is_not_read(client: Client, size: int, fits: bool) -> None:
    respx.get(URL).respond(200, content=b"x" * size)
    if fits:
        assert len((await client.send(request(), writes=False)).body) == size
    else:
        with pytest.raises(errors.ResponseTooLarge, match=r"0\.001 MB") as caught:
            await client.send(request(), writes=False)
        assert "AUDIENCE_MCP_MAX_RESPONSE_MB" in caught.value.remedy
        assert caught.value.status == 200


@respx.mock
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(client: Client, status: int) -> None:
    respx.get(URL).respond(status, headers={"Location": "https://elsewhere.test/things"})
    elsewhere = respx.route(host="elsewhere.test").respond(200)
    assert (await client.send(request(), writes=False)).status == status
    assert not elsewhere.called


@respx.mock
async def test_a_cookie_of_one_call_never_goes_with_another(client: Client) -> None:
    route = respx.get(URL).respond(200, headers={"Set-Cookie": "session=of-somebody; Path=/"})
    await client.send(request(), writes=False)
    await client.send(request(), writes=False)
    assert "cookie" not in route.calls.last.request.headers


@respx.mock
async def test_an_address_that_is_too_long_is_told_as_arguments(client: Client) -> None:
    route = respx.route().respond(200)
    with pytest.raises(errors.InvalidArguments, match="cannot be sent"):
        await client.send(request(f"{URL}?q={'x' * 70_000}"), writes=True)
    assert not route.called


@respx.mock
@pytest.mark.parametrize("text", ["key\n", "key\r\nX-Other: 1", "k…y"])
async def test_a_credential_no_header_can_carry_is_told_without_being_shown(client: Client, text: str) -> None:
    route = respx.route().respond(200)
    with pytest.raises(errors.CredentialsRejected) as caught:
        await client.send(Request("GET", URL, {"Authorization": SecretStr(text)}), writes=True)
    assert text not in caught.value.text()
    assert not route.called


@respx.mock
async def test_a_closed_client_opens_again_with_the_next_call(client: Client) -> None:
    respx.get(URL).respond(204)
    await client.send(request(), writes=False)
    await client.close()
    assert (await client.send(request(), writes=False)).status == 204


@respx.mock
async def test_an_embedded_address_is_answered_in_this_process() -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-path", scope["raw_path"])]})
        await send({"type": "http.response.body", "body": b"inside"})

    elsewhere = respx.get(URL).respond(200, content=b"outside")
    client = Client(most_bytes=1_000, embedded={"https://inside.test": lambda: answer})
    reply = await client.send(request("https://inside.test/a%2Fb"), writes=False)
    assert (reply.body, reply.headers["x-path"]) == (b"inside", "/a%2Fb")
    assert (await client.send(request(), writes=False)).body == b"outside"
    assert elsewhere.called
    await client.close()
