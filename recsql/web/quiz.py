"""The quiz: some films to rate, and what to watch next, for anybody.

Nothing of a visitor is stored. Answers are in the address, so a result can be kept, shared and
taken along through registration: a=603-4.5_680-2 gives film 603 4.5 stars and film 680 two.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from flask import Flask, Response, request

from recsql import accounts
from recsql.errors import BadInput, NotFound
from recsql.web import inputs, people
from recsql.web.pages import Rows, ask, page, reading, totals
from recsql.web.people import me, personal, sent_to, writing
from recsql.web.wording import link

MOST_FILMS, MOST_ANSWERS = 50, 100
SHOWN, MOST_SHOWN = 5, 100
PREFERENCES = ("any", "old", "new")
# What api.quiz_movies does unless an address says otherwise.
COUNT, OLD, POOL, YEAR = 15, 7, 50, 2010
_SLIDER = re.compile(r"m([0-9]+)")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_STARS = re.compile(r"[0-5](\.[05])?")
_AGAIN = "Go back to the films of the quiz, and send it once more."

Answers = dict[int, float]


# What an address says -------------------------------------------------------------------------


def _setup() -> dict[str, Any]:
    """Return how the quiz is drawn, as the address says."""
    count = inputs.whole("count", COUNT, high=MOST_FILMS)
    return {
        "count": count,
        "old": inputs.whole("old", min(OLD, count), low=0, high=count),
        "pool": inputs.whole("pool", POOL, high=1_000),
        "of": inputs.choice("of", ("each", "all")),
        "year": inputs.whole("year", YEAR, high=9_999),
    }


def _unusual(setup: dict[str, Any]) -> dict[str, Any]:
    """Return of that what an address has to say, since it is not what it would be anyway."""
    usual = {
        "count": COUNT, "old": min(OLD, setup["count"]), "pool": POOL, "of": "each", "year": YEAR,
    }  # fmt: skip
    return {name: value for name, value in setup.items() if value != usual[name]}


def _stars(movie: str, given: str) -> tuple[int, float]:
    if not _ID.fullmatch(movie) or int(movie) > inputs.LARGEST_ID:
        raise BadInput("One of the answers is for no film.", hint=_AGAIN)
    if not _STARS.fullmatch(given) or float(given) > 5:
        raise BadInput("Stars are 0.5 to 5 in half steps, and 0 for not seen.", hint=_AGAIN)
    return int(movie), float(given)


def _collected(pairs: list[tuple[str, str]]) -> Answers:
    # A form sends its unseen films as well.
    if len(pairs) > 2 * MOST_ANSWERS:
        raise _too_many()
    found: Answers = {}
    for movie, given in pairs:
        movie_id, stars = _stars(movie, given)
        if movie_id in found:
            raise BadInput("One of the films is rated twice.", hint=_AGAIN)
        found[movie_id] = stars
    rated = {movie_id: stars for movie_id, stars in sorted(found.items()) if stars}
    if len(rated) > MOST_ANSWERS:
        raise _too_many()
    return rated


def _too_many() -> BadInput:
    return BadInput(f"A quiz has {MOST_ANSWERS} answers at most.", hint=_AGAIN)


def _answers(packed: str) -> Answers:
    """Return the answers of an address."""
    if not packed:
        return {}
    pairs = [part.partition("-") for part in packed.split("_", 2 * MOST_ANSWERS)]
    return _collected([(movie, given) for movie, _, given in pairs])


def _packed(answers: Answers) -> str:
    return "_".join(f"{movie}-{stars:g}" for movie, stars in answers.items())


def _sliders() -> Answers | None:
    """Return the answers as the form sends them, or None where it was not the form."""
    pairs = [
        (match[1], given)
        for name, values in request.args.lists()
        if (match := _SLIDER.fullmatch(name))
        for given in values
    ]
    return _collected(pairs) if pairs else None


def _ratings(answers: Answers) -> str:
    """Return answers as the functions of api take them."""
    return json.dumps({str(movie): stars for movie, stars in answers.items()})


class _Asked:
    """What the address of a quiz says, whichever of its pages it leads to."""

    def __init__(self) -> None:
        self.seed = inputs.seed()
        self.setup = _setup()
        self.prefer = inputs.choice("prefer", PREFERENCES)
        self.mode = request.args.get("mode", "best")
        self.answers = _answers(request.args.get("a", ""))

    def query(self, **other: object) -> dict[str, Any]:
        """Return the query of a page of this quiz."""
        return {
            "seed": self.seed,
            **_unusual(self.setup),
            "prefer": None if self.prefer == "any" else self.prefer,
            "mode": None if self.mode == "best" else self.mode,
            "a": _packed(self.answers),
            **other,
        }


def _keep_path(asked: _Asked) -> str:
    """Return where registration leads back to, without this site's prefix."""
    return link("/quiz/keep", **asked.query()).removeprefix(request.script_root)


def _me() -> int | None:
    person = people.signed_in()
    return person.user_id if person else None


# Pages ----------------------------------------------------------------------------------------


