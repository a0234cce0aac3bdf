"""`recsql up | down | status | psql`: the embedded server, or psql on whichever is used."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import click
import psycopg2

from recsql import db, settings
from recsql.errors import RecsqlError
from recsql.server import Embedded

# Of libpq's own settings, psql keeps those that do not lead it to another server.
_KEPT = {"PGAPPNAME", "PGCLIENTENCODING", "PGDATESTYLE", "PGOPTIONS", "PGTZ", "PGCONNECT_TIMEOUT"}


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    help="Listen on 127.0.0.1 at this port too; without it, only on a private socket.",
)
def up(port: int | None) -> None:
    """Start the embedded server and let it stay until `recsql down`."""
    server = _ours("start")
    server.up(port)
    found = server.status()
    where = f", also on 127.0.0.1:{found['port']}" if found["port"] else ""
    click.echo(f"PostgreSQL {found['version']} is up (process {found['pid']}){where}")
    if found["port"]:
        user, database = server.env["PGUSER"], server.env["PGDATABASE"]
        click.echo(f"user {user}, database {database}, password in {server.files.pgpass}", err=True)


@click.command()
def down() -> None:
    """Stop the embedded server, also while others use it."""
    found = _ours("stop").down()
    if not found["was_running"]:
        click.echo("the server was not running")
        return
    users = found["users"]
    said = f"; {users} {'user was' if users == 1 else 'users were'} disconnected" if users else ""
    click.echo(f"the server is stopped{said}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def status(as_json: bool) -> None:
    """Show whether the server runs, where, and who uses it."""
    given = settings.database_url()
    found = _status_of(given) if given else _embedded().status()
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        if value is not None:
            click.echo(f"{name.replace('_', ' '):<16}{_words(name, value)}")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def psql(args: tuple[str, ...]) -> None:
    """Open psql on the database; ARGS go to psql, as in: recsql psql -- -Atc 'SELECT 1'."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k in _KEPT}
    given = settings.database_url()
    if given:
        address, password = _without_password(given)
        program = _psql(None)
        if password is not None:
            env["PGPASSWORD"] = password  # a command line is for everybody to see
        _become([program, "-d", address, *args], env)
    server = _embedded()
    program = _psql(server)
    lease = server.lease()
    # psql takes our place and holds the lease: signals and the exit code are its own.
    lease.hand_over()
    _become([program, *args], {**env, **lease.env})


commands = [up, down, status, psql]


def _embedded() -> Embedded:
    return Embedded(settings.home(), settings.pg_bin())


def _ours(verb: str) -> Embedded:
    """Return the embedded server, unless another one is in use."""
    if settings.database_url():
        raise RecsqlError(
            f"RECSQL_DATABASE_URL names a server that is not ours to {verb}",
            hint=f"unset it to {verb} the embedded server",
        )
    return _embedded()


def _psql(server: Embedded | None) -> str:
    """Return psql of the server's own version, else the system's."""
    bin_dir = server.bin_dir if server else _embedded().bin_dir
    beside = bin_dir / "psql" if bin_dir else None
    found = str(beside) if beside and beside.is_file() else shutil.which("psql")
    if found is None:
        raise RecsqlError(
            "psql was not found",
            hint="install it (Debian: apt install postgresql-client), or unset RECSQL_PG_BIN",
        )
    return found


def _become(command: list[str], env: dict[str, str]) -> NoReturn:
    try:
        os.execve(command[0], command, env)
    except OSError as error:
        raise RecsqlError(f"{command[0]} does not run: {error.strerror}") from error


def _without_password(url: str) -> tuple[str, str | None]:
    """Return an address that libpq takes and anybody may see, and the password it had."""
    password = db.given_url(url).password
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}{at}{host}"
    # libpq takes it among the settings too
    settings_given = parse_qsl(parts.query)
    password = dict(settings_given).get("password", password)
    query = urlencode([(name, value) for name, value in settings_given if name != "password"])
    return urlunsplit(("postgresql", netloc, parts.path, query, "")), password


def _status_of(url: str) -> dict[str, Any]:
    """Return what a given server tells about itself."""
    address, password = _without_password(url)
    found: dict[str, Any] = {"running": False, "version": None, "url": address, "size": None}
    try:
        conn = psycopg2.connect(address, password=password, connect_timeout=5)
    except psycopg2.OperationalError as error:
        return {**found, "reason": " ".join(str(error).split())}
    try:
        with conn.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database())"
            )
            version, size = cursor.fetchone()
    finally:
        conn.close()
    return {**found, "running": True, "version": version, "size": size}


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value / 1024**2:,.0f} MB" if name == "size" else str(value)
