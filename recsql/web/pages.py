"""The pages: each function asks its named queries and hands the rows to its template."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy import Connection

from recsql import db, schema, sqlfiles
from recsql.errors import BadInput, NotFound, RecsqlError
from recsql.web import art, compress, errors, inputs, people, poster
from recsql.web.drawn import Drawn
from recsql.web.kept import while_unchanged
from recsql.web.poster import Film
from recsql.web.shown import note_afterwards
from recsql.web.wording import link

SHELVES, PER_SHELF = 20, 10
FIRST_SHOWN, STEP = 10, 2
MOST_SHOWN = 500  # of a section that grows by two
PER_PAGE = 48
PER_SEARCH = 20
LAST_PAGE = 100_000

SIMILAR_METHODS = {
    "overlap": "most features in common",
    "rarity": "rare features count more",
    "titles": "features and words of the title",
}
LIKED_METHODS = {
    "damped": "what fans rate, with enough of them",
    "average": "plain average",
    "support": "most rated by fans",
    "likes": "most liked by fans",
    "lift": "liked more by fans than by others",
}
SORTS = {
    "popular": "Popular",
    "rating": "Best rated",
    "newest": "Newest",
    "oldest": "Oldest",
    "title": "A to Z",
}

Rows = list[dict[str, Any]]


@contextmanager
def reading() -> Iterator[Connection]:
    """Open the one read-only transaction of this request."""
    with db.reading(current_app.extensions["recsql.engine"]) as conn:
        yield conn


@contextmanager
def asking() -> Iterator[Connection]:
    """Do as reading(), for a page that only asks: its transaction begins with the first query."""
    with db.reading(current_app.extensions["recsql.engine"], lazily=True) as conn:
        yield conn


def ask(conn: Connection, name: str, **params: object) -> Rows:
    """Run a named query, and remember it for the foot of the page."""
    name, params = people.as_seen(name, params)
    g.asked.append((name, params))
    return db.prepared(conn, name, **params)


def asked_sql() -> list[tuple[str, str]]:
    """Return the statements that filled this page, ready for psql."""
    return [(name, sqlfiles.literal(name, params)) for name, params in g.asked]


def page(template: str, *, kept: bool = True, **context: Any) -> Response:
    """Render a page; one that is the same for everybody may be kept, and asked about again."""
    response = make_response(render_template(template, **context))
    if kept:
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag(weak=True)  # the same compressed or not
        return response.make_conditional(request)
    response.headers["Cache-Control"] = "no-store"
    return response


def totals(conn: Connection) -> dict[str, Any]:
    """Return what this database holds, for the foot of the page."""
    rows = ask(conn, "about")
    return rows[0] if rows else {}


def home() -> Response:
    """Show the header movie and the shelves of a seed."""
    given = inputs.seed()
    drawn: Drawn = current_app.extensions["recsql.drawn"]
    # What is drawn for anybody; a visitor with a session sees what is right for him this moment.
    anybodys = given is None and not people.has_session()
    if anybodys and (shared := drawn.share(request.script_root)) is not None:
        return _shared(shared)
    began = drawn.clock()
    # Small enough to be read out over the phone; any bigint is taken.
    seed = secrets.randbelow(1_000_000) if given is None else given
    person = None if anybodys else people.signed_in()
    asked = {"p_seed": seed, "p_shelves": SHELVES, "p_per_shelf": PER_SHELF}
    with asking() as conn:
        if person is None:
            header = ask(conn, "home_header", p_seed=seed)
            own, shelves = [], ask(conn, "home_shelves", **asked)
        else:
            rows = ask(conn, "home_rows", p_user_id=person.user_id, **asked)
            header = [row for row in rows if row["kind"] == "header"]
            own = [row for row in rows if row["kind"] not in ("header", "category")]
            shelves = [{**row, "category": row["heading"]} for row in rows
                       if row["kind"] == "category"]  # fmt: skip
        about = totals(conn)
    response = page(
        "home.html",
        kept=given is not None,
        seed=seed,
        person=person,
        own=_grouped(own),
        # Reckoned and not thrown: a permalink has to be the same page each time.
        next_seed=(seed * 48_271 + 11) % 999_983,
        header=header[0] if header else None,
        shelves=_grouped(shelves),
        about=about,
    )
    if anybodys:
        packed = compress.at_once(response.get_data())
        drawn.keep(request.script_root, began, packed)
        return _shared(packed)
    if person is not None:
        note_afterwards(response, person.user_id, own)
    return response


def random_movie() -> Response:
    """Go to the movie that would head the home page of a seed; without one, to any that may.

    Who is signed in is led to no film that is rated or hidden, as at home.
    """
    given = inputs.seed()
    seed = secrets.randbelow(1_000_000) if given is None else given
    person = people.signed_in()
    with asking() as conn:
        if person is None:
            rows = ask(conn, "home_header", p_seed=seed)
        else:
            mine = {"p_user_id": person.user_id, "p_shelves": 0, "p_per_shelf": 1}
            rows = ask(conn, "home_rows", p_seed=seed, **mine)
    header = [row for row in rows if row.get("kind", "header") == "header"]
    if not header:
        raise NotFound(
            "There is no film left to surprise you with.",
            hint="You have rated or hidden each that has a description, or none is loaded yet.",
        )
    response = people.sent_to(link(f"/movie/{header[0]['movie_id']}"))
    response.headers["Cache-Control"] = "no-store"
    return response


def _shared(packed: bytes) -> Response:
    """Return a page that may have been drawn for another visitor, as page() does."""
    response = compress.answer(packed)
    response.headers["Cache-Control"] = "no-store"
    return response


def _grouped(rows: Rows) -> list[Rows]:
    shelves: dict[int, Rows] = {}
    for row in rows:
        shelves.setdefault(row["shelf"], []).append(row)
    return list(shelves.values())


@while_unchanged
def movie_page(movie_id: int) -> Response:
    """Show one movie, and what is near it."""
    movie_id = inputs.movie_id(movie_id)
    shown = {
        "similar": inputs.whole("similar", FIRST_SHOWN, high=MOST_SHOWN),
        "liked": inputs.whole("liked", FIRST_SHOWN, high=MOST_SHOWN),
    }
    methods = _methods()
    with asking() as conn:
        movie = known_movie(conn, movie_id)
        # One more than is shown: its being there is what "Load more" stands on.
        similar = ask(
            conn,
            "similar_movies",
            p_movie_id=movie_id,
            p_limit=shown["similar"] + 1,
            p_offset=0,
            p_method=methods["similar"],
        )
        liked = ask(
            conn,
            "also_liked",
            p_movie_id=movie_id,
            p_limit=shown["liked"] + 1,
            p_offset=0,
            p_method=methods["liked"],
        )
        about = totals(conn)
    return page(
        "movie_page.html",
        movie=movie,
        genres=list(zip(movie["genres"], movie["genre_slugs"], strict=True)),
        tagged=_tagged(movie),
        sections=[
            _section("similar", similar, shown, methods),
            _section("liked", liked, shown, methods),
        ],
        about=about,
    )


def _tagged(movie: dict[str, Any]) -> dict[str, list[Any]]:
    """Return what a movie links to as pairs of a name and a key."""
    crew: dict[str, dict[int, str]] = {}
    for member in movie["top_crew"]:
        crew.setdefault(member["job"], {})[member["person_id"]] = member["name"]
    return {
        "keyword": list(zip(movie["keywords"], movie["keyword_ids"], strict=True)),
        "company": list(zip(movie["companies"], movie["company_ids"], strict=True)),
        "country": list(zip(movie["countries"], movie["country_ids"], strict=True)),
        "director": list(zip(movie["directors"], movie["director_ids"], strict=True)),
        "crew": [(job, [(name, key) for key, name in done.items()]) for job, done in crew.items()],
    }


def _methods() -> dict[str, str]:
    """Return the method of each section; names of the two do not overlap."""
    methods = {"similar": next(iter(SIMILAR_METHODS)), "liked": next(iter(LIKED_METHODS))}
    for name in request.args.getlist("method"):
        if name in SIMILAR_METHODS:
            methods["similar"] = name
        elif name in LIKED_METHODS:
            methods["liked"] = name
        else:
            raise BadInput(
                "“method” has to be one of: " + ", ".join([*SIMILAR_METHODS, *LIKED_METHODS]) + "."
            )
    return methods


def _section(
    kind: str, rows: Rows, shown: dict[str, int], methods: dict[str, str]
) -> dict[str, Any]:
    count = shown[kind]
    more = len(rows) > count and count < MOST_SHOWN
    following = {**shown, kind: min(count + STEP, MOST_SHOWN)}
    options = SIMILAR_METHODS if kind == "similar" else LIKED_METHODS
    other = "liked" if kind == "similar" else "similar"
    return {
        "kind": kind,
        "rows": rows[:count],
        "more": {**following, "method": _chosen(methods)} if more else None,
        "anchor": f"{kind[0]}{count + 1}",
        "method": methods[kind],
        "methods": [
            (name, said, {"method": _chosen({kind: name, other: methods[other]})})
            for name, said in options.items()
        ],
    }


def _chosen(methods: dict[str, str]) -> list[str]:
    """Return the methods that an address has to name: those that are not the default."""
    defaults = (next(iter(SIMILAR_METHODS)), next(iter(LIKED_METHODS)))
    return [methods[kind] for kind in ("similar", "liked") if methods[kind] not in defaults]


def known_movie(conn: Connection, movie_id: int) -> dict[str, Any]:
    """Return all that is known about a movie. Raises NotFound where there is none."""
    rows = ask(conn, "movie_page", p_movie_id=movie_id)
    if not rows:
        raise NotFound(
            f"There is no movie with the number {movie_id}.", hint="Search for its title instead."
        )
    return rows[0]


@while_unchanged
def why(movie_id: int, other_id: int) -> Response:
    """Show the evidence for one recommendation; its points add up to the score."""
    movie_id, other_id = inputs.movie_id(movie_id), inputs.movie_id(other_id)
    methods = _methods()
    with reading() as conn:
        movie, other = known_movie(conn, movie_id), known_movie(conn, other_id)
        shared = ask(
            conn,
            "explain_similar_movies",
            p_movie_id=movie_id,
            p_other_movie_id=other_id,
            p_method=methods["similar"],
        )
        given = ask(
            conn,
            "explain_also_liked",
            p_movie_id=movie_id,
            p_other_movie_id=other_id,
            p_method=methods["liked"],
        )
        pair = ask(conn, "pair_evidence", p_movie_id=movie_id, p_other_movie_id=other_id)
        about = totals(conn)
    return page(
        "why.html",
        movie=movie,
        other=other,
        methods=methods,
        shared=shared,
        given=given,
        pair={row["kind"]: row for row in pair},
        said={**SIMILAR_METHODS, **LIKED_METHODS},
        about=about,
    )


@while_unchanged
def category_page(slug: str) -> Response:
    """Show a category, one long page after another."""
    sort = inputs.choice("sort", tuple(SORTS))
    number = inputs.whole("page", 1, high=LAST_PAGE)
    with reading() as conn:
        found = ask(conn, "category", p_slug=slug)
        if not found:
            raise NotFound("There is no such category.", hint="Choose one of the list.")
        movies = ask(
            conn,
            "category_page",
            p_category_id=found[0]["category_id"],
            p_sort=sort,
            p_limit=PER_PAGE + 1,
            p_offset=(number - 1) * PER_PAGE,
        )
        about = totals(conn)
    if not movies and number > 1:
        raise NotFound("This category has fewer pages.", hint="Start again at its first page.")
    return page(
        "category_page.html",
        category=found[0],
        movies=movies[:PER_PAGE],
        more=len(movies) > PER_PAGE and number < LAST_PAGE,
        number=number,
        sort=sort,
        sorts=SORTS,
        about=about,
    )


@while_unchanged
def category_list() -> Response:
    """Show all categories."""
    with reading() as conn:
        categories = ask(conn, "category_list")
        about = totals(conn)
    return page("category_list.html", categories=categories, about=about)


def search() -> Response:
    """Show what a search finds."""
    text = inputs.search_text()
    number = inputs.whole("page", 1, high=LAST_PAGE)
    with reading() as conn:
        movies: Rows = []
        named: Rows = []
        meant: Rows = []
        if text:
            movies = ask(
                conn,
                "search",
                p_query=text,
                p_limit=PER_SEARCH + 1,
                p_offset=(number - 1) * PER_SEARCH,
            )
            if number == 1:
                named = ask(conn, "search_people", p_query=text, p_limit=6, p_offset=0)
                if not movies and not named:
                    meant = ask(conn, "did_you_mean", p_query=text, p_limit=3)
        about = totals(conn)
    if not movies and number > 1:
        raise NotFound("This search has fewer pages.", hint="Start again at its first page.")
    return page(
        "search.html",
        q=text,
        movies=movies[:PER_SEARCH],
        named=named,
        meant=[row["query"] for row in meant],
        more=len(movies) > PER_SEARCH and number < LAST_PAGE,
        number=number,
        about=about,
    )


def _picture(body: str, etag: str, seconds: int) -> Response:
    response = make_response(body)
    response.content_type = "image/svg+xml; charset=utf-8"
    response.headers["Cache-Control"] = (
        f"public, max-age={seconds}, stale-while-revalidate={seconds}"
    )
    # Opened by itself an SVG is a document: let it do nothing at all.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(etag, weak=True)
    return response.make_conditional(request)


def _film(movie_id: int) -> Film:
    with reading() as conn:
        rows = db.prepared(conn, "poster", p_movie_id=inputs.movie_id(movie_id))
    if not rows:
        raise NotFound("There is no movie with that number, and so no poster.")
    return Film(rows[0]["title"], rows[0]["year"], tuple(rows[0]["genres"]))


def movie_poster(movie_id: int) -> Response:
    """Draw a film's poster."""
    film = _film(movie_id)
    return _picture(poster.poster(film), poster.stamp(film), 7 * 86_400)


