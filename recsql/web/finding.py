"""Ways to a film: people, features, series, filters, a film beside another, search while typing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Flask, Response, jsonify, request

from recsql.errors import BadInput, NotFound
from recsql.web import inputs
from recsql.web.pages import (
    LAST_PAGE,
    PER_PAGE,
    SORTS,
    Rows,
    ask,
    known_movie,
    page,
    reading,
    totals,
)
from recsql.web.people import sent_to
from recsql.web.wording import link

PER_LIST = 200  # names on a page
MOST_SUGGESTED = 8
PERSON_SORTS = {"newest": SORTS["newest"], **SORTS}
ROLES = {"any": "Everything", "cast": "As an actor", "crew": "Behind the camera"}
KINDS = {
    "keyword": "Keywords",
    "company": "Companies",
    "country": "Countries",
    "language": "Languages",
    "genre": "Genres",
}
FILTERS = {
    "genre": "Genre",
    "decade": "Decade",
    "country": "Country",
    "language": "Language",
    "runtime": "Runtime",
    "rating": "Rating",
}
_SHAPES = {
    "genre": (r"[a-z0-9][a-z0-9-]{0,79}", "the name of a category, such as science-fiction"),
    "decade": (r"(1[89]|2[01])[0-9]0", "its first year, such as 1990"),
    "country": (r"[A-Z]{2}", "two capital letters, such as FR"),
    "language": (r"[a-z]{2,3}", "two letters, such as fr"),
    "runtime": (r"[0-9]{1,4}-([0-9]{1,4})?|-[0-9]{1,4}", "minutes from-to, such as 90-120 or 90-"),
    "rating": (r"0\.5|[1-4](\.[05])?|5(\.0)?", "0.5 to 5 stars, such as 3.5"),
}


def _key(value: int, what: str) -> int:
    if value > inputs.LARGEST_ID:
        raise NotFound(f"There is no {what} with that number.")
    return value


def _one(rows: Rows, what: str, hint: str) -> dict[str, Any]:
    if not rows:
        raise NotFound(f"There is no {what} with that number.", hint=hint)
    return rows[0]


def _number() -> int:
    return inputs.whole("page", 1, high=LAST_PAGE)


def _part(number: int, size: int = PER_PAGE) -> dict[str, int]:
    """Return which rows a page shows, and one more: its being there means that there is more."""
    return {"p_limit": size + 1, "p_offset": (number - 1) * size}


def _cut(rows: Rows, number: int, size: int = PER_PAGE) -> dict[str, Any]:
    if not rows and number > 1:
        raise NotFound("This list has fewer pages.", hint="Start again at its first page.")
    return {
        "movies": rows[:size],
        "more": len(rows) > size and number < LAST_PAGE,
        "number": number,
    }


def person(person_id: int) -> Response:
    """Show somebody's films, and what they did in them."""
    role = inputs.choice("role", tuple(ROLES))
    sort = inputs.choice("sort", tuple(PERSON_SORTS))
    number = _number()
    with reading() as conn:
        rows = ask(conn, "person_page", p_person_id=_key(person_id, "person"))
        found = _one(rows, "person", "Search for the name instead.")
        movies = ask(
            conn,
            "person_movies",
            p_person_id=person_id,
            p_role=role,
            p_sort=sort,
            **_part(number),
        )
        about = totals(conn)
    return page(
        "person.html",
        person=found,
        jobs=list(zip(found["jobs"], found["job_movies"], strict=True)),
        role=role,
        roles=ROLES if found["acted_in"] and found["worked_on"] else {},
        sort=sort,
        sorts=PERSON_SORTS,
        about=about,
        **_cut(movies, number),
    )


def people() -> Response:
    """Show who is known best, or whose name holds some words."""
    text, number = inputs.search_text(), _number()
    with reading() as conn:
        if text:
            found = ask(conn, "search_people", p_query=text, **_part(number, PER_LIST))
        else:
            found = ask(conn, "leading_people", **_part(number, PER_LIST))
        about = totals(conn)
    return page("people.html", text=text, about=about, **_cut(found, number, PER_LIST))


