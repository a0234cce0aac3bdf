"""What several commands need: a database that is ready, and rows on a terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from sqlalchemy import Connection, Engine

from recsql import accounts, db, schema, settings
from recsql.accounts import Person
from recsql.errors import BadInput, NotFound

json_option = click.option("--json", "as_json", is_flag=True, help="Print a list of JSON objects.")
Columns = list[tuple[str, Callable[[dict[str, Any]], str]]]
Command = Callable[..., Any]
# What speaks for a movie that is recommended to somebody.
EVIDENCE: Columns = [
    ("points", lambda row: f"{row['points']:.6g}"),
    ("kind", lambda row: row["kind"]),
    ("stars", lambda row: "" if row["stars"] is None else f"{row['stars']:.1f}"),
    ("evidence", lambda row: row["evidence"]),
]


def paging(limit: int, *, what: str = "Rows") -> Callable[[Command], Command]:
    """Give a command --limit, with this default, and --offset."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--offset",
            default=0,
            show_default=True,
            type=click.IntRange(0, 2_000_000_000),
            help=f"{what} to skip.",
        )(command)
        return click.option(
            "--limit",
            default=limit,
            show_default=True,
            type=click.IntRange(0, 10_000),
            help=f"{what} at most.",
        )(command)

    return decorate


def period_options(help: str) -> Callable[[Command], Command]:
    """Give a command --period, of which this is the help, and --boundary-year."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--boundary-year",
            default=2010,
            show_default=True,
            type=click.IntRange(1, 9999),
            help="The first year that is new.",
        )(command)
        return click.option(
            "--period",
            type=click.Choice(["any", "old", "new"]),
            default="any",
            show_default=True,
            help=help,
        )(command)

    return decorate


def ready_engine(*, pool_size: int = 5) -> Engine:
    """Return an engine on a database with the right schema.

    The embedded server is ours, so its schema is brought up to date unasked; a given one is
    changed by `recsql db upgrade` alone.
    """
    engine = db.engine(pool_size=pool_size)
    if settings.database_url() is None:
        schema.upgrade(engine)
    else:
        with db.begin(engine, read_only=True) as conn:
            schema.require_current(conn)
    return engine


def as_json(rows: list[dict[str, Any]]) -> str:
    """Return rows as JSON under their SQL column names."""
    return json.dumps(rows, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def show(rows: list[dict[str, Any]], columns: Columns, *, json_wanted: bool, empty: str) -> None:
    """Print rows: as JSON where it is wanted, else as a table fit to the terminal."""
    if json_wanted:
        click.echo(as_json(rows))
        return
    if not rows:
        click.echo(empty, err=True)
        return
    cells = [[cell(row) for _, cell in columns] for row in rows]
    widths = [
        max(len(title), *(len(line[i]) for line in cells)) for i, (title, _) in enumerate(columns)
    ]
    # The last column takes what is left; a pipe gets it whole.
    room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    cut = max(room, 20) if sys.stdout.isatty() else None
    click.secho(_line([title for title, _ in columns], widths, cut), bold=True)
    for line in cells:
        click.echo(_line(line, widths, cut))


def _line(cells: list[str], widths: list[int], cut: int | None) -> str:
    last = cells[-1]
    if cut is not None and len(last) > cut:
        last = last[: cut - 1] + "…"
    fitted = [cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
    return "  ".join([*fitted, last]).rstrip()


def titled(row: dict[str, Any]) -> str:
    """Return a title with its year."""
    return f"{row['title']} ({row['year']})" if row.get("year") else str(row["title"])


def stars(row: dict[str, Any]) -> str:
    """Return a mean of stars, or a dash where nobody rated."""
    return f"{row['mean_stars']:.2f}" if row.get("mean_stars") is not None else "–"


def person(conn: Connection, name: str) -> Person:
    """Return whose account has this name. Raises NotFound where nobody's has."""
    found = accounts.call(conn, "account", p_name=name)
    if not found:
        shown = name if len(name) <= 80 else name[:79] + "…"
        raise NotFound(f"no account is called {shown!r}", hint="see: recsql users list")
    return Person(found[0]["user_id"], found[0]["name"])


def movie_id(conn: Connection, name: str) -> int:
    """Return the movie that is meant by an id, an IMDb id or a title.

    Raises NotFound where there is none, and BadInput with the candidates where there are several.
    """
    found = db.rows(conn, "movie_by_name", p_name=name)
    name = name if len(name) <= 80 else name[:79] + "…"
    if not found:
        raise NotFound(f"no movie is called {name!r}", hint="try: recsql search " + repr(name))
    if len(found) > 1:
        listed = "; ".join(f"{row['movie_id']} {titled(row)}" for row in found[:8])
        more = f"; and {len(found) - 8} more" if len(found) > 8 else ""
        raise BadInput(
            f"{name!r} may be {len(found)} movies: {listed}{more}",
            hint="name it by its id, or with its year: 'Heat (1995)'",
        )
    return int(found[0]["movie_id"])
