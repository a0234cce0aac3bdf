"""`recsql db upgrade`: the one door through which tables and logic reach the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, exc, text

from recsql import db, paths, sqlfiles
from recsql.errors import RecsqlError, SchemaMismatch

if TYPE_CHECKING:
    from alembic.config import Config

OLDEST_SERVER = 15
_STAMP = "recsql api "
_REVISION = re.compile(r"""^(revision|down_revision) = (None|"\w+"|'\w+')$""", re.MULTILINE)


@dataclass(frozen=True)
class Status:
    """What stands in the database, and what this program would put there."""

    server_version: str
    tables_at: str | None
    tables_wanted: str
    api_at: str | None
    api_wanted: str

    @property
    def current(self) -> bool:
        """True where an upgrade would change nothing."""
        return self.tables_at == self.tables_wanted and self.api_at == self.api_wanted


def status(conn: Connection) -> Status:
    """Compare the database with this program."""
    return Status(
        server_version=conn.scalar(text("SHOW server_version")),
        tables_at=_tables_at(conn),
        tables_wanted=_head(),
        api_at=_api_at(conn),
        api_wanted=sqlfiles.fingerprint(),
    )


def require_current(conn: Connection) -> None:
    """Raise SchemaMismatch unless the database is what this program expects."""
    found = status(conn)
    if found.current:
        return
    if found.tables_at is None:
        raise SchemaMismatch(
            "this database has no recsql schema yet", hint="run: recsql db upgrade"
        )
    raise SchemaMismatch(
        "this database was set up by another version of recsql", hint="run: recsql db upgrade"
    )


def upgrade(engine: Engine, *, force: bool = False) -> bool:
    """Bring tables and logic to this program's state, whole or not at all.

    Returns False where everything was current already. Raises RecsqlError where the server is
    too old, where the tables are newer than this program, where the schema names belong to
    another application, and, unless forced, where objects of the user's own lean on api and
    would be dropped with it.
    """
    with db.begin(engine) as conn:
        conn.execute(text("SET LOCAL lock_timeout = '30s'"))
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('recsql.upgrade'))"))
        found = status(conn)
        if found.current:
            return False
        _check_server(conn)
        _check_ownership(conn)
        _check_age(found.tables_at)
        if not force:
            _check_dependents(conn)
        # Dropped before the migrations run, so that none of them can lean on a function whose
        # body depends on when it is deployed.
        conn.execute(text("DROP SCHEMA IF EXISTS api CASCADE"))
        conn.execute(text("CREATE SCHEMA IF NOT EXISTS core"))
        # Imported here: no command but this one needs it, and it takes as long as they do.
        from alembic import command

        config = _config()
        config.attributes["connection"] = conn
        with _named("a migration"):
            command.upgrade(config, "head")
        conn.execute(text("CREATE SCHEMA api"))
        for path, script in sqlfiles.bundle():
            with _named(path.name):
                db.run_script(conn, script)
        stamp = f"{_STAMP}{sqlfiles.fingerprint()}: no rows, only logic"
        db.run_script(conn, f"COMMENT ON SCHEMA api IS '{stamp}'")
    return True


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Say which of our own files has failed."""
    try:
        yield
    except exc.DBAPIError as error:
        said = db.said_plainly(error)
        # "Not set up" is no answer here: setting it up is what has failed.
        if said is not None and not isinstance(said, SchemaMismatch):
            raise said from error
        raise RecsqlError(
            f"{what} failed, and nothing was changed: {db.message_of(error)}",
            hint="this is a fault of recsql; recsql --debug db upgrade shows all of it",
        ) from error


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    return config


def _revisions() -> dict[str, str | None]:
    """Return each migration with the one before it, as their first lines say."""
    found: dict[str, str | None] = {}
    for path in paths.MIGRATIONS.glob("versions/*.py"):
        said = dict(_REVISION.findall(path.read_text("utf-8")))
        found[said["revision"].strip("'\"")] = (
            None if said["down_revision"] == "None" else said["down_revision"].strip("'\"")
        )
    return found


def _head() -> str:
    (head,) = set(_revisions()) - set(_revisions().values())
    return head


