"""What to watch next, and why something is suggested to whoever is signed in."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import Flask, Response, request

from recsql.web import inputs, people
from recsql.web.pages import Rows, ask, asking, known_movie, page, totals
from recsql.web.people import me, personal
from recsql.web.shown import note_afterwards
from recsql.web.wording import link

# Of the films that speak for a suggestion; the others are one line of the table together.
MOST_REASONS = 20
# What a form of the page has done before it led back here.
DONE = {
    "rated": "Rated, and your suggestions count it from now on.",
    "watch": "It is on your watchlist.",
    "hide": "It is hidden from all your lists.",
    "none": "It is off your watchlist.",
}
_FILM = re.compile(r"[1-9][0-9]{0,9}")


def next_page() -> Response:
    """Show one film out of the visitor's suggestions; popular ones where nobody is signed in."""
    given = inputs.seed()
    seed = secrets.randbelow(1_000_000) if given is None else given
    person = people.signed_in()
    with asking() as conn:
        found = ask(
            conn, "next_movie", p_user_id=None if person is None else person.user_id, p_seed=seed
        )
        about = totals(conn)
    movie = found[0] if found else None
    film = request.args.get("film", "")
    response = page(
        "next.html",
        kept=given is not None,
        movie=movie,
        seed=seed,
        done=DONE.get(request.args.get("did", "")),
        film=int(film) if _FILM.fullmatch(film) else None,
        after=_after(movie) if movie else None,
        about=about,
    )
    if person is not None:
        note_afterwards(response, person.user_id, found)
    return response


def _after(movie: dict[str, Any]) -> dict[str, str]:
    """Return where each form leads: what is rated or hidden is gone, and another in its place."""
    here, following = movie["place"] - 1, movie["next_seed"]
    return {
        did: _path(seed=seed, did=did, film=movie["movie_id"])
        for did, seed in (
            ("rated", here), ("hide", here), ("watch", following), ("none", here),
        )
    }  # fmt: skip


def _path(**query: object) -> str:
    """Return the address of this page within the site, as a form has it for the way back."""
    return link("/next", **query).removeprefix(request.script_root)


@personal
def why_me(movie_id: int) -> Response:
    """Show what speaks for a film to whoever is signed in; the points add up to the score."""
    movie_id = inputs.movie_id(movie_id)
    asked = {"p_user_id": me().user_id, "p_movie_id": movie_id}
    with asking() as conn:
        movie = known_movie(conn, movie_id)
        mine = ask(conn, "my_movie", **asked)[0]
        reasons = ask(conn, "explain_recommendation", **asked, p_model=None)
        guess = ask(conn, "predict_rating", **asked, p_model=None)[0]
        about = totals(conn)
    return page(
        "why_me.html",
        kept=False,
        movie=movie,
        mine=mine,
        reasons=_shortened(reasons),
        score=sum(row["points"] for row in reasons),
        guess=guess,
        about=about,
    )


def _shortened(reasons: Rows) -> Rows:
    """Return the reasons that say most, and the rest as one: the sum stays what it is."""
    if len(reasons) <= MOST_REASONS + 1:
        return reasons
    loudest = sorted(reasons, key=lambda row: -abs(row["points"]))[:MOST_REASONS]
    kept = [row for row in reasons if row in loudest]
    rest = [row for row in reasons if row not in loudest]
    return [
        *kept,
        {
            "kind": "rest",
            "evidence": f"{len(rest)} others of your ratings together",
            "movie_id": None,
            "stars": None,
            "points": sum(row["points"] for row in rest),
        },
    ]


def register(app: Flask) -> None:
    """Give each page its address."""
    app.add_url_rule("/next", view_func=next_page, methods=["GET"])
    app.add_url_rule("/why/<id:movie_id>", view_func=why_me, methods=["GET"])
