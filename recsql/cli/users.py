"""`recsql users` and `recsql ratings`: accounts, generated users, ratings brought along."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recsql import accounts, db
from recsql.accounts.imports import LONGEST_FILE
from recsql.cli.shared import Columns, json_option, ready_engine, show
from recsql.cli.shared import person as _person
from recsql.errors import BadInput

KINDS = ("account", "imported", "critic", "fake")


@click.group()
def users() -> None:
    """Make, list and delete accounts, and generated users."""


def _new_password() -> str:
    """Ask for a password twice on a terminal; else take the first line of stdin.

    Never a flag: what stands on a command line is for everybody to see.
    """
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline()
    if not line.strip():
        raise BadInput(
            "there is no password on stdin",
            hint="run it in a terminal, or: printf '%s\\n' \"$PASSWORD\" | recsql users …",
        )
    return line.rstrip("\r\n")


@users.command()
@click.argument("name")
def add(name: str) -> None:
    """Make an account called NAME; the password is prompted for, or the first line of stdin."""
    engine = ready_engine()
    password = _new_password()
    with db.begin(engine) as conn:
        person = accounts.register(conn, name, password)
    click.echo(f"Added {person.name} (user {person.user_id}).")


@users.command("set-password")
@click.argument("name")
def set_password(name: str) -> None:
    """Set another password for NAME, who is signed out everywhere."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        person = _person(conn, name)
    password = _new_password()
    with db.begin(engine) as conn:
        accounts.set_password(conn, person, password)
    click.echo(f"{person.name} has another password, and is signed out everywhere.")


@users.command("list")
@click.option(
    "--kind", type=click.Choice(KINDS), default="account", show_default=True, help="Which raters."
)
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(0, 10_000_000), help="Rows."
)
@click.option(
    "--offset",
    default=0,
    show_default=True,
    type=click.IntRange(0, 2_000_000_000),
    help="Rows to skip.",
)
@json_option
def list_users(kind: str, limit: int, offset: int, as_json: bool) -> None:
    """List accounts, or raters of another kind."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(conn, "users", p_kind=kind, p_limit=limit, p_offset=offset)
    columns: Columns = [
        ("user", lambda row: str(row["user_id"])),
        ("ratings", lambda row: f"{row['ratings']:,}"),
        ("since", lambda row: f"{row['created_at']:%Y-%m-%d}" if row["created_at"] else "–"),
        ("browsers", lambda row: str(row["sessions"])),
        ("name", lambda row: row["name"]),
    ]
    empty = "Nobody has an account yet. Make one: recsql users add NAME"
    show(
        rows,
        columns,
        json_wanted=as_json,
        empty=empty if kind == "account" else f"There is no rater of kind {kind}.",
    )


@users.command()
@click.argument("name")
@click.confirmation_option("--yes", prompt="Delete the account and all that belongs to it?")
def delete(name: str) -> None:
    """Delete the account of NAME, as if it had never been."""
    engine = ready_engine()
    with db.begin(engine) as conn:
        person = _person(conn, name)
        gone = accounts.forget(conn, person.user_id)
        learnt = [row["model"] for row in db.rows(conn, "trained_models")] if gone else []
    click.echo(f"Deleted {person.name} and {gone:,} rating{'' if gone == 1 else 's'}.")
    if learnt:
        click.echo(
            "Models have learnt from these ratings until they are trained again."
            f"\nHint: recsql train {' | '.join(learnt)}, then recsql suggest",
            err=True,
        )


@users.command()
@click.argument("count", default=10, type=click.IntRange(1, 10_000_000))
def fake(count: int) -> None:
    """Make COUNT users who are nobody (10), to try things with.

    They are marked as fake and count nowhere. All go at once with: recsql load remove fake
    """
    engine = ready_engine()
    with db.begin(engine) as conn:
        [made] = accounts.call(conn, "add_fake_users", p_count=count)
    click.echo(f"Added {made['added']:,} fake users.")


@users.command()
@click.argument("name")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="json holds all, csv the movies.",
)
def export(name: str, kind: str) -> None:
    """Print all that belongs to NAME."""
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        person = _person(conn, name)
        [account] = accounts.call(conn, "account", p_name=name)
        rows = db.rows(conn, "my_data", p_user_id=person.user_id)
    if kind == "csv":
        click.echo(accounts.export_csv(rows), nl=False)
    else:
        click.echo(accounts.export_json(account, rows))


@click.group()
def ratings() -> None:
    """Bring ratings along, or make some up."""


@ratings.command("import")
@click.argument("name")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def import_ratings(name: str, path: Path, as_json: bool) -> None:
    """Take over NAME's ratings out of an export of Letterboxd, IMDb, MovieLens or ours."""
    if path.stat().st_size > LONGEST_FILE:
        raise BadInput(
            f"{path.name} is larger than {LONGEST_FILE >> 20} MB",
            hint="for whole data sets: recsql load movielens",
        )
    engine = ready_engine()
    found = accounts.read_export(path.read_bytes())
    with db.begin(engine) as conn:
        person = _person(conn, name)
        rows = accounts.import_ratings(conn, person.user_id, found.lines)
    if not as_json:
        outcomes = [row["outcome"] for row in rows]
        said = ", ".join(f"{outcomes.count(name):,} {name}" for name in dict.fromkeys(outcomes))
        click.echo(f"{len(rows):,} ratings of {found.kind}: {said or 'none'}.", err=True)
        rows = [row for row in rows if row["problem"] is not None]
        if not rows:
            return
    columns: Columns = [
        ("line", lambda row: str(row["line"])),
        ("problem", lambda row: row["problem"]),
        ("title", lambda row: row["title"] or "–"),
    ]
    show(rows, columns, json_wanted=as_json, empty="There was no rating in that file.")


@ratings.command("fake")
@click.argument("count", default=10, type=click.IntRange(1, 100_000_000))
@click.option("--seed", type=click.IntRange(0, 2**31), help="The same seed gives the same ratings.")
def fake_ratings(count: int, seed: int | None) -> None:
    """Let the fake users give COUNT ratings (10), spread over all of them.

    They are marked as fake by their raters, and no list or statistic counts them.
    """
    engine = ready_engine()
    with db.begin(engine) as conn:
        if not db.rows(conn, "users", p_kind="fake", p_limit=1, p_offset=0):
            raise BadInput("there are no fake users", hint="make some: recsql users fake")
        [made] = accounts.call(
            conn, "add_fake_ratings", p_count=count, **({} if seed is None else {"p_seed": seed})
        )
    click.echo(f"Added {made['added']:,} fake ratings.")


commands = [users, ratings]
