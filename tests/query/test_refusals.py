"""A query reads the results it names: whatever else it tries, it is refused in words that say what to write."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from audience_mcp.errors import InvalidArguments
from audience_mcp.query.engine import environment

from .shelf import ONE, asked, kept

STATEMENTS = f"""
    COPY {ONE} TO '/tmp/x.csv'
    COPY (SELECT 1) TO '/dev/stdout'
    EXPORT DATABASE '/tmp/x'
    IMPORT DATABASE '/tmp/x'
    ATTACH '/tmp/x.db'
    DETACH memory
    USE main
    INSTALL httpfs
    LOAD httpfs
    SET memory_limit = '100GB'
    RESET memory_limit
    SET VARIABLE a = 1
    PRAGMA database_list
    PRAGMA enable_external_access
    CALL pragma_version()
    CHECKPOINT
    VACUUM
    BEGIN TRANSACTION
    PREPARE p AS SELECT 1
    EXECUTE p
    EXPLAIN ANALYZE SELECT 1
    CREATE TABLE t AS SELECT 1
    CREATE MACRO m() AS 1
    CREATE SECRET (TYPE s3)
    DROP TABLE {ONE}
    ALTER TABLE {ONE} RENAME TO x
    INSERT INTO {ONE} VALUES (1)
    UPDATE {ONE} SET a = 2
    DELETE FROM {ONE}
    TRUNCATE {ONE}
    SELECT 1; SELECT 2
    SELECT 1; DROP TABLE {ONE}
    WITH d AS (DELETE FROM {ONE} RETURNING *) FROM d
    WITH i AS (INSERT INTO {ONE} VALUES (1) RETURNING *) FROM i
    SHOW TABLES
    SHOW ALL TABLES
    SHOW DATABASES
    DESCRIBE
"""
READERS = f"""
    SELECT * FROM read_csv('/etc/passwd')
    SELECT * FROM read_text('/etc/passwd')
    SELECT * FROM "read_text"('/etc/passwd')
    SELECT * FROM system.main.read_text('/etc/passwd')
    SELECT * FROM read_blob('/etc/*')
    SELECT * FROM read_json('/etc/passwd')
    SELECT * FROM read_parquet('https://example.com/x.parquet')
    SELECT * FROM parquet_metadata('/x')
    SELECT * FROM sniff_csv('/etc/passwd')
    SELECT * FROM glob('/*')
    SELECT (SELECT content FROM read_text('/etc/passwd'))
    SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))
    WITH x AS (FROM read_text('/etc/passwd')) FROM x
    SELECT * FROM (VALUES (1)) t, LATERAL (FROM read_text('/etc/passwd'))
    SELECT * FROM {ONE}, read_csv_auto(a::VARCHAR)
    UNPIVOT (FROM read_text('/etc/passwd')) ON content
    SUMMARIZE FROM read_text('/etc/passwd')
    SELECT read_text('/etc/passwd')
    SELECT a.read_text() FROM (SELECT '/etc/passwd' AS a)
    FROM '/etc/passwd'
    FROM 'x.csv'
    FROM "https://example.com/x.parquet"
    SELECT * FROM query('FROM duckdb_settings()')
    SELECT * FROM query_table('{ONE}')
    SELECT * FROM json_execute_serialized_sql('{{}}')
    SELECT * FROM pandas_scan(1)
    SELECT * FROM arrow_scan(1, 2, 3)
    SELECT * FROM asked
    SELECT * FROM sys
