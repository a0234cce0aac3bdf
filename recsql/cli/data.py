"""`recsql db` and `recsql load`: the schema, and the files that fill it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from recsql import db as database
from recsql import schema
from recsql.cli.shared import as_json as json_text
from recsql.cli.shared import json_option, ready_engine
from recsql.ingest import load as loading
from recsql.ingest.omdb import load_omdb
from recsql.ingest.report import Report
from recsql.refresh import SLOW_FANS, lists_due


@click.group()
def db() -> None:
    """Set up the database, and see how it stands."""


@db.command()
@click.option("--force", is_flag=True, help="Drop objects of your own that lean on api.")
def upgrade(force: bool) -> None:
    """Bring tables and logic to this version, whole or not at all."""
    engine = database.engine()
    if schema.upgrade(engine, force=force):
        with database.begin(engine, read_only=True) as conn:
            found = schema.status(conn)
        click.echo(f"Upgraded: tables at {found.tables_at}, logic at {found.api_at}.")
    else:
        click.echo("Up to date.")


@db.command()
@json_option
def status(as_json: bool) -> None:
    """Compare the database with this program; exit 1 where they differ."""
    engine = database.engine()
    with database.begin(engine, read_only=True) as conn:
        found = schema.status(conn)
    if as_json:
        row = {
            "server_version": found.server_version,
            "tables_at": found.tables_at,
            "tables_wanted": found.tables_wanted,
            "api_at": found.api_at,
            "api_wanted": found.api_wanted,
            "current": found.current,
        }
        click.echo(json_text([row]))
    else:
        click.echo(f"server  PostgreSQL {found.server_version}")
        click.echo(f"tables  {found.tables_at or 'none'} (wanted: {found.tables_wanted})")
        click.echo(f"logic   {found.api_at or 'none'} (wanted: {found.api_wanted})")
        click.echo("Up to date." if found.current else "Run: recsql db upgrade", err=True)
    if not found.current:
        sys.exit(1)


@click.group()
def load() -> None:
    """Load movies and ratings; each load lands whole or changes nothing."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--dry-run", is_flag=True, help="Do everything, report, and undo it."),
        click.option(
            "--max-rejects",
            type=click.IntRange(0),
            metavar="N",
            help="Fail, and change nothing, where more than N records are turned away.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    ):
        command = option(command)
    return command


_path = click.argument("path", type=click.Path(path_type=Path))


@load.command()
@_path
@_options
def kaggle(path: Path, **options: Any) -> None:
    """Load Kaggle's "The Movies Dataset" from a folder or zip.

    Takes movies_metadata.csv, keywords.csv, credits.csv, links.csv (else links_small.csv) and
    ratings.csv (else ratings_small.csv).
    """
    _load(lambda engine, **rest: loading.load_kaggle(engine, path, **rest), **options)


@load.command()
@_path
@_options
def movielens(path: Path, **options: Any) -> None:
    """Load a MovieLens data set from a folder or zip.

    1M, 100K, latest-small, 20M, 25M and 32M are told apart by their files.
    """
    _load(lambda engine, **rest: loading.load_movielens(engine, path, **rest), **options)


@load.command("demo")
@_options
def demo_data(**options: Any) -> None:
    """Load the films that recsql brings along, and generated ratings."""
    _load(loading.load_demo, **options)


@load.command()
@click.argument("file", type=click.Path(path_type=Path))
@_options
def omdb(file: Path, **options: Any) -> None:
    """Load what IMDb, Metacritic and Rotten Tomatoes say, from FILE of OMDb's answers.

    JSON lines, a JSON array, or a CSV table with imdbID, imdbRating and Metascore or Metacritic.
    A movie is found by its IMDb id. Critics rate as pseudo-users: never fans, never counted in a
    movie's statistics; movies that nobody has rated are predicted by them.
    """
    _load(lambda engine, **rest: load_omdb(engine, file, **rest), **options)


@load.command()
@click.option("--dry-run", is_flag=True, help="Do everything, report, and undo it.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def repair(dry_run: bool, as_json: bool) -> None:
    """Bring movie ids and rating ids together again, and say what that did.

    Movies get their TMDB id where links tell it, and ratings whose movie was unknown get
    another try. Every load brings ids together by itself; the other try is only made here.
    """
    report = loading.repair(ready_engine(), dry_run=dry_run)
    _print(report, as_json)


@load.command()
@click.argument("source")
@click.confirmation_option("--yes", prompt="Remove all raters of this source and their ratings?")
def remove(source: str) -> None:
    """Remove the raters and ratings that came from SOURCE (demo, kaggle, movielens, …)."""
    gone = loading.remove(ready_engine(), source)
    click.echo(f"Removed {gone:,} ratings of {source}. Its movies stay.")


def _load(
    run: Callable[..., Report], *, dry_run: bool, max_rejects: int | None, as_json: bool
) -> None:
    engine = ready_engine()
    progress = Progress()
    try:
        report = run(engine, dry_run=dry_run, max_rejects=max_rejects, progress=progress.say)
    finally:
        progress.clear()
    _print(report, as_json)
    due = 0 if dry_run else len(lists_due(engine, min_fans=SLOW_FANS))
    if due:
        click.echo(
            f"{due:,} movies have so many fans that their lists take long to reckon live."
            "\nHint: store those lists with: recsql refresh",
            err=True,
        )


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        return
    for line in report.lines():
        click.echo(line)
    if report.dry_run:
        click.echo("This was a dry run: nothing was changed.", err=True)
    elif not report.changed:
        click.echo("Nothing had to be changed.", err=True)


class Progress:
    """One line on stderr that overwrites itself; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()

    def say(self, what: str, rows: int) -> None:
        """Show what is being done, and how many records of it are."""
        if self._wanted:
            done = f"  {rows:,} records" if rows else ""
            click.echo(f"\r\x1b[K{what}{done}", nl=False, err=True)

    def clear(self) -> None:
        """Take the line away again."""
        if self._wanted:
            click.echo("\r\x1b[K", nl=False, err=True)


commands = [load, db]
