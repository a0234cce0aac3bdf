"""`recsql search | similar | also-liked | home | next`: the answers of the pages, in a terminal."""

from __future__ import annotations

import random
import shlex
from typing import Any

import click

from recsql import db, enrich
from recsql.cli.shared import (
    Columns,
    json_option,
    movie_id,
    paging,
    person,
    ready_engine,
    show,
    stars,
    titled,
)
from recsql.cli.shared import as_json as json_text

_paging = paging(10)

_RECOMMENDED: Columns = [
    ("#", lambda row: str(row["rank"])),
    ("id", lambda row: str(row["movie_id"])),
    ("movie", titled),
    ("score", lambda row: f"{row['score']:.4g}"),
    ("because", lambda row: row["reason"]),
]
_EVIDENCE: Columns = [
    ("points", lambda row: f"{row['points']:.6g}"),
    ("kind", lambda row: row["kind"]),
    ("count", lambda row: str(row["amount"])),
    ("evidence", lambda row: row["evidence"]),
]


@click.command()
@click.argument("words", nargs=-1, required=True)
@_paging
@click.option("--omdb", is_flag=True, help="At OMDb instead: whole words, or an IMDb id.")
@json_option
def search(words: tuple[str, ...], limit: int, offset: int, omdb: bool, as_json: bool) -> None:
    """Find movies by words of their title, or by id.

    WORDS may be beginnings of words, a year among them; accents and case do not matter.
    """
    if omdb:
        _search_omdb(" ".join(words), limit, offset, as_json)
        return
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(conn, "search", p_query=" ".join(words), p_limit=limit, p_offset=offset)
        meant = [] if rows else db.rows(conn, "did_you_mean", p_query=" ".join(words), p_limit=3)
    empty = "No movie has such a title."
    if meant:
        empty += " Did you mean: " + ", ".join(row["query"] for row in meant) + "?"
    columns: Columns = [
        ("id", lambda row: str(row["movie_id"])),
        ("movie", titled),
        ("stars", stars),
        ("raters", lambda row: f"{row['raters']:,}"),
        ("genres", lambda row: ", ".join(row["genres"])),
    ]
    show(rows, columns, json_wanted=as_json, empty=empty)


def _search_omdb(words: str, limit: int, offset: int, as_json: bool) -> None:
    """Show what OMDb finds: ten at most, of which we may have some."""
    with enrich.Client(enrich.OMDB, enrich.wanted_key(enrich.OMDB)) as client:
        engine = ready_engine()
        found = enrich.look_up(client, words)
    with db.begin(engine, read_only=True) as conn:
        rows = db.rows(conn, "found_at_omdb", p_answer=found.as_json())
    rows = rows[offset : offset + limit]
    columns: Columns = [
        ("IMDb id", lambda row: row["imdb_id"]),
        ("ours", lambda row: str(row["movie_id"] or "–")),
        ("movie", titled),
        ("", lambda row: row["fault"] or ""),
    ]
    show(rows, columns, json_wanted=as_json, empty=found.note or "OMDb knows no such film.")
    if any(row["movie_id"] is None and row["fault"] is None for row in rows):
        click.echo("Add one of them: recsql add ID", err=True)


@click.command()
@click.argument("imdb_id")
@json_option
def add(imdb_id: str, as_json: bool) -> None:
    """Add the film with this IMDb id, as OMDb knows it, with what critics give it.

    One that is here already gets the critics alone. Needs RECSQL_OMDB_KEY.
    """
    with enrich.Client(enrich.OMDB, enrich.wanted_key(enrich.OMDB)) as client:
        engine = ready_engine()
        row = enrich.add(client, lambda: db.begin(engine), imdb_id)
    if as_json:
        click.echo(json_text([row]))
        return
    said = "Added" if row["is_new"] else "It is here already:"
    critics = f"{row['critics']} critic{'' if row['critics'] == 1 else 's'}"
    click.echo(f"{said} {row['movie_id']} {titled(row)}, rated by {critics}.")


@click.command()
@click.argument("movie")
@_paging
@click.option(
    "--method",
    default="overlap",
    show_default=True,
    help="overlap: number of shared features; rarity: rare ones weigh more;"
    " titles: words of the title count too.",
)
@click.option("--why", metavar="OTHER", help="Show the evidence for this other movie instead.")
@click.option("--model", help="Nearest in a trained model instead (recsql models).")
@json_option
def similar(
    movie: str,
    limit: int,
    offset: int,
    method: str,
    why: str | None,
    model: str | None,
    as_json: bool,
) -> None:
    """List movies that share features with MOVIE (an id or a title)."""
    if model is not None:
        if why is not None:
            raise click.UsageError("--why goes with --method, and not with --model")
        engine = ready_engine()
        with db.begin(engine, read_only=True) as conn:
            rows = db.rows(
                conn,
                "similar_by_model",
                p_movie_id=movie_id(conn, movie),
                p_limit=limit,
                p_offset=offset,
                p_model=model,
            )
        show(rows, _RECOMMENDED, json_wanted=as_json, empty="The model does not know it.")
        return
    _recommend("similar_movies", movie, limit, offset, method, why, as_json)


