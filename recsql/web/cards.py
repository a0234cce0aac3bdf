"""Cards of films as markup. A page shows up to 500 of them: here one costs two microseconds,
as a template macro some tens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, request
from markupsafe import Markup, escape

from recsql.web import wording
from recsql.web.poster import EDITION

Movie = Mapping[str, Any]


def poster(movie: Movie, lazy: bool = True, alt: str = "", size: str = "w342") -> Markup:
    """Return the poster that we draw, and TMDB's picture over it where there is one.

    If that one does not load, its empty alternative text leaves nothing, and ours is what is
    seen: no script needed.
    """
    return Markup(_poster(request.script_root, movie, lazy, alt, size))


def _poster(root: str, movie: Movie, lazy: bool, alt: str, size: str) -> str:
    wait = ' loading="lazy"' if lazy else ""
    real = wording.tmdb(movie["poster_path"], size)
    over = f'<img src="{real}" alt=""{wait}>' if real else ""
    return (
        f'<span class="poster"><img src="{root}/poster/{movie["movie_id"]}.svg?v={EDITION}"'
        f' alt="{escape(alt)}"{wait}>{over}</span>'
    )


def year(movie: Movie) -> str:
    """Return the year of a film, or that nobody knows it."""
    return "Year unknown" if movie["year"] is None else str(movie["year"])


def facts(movie: Movie) -> Markup:
    """Return year and stars."""
    return Markup(_facts(movie))


def _facts(movie: Movie) -> str:
    stars = movie["mean_stars"]
    said = "" if stars is None else f' · <span class="star">★</span> {wording.stars(stars)}'
    return year(movie) + said


def _card(root: str, movie: Movie, said: str) -> str:
    return (
        f'<a class="card" href="{root}/movie/{movie["movie_id"]}">'
        f"{_poster(root, movie, True, '', 'w342')}"
        f'<b dir="auto"{wording.spoken(movie, movie["title"])}>{escape(movie["title"])}</b>'
        f" <small>{said}</small>{wording.hidden(movie)}</a>"
    )


def cards(movies: Iterable[Movie]) -> Markup:
    """Return list items, one a film."""
    root, tmdb, stars = request.script_root, wording.tmdb, wording.stars
    found = []
    # As _card, without a call for each part.
    for movie in movies:
        key, born, mean, path = (
            movie["movie_id"], movie["year"], movie["mean_stars"], movie["poster_path"]
        )  # fmt: skip
        real = tmdb(path) if path else ""
        over = f'<img src="{real}" alt="" loading="lazy">' if real else ""
        rated = "" if mean is None else f' · <span class="star">★</span> {stars(mean)}'
        found.append(
            f'<li><a class="card" href="{root}/movie/{key}"><span class="poster">'
            f'<img src="{root}/poster/{key}.svg?v={EDITION}" alt="" loading="lazy">{over}</span>'
            f'<b dir="auto"{wording.spoken(movie, movie["title"])}>{escape(movie["title"])}</b>'
            f" <small>{'Year unknown' if born is None else born}{rated}</small>"
            f"{wording.hidden(movie)}</a></li>\n"
        )
    return Markup("".join(found))


def credited(movies: Iterable[Movie]) -> Markup:
    """Return list items, each with what somebody did in that film."""
    root, found = request.script_root, []
    for movie in movies:
        played = [f"as {name}" for name in movie["characters"]]
        did = escape(" · ".join([*played, *movie["jobs"]]))
        line = f'\n<p class="reason">{did}</p>' if did else ""
        found.append(f"<li>{_card(root, movie, _facts(movie))}{line}</li>\n")
    return Markup("".join(found))


def recommended(rows: Iterable[Movie], asked: int, kind: str, method: str) -> Markup:
    """Return list items of recommended films: the reason on the card, the evidence one step away.

    kind is similar or liked.
    """
    root, similar = request.script_root, kind == "similar"
    share = "Share of " + ("its features in common" if similar else "them who gave 4 stars or more")
    query = wording.link("", method=method).removeprefix(root)
    found = []
    for row in rows:
        found.append(
            f'<li id="{kind[0]}{row["rank"]}">'
            f"{_card(root, row, _facts(row) if similar else year(row))}\n"
            f'<p class="reason">{escape(row["reason"])}</p>\n{wording.interval(row, share)}\n'
            f'<a class="why" href="{root}/movie/{asked}/why/{row["movie_id"]}{query}#{kind}">'
            f'Why? <span class="vh">The evidence for'
            f" {escape(row['title'])}</span></a></li>\n"
        )
    return Markup("".join(found))


def personal(rows: Iterable[Movie]) -> Markup:
    """Return list items of a row that is somebody's own: each with its reason, and a way to all
    of it.
    """
    root, found = request.script_root, []
    for row in rows:
        said = _facts(row)
        # what is popular is foretold for nobody in particular
        if row["predicted_stars"] is not None and row["model"] != "popular":
            stars = wording.stars(row["predicted_stars"])
            said = f'{year(row)} · <span class="star">★</span> {stars} for you'
        about, key = row["about_movie_id"], row["movie_id"]
        why = f"/why/{key}" if about is None else f"/movie/{about}/why/{key}#{row['kind']}"
        found.append(
            f'<li>{_card(root, row, said)}\n<p class="reason">{escape(row["reason"])}</p>\n'
            f'<a class="why" href="{root}{why}" rel="nofollow">Why?'
            f' <span class="vh">What speaks for {escape(row["title"])}</span></a></li>\n'
        )
    return Markup("".join(found))


def register(app: Flask) -> None:
    """Give the templates these parts; _cards.html has shorter names for them."""
    app.jinja_env.globals.update(
        film_poster=poster,
        film_year=year,
        film_facts=facts,
        film_cards=cards,
        film_credited=credited,
        film_recommended=recommended,
        film_personal=personal,
    )