"""
TELLERS = f"""
    SELECT * FROM duckdb_settings()
    SELECT * FROM duckdb_secrets()
    SELECT * FROM duckdb_temporary_files()
    SELECT * FROM pragma_platform()
    SELECT * FROM pragma_database_size()
    SELECT * FROM duckdb_tables
    SELECT * FROM system.main.duckdb_tables
    SELECT * FROM pg_catalog.pg_settings
    SELECT * FROM information_schema.tables
    SELECT * FROM sqlite_master
    SUMMARIZE duckdb_databases
    WITH a AS (FROM pg_settings), pg_settings AS (SELECT 1) FROM a
    SELECT current_setting('secret_directory')
    SELECT main.current_setting('threads')
    SELECT 'threads'.current_setting()
    SELECT "CURRENT_setting"('threads')
    SELECT list_transform(['threads'], lambda x: current_setting(x))
    SELECT max(1) FILTER (WHERE current_setting('threads') = '2')
    SELECT 1 ORDER BY current_setting('threads')
    SELECT 1 LIMIT (SELECT current_setting('threads')::INT)
    SELECT COLUMNS(lambda c: current_setting('threads') = '2') FROM {ONE}
    VALUES (current_setting('threads'))
    DESCRIBE SELECT current_setting('threads')
    SELECT getenv('HOME')
    SELECT getvariable('x')
    SELECT version()
    SELECT current_query()
    SELECT current_database()
    SELECT txid_current()
    SELECT pg_get_viewdef(1)
    SELECT format_type(1, 1)
    SELECT get_block_size('memory')
    SELECT nextval('s')
    SELECT setseed(0.5)
    SELECT sleep_ms(100000)
    SELECT pg_sleep(100)
    SELECT write_log('x')
    SELECT stats(a) FROM {ONE}
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("attempt", lines(STATEMENTS))
def test_what_is_no_reading_statement_is_refused(attempt: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        asked(attempt, kept([{"a": 1}]))
    assert re.search("refused|statements|writes|cannot", refused.value.message), refused.value.message
    assert re.search("SELECT|FROM|SQL", refused.value.remedy)


@pytest.mark.parametrize("attempt", lines(READERS) + lines(TELLERS))
def test_what_reaches_past_the_results_is_refused(attempt: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        asked(attempt, kept([{"a": 1}]))
    assert "root:" not in refused.value.text()


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT a FROM {ONE};",
        f"SELECT a FROM {ONE}; -- the end;",
        f"/* ; */ FROM {ONE}",
        f"WITH x AS (FROM {ONE}) TABLE x",
        f"(SELECT a FROM {ONE.upper()})",
        f"SELECT a FROM main.{ONE} UNION ALL (SELECT 9 LIMIT 0) ORDER BY 1",
        f"SELECT a FROM {ONE} WHERE 'r_zzzzzzzzzzzzzzzz; DROP TABLE x' <> '/etc/passwd' -- r_yyyyyyyyyyyyyyyy",
        "VALUES (1)",
        "SELECT x FROM range(1, 2) t(x)",
        "SELECT unnest([1])",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 1) FROM t",
    ],
)
def test_every_way_to_write_a_reading_statement_is_taken(sql: str) -> None:
    assert [list(row.values()) for row in asked(sql, kept([{"a": 1}]))] == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        f"DESCRIBE {ONE}",
        f"SUMMARIZE {ONE}",
        f"PIVOT {ONE} ON a IN (1, 2) USING count(*)",
        f"UNPIVOT {ONE} ON a",
        f"SELECT now() > TIMESTAMPTZ '2026-01-01', today() - 1, random() < 1, uuid() FROM {ONE}",
        "SELECT histogram(a), list(a), sum(a) OVER (ORDER BY a), typeof(a), a::JSON->>'$', regexp_matches('x', 'y'),"
        f" date_trunc('month', DATE '2026-11-20'), coalesce(a, 1), row_number() OVER () FROM {ONE} GROUP BY a",
    ],
)
def test_what_analysis_needs_is_there(sql: str) -> None:
    assert asked(sql, kept([{"a": 1}]))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limits")
def test_the_process_of_a_query_opens_nothing_and_sees_no_environment() -> None:
    code = (
        "from audience_mcp.query.worker import Bounds, lock; import socket; lock(Bounds())\n"
        "for attempt in (lambda: open('/etc/passwd'), socket.socket, lambda: bytearray(4 * 2**30)):\n"
        "    try: attempt(); print('done')\n"
        "    except (OSError, MemoryError) as error: print(type(error).__name__)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert run.stdout.split() == ["OSError", "OSError", "MemoryError"]
    assert set(environment() or {}) == {"PYTHONPATH"}
