"""A request of a plan -> the provider's answer, with the person's credential, in their workspace, and paced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import anyio
from pydantic import SecretStr

from audience_mcp.contract.probing.plan import Ask
from audience_mcp.errors import RateLimited
from audience_mcp.openapi.operation import Limit
from audience_mcp.rest.client import SANDBOX_HEADER, Client, Reply
from audience_mcp.rest.pacing import Pacer
from audience_mcp.rest.patience import Sleep
from audience_mcp.rest.request import JSON, Request
from audience_mcp.session.session import Session

PACE = Limit(requests=20, seconds=2)
LONGEST_WAIT = 60.0


class Carrier:
    """Sends the requests of one probe, each once, at the pace of the provider's limits and no faster than `PACE`.

    `clock` and `sleep` are in seconds. `sandbox` tells whether made-up data has answered any of them.
    """

    def __init__(
        self,
        session: Session,
        client: Client,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = anyio.sleep,
    ) -> None:
        self._session, self._client = session, client
        self._pacer, self._sleep = Pacer(clock), sleep
        self.sandbox = False

    async def send(self, ask: Ask) -> Reply:
        """Send one request.

        Raises:
            AudienceError: There is no access, or no answer.
        """
        operation = ask.operation
        access = await self._session.access(operation)
        token = await access.login.token(operation.tool.identity, access.workspace)
        target = ask.target
        if operation.workspace_parameter is not None:
            identifier = quote(str(access.workspace_id), safe="")
            target = target.replace(f"{{{operation.workspace_parameter}}}", identifier)
        await self._paced(ask, access.login.credential.label)
        body: dict[str, Any] = {"body": {}, "has_body": True} if ask.body else {}
        headers = {"Accept": SecretStr(JSON), **token.headers}
        url = access.endpoints.urls[operation.base].rstrip("/") + target
        reply = await self._client.send(Request(ask.method, url, headers=headers, **body), writes=False)
        self.sandbox |= SANDBOX_HEADER in reply.headers
        return reply

    async def _paced(self, ask: Ask, credential: str) -> None:
        operation, tool = ask.operation, ask.operation.tool
        steady = operation.model_copy(update={"tool": tool.model_copy(update={"limits": (PACE,)})})
        waited = 0.0
        for counted in (operation, steady):
            while wait := self._pacer.wait(counted, credential, {}):
                if waited + wait > LONGEST_WAIT:
                    raise RateLimited("The provider's limit for this operation is used up.", "Probe again later.")
                await self._sleep(wait)
                waited += wait
