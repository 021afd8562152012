"""The Faraday sandbox: accounts and persona sets of a made-up retailer, in Faraday's own dialect."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from audience_mcp.sandbox.core import Call, Problem, Refusal, SandboxState, answer, endpoint
from audience_mcp.sandbox.faraday.accounts import EXPIRED, Accounts
from audience_mcp.sandbox.faraday.persona_sets import PersonaSets
from audience_mcp.sandbox.world import Workspace

__all__ = ["REMARKS", "environment", "refusal", "routes"]

REMARKS = (
    f"Faraday key {EXPIRED} has ended: 401 EXPIRED_API_KEY; a key of another form is MALFORMED_API_KEY.",
    "Faraday's main key controls the outlet's account too; the outlet's own key is refused the main account (403).",
)

PROVIDER = "faraday"
ERRORS = {400: "BAD_REQUEST", 401: "INVALID_AUTHORIZATION", 403: "FORBIDDEN", 404: "NOT_FOUND", 409: "CONFLICT"}
PERSONA_SET = "/v1/persona_sets/{persona_set_id}"


def routes(state: SandboxState) -> list[Route]:
    """Every endpoint; what is more specific comes first."""
    accounts, sets = Accounts(state), PersonaSets(state)

    def route(path: str, handler: Callable[[Call, Workspace], Response]) -> Route:
        def respond(call: Call) -> Response:
            account = accounts.authenticate(call)
            call.runs_in(account.key)
            if call.problems:
                raise _invalid(call.problems)
            return handler(call, account)

        return endpoint(state, PROVIDER, "GET", path, respond)

    return [
        route("/v1/accounts", accounts.list_accounts),
        route("/v1/accounts/current", accounts.get_current),
        route("/v1/accounts/{account_id}", accounts.get_account),
        route("/v1/persona_sets", sets.list_sets),
        route(PERSONA_SET, sets.get_set),
        route(f"{PERSONA_SET}/analysis/flow", sets.get_flow),
    ]


def environment(state: SandboxState, base: str) -> dict[str, str]:
    """One key per account, and where."""
    main, outlet = Accounts(state).keys
    return {
        "FARADAY_API_KEY": main,
        "FARADAY_BASE_URL": base,
        "FARADAY_API_KEY__OUTLET": outlet,
        "FARADAY_BASE_URL__OUTLET": base,
    }


def refusal(request: Request, refused: Refusal) -> Response:
    """Faraday's error object; every failure has an id of its own."""
    error = refused.details.get("error") or ERRORS.get(refused.status)
    error = error or ("BAD_REQUEST" if refused.status < 500 else "INTERNAL_SERVER_ERROR")
    body = {"error": error, "id": uuid4(), "note": refused.message}
    if "problems" in refused.details:
        body["validationErrors"] = refused.details["problems"]
    return answer(body, refused.status)


def _invalid(problems: tuple[Problem, ...]) -> Refusal:
    listed = [
        {"context": {"errorType": problem.kind}, "message": problem.message, "path": f"/{problem.place}/{problem.name}"}
        for problem in problems
    ]
    return Refusal(400, "The request does not fit its schema.", error="VALIDATION_FAILED", problems=listed)
