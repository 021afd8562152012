"""The body of a request: fields, whole values, constants, secrets that only the provider sees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from audience_mcp.errors import CredentialsMissing
from audience_mcp.openapi.operation import Operation
from audience_mcp.rest.request import Request, build

from .made import BASE, argument, operation

SECRET = "hunter2-hunter2"


def sent(request: Request) -> Any:
    assert request.content is not None
    return json.loads(request.content)


def fields(*names: str, **parts: Any) -> Operation:
    return operation(method="POST", body="fields", arguments=[argument(name, "body") for name in names], **parts)


LOGIN = fields(
    "deviceId",
    supplied=[
        {"name": "username", "place": "body", "field": "username", "required": True},
        {"name": "externalToken", "place": "body", "field": "external_provider_token"},
    ],
    constants=[
        {"name": "externalType", "place": "body", "value": "GOOGLE", "sent_with": "externalToken"},
        {"name": "kind", "place": "body", "value": "PERSON"},
    ],
)


def log_in(**secrets: str) -> Request:
    hidden = {name: SecretStr(value) for name, value in secrets.items()}
    return build(LOGIN, {"deviceId": "d"}, base_url=BASE, secrets=hidden)


def test_a_read_without_a_body_sends_none() -> None:
    built = build(operation(), {}, base_url=BASE)
    assert not built.has_body
    assert built.content is None
    assert "body" not in built.shown()


def test_fields_are_sent_under_their_own_names_and_types() -> None:
    arguments = {"name": "żółć", "deleted": False, "filters": {"a": [1, None]}, "note": None}
    assert sent(build(fields(*arguments), arguments, base_url=BASE)) == arguments


def test_fields_that_are_left_out_are_not_sent() -> None:
    assert sent(build(fields("name", "note"), {"name": "x"}, base_url=BASE)) == {"name": "x"}


def test_a_body_of_fields_is_sent_even_when_none_is_given() -> None:
    assert sent(build(fields("name"), {}, base_url=BASE)) == {}


@given(st.lists(st.text()) | st.none() | st.booleans())
def test_a_whole_body_is_the_argument_itself(value: Any) -> None:
    whole = operation(method="POST", body="whole", arguments=[argument("permissions", "body", required=True)])
    assert sent(build(whole, {"permissions": value}, base_url=BASE)) == value


def test_a_whole_body_that_is_left_out_is_no_body() -> None:
    whole = operation(method="POST", body="whole", arguments=[argument("permissions", "body")])
    assert build(whole, {}, base_url=BASE).content is None


def test_a_constant_of_the_body_is_always_sent() -> None:
    assert sent(log_in(username="ann"))["kind"] == "PERSON"


def test_a_constant_may_go_only_beside_another_value() -> None:
    assert "externalType" not in sent(log_in(username="ann"))
    assert sent(log_in(username="ann", external_provider_token="t"))["externalType"] == "GOOGLE"


def test_a_secret_is_sent_in_the_body_and_nowhere_else() -> None:
    built = log_in(username=SECRET)
    assert sent(built)["username"] == SECRET
    assert SECRET not in built.url


def test_a_secret_is_never_shown() -> None:
    built = log_in(username=SECRET, external_provider_token=SECRET)
    assert built.shown()["body"] == {
        "deviceId": "d",
        "kind": "PERSON",
        "username": "***",
        "externalToken": "***",
        "externalType": "GOOGLE",
    }
    assert SECRET not in repr(built)
    assert SECRET not in str(built.shown())


def test_a_header_is_never_shown() -> None:
    built = build(operation(), {}, base_url=BASE, headers={"Authorization": SecretStr(f"Bearer {SECRET}")})
    assert SECRET not in repr(built)
    assert SECRET not in str(built.shown())
    assert built.headers["Authorization"].get_secret_value() == f"Bearer {SECRET}"


def test_a_secret_argument_cannot_be_passed_by_the_model() -> None:
    built = build(LOGIN, {"username": "mine"}, base_url=BASE, secrets={"username": SecretStr(SECRET)})
    assert sent(built)["username"] == SECRET


def test_a_secret_that_nobody_set_is_told_with_its_setting() -> None:
    with pytest.raises(CredentialsMissing, match="'username'") as caught:
        log_in()
    assert "POSTHOG_USERNAME" in caught.value.remedy
    assert "never passed as an argument" in caught.value.remedy


def test_an_optional_secret_that_nobody_set_is_left_out() -> None:
    assert "externalToken" not in sent(log_in(username="ann"))


def test_what_is_sent_may_differ_from_what_is_documented() -> None:
    made = operation(
        "/things/{id}/",
        "DELETE",
        arguments=[argument("id", "path", required=True)],
        tool={"access": "destructive", "sends": {"method": "PATCH", "body": {"deleted": True}}},
    )
    built = build(made, {"id": 3}, base_url=BASE)
    assert (built.method, built.url) == ("PATCH", f"{BASE}/things/3/")
    assert sent(built) == {"deleted": True}
    assert built.shown() == {"method": "PATCH", "url": f"{BASE}/things/3/", "body": {"deleted": True}}


def test_another_method_alone_brings_no_body() -> None:
    made = operation(method="DELETE", tool={"access": "destructive", "sends": {"method": "POST"}})
    built = build(made, {}, base_url=BASE)
    assert (built.method, built.content) == ("POST", None)
