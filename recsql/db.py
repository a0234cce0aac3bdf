"""The one door to the database: engine, transactions, named queries, errors said plainly."""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from weakref import WeakSet

import psycopg2
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL

from recsql import settings, sqlfiles
from recsql.errors import BadInput, DatabaseUnavailable, NotFound, RecsqlError, SchemaMismatch

# A server that is up answers within this; one that is not should be said to be away soon.
CONNECT_TIMEOUT_S = 2
POOL_TIMEOUT_S = 2
# A pooled connection that was in use within this time is taken to be one still.
PING_AFTER_S = 1.0

_NOT_SET_UP = {"3F000", "42P01", "42883"}  # no such schema, table, function
_AWAY = {"57P01", "57P02", "57P03", "53300"}  # shutting down, crashed, starting, too many
_FORGOTTEN = {"0A000", "26000", "42P05"}  # of a prepared statement: other columns, gone, there
_TOO_SLOW = {"57014", "55P03", "40P01"}  # statement timeout, lock timeout, deadlock

_connections: WeakSet[Any] = WeakSet()  # the driver's own, of all engines
_lost_at = 0.0  # when a connection was last found to be gone


def given_url(raw: str) -> URL:
    """Return a database URL bound to psycopg2, whatever way its scheme was spelt.

    Raises BadInput where it is no PostgreSQL URL.
    """
    raw = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", raw)
    try:
        url = make_url(raw)
    except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise BadInput(
            "RECSQL_DATABASE_URL is not a PostgreSQL address",
            hint="it looks like postgresql://user:password@host:5432/database",
        )
    return url


def engine(*, pool_size: int = 5) -> Engine:
    """Return an engine on the given server, or on the embedded one.

    The embedded server is leased until this process ends; it stops with its last user.
    """
    raw = settings.database_url()
    if raw is None:
        # Imported here: a given server needs none of the embedded one's code.
        from recsql import server

        lease = server.Embedded(settings.home(), settings.pg_bin()).lease()
        atexit.register(lease.release)
        raw = lease.url
    return engine_on(given_url(raw), pool_size=pool_size)


def engine_on(url: URL, *, pool_size: int = 5) -> Engine:
    """Return an engine on this address, with a small pool that never waits long."""
    made = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "recsql",
            # Names are always qualified; public is never ours to touch.
            # Disks that seek are rare now, and statements here are too short for JIT.
            "options": "-c search_path=pg_catalog -c client_encoding=UTF8 -c jit=off"
            " -c random_page_cost=1.1",
        },
    )
    event.listen(made, "connect", lambda connection, _: _connections.add(connection))
    event.listen(made, "checkin", lambda _, record: record.info.update(at_rest=monotonic()))
    event.listen(made, "checkout", lambda *of: _ping_what_rested(made, *of))
    return made


def _ping_what_rested(on: Engine, connection: Any, record: Any, _proxy: Any) -> None:
    """Find out whether a pooled connection still stands, if it was not in use just now.

    A page under load would ask this as often as it asks anything else.
    """
    at_rest = record.info.get("at_rest")
    if at_rest is None or at_rest > max(_lost_at, monotonic() - PING_AFTER_S):
        return
    try:
        on.dialect.do_ping(connection)
    except psycopg2.Error as error:
        # What took this one away took those of before too; the pool then makes another.
        raise exc.InvalidatePoolError() from error


def cancel_running() -> None:
    """Ask the server to stop whatever this process is waiting for. Any thread may call it."""
    for connection in list(_connections):
        with suppress(Exception):  # one that is closed already has nothing to stop
            connection.cancel()


@contextmanager
def begin(on: Engine, *, read_only: bool = False) -> Iterator[Connection]:
    """Open one transaction: committed at the end, rolled back on any error."""
    with translated(), on.begin() as conn:
        if read_only:
            conn.execute(text("SET TRANSACTION READ ONLY"))
        yield conn


# A page that takes longer than this is worth less than an honest "try again". One round trip.
_READING = (
    "BEGIN READ ONLY; SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '1s';"
    # Plans that suit every movie, made once a connection: planning takes longer than answering.
    " SET LOCAL plan_cache_mode = force_generic_plan"
)


@contextmanager
def reading(on: Engine, *, lazily: bool = False) -> Iterator[Connection]:
    """Open a short read-only transaction for a page.

    lazily: it begins with the first of prepared(), which has to be all that it is used for, and
    saves a round trip.
    """
    with translated(), on.connect() as conn:
        # We say BEGIN and COMMIT ourselves: the driver would send each setting by itself.
        driver: Any = conn.connection.driver_connection
        driver.autocommit = True
        info = conn.connection.info
        try:
            info["recsql.first"] = _READING + "; "
            if not lazily:
                _run(conn, "")
            yield conn
            if not info.get("recsql.first"):
                _run(conn, "COMMIT")
        except BaseException:
            if not conn.invalidated:
                with suppress(exc.DBAPIError):
                    _run(conn, "ROLLBACK")
            raise
        finally:
            info.pop("recsql.first", None)
            if not driver.closed:
                driver.autocommit = False


def snapshot(on: Engine) -> str:
    """Return what the server's transactions see now: while it is the same, so is every row.

    One round trip without a transaction; replicas answer as well. It is of the whole server: what
    is committed in another of its databases makes another snapshot too.
    """
    with translated(), on.connect() as conn:
        driver: Any = conn.connection.driver_connection
        driver.autocommit = True
        try:
            cursor = _run(conn, "SELECT pg_current_snapshot()::text")
            [[found]] = cursor.fetchall()
            cursor.close()
            return str(found)
        finally:
            if not driver.closed:
                driver.autocommit = False


