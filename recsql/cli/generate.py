"""`recsql generate`: big data of our own making, to measure on."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from recsql import db
from recsql.cli.data import Progress
from recsql.cli.shared import ready_engine
from recsql.errors import BadInput
from recsql.ingest import load as loading


@click.command()
@click.option("--users", default=200_000, show_default=True, metavar="N", help="Raters to make.")
@click.option("--movies", default=77_000, show_default=True, metavar="N", help="Movies to make.")
@click.option(
    "--ratings",
    default=38_000_000,
    show_default=True,
    metavar="N",
    help="Ratings, exactly so many.",
)
@click.option(
    "--seed", default=1, show_default=True, metavar="N", help="The same seed gives the same bytes."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new or empty folder to write to; without it the data is loaded and not kept.",
)
@click.option("--load", "load_too", is_flag=True, help="Load the data when it is made.")
@click.option("--yes", is_flag=True, help="Load over a data set that is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def generate(
    users: int,
    movies: int,
    ratings: int,
    seed: int,
    out: Path | None,
    load_too: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Make a big data set with the skew of real ones, to measure on.

    Its files are laid out as those of Kaggle's "The Movies Dataset", for `recsql load kaggle`.
    Its movies do not exist, and nobody gave its ratings: keep it out of a database that people
    use. The loader tells it by generated.json, and calls its source "generated".
    """
    # NumPy takes a while, and no other command waits for it.
    from recsql.ingest import generate as generating

    size = generating.Size(users, movies, ratings, seed)
    size.check()
    engine = _engine_to_fill(yes) if load_too or out is None else None
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="recsql-generate-") as scratch:
        folder = out if out is not None else Path(scratch) / "data"
        try:
            report = generating.generate(size, folder, progress=progress.say)
            if engine is not None:
                loaded = loading.load_kaggle(engine, folder, progress=progress.say)
                report["load"] = loaded.as_dict()
        finally:
            progress.clear()
    if out is None:
        report["path"] = None
    _print(report, as_json)
    if engine is not None and not as_json:
        for line in loaded.lines():
            click.echo(line)


def _engine_to_fill(yes: bool) -> Engine:
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        held = db.row(conn, "about")
    # Their MovieLens ids are those of other movies, and ratings are made equal to the files.
    taken = {"kaggle", "movielens", "generated"} & set(held["sources"] if held else ())
    if taken and not yes:
        raise BadInput(
            f"this database holds a data set ({', '.join(sorted(taken))}), whose ratings or links"
            " would be replaced",
            hint="name a database of its own by RECSQL_DATABASE_URL or RECSQL_HOME, or add --yes",
        )
    return engine


def _print(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{report['ratings']:,} ratings of {report['movies']:,} movies by {report['users']:,} users"
        f" made in {report['seconds']:.1f} s"
    )
    if report["path"] is not None:
        for file in report["files"]:
            click.echo(f"  {file['bytes']:>14,}  {Path(report['path']) / file['name']}")
    if report["path"] is not None and "load" not in report:
        click.echo(f"Load them: recsql load kaggle {report['path']}", err=True)


commands = [generate]
