"""`recsql browse | person | feature | collection | credits | compare-movies …` as on the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click
from sqlalchemy import Connection

from recsql import db
from recsql.cli.shared import (
    Columns,
    json_option,
    movie_id,
    paging,
    ready_engine,
    show,
    stars,
    titled,
)
from recsql.errors import BadInput, NotFound

_paging = paging(20)
_sort = click.option(
    "--sort",
    default="popular",
    show_default=True,
    help="popular, rating, newest, oldest or title.",
)
_KINDS = ["genre", "keyword", "company", "country", "language"]
_FILMS: Columns = [
    ("#", lambda row: str(row["rank"])),
    ("id", lambda row: str(row["movie_id"])),
    ("movie", titled),
    ("stars", stars),
    ("raters", lambda row: f"{row['raters']:,}"),
    ("genres", lambda row: ", ".join(row["genres"])),
]


def _one(found: list[dict[str, Any]], name: str, what: str, key: str, hint: str) -> dict[str, Any]:
    """Return the one row that is meant; raise where there is none, or where there are several."""
    if not found:
        raise NotFound(f"there is no {what} called {name!r}", hint=hint)
    exact = [row for row in found if row["name"].casefold() == name.casefold()]
    best = exact or found
    if len(best) > 1:
        listed = "; ".join(f"{row[key]} {row['name']} ({row['movies']:,})" for row in best[:8])
        raise BadInput(
            f"{name!r} may be {len(best)} of them: {listed}", hint="name it by its number"
        )
    return best[0]


def _person(conn: Connection, name: str) -> int:
    if name.isascii() and name.isdigit() and int(name) < 2**31:
        found = db.rows(conn, "person_page", p_person_id=int(name))
        if found:
            return int(found[0]["person_id"])
    found = db.rows(conn, "search_people", p_query=name, p_limit=50, p_offset=0)
    return int(_one(found, name, "person", "person_id", "try: recsql people NAME")["person_id"])


@click.command()
@click.argument("name")
@click.option("--role", default="any", show_default=True, help="any, cast or crew.")
@click.option(
    "--sort",
    default="newest",
    show_default=True,
    help="newest, oldest, rating, popular or title.",
)
@_paging
@json_option
def person(name: str, role: str, sort: str, limit: int, offset: int, as_json: bool) -> None:
    """List the movies of a person, by NAME or number.

    With what they played and did in each.
    """
    with db.begin(ready_engine(), read_only=True) as conn:
        rows = db.rows(
            conn,
            "person_movies",
            p_person_id=_person(conn, name),
            p_role=role,
            p_sort=sort,
            p_limit=limit,
            p_offset=offset,
        )
    columns: Columns = [
        *_FILMS[:4],
        ("as", lambda row: ", ".join([*row["characters"], *row["jobs"]])),
    ]
    show(rows, columns, json_wanted=as_json, empty="No movie to show.")


@click.command()
@click.argument("words", nargs=-1)
@_paging
@json_option
def people(words: tuple[str, ...], limit: int, offset: int, as_json: bool) -> None:
    """Find people by words of their name.

    Without WORDS, who directs and plays first in the movies that most people rated.
    """
    part = {"p_limit": limit, "p_offset": offset}
    with db.begin(ready_engine(), read_only=True) as conn:
        if words:
            rows = db.rows(conn, "search_people", p_query=" ".join(words), **part)
        else:
            rows = db.rows(conn, "leading_people", **part)
    columns: Columns = [
        ("id", lambda row: str(row["person_id"])),
        ("name", lambda row: row["name"]),
        ("movies", lambda row: f"{row['movies']:,}"),
    ]
    show(rows, columns, json_wanted=as_json, empty="Nobody is called so.")


@click.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(_KINDS), help="Where several are called the same.")
@_sort
@_paging
@json_option
def feature(name: str, kind: str | None, sort: str, limit: int, offset: int, as_json: bool) -> None:
    """List the movies that have a genre, keyword, company, country or language.

    NAME is a name or a number (recsql features).
    """
    with db.begin(ready_engine(), read_only=True) as conn:
        found = db.rows(conn, "feature_by_name", p_name=name, p_kind=kind or "")
        hint = "try: recsql features keyword --query NAME"
        meant = _one(found, name, kind or "feature", "feature_id", hint)
        rows = db.rows(
            conn,
            "feature_movies",
            p_feature_id=meant["feature_id"],
            p_sort=sort,
            p_limit=limit,
            p_offset=offset,
        )
    show(rows, _FILMS, json_wanted=as_json, empty="No movie has it.")


@click.command()
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--query", default="", help="A part of the name.")
@_paging
@json_option
def features(kind: str, query: str, limit: int, offset: int, as_json: bool) -> None:
    """List what movies share, the commonest first."""
    with db.begin(ready_engine(), read_only=True) as conn:
        rows = db.rows(conn, "features", p_kind=kind, p_query=query, p_limit=limit, p_offset=offset)
    columns: Columns = [
        ("id", lambda row: str(row["feature_id"])),
        ("name", lambda row: row["name"]),
        ("movies", lambda row: f"{row['movies']:,}"),
        ("share", lambda row: f"{row['share']:.2%}"),
    ]
    show(rows, columns, json_wanted=as_json, empty=f"There is no such {kind}.")


@click.command()
@click.option("--genre", help="As in addresses of the site: science-fiction.")
@click.option("--decade", type=click.IntRange(1000, 9990), help="Its first year: 1990.")
@click.option("--country", help="ISO code: FR.")
@click.option("--language", help="ISO code: fr.")
@click.option("--min-runtime", type=click.IntRange(0, 100_000), help="Minutes.")
@click.option("--max-runtime", type=click.IntRange(0, 100_000), help="Minutes.")
@click.option("--min-stars", type=click.FloatRange(0.5, 5), help="The least mean of all ratings.")
@_sort
@_paging
@click.option("--options", is_flag=True, help="Show instead what each filter offers.")
@json_option
def browse(
    genre: str | None,
    decade: int | None,
    country: str | None,
    language: str | None,
    min_runtime: int | None,
    max_runtime: int | None,
    min_stars: float | None,
    sort: str,
    limit: int,
    offset: int,
    options: bool,
    as_json: bool,
) -> None:
    """List movies by genre, decade, country, language, running time and rating."""
    filters = {
        "p_genre": genre,
        "p_decade": decade,
        "p_country": country,
        "p_language": language,
        "p_min_runtime": min_runtime,
        "p_max_runtime": max_runtime,
        "p_min_stars": None if min_stars is None else Decimal(str(min_stars)),
    }
    with db.begin(ready_engine(), read_only=True) as conn:
        if options:
            rows = db.rows(conn, "browse_options", **filters)
            columns: Columns = [
                ("filter", lambda row: row["filter"]),
                ("value", lambda row: row["value"] or ""),
                ("movies", lambda row: "" if row["movies"] is None else f"{row['movies']:,}"),
                ("name", lambda row: row["name"] or ""),
            ]
        else:
            columns = _FILMS
            rows = db.rows(
                conn,
                "browse_movies",
                **filters,
                p_feature_id=None,
                p_sort=sort,
                p_limit=limit,
                p_offset=offset,
            )
    empty = "No more." if offset else "No movie passes these filters: leave one out."
    show(rows, columns, json_wanted=as_json, empty=empty)


@click.command()
@click.argument("movie")
@json_option
def collection(movie: str, as_json: bool) -> None:
    """List the series that MOVIE is part of, in the order in which its films came out."""
    with db.begin(ready_engine(), read_only=True) as conn:
        [page] = db.rows(conn, "movie_page", p_movie_id=movie_id(conn, movie))
        rows = db.rows(
            conn,
            "collection_movies",
            p_collection_id=page["collection_id"],
            p_limit=10_000,
            p_offset=0,
        )
    show(rows, _FILMS, json_wanted=as_json, empty="It is part of no series.")


@click.command("credits")
@click.argument("movie")
@click.option("--role", default="any", show_default=True, help="any, cast or crew.")
@paging(1000)
@json_option
def credits_of(movie: str, role: str, limit: int, offset: int, as_json: bool) -> None:
    """List who plays in MOVIE and who made it."""
    with db.begin(ready_engine(), read_only=True) as conn:
        rows = db.rows(
            conn,
            "movie_credits",
            p_movie_id=movie_id(conn, movie),
            p_role=role,
            p_limit=limit,
            p_offset=offset,
        )
    columns: Columns = [
        ("role", lambda row: row["role"]),
        ("id", lambda row: str(row["person_id"])),
        ("name", lambda row: row["name"]),
        ("as", lambda row: row["job"]),
    ]
    show(rows, columns, json_wanted=as_json, empty="The data does not say who made it.")


@click.command("compare-movies")
@click.argument("first")
@click.argument("second")
@click.option(
    "--fans", is_flag=True, help="Show instead what speaks for the second beside the first."
)
@json_option
def compare_movies(first: str, second: str, fans: bool, as_json: bool) -> None:
    """Lay two movies side by side: what each has, and what both."""
    with db.begin(ready_engine(), read_only=True) as conn:
        pair = {
            "p_movie_id": movie_id(conn, first),
            "p_other_movie_id": movie_id(conn, second),
        }
        rows = db.rows(conn, "pair_evidence" if fans else "compare_movies", **pair)
    columns: Columns = (
        [
            ("kind", lambda row: row["kind"]),
            ("support", lambda row: f"{row['support']:,} of {row['out_of']:,}"),
            ("likes", lambda row: "" if row["likes"] is None else f"{row['likes']:,}"),
            ("stars", stars),
            (
                "interval",
                lambda row: "–" if row["low"] is None else f"{row['low']:.0%} to {row['high']:.0%}",
            ),
        ]
        if fans
        else [
            ("kind", lambda row: row["kind"]),
            ("first", lambda row: "yes" if row["in_first"] else ""),
            ("second", lambda row: "yes" if row["in_second"] else ""),
            ("name", lambda row: row["name"]),
        ]
    )
    show(rows, columns, json_wanted=as_json, empty="Nothing is known about them.")


commands = [
    browse, person, people, feature, features, collection, credits_of, compare_movies,
]  # fmt: skip
