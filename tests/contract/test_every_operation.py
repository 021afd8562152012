"""Every operation of the catalog, from the arguments a model passes to what the provider receives and answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from audience_mcp.app import App, build_app
from audience_mcp.call.asker import NoAsker
from audience_mcp.openapi.operation import Operation
from audience_mcp.settings import Settings
from audience_mcp.tools.schema import OUR_ARGUMENTS

from .conftest import Exchange, RecordedSandbox, Recorder
from .documents import check_answer, check_request, operations, template_matches
from .samples import Samples
from .strategies import values

pytestmark = pytest.mark.anyio
EVERY = pytest.mark.parametrize(
    "operation", [o for o in operations() if o.id != "verify_user_mfa"], ids=lambda operation: operation.name
)

# These need a certain state, which the session checks before it sends: see test_log_in.py.
STATEFUL = {"synerise_verify_user_mfa", "synerise_select_workspace"}
# The provider refuses every key here, whatever its scopes (the document's source says so).
CLOSED_TO_KEYS = {"posthog_get_persons_lifecycle", "posthog_get_persons_stickiness", "posthog_get_persons_trends"}
CREDENTIALS = {"synerise": "Bearer ", "posthog": "Bearer phx_", "faraday": "Bearer prod_", "giosg": "Token "}


@pytest.mark.parametrize(
    "operation", [o for o in operations() if o.name not in STATEFUL], ids=lambda operation: operation.name
)
async def test_generated_arguments_reach_the_sandbox_as_the_document_says(
    operation: Operation,
    app: App,
    recorder: Recorder,
    samples: Samples,
    open_settings: Settings,
    request: pytest.FixtureRequest,
) -> None:
    """Whatever valid arguments a model passes, the request obeys the document, and so does the answer."""
    if operation.writes and operation.tool.object:
        world: RecordedSandbox = request.getfixturevalue("unseen")
        app, recorder = build_app(open_settings, sandbox=world), world.app
    for arguments in _generated(operation, app):
        if operation.tool.identity == "profile":
            await samples.log_in_a_profile(app)
        recorder.exchanges.clear()
        told = await app.dispatcher.run(operation.name, arguments, NoAsker())
        exchanges = [exchange for exchange in recorder.exchanges if _is(operation, exchange)]
        assert exchanges, f"{arguments} did not call {operation.method} {operation.path}: {told.text}"
        assert not told.is_error or told.structured["error"]["kind"] != "internal", told.text
        for exchange in exchanges:
            check_request(operation, exchange)
            check_answer(operation, exchange)
            _check_credential(operation, exchange)


def _generated(operation: Operation, app: App) -> list[dict[str, object]]:
    """A few argument objects that are valid under the tool's whole schema; always the same ones."""
    tool = app.catalog.call_target(operation.name)
    schema = tool.schema
    own = {name: part for name, part in schema["properties"].items() if name not in OUR_ARGUMENTS}
    # What the session would supply or ask for is passed here, so that the call needs nobody.
    needed = [*schema.get("required", []), *(a.name for a in operation.arguments if a.session)]
    strategy = values({**schema, "properties": own, "required": needed}, schema.get("$defs", {}))
    made: list[dict[str, object]] = []

    @settings(max_examples=2, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(arguments=strategy)
    def collect(arguments: dict[str, object]) -> None:
        made.append(tool.checker.check(arguments))

    collect()
    return made


@EVERY
async def test_a_sensible_call_succeeds_and_its_answer_obeys_the_document(
    operation: Operation, app: App, recorder: Recorder, samples: Samples, open_settings: Settings
) -> None:
    """With ids that exist and definitions that were read before, every operation answers."""
    if operation.access == "destructive":
        # What other samples use must not disappear: a world of its own.
        world = RecordedSandbox()
        app, recorder = build_app(open_settings, sandbox=world), world.app
    arguments = await samples.of(operation, app)
    recorder.exchanges.clear()
    told = await app.dispatcher.run(operation.name, arguments, NoAsker())
    (exchange,) = [exchange for exchange in recorder.exchanges if _is(operation, exchange)][:1]
    if operation.name in CLOSED_TO_KEYS:
        assert told.structured["error"]["kind"] == "permission_denied"
        assert "posthog_run_query" in told.text
    else:
        assert not told.is_error, told.text
    check_request(operation, exchange)
    check_answer(operation, exchange)
    _check_passed(operation, arguments, exchange)


def _is(operation: Operation, exchange: Exchange) -> bool:
    method = operation.tool.sends.method if operation.tool.sends else operation.method
    return (
        exchange.provider == operation.provider
        and exchange.method == method
        and template_matches(operation, exchange.path)
    )


def _check_credential(operation: Operation, exchange: Exchange) -> None:
    sent = exchange.headers.get("authorization")
    if operation.tool.identity == "none":
        assert sent is None
    else:
        assert sent is not None and sent.startswith(CREDENTIALS[operation.provider])


def _check_passed(operation: Operation, arguments: dict[str, object], exchange: Exchange) -> None:
    """Every body field the model passed arrives unchanged; nothing is lost or invented."""
    body = json.loads(exchange.body) if exchange.body else {}
    for argument in operation.arguments:
        if argument.name not in arguments:
            continue
        if argument.place == "body":
            found = body if operation.body == "whole" else body[argument.name]
            assert found == arguments[argument.name]
    if operation.body == "fields" and operation.tool.sends is None:
        ours = {argument.name for argument in operation.arguments} | {s.name for s in operation.supplied}
        assert set(body) <= ours | {constant.name for constant in operation.constants}


def test_the_catalog_holds_every_documented_operation() -> None:
    """112 documented operations and the companions without which they cannot be used."""
    by_provider: dict[str, list[str]] = {}
    for operation in operations():
        by_provider.setdefault(operation.provider, []).append(operation.name)
    assert {provider: len(names) for provider, names in by_provider.items()} == {
        "synerise": 95,
        "posthog": 24,
        "faraday": 4,
        "giosg": 7,
    }
