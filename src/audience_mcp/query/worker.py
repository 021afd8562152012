"""The process of one query: results and SQL on its standard input, rows or an error on its standard output.

A query has a process of its own because the engine alone cannot be held to its bounds: a single function call takes
many times the memory limit (`repeat`, `range` as a list), or cannot be interrupted for minutes (`levenshtein`), and a
deeply nested statement ends the process. Here nothing is known but the results the query names, and before the first
word of the query is read the process gives up opening files and sockets, and memory beyond its bound.
"""

from __future__ import annotations

import csv  # noqa: F401 - once the process is locked, nothing can be imported any more
import json
import os
import select
import sys
import traceback
from threading import Thread
from typing import Any

import duckdb
import pydantic_core  # noqa: F401

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.answering import answer
from audience_mcp.query.layout import Layout, layout
from audience_mcp.query.loading import load
from audience_mcp.query.naming import literal
from audience_mcp.query.problems import told
from audience_mcp.query.statement import read
from audience_mcp.query.wire import Bounds, packed, read_request
from audience_mcp.results.stored import StoredResult

PYTHON_MB = 1024  # for opening the results, on top of the engine's own memory


def connect(bounds: Bounds, zone: str) -> duckdb.DuckDBPyConnection:
    """An empty engine without files, extensions, sight of Python's variables, or a way to get any of it back.

    Raises:
        duckdb.Error: The engine does not know the time zone.
    """
    connection = duckdb.connect(":memory:")
    for setting, value in (
        ("memory_limit", f"'{bounds.memory_mb}MB'"),
        ("threads", bounds.threads),
        ("temp_directory", "''"),
        ("TimeZone", literal(zone)),
        ("python_enable_replacements", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        connection.execute(f"SET {setting} = {value}")
    return connection


def run(connection: duckdb.DuckDBPyConnection, sql: str, results: list[StoredResult], bounds: Bounds) -> list[bytes]:
    """Answer a query: the facts as JSON, then the rows as JSON.

    The facts are the handles it names, and `missing` (one of them that is not here), `error`, or `count` and `cut`.
    """
    here = {one.card.handle: one for one in results}
    layouts: dict[str, Layout] = {}
    handles: tuple[str, ...] = ()
    try:
        statement = read(connection, sql)
        handles = statement.handles
        for handle in handles:
            if handle not in here:
                return [_facts(handles, missing=handle)]
            layouts[handle] = load(connection, handle, here.pop(handle).view())
        rows = answer(connection, statement.sql, bounds.rows, bounds.bytes)
    except InvalidArguments as error:
        return [_facts(handles, error=[error.message, error.remedy])]
    except (duckdb.Error, MemoryError, RecursionError) as error:
        told_of = layouts or {handle: layout(one.view()) for handle, one in here.items()}
        problem = told(error, told_of, bounds.memory_mb)
        return [_facts(handles, error=[problem.message, problem.remedy])]
    return [_facts(handles, count=rows.count, cut=rows.cut), rows.body]


def _facts(handles: tuple[str, ...], **facts: Any) -> bytes:
    return json.dumps({"handles": handles, **facts}).encode()


def lock(bounds: Bounds) -> None:
    """Give up opening anything, writing files, memory beyond the bounds, and processor time beyond any use.

    Where the system knows no such limits (Windows) the engine's own must do.
    """
    try:
        import resource
    except ImportError:
        return
    memory = (bounds.memory_mb + PYTHON_MB) * 2**20
    processor = int(bounds.seconds * bounds.threads) + 10  # should the parent be gone, and nobody end it
    for limit, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        resource.setrlimit(limit, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard),) * 2)


def end_with_the_reader() -> None:
    """End this process as soon as nobody is left to read its answer, as when the server was killed.

    Where the system cannot tell (Windows) the engine goes on until it has its answer.
    """
    if not hasattr(select, "poll"):
        return
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)  # nothing but the end of the other side

    def watch() -> None:
        poll.poll()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def main() -> None:
    """Answer the one query of this process."""
    end_with_the_reader()
    try:
        question, results, bounds = read_request(sys.stdin.buffer.read())
        connection = connect(bounds, question.zone)
        connection.execute("SELECT $1::VARCHAR AS one", ["one"]).fetchall()  # its late imports, before it is too late
        connection.sql("SELECT 1 AS one").fetchall()
        lock(bounds)
        parts = run(connection, question.sql, results, bounds)
    except Exception as error:
        # Without its message, which may quote anything that was read.
        places = "".join(traceback.format_tb(error.__traceback__))
        parts = [json.dumps({"failed": f"{type(error).__name__}\n{places}"}).encode()]
    sys.stdout.buffer.write(packed(parts))


if __name__ == "__main__":
    main()
