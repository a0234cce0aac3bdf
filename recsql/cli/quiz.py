"""`recsql quiz`: the films of a quiz, and what to watch after it."""

from __future__ import annotations

import json
import random
from typing import Any

import click
from sqlalchemy import Connection

from recsql import db
from recsql.cli.shared import (
    EVIDENCE,
    Columns,
    json_option,
    movie_id,
    paging,
    period_options,
    ready_engine,
    show,
    titled,
)

_FILMS: Columns = [
    ("#", lambda row: str(row["place"])),
    ("id", lambda row: str(row["movie_id"])),
    ("movie", titled),
    ("period", lambda row: row["period"]),
    ("raters", lambda row: f"{row['raters']:,}"),
]
_RESULTS: Columns = [
    ("#", lambda row: str(row["rank"])),
    ("id", lambda row: str(row["movie_id"])),
    ("movie", titled),
    ("stars", lambda row: "–" if row["predicted_stars"] is None else f"{row['predicted_stars']}"),
    ("model", lambda row: row["model"]),
    ("because", lambda row: row["reason"]),
]


class _Stars(click.ParamType):
    """Stars of half a star to five, or 0 for not seen."""

    name = "stars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            stars = float(value)
        except ValueError:
            stars = -1
        if not 0 <= stars <= 5 or stars * 2 != int(stars * 2):
            self.fail("stars are 0.5 to 5 in half steps, and 0 for not seen", param, ctx)
        return stars


def _given(conn: Connection, rates: tuple[str, ...]) -> dict[str, float]:
    """Return the ratings of MOVIE=STARS, by movie id."""
    found: dict[str, float] = {}
    for rate in rates:
        movie, sign, stars = rate.rpartition("=")
        if not sign or not movie:
            raise click.UsageError(f"--rate is MOVIE=STARS, as in 603=4.5, and not {rate!r}")
        key = str(movie_id(conn, movie))
        if key in found:
            raise click.UsageError(f"movie {key} is rated twice")
        found[key] = _Stars().convert(stars, None, None)
    return found


@click.command()
@click.option("--seed", type=click.IntRange(-(2**63), 2**63 - 1), help="The films of /quiz?seed=N.")
@click.option(
    "--rate",
    "rates",
    multiple=True,
    metavar="MOVIE=STARS",
    help="An answer, as in 603=4.5 or 'Heat (1995)=5'; may be repeated. 0 is not seen.",
)
@click.option("--ask", is_flag=True, help="Ask for the stars of each film, here and now.")
@click.option(
    "--count",
    default=15,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="Films to ask about.",
)
@click.option(
    "--old",
    default=7,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="How many of them are from before the boundary year.",
)
@click.option(
    "--pool",
    default=50,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Most rated films to draw from.",
)
@click.option(
    "--pool-of",
    type=click.Choice(["each", "all"]),
    default="each",
    show_default=True,
    help="So many old and so many new ones, or so many in all.",
)
@period_options("What to recommend: films from before the boundary year, or from it on.")
@click.option(
    "--model",
    help="A trained one (recsql models), quiz, also-liked or popular; without it the best.",
)
@paging(5, what="Results")
@click.option("--why", metavar="MOVIE", help="Show the evidence for this movie instead.")
@json_option
def quiz(
    seed: int | None,
    rates: tuple[str, ...],
    ask: bool,
    count: int,
    old: int,
    pool: int,
    pool_of: str,
    period: str,
    boundary_year: int,
    model: str | None,
    limit: int,
    offset: int,
    why: str | None,
    as_json: bool,
) -> None:
    """Ask about well-known films, and list what to watch next.

    Without answers it lists the films; with --rate or --ask it lists the results. Nothing is
    stored.
    """
    if why is not None and not rates:
        raise click.UsageError("--why goes with --rate")
    if seed is None:
        seed = random.randrange(1_000_000)
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        given = _given(conn, rates)
        movies: list[dict[str, Any]] = []
        if ask or not rates:
            movies = db.rows(
                conn,
                "quiz_movies",
                p_seed=seed,
                p_count=count,
                p_old=min(old, count),
                p_pool=pool,
                p_boundary_year=boundary_year,
                p_pool_of=pool_of,
            )
    if ask:
        # No transaction is open while somebody thinks.
        given |= _asked([row for row in movies if str(row["movie_id"]) not in given])
    elif not rates:
        empty = "Nobody has rated a movie yet, so there is nothing to ask about."
        show(movies, _FILMS, json_wanted=as_json, empty=empty)
        if movies and not as_json:
            click.echo(f"\nThe same films again: recsql quiz --seed {seed}", err=True)
        return
    ratings = json.dumps(given)
    with db.begin(engine, read_only=True) as conn:
        if why is not None:
            rows = db.rows(
                conn,
                "explain_quiz_result",
                p_ratings=ratings,
                p_movie_id=movie_id(conn, why),
                p_model=model,
            )
            show(rows, EVIDENCE, json_wanted=as_json, empty="Nothing speaks for it.")
            return
        rows = db.rows(
            conn,
            "quiz_results",
            p_ratings=ratings,
            p_limit=limit,
            p_offset=offset,
            p_model=model,
            p_period=period,
            p_boundary_year=boundary_year,
            p_user_id=None,
        )
    show(rows, _RESULTS, json_wanted=as_json, empty="Nothing to recommend.")


def _asked(movies: list[dict[str, Any]]) -> dict[str, float]:
    """Return the stars that somebody at the terminal gives."""
    click.echo("Stars from 0.5 to 5; Enter alone is not seen.", err=True)
    return {
        str(row["movie_id"]): click.prompt(
            titled(row), default=0.0, show_default=False, type=_Stars(), err=True
        )
        for row in movies
    }


commands = [quiz]