def feature(feature_id: int) -> Response:
    """Show the films that have a genre, keyword, company, country or language."""
    sort, number = inputs.choice("sort", tuple(SORTS)), _number()
    with reading() as conn:
        rows = ask(conn, "feature", p_feature_id=_key(feature_id, "feature"))
        found = _one(rows, "feature", "Follow a link of a film’s page.")
        movies = ask(conn, "feature_movies", p_feature_id=feature_id, p_sort=sort, **_part(number))
        about = totals(conn)
    return page(
        "feature.html",
        feature=found,
        kinds=KINDS,
        sort=sort,
        sorts=SORTS,
        about=about,
        **_cut(movies, number),
    )


def features(kind: str) -> Response:
    """Show the keywords, companies, countries or languages, the commonest first."""
    if kind not in KINDS:
        raise NotFound("There is no such list.", hint="Start at the page to browse by.")
    text, number = inputs.search_text(), _number()
    with reading() as conn:
        found = ask(conn, "features", p_kind=kind, p_query=text, **_part(number, PER_LIST))
        about = totals(conn)
    return page(
        "feature_list.html",
        kind=kind,
        heading=KINDS[kind],
        text=text,
        about=about,
        **_cut(found, number, PER_LIST),
    )


def collection(collection_id: int) -> Response:
    """Show the films of a series in the order in which they came out."""
    number = _number()
    with reading() as conn:
        rows = ask(conn, "collection", p_collection_id=_key(collection_id, "collection"))
        found = _one(rows, "collection", "Follow a link of a film’s page.")
        movies = ask(
            conn, "collection_movies", p_collection_id=collection_id, **_part(number, PER_PAGE)
        )
        about = totals(conn)
    return page("collection.html", collection=found, about=about, **_cut(movies, number))


def credits_page(movie_id: int) -> Response:
    """Show the whole cast and crew of a film."""
    number = _number()
    with reading() as conn:
        movie = known_movie(conn, inputs.movie_id(movie_id))
        found = ask(
            conn, "movie_credits", p_movie_id=movie_id, p_role="any", **_part(number, PER_LIST)
        )
        about = totals(conn)
    return page("credits.html", movie=movie, about=about, **_cut(found, number, PER_LIST))


# Filters --------------------------------------------------------------------------------------


def _filters() -> dict[str, str]:
    """Return the filters of the address; those left open are not among them."""
    given = {name: request.args.get(name, "").strip() for name in FILTERS}
    for name, value in given.items():
        shape, said = _SHAPES[name]
        if value and not re.fullmatch(shape, value, re.ASCII):
            raise BadInput(f"“{name}” has to be {said}.", hint="Choose one of the list.")
    return {name: value for name, value in given.items() if value}


def _asked(filters: dict[str, str]) -> dict[str, object]:
    """Return filters as the functions of the database take them."""
    least, _, most = filters.get("runtime", "").partition("-")
    if least and most and int(least) > int(most):
        raise BadInput(
            f"“runtime” goes from the shorter to the longer: {most}-{least}.",
            hint="Turn the two around.",
        )
    decade, rating = filters.get("decade"), filters.get("rating")
    return {
        "p_genre": filters.get("genre"),
        "p_decade": int(decade) if decade else None,
        "p_country": filters.get("country"),
        "p_language": filters.get("language"),
        "p_min_runtime": int(least) if least else None,
        "p_max_runtime": int(most) if most else None,
        "p_min_stars": Decimal(rating) if rating else None,
    }


def browse() -> Response:
    """Show the films that pass some filters; without any, what there is to browse by."""
    filters = _filters()
    sort, number = inputs.choice("sort", tuple(SORTS)), _number()
    if "" in request.args.values():
        # of a form some fields are left open: the address to keep has only the others
        kept = {**filters, "sort": request.args.get("sort")}
        return sent_to(link("/browse", **kept))
    asked = _asked(filters)
    begun = bool(filters) or "sort" in request.args or number > 1
    with reading() as conn:
        options = ask(conn, "browse_options", **asked)
        lists: dict[str, Rows] = {}
        movies: Rows = []
        if begun:
            movies = ask(
                conn, "browse_movies", **asked, p_feature_id=None, p_sort=sort, **_part(number)
            )
        else:
            lists["people"] = ask(conn, "leading_people", p_limit=24, p_offset=0)
            for kind in ("keyword", "company"):
                lists[kind] = ask(conn, "features", p_kind=kind, p_query="", p_limit=24, p_offset=0)
        about = totals(conn)
    offered: dict[str, Rows] = {name: [] for name in FILTERS}
    for row in options:
        if row["filter"] in offered:
            offered[row["filter"]].append(row)
    total = next(row["movies"] for row in options if row["filter"] == "all")
    return page(
        "browse.html",
        begun=begun,
        filters=filters,
        labels=FILTERS,
        names=_names(filters, offered),
        offered=offered,
        total=total,
        lists=lists,
        sort=sort,
        sorts=SORTS,
        about=about,
        **_cut(movies, number),
    )


