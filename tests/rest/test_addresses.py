"""The address of a request: no argument can leave its own segment or parameter."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audience_mcp.errors import InvalidArguments
from audience_mcp.rest.request import build

from .made import BASE, argument, operation

IN_PATH = operation(
    "/api/projects/{project_id}/things/{id}/part/",
    arguments=[argument("id", "path", required=True)],
    workspace_parameter="project_id",
)
PREFIX, SUFFIX = "/api/projects/7/things/", "/part/"


def url(arguments: dict[str, Any], *arguments_of: dict[str, Any], base: str = BASE) -> str:
    return build(operation("/things", arguments=list(arguments_of)), arguments, base_url=base).url


@pytest.mark.parametrize("value", ["../../other", "a/b", "/", "\\..\\x", "@evil.test:80//"])
def test_a_path_argument_with_a_slash_is_refused(value: str) -> None:
    """Many a server decodes an escaped slash before it routes, so encoding it would not keep it in its segment."""
    with pytest.raises(InvalidArguments):
        build(IN_PATH, {"id": value}, base_url=BASE, workspace="7")


@given(st.text(min_size=1).filter(lambda text: text not in (".", "..") and not {"/", "\\"} & set(text)))
@example("%2e%2e")
@example("%2e%2e%2f")
@example("ab?c=d#e")
@example("{project_id}")
@example("a\r\nHost: evil.test")
@example("żółć 日本")
def test_a_path_argument_stays_in_its_segment(value: str) -> None:
    built = build(IN_PATH, {"id": value}, base_url=BASE, workspace="7").url
    sent = httpx.URL(built)
    target = sent.raw_path.decode()
    assert sent.host == "api.test"
    assert target.startswith(PREFIX) and target.endswith(SUFFIX)
    segment = target.removeprefix(PREFIX).removesuffix(SUFFIX)
    assert not set("/?#\\") & set(segment)
    assert unquote(segment) == value
    assert built == BASE + target


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_path_argument_that_names_nothing_or_climbs_is_refused(value: str | None) -> None:
    with pytest.raises(InvalidArguments, match="'id' must name one object"):
        build(IN_PATH, {"id": value}, base_url=BASE, workspace="7")


@pytest.mark.parametrize("workspace", [None, "", ".."])
def test_a_workspace_that_names_nothing_or_climbs_is_refused(workspace: str | None) -> None:
    with pytest.raises(InvalidArguments, match="project_id"):
        build(IN_PATH, {"id": "1"}, base_url=BASE, workspace=workspace)


def test_the_last_slash_of_a_path_is_kept() -> None:
    assert build(IN_PATH, {"id": 3}, base_url=BASE, workspace="7").url == f"{BASE}{PREFIX}3{SUFFIX}"


@pytest.mark.parametrize("base", [f"{BASE}/proxy/posthog", f"{BASE}/proxy/posthog/"])
def test_a_base_address_may_carry_a_path(base: str) -> None:
    assert url({}, base=base) == f"{BASE}/proxy/posthog/things"


def test_a_constant_of_the_path_is_filled_in() -> None:
    made = operation("/{namespace}/things", constants=[{"name": "namespace", "place": "path", "value": "profiles"}])
    assert build(made, {}, base_url=BASE).url == f"{BASE}/profiles/things"


def test_a_constant_of_the_query_is_always_sent() -> None:
    made = operation(constants=[{"name": "basic", "place": "query", "value": True}])
    assert build(made, {}, base_url=BASE).url == f"{BASE}/things?basic=true"


def test_a_query_array_is_repeated() -> None:
    assert url({"ids": ["a", "b"]}, argument("ids", style="repeat")) == f"{BASE}/things?ids=a&ids=b"


def test_a_query_array_is_joined_with_commas() -> None:
    assert parse_qsl(urlsplit(url({"ids": ["a", "b"]}, argument("ids", style="comma"))).query) == [("ids", "a,b")]


def test_a_query_value_is_written_as_json_text() -> None:
    value = [{"key": "email", "value": ["ą", 1, True, None]}]
    query = urlsplit(url({"properties": value}, argument("properties", style="json"))).query
    assert parse_qsl(query) == [("properties", '[{"key":"email","value":["ą",1,true,null]}]')]


@pytest.mark.parametrize("style", ["repeat", "comma"])
def test_an_empty_array_sends_nothing(style: str) -> None:
    assert url({"ids": []}, argument("ids", style=style)) == f"{BASE}/things"


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (7, "7"), (0, "0"), (0.5, "0.5"), ("", "")]
)
def test_a_query_value_is_plain_text_with_booleans_in_lower_case(value: Any, text: str) -> None:
    assert parse_qsl(urlsplit(url({"q": value}, argument("q"))).query, keep_blank_values=True) == [("q", text)]


def test_what_is_left_out_is_not_sent_not_even_a_default() -> None:
    assert url({}, argument("limit", default=100)) == f"{BASE}/things"


def test_arguments_that_are_not_the_operations_are_not_sent() -> None:
    assert url({"workspace": "7", "dry_run": True}, argument("limit")) == f"{BASE}/things"


@given(st.text(), st.lists(st.text(), max_size=3))
def test_a_query_argument_stays_in_its_parameter(text: str, several: list[str]) -> None:
    built = url({"q": text, "ids": several}, argument("q"), argument("ids", style="repeat"))
    parts = urlsplit(built)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "api.test", "/things", "")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    assert pairs == [("q", text), *(("ids", item) for item in several)]
    assert BASE + httpx.URL(built).raw_path.decode() == built
