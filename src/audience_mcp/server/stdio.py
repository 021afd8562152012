"""The server over stdin and stdout; stdout carries protocol frames and nothing else."""

from __future__ import annotations

from typing import Any

from mcp.server.lowlevel import Server

from audience_mcp.server import pipes


async def run_stdio(server: Server[Any]) -> None:
    """Serve until the client closes stdin."""
    options = server.create_initialization_options()
    if pipes.usable():
        async with pipes.pipe_server() as (frames_in, frames_out):
            await server.run(frames_in, frames_out, options)
        return
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, options)