def _names(filters: dict[str, str], offered: dict[str, Rows]) -> dict[str, str]:
    """Return what the filters in use are called."""
    names = {}
    for name, value in filters.items():
        known = [row["name"] for row in offered[name] if row["value"] == value]
        if name == "runtime" and not known:
            least, _, most = value.partition("-")
            bounds = [said + end for said, end in (("from ", least), ("up to ", most)) if end]
            known = [" ".join(bounds) + " minutes"]
        elif name == "rating" and not known:
            known = [f"{value} stars and more"]
        elif name == "decade" and not known:
            known = [f"{value}s"]
        names[name] = known[0] if known else value
    return names


# Two films ------------------------------------------------------------------------------------


def _chosen(name: str) -> int | None:
    raw = request.args.get(name)
    if not raw:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", raw, re.ASCII):
        raise BadInput(
            f"“{name}” has to be the number of a film.", hint="Choose the films by their titles."
        )
    return inputs.movie_id(int(raw))


def compare() -> Response:
    """Lay two films side by side, or find the ones to be laid so."""
    first, second, text = _chosen("a"), _chosen("b"), inputs.search_text()
    if first is not None and first == second:
        raise BadInput("A film equals itself.", hint="Choose two different ones.")
    movies: Rows = []
    sides: Rows = []
    evidence: list[Rows] = []
    pair: list[dict[str, Any]] = []
    with reading() as conn:
        pair = [known_movie(conn, chosen) for chosen in (first, second) if chosen is not None]
        if len(pair) == 2:
            sides = ask(conn, "compare_movies", p_movie_id=first, p_other_movie_id=second)
            evidence = [
                ask(conn, "pair_evidence", p_movie_id=one, p_other_movie_id=other)
                for one, other in ((first, second), (second, first))
            ]
        elif text:
            movies = ask(conn, "search", p_query=text, p_limit=20, p_offset=0)
        about = totals(conn)
    kinds: dict[str, list[Rows]] = {}
    for row in sides:
        column = 1 if row["in_first"] and row["in_second"] else 0 if row["in_first"] else 2
        kinds.setdefault(row["kind"], [[], [], []])[column].append(row)
    fans = [{row["kind"]: row for row in rows} for rows in evidence]
    return page(
        "compare.html",
        pair=pair,
        kinds=kinds,
        fans=fans,
        text=text,
        movies=[movie for movie in movies if movie["movie_id"] != first],
        about=about,
    )


# Search as one types --------------------------------------------------------------------------


def suggest() -> Response:
    """Return the first films of a search as JSON, for a list under the field."""
    text = inputs.search_text()
    with reading() as conn:
        movies: Rows = []
        meant: Rows = []
        if text:
            movies = ask(conn, "search", p_query=text, p_limit=MOST_SUGGESTED, p_offset=0)
            if not movies:
                meant = ask(conn, "did_you_mean", p_query=text, p_limit=3)
    response = jsonify(
        q=text,
        movies=[
            {name: row[name] for name in ("movie_id", "title", "year", "hidden") if name in row}
            for row in movies
        ],
        meant=[row["query"] for row in meant],
    )
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    return response.make_conditional(request)


def register(app: Flask) -> None:
    """Give each page its address."""
    for rule, view in (
        ("/person/<id:person_id>", person),
        ("/browse", browse),
        ("/browse/person", people),
        ("/browse/<slug:kind>", features),
        ("/feature/<id:feature_id>", feature),
        ("/collection/<id:collection_id>", collection),
        ("/movie/<id:movie_id>/credits", credits_page),
        ("/compare", compare),
        ("/search.json", suggest),
    ):
        app.add_url_rule(rule, view_func=view, methods=["GET"])