def movie_backdrop(movie_id: int) -> Response:
    """Draw a film's wide picture."""
    film = _film(movie_id)
    return _picture(poster.backdrop(film), poster.stamp(film), 7 * 86_400)


def category_picture(slug: str) -> Response:
    """Draw a category, which needs no database: an unknown one gets a pattern."""
    names = {name.lower().replace(" ", "-"): name for name in art.MOTIFS}
    name = names.get(slug, slug)
    return _picture(poster.tile(name), f"{poster.EDITION}-{slug}", 7 * 86_400)


def error_poster(code: int) -> Response:
    """Draw the poster of an error page, which needs no database."""
    said = errors.WORDING.get(code)
    if said is None:
        raise NotFound("There is no such poster.")
    film = Film(said.film, 1900 + code % 100 + 20, (said.genre,))
    return _picture(poster.poster(film), poster.stamp(film), 86_400)


def _plain(body: str, code: int = 200) -> Response:
    response = make_response(body + "\n", code)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    return response


def healthz() -> Response:
    """Say that the process is alive, whatever the database does."""
    return _plain("ok")


def readyz() -> Response:
    """Say whether the database answers and is what this program needs."""
    try:
        with reading() as conn:
            schema.require_current(conn)
    except RecsqlError as error:
        errors.log.warning("not ready: %s", error.message)
        response = _plain(f"not ready: {type(error).__name__}", 503)
        response.headers["Retry-After"] = "2"
        return response
    return _plain("ready")


def register(app: Flask) -> None:
    """Give each page its address."""
    app.extensions["recsql.drawn"] = Drawn()
    app.url_map.converters["id"] = inputs.IdConverter
    app.url_map.converters["slug"] = inputs.SlugConverter
    app.jinja_env.globals["asked_sql"] = asked_sql
    for rule, view in (
        ("/", home),
        ("/random", random_movie),
        ("/movie/<id:movie_id>", movie_page),
        ("/movie/<id:movie_id>/why/<id:other_id>", why),
        ("/category", category_list),
        ("/category/<slug:slug>", category_page),
        ("/category/<slug:slug>.svg", category_picture),
        ("/search", search),
        ("/poster/<id:movie_id>.svg", movie_poster),
        ("/backdrop/<id:movie_id>.svg", movie_backdrop),
        ("/poster/error-<id:code>.svg", error_poster),
        ("/healthz", healthz),
        ("/readyz", readyz),
    ):
        app.add_url_rule(rule, view_func=view, methods=["GET"])