def prepared(conn: Connection, name: str, **params: object) -> list[dict[str, Any]]:
    """Run sql/queries/<name>.sql as rows() does, planned only once a connection.

    For pages: they ask the same few questions all the time. What SQLAlchemy offers beyond the
    driver (types, results of many shapes) costs more than such a question, and is not used.
    """
    known = conn.connection.info.setdefault("recsql.prepared", set())
    statement, binds = sqlfiles.numbered(name)
    with translated():
        if name not in known:
            _run(conn, f"PREPARE recsql_{name} AS {statement}")
            known.add(name)
        holes = f"({', '.join(['%s'] * len(binds))})" if binds else ""
        cursor = _run(conn, f"EXECUTE recsql_{name}{holes}", [params[bind] for bind in binds])
    names = [column.name for column in cursor.description]
    found = [dict(zip(names, values)) for values in cursor.fetchall()]  # noqa: B905
    cursor.close()
    return found


def _run(conn: Connection, statement: str, values: list[object] | None = None) -> Any:
    """Run a statement on the driver's own cursor; errors are those that SQLAlchemy raises."""
    cursor = conn.connection.cursor()
    first = conn.connection.info.pop("recsql.first", "")
    try:
        cursor.execute(first + statement, values or None)
    except psycopg2.Error as error:
        gone = conn.dialect.is_disconnect(error, conn.connection, cursor)
        # A statement whose plan no longer fits (the schema was upgraded meanwhile), or that a
        # pooler has given to somebody else: a new connection knows nothing of it.
        if gone:
            global _lost_at
            _lost_at = monotonic()  # the others are to be asked before they are used
        if gone or error.pgcode in _FORGOTTEN:
            conn.invalidate(error)
        raise exc.DBAPIError.instance(
            statement, None, error, psycopg2.Error, connection_invalidated=gone,
            dialect=conn.dialect,
        ) from error  # fmt: skip
    return cursor


def rows(conn: Connection, name: str, **params: object) -> list[dict[str, Any]]:
    """Run sql/queries/<name>.sql and return its rows as dictionaries."""
    with translated():
        result = conn.execute(text(sqlfiles.query(name)), params)
        return [dict(row) for row in result.mappings()]


def row(conn: Connection, name: str, **params: object) -> dict[str, Any] | None:
    """Run a query of at most one row."""
    found = rows(conn, name, **params)
    return found[0] if found else None


def run_script(conn: Connection, script: str) -> None:
    """Run a text of one or more statements as it stands, without binds."""
    # no_parameters: a % in a function body is a % and not a placeholder.
    conn.exec_driver_sql(script, execution_options={"no_parameters": True})


def set_local(conn: Connection, **settings: object) -> None:
    """Set recsql.<name> for the rest of the transaction: what steps without binds are told."""
    for name, value in settings.items():
        conn.execute(
            text("SELECT set_config(:name, :value, true)"),
            {"name": f"recsql.{name}", "value": str(value)},
        )


def array(numbers: Iterable[float]) -> str:
    """Return numbers as an array of PostgreSQL, for a setting or for COPY."""
    return "{" + ",".join(map(str, numbers)) + "}"


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into our own, which say what to do next."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseUnavailable(
            "all database connections are in use", hint="try again in a moment"
        ) from error
    except UnicodeEncodeError as error:
        raise BadInput(
            "that text holds bytes that are no letters", hint="is the terminal's encoding UTF-8?"
        ) from error
    except exc.DBAPIError as error:
        said = said_plainly(error)
        if said is None:
            raise
        raise said from error


def message_of(error: exc.DBAPIError) -> str:
    """Return the server's own words for an error, on one line."""
    diag = getattr(error.orig, "diag", None)
    return _one_line(getattr(diag, "message_primary", None) or str(error.orig))


def said_plainly(error: exc.DBAPIError) -> RecsqlError | None:
    """Return what a user can do about an error of the driver; None where that is nothing."""
    origin = error.orig
    code = getattr(origin, "pgcode", None)
    message = message_of(error)
    hint = getattr(getattr(origin, "diag", None), "message_hint", None)
    if code is None and (
        # no statement: it came to no connection
        error.statement is None or isinstance(error, exc.OperationalError | exc.InterfaceError)
    ):
        return DatabaseUnavailable(
            f"no connection to the database: {message}",
            hint="is the server running, and are address, user and password in"
            " RECSQL_DATABASE_URL right?",
        )
    if code in _AWAY | _FORGOTTEN or error.connection_invalidated:
        return DatabaseUnavailable(
            f"the database is not available: {message}", hint="try again in a moment"
        )
    if code in _TOO_SLOW:
        return DatabaseUnavailable(f"the database took too long: {message}", hint="try again")
    if code in _NOT_SET_UP:
        return SchemaMismatch(
            f"the database is not set up for this program: {message}",
            hint="run: recsql db upgrade",
        )
    if code == "42501":
        return RecsqlError(
            f"the database refuses: {message}",
            hint="connect as a role that may do this (RECSQL_DATABASE_URL)",
        )
    if code == "RQ004":
        return NotFound(message, hint=hint)
    if code is not None and code.startswith("RQ"):
        return BadInput(message, hint=hint)
    if code in {"22003", "2201W", "2201X"}:
        # a number out of range, a negative LIMIT or OFFSET
        return BadInput(message, hint=hint)
    if code == "54000":
        # beyond a limit of the server's own; its words may be as long as what was too long
        return BadInput(message[:200], hint=hint or "give something shorter")
    if code == "53100":
        return RecsqlError(
            "the database server's disk is full; nothing was changed",
            hint="free some space and run the command again",
        )
    return None


def _one_line(said: str) -> str:
    return " ".join(said.split())
