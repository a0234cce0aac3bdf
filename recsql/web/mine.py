"""What is somebody's own: ratings, watchlist, hidden movies, and ratings brought along."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Flask, Response, jsonify, request

from recsql import accounts
from recsql.accounts.imports import LONGEST_FILE
from recsql.errors import BadInput, NotFound
from recsql.web import inputs, people
from recsql.web.pages import LAST_PAGE, ask, page, reading, totals
from recsql.web.people import back, me, personal, writing

PER_PAGE = 24
SORTS = {
    "newest": "Latest first",
    "oldest": "Earliest first",
    "best": "Best first",
    "worst": "Worst first",
    "title": "A to Z",
    "year": "By year",
}
MARKS = {
    "watch": ("/watchlist", "Watchlist"),
    "hide": ("/hidden", "Not interested"),
}
# Of a report that is on a page; all lines count in its sums.
MOST_LINES_SHOWN = 500
_STARS = re.compile(r"[0-5](\.[05]0?)?")


def said_of(stars: Decimal | float) -> str:
    """Return a number of stars in words: "4 out of 5 stars"."""
    text = f"{stars:.1f}"
    return f"{text.removesuffix('.0')} out of 5 stars"


def my_movie(movie_id: int) -> dict[str, Any] | None:
    """Return what the visitor has said about a movie; None where nobody is signed in."""
    person = people.whoever()
    if person is None:
        return None
    with reading() as conn:
        found = ask(conn, "my_movie", p_user_id=person.user_id, p_movie_id=movie_id)
    return found[0] if found else None


# A single movie -------------------------------------------------------------------------------


@personal
def rate(movie_id: int) -> Response:
    """Give a movie stars, or take them back."""
    movie_id = inputs.movie_id(movie_id)
    if request.form.get("remove"):
        with writing() as conn:
            accounts.call(conn, "unrate", p_user_id=me().user_id, p_movie_id=movie_id)
        return _answer(movie_id, None)
    given = request.form.get("stars", "")
    if not _STARS.fullmatch(given) or not 0 < Decimal(given) <= 5:
        raise BadInput(
            "Stars are 0.5 to 5 in half steps." if given else "No stars were chosen.",
            hint="Go back and choose one of them; nothing was changed.",
        )
    with writing() as conn:
        accounts.call(
            conn, "rate", p_user_id=me().user_id, p_movie_id=movie_id, p_stars=Decimal(given)
        )
    return _answer(movie_id, Decimal(given))


def _answer(movie_id: int, stars: Decimal | None) -> Response:
    if request.accept_mimetypes.best == "application/json":
        said = f"Saved: {said_of(stars)}." if stars else "Your rating is removed."
        return jsonify(stars=None if stars is None else float(stars), said=said)
    return back(f"/movie/{movie_id}#mine")


@personal
def mark(movie_id: int) -> Response:
    """Put a movie on the watchlist, hide it, or neither."""
    kind = request.form.get("kind", "")
    if kind not in ("watch", "hide", "none"):
        raise BadInput("“kind” has to be one of: watch, hide, none.")
    with writing() as conn:
        accounts.call(
            conn,
            "mark",
            p_user_id=me().user_id,
            p_movie_id=inputs.movie_id(movie_id),
            p_kind=None if kind == "none" else kind,
        )
    return back(f"/movie/{movie_id}#mine")


# Lists ----------------------------------------------------------------------------------------


@personal
def my_ratings() -> Response:
    """Show the visitor's ratings: sorted, filtered, page by page."""
    sort = inputs.choice("sort", tuple(SORTS))
    number = inputs.whole("page", 1, high=LAST_PAGE)
    text = inputs.search_text()
    given = request.args.get("stars", "")
    if given and (not _STARS.fullmatch(given) or not 0 < Decimal(given) <= 5):
        raise BadInput("“stars” has to be 0.5 to 5 in half steps.")
    with reading() as conn:
        movies = ask(
            conn,
            "my_ratings",
            p_user_id=me().user_id,
            p_sort=sort,
            p_query=text or None,
            p_stars=Decimal(given) if given else None,
            p_limit=PER_PAGE,
            p_offset=(number - 1) * PER_PAGE,
        )
        about = totals(conn)
    if not movies and number > 1:
        raise NotFound("You have fewer ratings than that.", hint="Start again at the first page.")
    return page(
        "my_ratings.html",
        kept=False,
        movies=movies,
        total=movies[0]["total"] if movies else 0,
        number=number,
        more=bool(movies) and number * PER_PAGE < movies[0]["total"],
        sort=sort,
        sorts=SORTS,
        text=text,
        given=given,
        about=about,
    )


def _marks(kind: str) -> Response:
    number = inputs.whole("page", 1, high=LAST_PAGE)
    with reading() as conn:
        movies = ask(
            conn,
            "my_marks",
            p_user_id=me().user_id,
            p_kind=kind,
            p_limit=PER_PAGE,
            p_offset=(number - 1) * PER_PAGE,
        )
        about = totals(conn)
    if not movies and number > 1:
        raise NotFound("This list has fewer pages.", hint="Start again at its first page.")
    path, heading = MARKS[kind]
    return page(
        "my_marks.html",
        kept=False,
        kind=kind,
        path=path,
        heading=heading,
        movies=movies,
        total=movies[0]["total"] if movies else 0,
        number=number,
        more=bool(movies) and number * PER_PAGE < movies[0]["total"],
        about=about,
    )


@personal
def watchlist() -> Response:
    """Show what the visitor wants to watch."""
    return _marks("watch")


@personal
def hidden() -> Response:
    """Show what the visitor does not want to see in any list."""
    return _marks("hide")


# Ratings brought along ------------------------------------------------------------------------


@personal
def import_page() -> Response:
    """Take over ratings of Letterboxd, IMDb or MovieLens, and say what did not match."""
    if request.method == "GET":
        return _import()
    file = request.files.get("file")
    if file is None or not file.filename:
        return _import(400, wrong="No file was chosen.")
    try:
        export = accounts.read_export(file.read())
        with writing(long=True) as conn:
            report = accounts.import_ratings(conn, me().user_id, export.lines)
    except BadInput as error:
        said = f"{error.message[:1].upper()}{error.message[1:]}."
        hint = f" {error.hint[:1].upper()}{error.hint[1:]}." if error.hint else ""
        return _import(400, wrong=said + hint)
    given = {line["line"]: line for line in export.lines}
    outcomes = [row["outcome"] for row in report]
    return _import(
        export=export,
        counts={name: outcomes.count(name) for name in dict.fromkeys(outcomes)},
        left_out=[
            {**row, "given": given[row["line"]]} for row in report if row["outcome"] == "left out"
        ],
    )


def _import(code: int = 200, **context: Any) -> Response:
    with reading() as conn:
        about = totals(conn)
    response = page("import.html", kept=False, about=about, most=MOST_LINES_SHOWN, **context)
    response.status_code = code
    return response


import_page.largest = LONGEST_FILE + 64 * 1024  # the form around the file


def register(app: Flask) -> None:
    """Give each page its address."""
    app.jinja_env.globals.update(my_movie=my_movie, said_of=said_of)
    for rule, view, methods in (
        ("/movie/<id:movie_id>/rate", rate, ["POST"]),
        ("/movie/<id:movie_id>/mark", mark, ["POST"]),
        ("/ratings", my_ratings, ["GET"]),
        ("/ratings/import", import_page, ["GET", "POST"]),
        ("/watchlist", watchlist, ["GET"]),
        ("/hidden", hidden, ["GET"]),
    ):
        app.add_url_rule(rule, view_func=view, methods=methods)
