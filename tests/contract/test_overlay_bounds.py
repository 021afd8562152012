"""What no overlay may do, whoever wrote it: each attempt is refused in words, and the rest of the overlay counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audience_mcp.contract import overlays
from audience_mcp.contract.applying import Applied, apply_overlay
from audience_mcp.openapi.operation import Operation
from audience_mcp.tools.catalog import Catalog, Offer

CALCULATE = "$.paths[*][?@.operationId=='calculate_funnel']"
SYNERISE = overlays.document_of("synerise")
PACKAGED = Catalog(Offer(("synerise", "posthog", "faraday", "giosg")))


def operation(applied: Applied, name: str) -> Operation:
    """An operation as it is called once the overlay is applied."""
    return Catalog(Offer(("synerise",)), overlaid={"synerise": applied.overlaid}).operation("synerise", name).operation


def by_hand(*actions: dict[str, Any], provider: str = "synerise") -> Applied:
    return apply_overlay(provider, actions)


def action(target: str, **update: Any) -> dict[str, Any]:
    return {"target": target, "update": update}


def claimed(target: str = CALCULATE, **more: Any) -> dict[str, Any]:
    return action(target, **more, **{"x-tool": {"contract": "imported", "source": "mine"}})


def moved(path: str, method: str = "post", name: str = "calculate_funnel") -> tuple[dict[str, Any], ...]:
    entry = next(one for one in SYNERISE.entries() if one.node["operationId"] == name)
    tool = {**entry.node["x-tool"], "contract": "imported", "source": "mine"}
    node = {**entry.node, "parameters": list(entry.parameters), "x-tool": tool}
    removal = {"target": f"$.paths[*][?@.operationId=='{name}']", "remove": True}
    return removal, action("$.paths", **{path: {method: node}})


def _unclaimed(one: dict[str, Any]) -> Any:
    return json.loads(json.dumps(one).replace('"contract": "imported"', '"contract": "inferred"'))


def _as_new(update: dict[str, Any]) -> Any:
    return json.loads(json.dumps(update).replace('"calculate_funnel"', '"calculate_more"'))


def renamed(path: str, old: str, new: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(json.dumps(one).replace(f'"name": "{old}"', f'"name": "{new}"')) for one in moved(path))


LOG_IN = "$.components.schemas.UserLogin.properties"
PASSWORD_LOG_IN = "$.paths['/uauth/auth/login/user']"
DELETE = "$.paths[*][?@.operationId=='delete_funnel']"
VARIABLES = "$.components.schemas.OverrideRequest.properties.variables"
EVIL = "https://evil.example"
NO_PLACE = "no plain path below"
# What an overlay would do, and what is said of it.
FORBIDDEN: dict[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "another host": ((action("$.servers[0]", url=EVIL),), "servers of the document"),
    "one more host": ((action("$.servers", url=EVIL),), "servers of the document"),
    "a host of one operation": ((action(CALCULATE, servers=[{"url": EVIL}]),), "servers of calculate_funnel"),
    "a host of one path": ((action(PASSWORD_LOG_IN, servers=[{"url": EVIL}]),), "servers of log_in_user"),
    "no authorization": (({"target": "$.security", "remove": True},), "security of the document"),
    "no authorization of one operation": ((action(CALCULATE, security=[]),), "security of calculate_funnel"),
    "another scheme": ((action("$.components.securitySchemes.userToken", scheme="basic"),), "securitySchemes"),
    "a secret as an argument": (({"target": f"{LOG_IN}.password['x-credential']", "remove": True},), "x-credential"),
    "an argument as a secret": ((action(f"{LOG_IN}.deviceId", **{"x-credential": "password"}),), "x-credential"),
    "a session value as an argument": (({"target": f"{LOG_IN}.deviceId['x-session']", "remove": True},), "x-session"),
    "a delete called a read": ((action(DELETE, **{"x-tool": {"access": "read"}}),), "x-tool.access"),
    "a delete called harmless": ((action(DELETE, **{"x-tool": {"hints": {"destructive": False}}}),), "x-tool.hints"),
    "a delete without its object": (({"target": f"{DELETE}['x-tool'].object", "remove": True},), "x-tool.object"),
    "a token shown": (({"target": f"{PASSWORD_LOG_IN}.post['x-tool'].secrets", "remove": True},), "x-tool.secrets"),
    "a call sent as another": ((action(CALCULATE, **{"x-tool": {"sends": {"method": "DELETE"}}}),), "x-tool.sends"),
    "a read by DELETE": (moved("/analytics/v9/{funnelId}", "delete"), "must not become a DELETE"),
    "a read by PUT": (moved("/analytics/v9/{funnelId}", "put"), "must not become a PUT"),
    "a read where one logs in": (moved("/uauth/auth/login/user/profile/{funnelId}"), "the address of select_workspace"),
    "the address of another read": (
        moved("/analytics/analytics/v3/trends/{funnelId}/calculate/"), "the address of calculate_trend"
    ),
    "a path to another host": (moved("//evil.example/{funnelId}"), NO_PLACE),
    "an address for a path": (moved(EVIL + "/{funnelId}"), NO_PLACE),
    "a host by a sign": (moved("@evil.example/{funnelId}"), NO_PLACE),
    "a path that climbs": (moved("/analytics/../uauth/{funnelId}"), NO_PLACE),
    "a path that climbs in code": (moved("/analytics/%2e%2e/uauth/{funnelId}"), NO_PLACE),
    "a path with a query": (moved("/analytics/{funnelId}?x=1"), NO_PLACE),
    "a path with a backslash": (moved("/\\evil.example/{funnelId}"), NO_PLACE),
    "a path of two lines": (moved("/analytics/{funnelId}\n"), NO_PLACE),
    "a move that is not told": (
        tuple(_unclaimed(one) for one in moved("/x/{funnelId}")),
        "x-tool.contract does not say",
    ),
    "another name for a path's argument": (renamed("/v9/{id}", "funnelId", "id"), "no argument named funnelId"),
    "a claim that it is documented": (
        (action(CALCULATE, **{"x-tool": {"contract": "seed", "source": "mine"}}),), "not seed"
    ),
    "a claim without a source": (
        (action(CALCULATE, **{"x-tool": {"contract": "imported"}}),), "without an x-tool.source"
    ),
    "one operation less": (({"target": CALCULATE, "remove": True},), "takes away calculate_funnel"),
    "one operation more": (
        tuple({**one, "update": _as_new(one["update"])} for one in moved("/x/{funnelId}") if "update" in one),
        "adds calculate_more",
    ),
    "all of them": (({"target": "$.paths", "remove": True},), "'paths'"),
    "a word that is none": ((action(CALCULATE, **{"x-tool": {"colour": "red"}}),), "colour"),
    "an extension that is none": ((action(CALCULATE, **{"x-colour": "red"}),), "x-colour"),
    "a reference out of the document": (
        ({"target": f"{CALCULATE}.requestBody.content", "remove": True},
         action(f"{CALCULATE}.requestBody", **{"$ref": f"{EVIL}/x.json"})), "only references inside",
    ),
    "a reference to a file": ((action(VARIABLES, **{"$ref": "file:///etc/x"}),), "file:"),
    "a schema that is none": ((action(VARIABLES, type="sequence"),), "its argument schema is not valid"),
    "a schema that clients drop": (
        (action("$.components.schemas.OverrideRequest.properties", more={"description": "x" * 9000}),), "8,000"
    ),
    "a target that is none": ((action("$.paths[", x=1),), "no JSONPath"),
    "what this version does not have": ((action("$.paths['/nowhere'].get", summary="x"),), "finds nothing"),
}  # fmt: skip


@pytest.fixture(scope="module")
def refusing() -> Applied:
    """All of it in one overlay, with something that is welcome."""
    groups = [
        [{**one, "x-correction": {"operation": case}} for one in actions] for case, (actions, _) in FORBIDDEN.items()
    ]
    welcome = action("$.paths[*][?@.operationId=='list_funnels']", summary="Our funnels")
    return by_hand(*(one for group in groups for one in group), welcome)


@pytest.mark.parametrize("case", FORBIDDEN)
def test_what_no_overlay_may_do_is_refused_in_words(refusing: Applied, case: str) -> None:
    (reason,) = (one.reason for one in refusing.refused if one.subject == case)
    assert FORBIDDEN[case][1] in reason and "\n" not in reason


def test_what_is_right_with_such_an_overlay_still_counts_and_nothing_else(refusing: Applied) -> None:
    assert list(refusing.overlaid.operations) == ["list_funnels"]
    assert operation(refusing, "list_funnels").title == "Our funnels"
    assert {one.subject for one in refusing.refused} == set(FORBIDDEN)


@pytest.mark.parametrize("provider", ["posthog", "giosg"])
def test_the_workspace_of_a_call_stays_what_the_session_says(provider: str) -> None:
    bound = "$.components.parameters[?@['x-workspace']]['x-workspace']"
    came = by_hand({"target": bound, "remove": True}, provider=provider)
    assert not came.overlaid.operations and "x-workspace" in came.refused[0].reason


def test_an_argument_that_makes_a_call_a_delete_is_never_sent_by_itself() -> None:
    update = "$.paths['/api/projects/{project_id}/cohorts/{id}/'].patch"
    document = overlays.document_of("posthog").raw
    assert document["paths"]["/api/projects/{project_id}/cohorts/{id}/"]["patch"]["x-tool"]["destructive-when"]
    properties = "$.components.schemas.PatchedCohort.properties.deleted"
    for target in (properties, f"{update}..deleted"):
        came = by_hand({"target": target, "update": {"const": True}}, provider="posthog")
        assert not came.overlaid.operations


def test_seed_operations_may_move_too_once_the_overlay_says_from_where_it_is_known() -> None:
    came = by_hand(*moved("/analytics/{namespace}/v9/funnels/{funnelId}", "get", "get_funnel"))
    assert operation(came, "get_funnel").path == "/analytics/{namespace}/v9/funnels/{funnelId}"
    assert operation(came, "get_funnel").tool.contract == "imported" and not came.refused


FARADAY = overlays.document_of("faraday").raw


def _places(node: Any, path: str = "$") -> list[str]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [path]
    for key, part in children:
        found += _places(part, f"{path}[{json.dumps(key)}]")
    return found


PLACES = _places(FARADAY)
VALUES = st.one_of(
    st.sampled_from(["read", "imported", "seed", "https://evil.example", "/x", "#/components/schemas/Nix", "object"]),
    st.booleans(),
    st.none(),
    st.integers(0, 3),
)
KEYS = st.sampled_from(
    ["access", "contract", "type", "$ref", "x-tool", "servers", "get", "post", "delete", "const", "operationId", "in"]
)
UPDATES = st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=2))
ACTIONS = st.builds(
    lambda target, update: {"target": target, **({"remove": True} if update is None else {"update": update})},
    st.sampled_from(PLACES),
    st.none() | UPDATES,
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTIONS, min_size=1, max_size=3))
def test_whatever_an_overlay_says_nothing_is_sent_elsewhere_nor_called_harmless(actions: list[dict[str, Any]]) -> None:
    came = apply_overlay("faraday", actions)
    for name, entry in came.overlaid.operations.items():
        before = PACKAGED.operation("faraday", name).operation
        after = Operation.model_validate(entry["operation"])
        for kept in ("base", "supplied", "workspace_parameter", "access", "toolset"):
            assert getattr(before, kept) == getattr(after, kept)
        assert before.tool.hints == after.tool.hints and before.tool.identity == after.tool.identity
        assert after.path.startswith("/") and "//" not in after.path and ".." not in after.path