def quiz_page() -> Response:
    """Show the films of a seed, each with a slider."""
    asked = _Asked()
    if asked.seed is None:
        # Not drawn here and now: the address has to say which films these are.
        return sent_to(link("/quiz", **asked.query(seed=secrets.randbelow(1_000_000))))
    setup = asked.setup
    with reading() as conn:
        movies = ask(
            conn,
            "quiz_movies",
            p_seed=asked.seed,
            p_count=setup["count"],
            p_old=setup["old"],
            p_pool=setup["pool"],
            p_boundary_year=setup["year"],
            p_pool_of=setup["of"],
        )
        drawn = {movie["movie_id"] for movie in movies}
        earlier: Rows = []
        if asked.answers:
            given = ask(conn, "answered_movies", p_ratings=_ratings(asked.answers), p_user_id=None)
            # Answers of another round, or the most rated films are others by now.
            earlier = [movie for movie in given if movie["movie_id"] not in drawn]
        about = totals(conn)
    return page(
        "quiz.html",
        movies=[*movies, *earlier],
        drawn=len(drawn),
        earlier=len(earlier),
        olds=sum(movie["period"] == "old" for movie in movies),
        setup=setup,
        asked=asked,
        # Reckoned and not thrown: a permalink has to be the same page each time.
        next_seed=(asked.seed * 48_271 + 11) % 999_983,
        about=about,
    )


def _mode(modes: Rows, wanted: str) -> tuple[str | None, dict[str, Any], dict[str, Any] | None]:
    """Return the model to ask, the mode that answers, and one that should but cannot."""
    found = next((mode for mode in modes if mode["mode"] == wanted), None)
    if found is None:
        raise BadInput("“mode” has to be one of: " + ", ".join(m["mode"] for m in modes) + ".")
    best = modes[0]
    if found["needs"]:
        return None, best, found
    return (None if found is best else wanted), found, None


def _method(modes: Rows, mode: dict[str, Any]) -> str:
    """Return in words who answers; of the best mode, which one that is."""
    if mode["mode"] != "best":
        return str(mode["says"])
    return str(next(one["says"] for one in modes if one["mode"] == mode["model"]))


def quiz_result() -> Response:
    """Show what to watch, and why."""
    answers = _sliders()
    asked = _Asked()
    if answers is not None:
        asked.answers = answers
        return sent_to(link("/quiz/result", **asked.query()))
    shown = inputs.whole("show", SHOWN, high=MOST_SHOWN)
    with reading() as conn:
        modes = ask(conn, "quiz_modes", p_answers=len(asked.answers))
        model, mode, lacking = _mode(modes, asked.mode)
        movies = ask(
            conn,
            "quiz_results",
            p_ratings=_ratings(asked.answers),
            # One more than is shown: its being there is what "5 more" stands on.
            p_limit=shown + 1,
            p_offset=0,
            p_model=model,
            p_period=asked.prefer,
            p_boundary_year=asked.setup["year"],
            p_user_id=_me(),
        )
        given = ask(conn, "answered_movies", p_ratings=_ratings(asked.answers), p_user_id=_me())
        about = totals(conn)
    return page(
        "quiz_result.html",
        asked=asked,
        movies=movies[:shown],
        more=min(shown + SHOWN, MOST_SHOWN) if len(movies) > shown < MOST_SHOWN else None,
        shown=shown,
        modes=[one for one in modes if not one["needs"]],
        mode=mode,
        method=_method(modes, mode),
        lacking=lacking,
        given=given,
        fresh=sum(movie["own_stars"] is None for movie in given),
        about=about,
    )


def quiz_why(movie_id: int) -> Response:
    """Show the evidence for one result; its points add up to the score."""
    movie_id = inputs.movie_id(movie_id)
    asked = _Asked()
    with reading() as conn:
        modes = ask(conn, "quiz_modes", p_answers=len(asked.answers))
        model, mode, _ = _mode(modes, asked.mode)
        movie = ask(conn, "movie_page", p_movie_id=movie_id)
        if not movie:
            raise NotFound("There is no movie with that number.", hint="Go back to the result.")
        rows = ask(
            conn,
            "explain_quiz_result",
            p_ratings=_ratings(asked.answers),
            p_movie_id=movie_id,
            p_model=model,
        )
        about = totals(conn)
    return page(
        "quiz_why.html",
        asked=asked,
        movie=movie[0],
        rows=rows,
        method=_method(modes, mode),
        about=about,
    )


@personal
def quiz_keep() -> Response:
    """Make the answers the account's own ratings."""
    asked = _Asked()
    if request.method == "POST":
        asked.answers = _answers(request.form.get("a", ""))
        if not asked.answers:
            raise BadInput("There is no answer to keep.", hint=_AGAIN)
        with writing() as conn:
            accounts.call(
                conn,
                "keep_ratings",
                p_user_id=me().user_id,
                p_ratings=_ratings(asked.answers),
                p_replace=request.form.get("replace") == "1",
            )
        return sent_to(link("/quiz/keep", **asked.query()))
    with reading() as conn:
        given = ask(
            conn, "answered_movies", p_ratings=_ratings(asked.answers), p_user_id=me().user_id
        )
        about = totals(conn)
    return page(
        "quiz_keep.html",
        kept=False,
        asked=asked,
        given=given,
        fresh=sum(movie["own_stars"] is None for movie in given),
        other=sum(movie["own_stars"] not in (None, movie["stars"]) for movie in given),
        about=about,
    )


def register(app: Flask) -> None:
    """Give each page its address."""
    app.jinja_env.globals["quiz_keep_path"] = _keep_path
    for rule, view, methods in (
        ("/quiz", quiz_page, ["GET"]),
        ("/quiz/result", quiz_result, ["GET"]),
        ("/quiz/why/<id:movie_id>", quiz_why, ["GET"]),
        ("/quiz/keep", quiz_keep, ["GET", "POST"]),
    ):
        app.add_url_rule(rule, view_func=view, methods=methods)
