"""Each value of a request comes from the model, the session, the workspace, or is a constant."""

from __future__ import annotations

import pytest

from .small import arguments, one, operation

LOGIN = """
type: object
required: [username, code]
properties:
  username: {type: string, x-credential: username}
  code: {type: string, x-session: verification_code}
  ticket: {type: string, x-credential: external_provider_token}
  ticketType: {type: string, const: GOOGLE, x-sent-with: ticket}
  namespace: {type: string, const: profiles}
"""


def test_a_credential_is_supplied_by_the_session_and_is_no_argument() -> None:
    made = operation(one(method="post", body=LOGIN))
    assert [(s.name, s.field, s.required) for s in made.supplied] == [
        ("username", "username", True),
        ("ticket", "external_provider_token", False),
    ]
    assert [a.name for a in made.arguments] == ["code"]


def test_what_the_session_may_supply_is_optional_for_the_model() -> None:
    code = arguments(one(method="post", body=LOGIN))["code"]
    assert not code.required
    assert code.session == "verification_code"


def test_a_constant_is_no_argument() -> None:
    made = operation(one(method="post", body=LOGIN))
    assert [(c.name, c.value, c.sent_with) for c in made.constants] == [
        ("ticketType", "GOOGLE", "ticket"),
        ("namespace", "profiles", None),
    ]


def test_a_constant_parameter_of_the_path_is_filled_in() -> None:
    made = operation(
        one(
            path="/{namespace}/things",
            parameters='[{$ref: "#/components/parameters/Namespace"}]',
            components="""
                parameters:
                  Namespace: {name: namespace, in: path, required: true, schema: {type: string, const: profiles}}
            """,
        )
    )
    assert [(c.name, c.place, c.value) for c in made.constants] == [("namespace", "path", "profiles")]
    assert made.arguments == ()


def test_the_workspaces_own_path_parameter_is_no_argument() -> None:
    made = operation(
        one(
            path="/{project_id}/things",
            parameters="[{name: project_id, in: path, required: true, x-workspace: true, schema: {type: string}}]",
        )
    )
    assert made.workspace_parameter == "project_id"
    assert made.arguments == ()


def test_json_in_a_query_string_is_a_typed_argument_sent_as_text() -> None:
    parameter = (
        "[{name: filters, in: query, content: {application/json: {schema: {type: array, items: {type: string}}}}}]"
    )
    assert arguments(one(parameters=parameter))["filters"].style == "json"


@pytest.mark.parametrize(
    ("written", "style"), [("", "repeat"), (", explode: true", "repeat"), (", explode: false", "comma")]
)
def test_a_query_array_is_repeated_unless_the_document_joins_it(written: str, style: str) -> None:
    parameter = f"[{{name: ids, in: query, schema: {{type: array, items: {{type: string}}}}{written}}}]"
    assert arguments(one(parameters=parameter))["ids"].style == style


def test_a_body_that_is_no_object_becomes_one_argument() -> None:
    made = operation(
        one(
            method="post",
            body="{type: array, items: {type: string}}",
            tool="{access: read, contract: seed, body-argument: names}",
        )
    )
    assert made.body == "whole"
    assert [(a.name, a.place, a.required) for a in made.arguments] == [("names", "body", True)]


def test_a_default_is_known_and_left_to_the_provider() -> None:
    parameter = "[{name: limit, in: query, schema: {type: integer, default: 100}}]"
    assert arguments(one(parameters=parameter))["limit"].default == 100


def test_a_tools_name_is_provider_and_operation() -> None:
    assert operation(one()).name == "small_read_thing"


@pytest.mark.parametrize(
    ("identity", "workspace", "inside"),
    [
        ("workspace", None, True),
        ("user", None, False),
        ("none", None, False),
        ("user", True, True),
        ("workspace", False, False),
    ],
)
def test_an_operation_runs_in_a_workspace_when_its_token_does_unless_it_says_otherwise(
    identity: str, workspace: bool | None, inside: bool
) -> None:
    said = "" if workspace is None else f", workspace: {str(workspace).lower()}"
    assert operation(one(tool=f"{{access: read, contract: seed, identity: {identity}{said}}}")).in_workspace is inside


@pytest.mark.parametrize(
    ("tool", "repeatable"),
    [
        ("{access: read, contract: seed}", True),
        ("{access: read, contract: seed, repeat: never}", False),
        ("{access: write, contract: seed}", False),
        ("{access: write, contract: seed, repeat: safe}", True),
        ("{access: session, contract: seed}", False),
    ],
)
def test_reads_may_be_sent_again_and_nothing_else_unless_it_says_so(tool: str, repeatable: bool) -> None:
    assert operation(one(tool=tool)).repeatable is repeatable


def test_arguments_can_make_a_write_a_delete() -> None:
    made = operation(one(method="patch", tool="{access: write, contract: seed, destructive-when: {deleted: true}}"))
    assert made.destroys({"deleted": True, "name": "x"})
    assert not made.destroys({"deleted": False})
    assert not made.destroys({})
    assert operation(one(method="delete", tool="{access: destructive, contract: seed}")).destroys({})
