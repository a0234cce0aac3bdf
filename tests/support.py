"""What several tests need: the catalog of a database as text, psql, and the program itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL

from recsql import paths, settings
from recsql.server import binaries

CHECKOUT = paths.PACKAGE.parent

_CATALOG = """
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY (:schemas)
),
found (what, name, definition) AS (
    SELECT 'schema', nspname, COALESCE(nspacl::text, '') FROM pg_namespace
    WHERE oid IN (SELECT oid FROM ours)
    UNION ALL
    SELECT
        'relation', pg_class.oid::regclass::text,
        concat_ws(' ', relkind, relpersistence, relrowsecurity, reloptions::text, relacl::text)
    FROM pg_class
    WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT
        'column', attrelid::regclass || '.' || attname,
        concat_ws(
            ' ', attnum, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
            attacl::text, pg_get_expr(adbin, adrelid)
        )
    FROM pg_attribute
    INNER JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index INNER JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(pg_trigger.oid)
    FROM pg_trigger INNER JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace IN (SELECT oid FROM ours) AND NOT tgisinternal
    UNION ALL
    SELECT 'view', pg_class.oid::regclass::text, pg_get_viewdef(pg_class.oid)
    FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours) AND relkind IN ('v', 'm')
    UNION ALL
    SELECT
        'routine', pg_proc.oid::regprocedure::text,
        pg_get_functiondef(pg_proc.oid) || COALESCE(proacl::text, '')
    FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION ALL
    SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description
    FROM pg_description
    WHERE (pg_identify_object(classoid, objoid, objsubid)).schema IN (SELECT nspname FROM ours)
        OR (classoid = 'pg_namespace'::regclass AND objoid IN (SELECT oid FROM ours))
)
SELECT what || ' ' || name, definition FROM found ORDER BY what, name, definition
"""


def catalog(conn: Connection, *schemas: str) -> dict[str, str]:
    """Return everything that is defined in these schemas, as text under a name."""
    rows = conn.execute(text(_CATALOG), {"schemas": list(schemas)}).all()
    found = dict(tuple(row) for row in rows)
    assert len(found) == len(rows), "two objects of one name"
    return found


def libpq_url(url: URL) -> str:
    """Return an address as psql and RECSQL_DATABASE_URL take it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def psql_program() -> str:
    """Return psql: the server's own, else the system's."""
    for folder in ([settings.pg_bin()] if settings.pg_bin() else []) + list(binaries.installed()):
        if (folder / "psql").is_file():
            return str(folder / "psql")
    found = shutil.which("psql")
    assert found, "psql is needed: apt install postgresql-client"
    return found


def psql(engine: Engine, *args: str | Path, script: str | None = None) -> str:
    """Run psql as a stranger would, with no settings file; return what it prints."""
    ran = subprocess.run(
        [psql_program(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", libpq_url(engine.url), *args],
        input=script,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PGCLIENTENCODING": "UTF8"},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def psql_rows(engine: Engine, statement: str) -> list[dict[str, Any]]:
    """Paste a statement into psql, and return its rows by way of the server's own JSON."""
    inner = statement.rstrip().rstrip(";")
    asked = f"SELECT COALESCE(json_agg(answer), '[]') FROM (\n{inner}\n) AS answer;\n"
    return json.loads(psql(engine, "-At", script=asked))


def environment(**added: str) -> dict[str, str]:
    """Return an environment in which nothing of the developer's own reaches the program."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RECSQL_", "PG", "PYTHON"))
        and name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
    }
    found_by = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": found_by, **added}


def recsql(*args: str | Path, timeout: float = 60, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the real program, as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "recsql", *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(**env),
        stdin=subprocess.DEVNULL,
        timeout=timeout,
    )