def _tables_at(conn: Connection) -> str | None:
    if conn.scalar(text("SELECT to_regclass('core.schema_version')")) is None:
        return None
    return conn.scalar(text("SELECT version_num FROM core.schema_version"))


def _api_at(conn: Connection) -> str | None:
    comment = conn.scalar(
        text("SELECT obj_description(to_regnamespace('api')::oid, 'pg_namespace')")
    )
    if comment is None or not comment.startswith(_STAMP):
        return None
    return comment.removeprefix(_STAMP).split(":")[0]


def _check_server(conn: Connection) -> None:
    number = int(conn.scalar(text("SHOW server_version_num")))
    if number < OLDEST_SERVER * 10000:
        raise RecsqlError(
            f"the server is PostgreSQL {number // 10000}; recsql needs {OLDEST_SERVER} or newer",
            hint="unset RECSQL_DATABASE_URL to use the embedded server",
        )
    encoding = conn.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise RecsqlError(
            f"the database's encoding is {encoding}; titles need UTF8",
            hint="CREATE DATABASE recsql ENCODING 'UTF8' TEMPLATE template0",
        )


def _check_age(tables_at: str | None) -> None:
    if tables_at is not None and tables_at not in _revisions():
        raise RecsqlError(
            f"this database was set up by a newer recsql: its tables are at {tables_at}",
            hint="install that version of recsql, or a later one",
        )


def _check_ownership(conn: Connection) -> None:
    if _tables_at(conn) is not None:
        return
    taken = conn.scalars(
        text(
            "SELECT nspname FROM pg_namespace"
            " WHERE nspname IN ('core', 'derived', 'api') ORDER BY nspname"
        )
    ).all()
    if taken:
        raise RecsqlError(
            "this database belongs to another application: it has the schema "
            + ", ".join(taken)
            + ", which recsql did not make",
            hint="give recsql a database of its own: CREATE DATABASE recsql",
        )


def _check_dependents(conn: Connection) -> None:
    """Refuse to cascade away what the user built on api."""
    leaning = conn.scalars(
        text(
            """
            WITH member AS (
                SELECT 'pg_class'::regclass AS classid, oid FROM pg_class
                WHERE relnamespace = to_regnamespace('api')::oid
                UNION ALL
                SELECT 'pg_proc'::regclass, oid FROM pg_proc
                WHERE pronamespace = to_regnamespace('api')::oid
                UNION ALL
                SELECT 'pg_type'::regclass, oid FROM pg_type
                WHERE typnamespace = to_regnamespace('api')::oid
            ),
            leaning AS (
                SELECT
                    CASE WHEN rule.oid IS NULL THEN dep.classid ELSE 'pg_class'::regclass END
                        AS classid,
                    COALESCE(rule.ev_class, dep.objid) AS objid
                FROM member
                JOIN pg_depend AS dep
                    ON dep.refclassid = member.classid AND dep.refobjid = member.oid
                LEFT JOIN pg_rewrite AS rule
                    ON dep.classid = 'pg_rewrite'::regclass AND rule.oid = dep.objid
                LEFT JOIN pg_trigger AS trg
                    ON dep.classid = 'pg_trigger'::regclass AND trg.oid = dep.objid
                LEFT JOIN pg_class AS on_table ON on_table.oid = trg.tgrelid
                LEFT JOIN pg_namespace AS trigger_schema
                    ON trigger_schema.oid = on_table.relnamespace
                -- our own triggers go with the schema and come back with it
                WHERE COALESCE(trigger_schema.nspname, '') NOT IN ('core', 'derived')
            )
            SELECT DISTINCT pg_describe_object(classid, objid, 0)
            FROM leaning
            WHERE (classid, objid) NOT IN (SELECT classid, oid FROM member)
                AND classid NOT IN ('pg_type'::regclass, 'pg_rewrite'::regclass)
            ORDER BY 1
            """
        )
    ).all()
    if leaning:
        raise RecsqlError(
            "these objects of yours lean on api and would be dropped: " + ", ".join(leaning),
            hint="drop them and make them again afterwards, or pass --force",
        )