@click.command("also-liked")
@click.argument("movie")
@_paging
@click.option(
    "--method",
    default="damped",
    show_default=True,
    help="average, damped, support, likes or lift; see the comment of api.also_liked.",
)
@click.option("--why", metavar="OTHER", help="Show the evidence for this other movie instead.")
@json_option
def also_liked(
    movie: str, limit: int, offset: int, method: str, why: str | None, as_json: bool
) -> None:
    """List what those who gave MOVIE five stars liked as well."""
    _recommend("also_liked", movie, limit, offset, method, why, as_json)


def _recommend(
    query: str, movie: str, limit: int, offset: int, method: str, why: str | None, as_json: bool
) -> None:
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        asked = movie_id(conn, movie)
        if why is not None:
            other = movie_id(conn, why)
            rows = db.rows(
                conn,
                f"explain_{query}",
                p_movie_id=asked,
                p_other_movie_id=other,
                p_method=method,
            )
            columns, empty = _EVIDENCE, "Nothing speaks for it."
        else:
            rows = db.rows(
                conn, query, p_movie_id=asked, p_limit=limit, p_offset=offset, p_method=method
            )
            columns = _RECOMMENDED
            empty = (
                "No other movie shares a feature with it."
                if query == "similar_movies"
                else "Nobody gave it five stars and rated another movie."
            )
            if offset:
                empty = "No more."
    show(rows, columns, json_wanted=as_json, empty=empty)


@click.command()
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="The page of this seed again.")
@click.option(
    "--shelves",
    default=20,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="Categories at most.",
)
@click.option(
    "--per-shelf",
    default=10,
    show_default=True,
    type=click.IntRange(0, 1000),
    help="Movies in each at most.",
)
@click.option("--header", is_flag=True, help="Only the movie at the head.")
@click.option("--user", metavar="NAME", help="The page of this account, with rows of its own.")
@json_option
def home(
    seed: int | None, shelves: int, per_shelf: int, header: bool, user: str | None, as_json: bool
) -> None:
    """Show the home page: a header movie, and random movies of random categories."""
    given = seed
    if seed is None:
        seed = random.randrange(2**31)
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        if user is None:
            head = db.rows(conn, "home_header", p_seed=seed)
            rows = db.rows(
                conn, "home_shelves", p_seed=seed, p_shelves=shelves, p_per_shelf=per_shelf
            )
        else:
            rows = db.rows(
                conn,
                "home_rows",
                p_user_id=person(conn, user).user_id,
                p_seed=seed,
                p_shelves=shelves,
                p_per_shelf=per_shelf,
            )
    if user is not None:
        _home_of([row for row in rows if row["shelf"] == 0 or not header], as_json)
        if not as_json and given is None:
            again = f"recsql home --user {shlex.quote(user)} --seed {seed}"
            click.echo(f"\nThe same page again: {again}", err=True)
        return
    empty = "No movie is fit to be shown yet. Load some: recsql load demo"
    if as_json or not head:
        columns: Columns = [("movie", titled)]
        show(head if header else rows, columns, json_wanted=as_json, empty=empty)
        return
    for row in head:
        click.secho(titled(row), bold=True)
        click.echo(", ".join(row["genres"]))
        if row["overview"]:
            click.echo(row["overview"])
    if not header:
        for shelf in dict.fromkeys(row["category"] for row in rows):
            click.echo()
            click.secho(shelf, bold=True)
            click.echo("  " + " · ".join(titled(r) for r in rows if r["category"] == shelf))
    click.echo(f"\nThe same page again: recsql home --seed {seed}", err=True)


def _home_of(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print the page of somebody: the header, and a table of each row."""
    if as_json or not rows:
        show(rows, [], json_wanted=as_json, empty="There is nothing left that could be shown.")
        return
    for number in dict.fromkeys(row["shelf"] for row in rows):
        shelf = [row for row in rows if row["shelf"] == number]
        if number:
            click.echo()
            click.secho(shelf[0]["heading"], bold=True)
        for row in shelf:
            click.echo(f"  {titled(row)}" + (f": {row['reason']}" if row["reason"] else ""))


@click.command("next")
@click.option("--user", metavar="NAME", help="Out of this account's suggestions.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="The movie of this seed again.")
@json_option
def next_movie(user: str | None, seed: int | None, as_json: bool) -> None:
    """Show what to watch next: one unwatched movie out of NAME's suggestions, by chance.

    Without --user one out of the popular ones.
    """
    if seed is None:
        seed = random.randrange(2**31)
    engine = ready_engine()
    with db.begin(engine, read_only=True) as conn:
        user_id = None if user is None else person(conn, user).user_id
        rows = db.rows(conn, "next_movie", p_user_id=user_id, p_seed=seed)
    if as_json or not rows:
        show(rows, [], json_wanted=as_json, empty="Nothing is left to suggest.")
        return
    [movie] = rows
    click.secho(titled(movie), bold=True)
    facts = [*movie["genres"], *([f"{movie['runtime']} min"] if movie["runtime"] else [])]
    if facts:
        click.echo(", ".join(facts))
    if movie["model"] != "popular":
        click.echo(f"{movie['predicted_stars']:.1f} stars for you: {movie['reason']}")
    else:
        click.echo(movie["reason"])
    if movie["overview"]:
        click.echo(movie["overview"])
    of = "" if user is None else f" --user {shlex.quote(user)}"
    click.echo(f"\nAnother one: recsql next{of} --seed {movie['next_seed']}", err=True)


commands = [search, similar, also_liked, home, next_movie, add]
