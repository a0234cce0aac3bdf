"""`recsql export`: movies, ratings and links as files for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from recsql import export as exporting
from recsql.cli.data import Progress
from recsql.cli.shared import ready_engine


@click.group()
def export() -> None:
    """Write movies and ratings to files.

    With --ids movielens, movies.csv, ratings.csv and links.csv are as MovieLens lays them out, and
    recsql load movielens takes them back.
    """


def _options(*, default_ids: str | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    options = [
        click.option(
            "--format",
            type=click.Choice(exporting.FORMATS),
            default="csv",
            show_default=True,
            help="parquet needs: pip install 'recsql[parquet]'.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, allow_dash=True),
            default="-",
            metavar="FILE",
            help="Where to; - is stdout (the default). A file appears whole or not at all.",
        ),
        click.option("--source", help="Only what came with this load: demo, kaggle, …"),
        click.option("--force", is_flag=True, help="Replace the file if it is there."),
    ]
    if default_ids:
        options.insert(1, click.option(
            "--ids",
            type=click.Choice(exporting.IDS),
            default=default_ids,
            show_default=True,
            help="Which ids name the movies. MovieLens has none for some movies: they are left"
            " out.",
        ))  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@export.command()
@_options(default_ids="tmdb")
def movies(**options: Any) -> None:
    """Export the catalogue.

    \b
    --ids tmdb       tmdbId, imdbId, movielensId, title, originalTitle, year, releaseDate, runtime
                     (minutes), originalLanguage, countries, genres, keywords, companies,
                     collection, overview, raters, meanStars; lists are parted by |
    --ids movielens  movieId, title, genres: MovieLens's movies.csv

    tmdbId is our own number, from 1000000000 up, where TMDB has none.
    """
    _export("movies", **options)


@export.command()
@_options(default_ids="tmdb")
def ratings(**options: Any) -> None:
    """Export all ratings by people.

    \b
    --ids tmdb       userId, tmdbId, rating, timestamp
    --ids movielens  userId, movieId, rating, timestamp: MovieLens's ratings.csv

    rating is 0.5 to 5.0 stars, timestamp seconds since 1970, empty where unknown. Critics and
    generated users are written where --source asks for them.
    """
    _export("ratings", **options)


@export.command()
@_options(default_ids=None)
def links(**options: Any) -> None:
    """Export movieId, imdbId, tmdbId: MovieLens's links.csv."""
    _export("links", ids="movielens", **options)


def _export(what: str, *, out: Path, format: str, **options: Any) -> None:
    to_stdout = str(out) == "-"
    if to_stdout and format == "parquet" and sys.stdout.isatty():
        raise click.UsageError("a Parquet file is not for a terminal: name one with --out")
    engine = ready_engine()
    progress = Progress()
    try:
        rows = exporting.export(
            engine,
            what,
            None if to_stdout else out,
            format=format,
            progress=progress.say,
            **options,
        )
    finally:
        progress.clear()
    click.echo(f"Exported {rows:,} {what}.", err=True)


commands = [export]
