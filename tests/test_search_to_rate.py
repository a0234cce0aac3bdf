"""T4, T5: a film that we lack is found at OMDb, added with what critics give it, and rated."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from recsql import db, web
from recsql.cli import cli
from recsql.ingest import load
from recsql.web import elsewhere
from tests import datasets
from tests.conftest import Databases, fill_tiny
from tests.datasets import one, rows
from tests.services import (
    KEY,
    Services,
    breaking_off,
    hanging,
    omdb_film,
    omdb_list,
    running,
    sending,
)
from tests.support import libpq_url
from tests.test_accounts import Visitor, joined, words

HEAT = "tt0113277"
ALIEN = 1


def film(conn: Connection, **said: Any) -> Any:
    """Return what is read out of an answer."""
    answer = {"imdbID": HEAT, "Title": "Heat", "Type": "movie", **said}
    return conn.execute(
        text("SELECT * FROM api._omdb_film(CAST(:said AS jsonb))"), {"said": json.dumps(answer)}
    ).one()


def add(conn: Connection, answer: object) -> Any:
    return conn.execute(
        text("SELECT * FROM api.add_omdb_movie(CAST(:said AS jsonb))"), {"said": json.dumps(answer)}
    ).one()


# An answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "field", "wanted"),
    [
        ({"Title": "  Heat \n 2\u00a0 "}, "title", "Heat 2"),
        ({"Title": "<b>Heat</b> &amp; Co"}, "title", "<b>Heat</b> &amp; Co"),
        ({"Title": "He\u202eat\u0007"}, "title", "Heat"),
        ({"Title": 1917}, "title", "1917"),
        ({"Year": "1995"}, "year", 1995),
        ({"Year": "N/A"}, "year", None),
        ({"Year": "0"}, "year", None),
        ({"Year": "9999"}, "year", None),
        ({"Year": "19955"}, "year", None),
        ({"Year": "١٩٩٥"}, "year", None),
        ({"Year": "1995–1999"}, "year", 1995),
        ({"Year": ["1995"]}, "year", None),
        ({"Year": "1995", "Released": "15 Dec 1995"}, "release_date", "1995-12-15"),
        ({"Year": "1995", "Released": "31 Feb 1995"}, "release_date", None),
        ({"Year": "1995", "Released": "29 Feb 1995"}, "release_date", None),
        ({"Year": "1996", "Released": "29 Feb 1996"}, "release_date", "1996-02-29"),
        # shown at a festival the year before: the year is what people know
        ({"Year": "1995", "Released": "12 Jan 1996"}, "release_date", None),
        ({"Released": "15 Dec 1995"}, "release_date", None),
        ({"Year": "1995", "Released": "N/A"}, "release_date", None),
        ({"Runtime": "170 min"}, "runtime", 170),
        ({"Runtime": "2 h 50 min"}, "runtime", 170),
        ({"Runtime": "2 h"}, "runtime", 120),
        ({"Runtime": "0 min"}, "runtime", None),
        ({"Runtime": "99999 min"}, "runtime", None),
        ({"Runtime": "N/A"}, "runtime", None),
        ({"Plot": "N/A"}, "overview", None),
        ({"Plot": "x" * 9_000}, "overview", "x" * 5_000),
        ({"Language": "German, English"}, "language", "German"),
        ({"Genre": "N/A"}, "genres", None),
        ({"Genre": {"a": 1}}, "genres", None),
        ({"imdbID": " TT00113277 "}, "imdb_id", "tt0113277"),
        ({"imdbID": "tt12345678"}, "imdb_id", "tt12345678"),
    ],
)  # fmt: skip
def test_t4_nothing_of_an_answer_is_trusted(
    said: dict, field: str, wanted: object, tiny: Connection
) -> None:
    """N/A, absurd years, markup, wrong types: unknown, or a text and no more."""
    found = getattr(film(tiny, **said), field)
    assert (str(found) if field == "release_date" and found else found) == wanted
    assert film(tiny, **said).fault is None


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"Type": "series"}, "a series, and only films"),
        ({"Type": "episode"}, "an episode of a series"),
        ({"Type": "game"}, "a game"),
        ({"Type": "N/A"}, "no film"),
        ({"Type": None}, "no film"),
        ({"Type": ["movie"]}, "no film"),
        ({"imdbID": "Heat"}, "not tt and a number"),
        ({"imdbID": "tt0000000"}, "not tt and a number"),
        ({"imdbID": "tt9999999999"}, "not tt and a number"),
        ({"imdbID": None}, "not tt and a number"),
        ({"Title": "N/A"}, "no title"),
        ({"Title": " \u202e "}, "no title"),
        ({"Title": "x" * 501}, "more than 500"),
        ({"Response": "False"}, "knows no such film"),
    ],
)
def test_t4_what_is_no_film_is_refused(said: dict, fault: str, tiny: Connection) -> None:
    assert fault in film(tiny, **said).fault
    with pytest.raises(DBAPIError, match="this cannot be added") as caught:
        add(tiny, omdb_film(HEAT) | said)
    assert caught.value.orig.pgcode == "RQ009"  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [None, 7, "x", [], ["x"], {}, True])
def test_t4_what_is_no_answer_is_refused(answer: object, tiny: Connection) -> None:
    with pytest.raises(DBAPIError, match="this cannot be added"):
        add(tiny, answer)


# A film that is added -------------------------------------------------------------------------


def test_t4_t5_a_film_is_added_with_features_and_critics(tiny: Connection) -> None:
    """T4, T5: by one function; genres are called as ours are, and make no new category."""
    answer = omdb_film(
        HEAT, Genre="Action, Sci-Fi, Biography, Film-Noir, Nonsense",
        Country="United States, UK, Atlantis", Director="Michael Mann (co-director), Ridley Scott",
    )  # fmt: skip
    row = add(tiny, answer)
    assert tuple(row)[1:] == ("Heat", 1995, True, 3) and row.movie_id >= 1_000_000_000
    page = tiny.execute(
        text("SELECT * FROM api.movie_page WHERE movie_id = :id"), {"id": row.movie_id}
    ).one()
    assert (page.imdb_id, page.runtime, page.overview) == (HEAT, 170, "A detective & a thief.")
    assert str(page.release_date) == "1995-12-15" and page.poster_path is None
    assert page.genres == ["Action", "Science Fiction"]
    assert page.keywords == ["biography", "film noir"]
    assert page.countries == ["United Kingdom", "United States of America"]
    assert page.language == "English" and page.services == ["omdb"]
    assert page.directors == ["Michael Mann", "Ridley Scott"]
    assert [(actor["name"], actor["character"]) for actor in page.top_cast] == [
        ("Al Pacino", ""), ("Robert De Niro", "")
    ]  # fmt: skip
    assert page.critics == [
        {"critic": "IMDb", "stars": 4.0}, {"critic": "Metacritic", "stars": 4.0},
        {"critic": "Rotten Tomatoes", "stars": 4.0},
    ]  # fmt: skip
    source = text("SELECT source FROM core.movie WHERE movie_id = :i")
    assert tiny.scalar(source, {"i": row.movie_id}) == "omdb"
    # Ridley Scott is the one who made Alien
    assert tiny.scalar(text("SELECT count(*) FROM core.person WHERE name = 'Ridley Scott'")) == 1
    assert tiny.scalar(text("SELECT count(*) FROM api.kept_counts() WHERE rows_wrong > 0")) == 0


def test_t4_t5_an_added_film_is_found_and_recommended_and_rated(tiny: Connection) -> None:
    """T5: at once, everywhere; rating again overwrites; critics are no raters of it."""
    movie_id = add(tiny, omdb_film(HEAT)).movie_id
    found = "SELECT movie_id FROM api.search_movies(:q)"
    for query in ("heat 1995", HEAT, str(movie_id)):
        assert tiny.scalars(text(found), {"q": query}).first() == movie_id
    similar = tiny.scalars(text("SELECT movie_id FROM api.similar_movies(1)")).all()
    assert movie_id in similar
    for stars in (5, 3):
        tiny.execute(text("SELECT * FROM api.rate(4, :m, :s)"), {"m": movie_id, "s": stars})
    card = tiny.execute(
        text("SELECT raters, mean_stars FROM api.movie_card WHERE movie_id = :m"), {"m": movie_id}
    ).one()
    assert tuple(card) == (1, 3)
    predicted = "SELECT model, predicted_stars FROM api.predict_rating(5, :m)"
    tiny.execute(text("SELECT * FROM api.unrate(4, :m)"), {"m": movie_id})
    assert tuple(tiny.execute(text(predicted), {"m": movie_id}).one()) == ("critics", 4)
    places = "SELECT category_id, place FROM derived.shelf ORDER BY 1, 2"
    on_shelves = tiny.execute(text(places)).all()
    for category in {row.category_id for row in on_shelves}:
        given = [row.place for row in on_shelves if row.category_id == category]
        assert given == list(range(1, len(given) + 1)), "numbered without a gap"


def test_t4_twice_is_as_good_as_once(tiny: Connection) -> None:
    """T4: what is here stays as it is; a newer score counts."""
    first = add(tiny, omdb_film(HEAT))
    again = add(tiny, omdb_film(HEAT, Title="Another", imdbRating="2.0", Metascore="N/A"))
    assert (again.movie_id, again.title, again.is_new) == (first.movie_id, "Heat", False)
    assert again.critics == 2
    assert tiny.scalar(text("SELECT count(*) FROM core.movie")) == 8
    # a line of a search says nothing of critics
    assert add(tiny, omdb_list((HEAT, "Heat", "1995"))["Search"][0]).critics == 2


@pytest.mark.parametrize(
    ("imdb_id", "more", "wanted"),
    [
        ("tt0078748", {}, 1),  # by IMDb id, whatever the title
        ("tt0000022", {}, 2),  # by MovieLens's link
        ("tt0000033", {"Title": "BLADE", "Year": "1998"}, 3),  # by title and year
        ("tt0000066", {"Title": "Le fabuleux destin d'Amelie Poulain", "Year": "2001"}, 6),
        ("tt0000077", {"Title": "Blade", "Year": "1999"}, None),
        # known by another IMDb id: another film of that name
        ("tt0000088", {"Title": "Alien", "Year": "1979"}, None),
        ("tt0000099", {"Title": "Untold", "Year": "N/A"}, None),
    ],
)
def test_t4_a_film_that_is_here_is_found_again(
    imdb_id: str, more: dict, wanted: int | None, tiny: Connection
) -> None:
    """T4: conflicting ids are resolved; what is not surely the same is another film."""
    tiny.execute(text("INSERT INTO core.movielens_link VALUES (7, 'tt0000022', 2)"))
    row = add(tiny, omdb_film(imdb_id, **more))
    assert (None if row.is_new else row.movie_id) == wanted
    named = text("SELECT movie_id FROM core.movie_key WHERE key = :k")
    assert tiny.scalar(named, {"k": imdb_id}) == row.movie_id


def test_t4_a_link_tells_the_tmdb_id(tiny: Connection) -> None:
    """MovieLens knows it though we do not: it gets the key that later loads will give it."""
    tiny.execute(text("INSERT INTO core.movielens_link VALUES (6, :id, 949)"), {"id": HEAT})
    assert add(tiny, omdb_film(HEAT)).movie_id == 949
    keys = tiny.execute(text("SELECT source, key FROM core.movie_key WHERE movie_id = 949"))
    assert sorted(map(tuple, keys)) == [("imdb", HEAT), ("tmdb", "949")]


def test_t4_what_little_is_known_is_enough(tiny: Connection) -> None:
    bare = {"imdbID": HEAT, "Title": "Heat", "Type": "movie", "Response": "True"}
    row = add(tiny, bare | dict.fromkeys(
        ("Year", "Genre", "Language", "Country", "Director", "Actors", "Plot", "Runtime",
         "imdbRating", "Metascore", "Released"), "N/A"))  # fmt: skip
    assert tuple(row)[1:] == ("Heat", None, True, 0)
    adult = add(tiny, omdb_film("tt5", "Other", Genre="Adult"))
    assert tiny.scalar(
        text("SELECT adult FROM core.movie WHERE movie_id = :m"), {"m": adult.movie_id}
    )


def test_b11_the_web_role_needs_this_function_alone(tiny: Connection) -> None:
    """B11: it runs with its owner's rights, whatever the caller's search_path holds."""
    role = f"recsql_web_{os.getpid()}"
    tiny.execute(text(f"CREATE ROLE {role}; GRANT USAGE ON SCHEMA api TO {role}"))
    tiny.execute(text(f"GRANT EXECUTE ON FUNCTION api.add_omdb_movie(jsonb) TO {role}"))
    tiny.execute(
        text(
            f"CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO {role};"
            "CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'trapped' $$;"
            "SET LOCAL search_path = trap, pg_catalog"
        )
    )
    tiny.execute(text(f"SET LOCAL ROLE {role}"))
    assert add(tiny, omdb_film(HEAT)).is_new
    for statement in (
        "INSERT INTO core.movie (movie_id, title, source) VALUES (99, 'x', 'x')",
        "SELECT * FROM core.rating",
        "SELECT * FROM api.enrich_movie('omdb', 1, 'x', 404)",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), tiny.begin_nested():
            tiny.execute(text(statement))


# At the same moment, and later ----------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    """A tiny catalogue whose movies and accounts these tests may add to."""
    url = databases.make(databases.template("tiny", fill_tiny))
    made = db.engine_on(url, pool_size=10)
    yield made
    made.dispose()
    databases.drop(url)


def test_t4_added_by_many_at_once_it_is_one(engine: Engine) -> None:
    def adding() -> None:
        with engine.begin() as conn:
            got.append(tuple(add(conn, omdb_film("tt0000123", "Crowd"))))

    got: list[tuple] = []
    crowd = [threading.Thread(target=adding) for _ in range(6)]
    for one_of_them in crowd:
        one_of_them.start()
    for one_of_them in crowd:
        one_of_them.join()
    assert len(got) == 6 and len({row[0] for row in got}) == 1
    assert sorted(row[3] for row in got) == [False] * 5 + [True]
    assert one(engine, "SELECT count(*) FROM core.movie WHERE title = 'Crowd'") == 1


def test_t4_later_loads_know_an_added_film(empty_engine: Engine, tmp_path: Path) -> None:
    """Kaggle's record takes it over with its ratings; MovieLens, which knows less, does not."""
    with empty_engine.begin() as conn:
        added = add(conn, omdb_film(HEAT)).movie_id
        conn.execute(
            text(
                "INSERT INTO core.rater VALUES (7, 'account', 'test', 'a');"
                "SELECT api.rate(7, :m, 5)"
            ),
            {"m": added},
        )
    load.load_movielens(
        empty_engine,
        datasets.movielens(
            tmp_path / "ml", [(6, "Heat, The Movie (1996)", "Drama")],
            ratings=[(1, 6, 4.0, 978300760)], links=[(6, "0113277", "")],
        ),
    )  # fmt: skip
    assert rows(empty_engine, "SELECT title, year, raters FROM api.movie_page") == [
        ("Heat", 1995, 2)
    ]
    load.load_kaggle(
        empty_engine,
        datasets.kaggle(tmp_path / "k", [datasets.film(949, "Heat", imdb_id=HEAT)]),
    )
    assert rows(empty_engine, "SELECT movie_id, year, raters, services FROM api.movie_page") == [
        (949, 1999, 2, ["omdb"])
    ]


# The page -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> Iterator[Services]:
    """OMDb on this machine, and a key for it."""
    with running() as services, pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECSQL_OMDB_KEY", KEY)
        environment.setenv("RECSQL_OMDB_URL", services.omdb)
        yield services


@pytest.fixture
def services(served: Services, engine: Engine) -> Services:
    served.reset()
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.attempt"))
    return served


@pytest.fixture(scope="module")
def app(engine: Engine, served: Services) -> Flask:
    return web.create_app(engine)


@pytest.fixture(scope="module")
def session(app: Flask) -> str:
    """What the browser of somebody who is signed in holds."""
    return str(joined(app)[0].cookie())


def signed_in(app: Flask, session: str) -> Visitor:
    browser = Visitor(app)
    browser.client.set_cookie("recsql_session", session)
    return browser


@pytest.fixture
def somebody(app: Flask, session: str) -> Visitor:
    """Somebody who is signed in."""
    return signed_in(app, session)


def test_t4_the_way_from_a_search_to_a_rating(
    app: Flask, engine: Engine, services: Services, somebody: Visitor
) -> None:
    """T4, T5: search, nothing; look it up; add it; rate it. OMDb is asked at the click alone."""
    page = somebody.get("/search?q=heat 1995")
    assert "Look it up at OMDb" in words(page) and "Nothing found" in words(page)
    assert services.asked == []
    services.films = {
        "heat 1995": omdb_list((HEAT, "Heat", "1995"), ("tt0078748", "Alien", "1979")),
        HEAT: omdb_film(HEAT),
    }
    found = somebody.post("/elsewhere", "/search?q=heat 1995", q="heat 1995")
    assert found.status_code == 200
    assert "1995 Heat at IMDb Add it : Heat" in words(found)
    assert "1979 Alien at IMDb It is here : Alien" in words(found)
    assert "OMDb API" in found.text and KEY not in found.text
    assert found.headers["Cache-Control"] == "private, no-store"
    assert services.asked == [("heat 1995", {"s": "heat", "y": "1995", "type": "movie"})]

    added = somebody.post("/elsewhere/add", "/search?q=x", imdb_id=HEAT, q="heat 1995")
    assert added.status_code == 303
    path, _, anchor = added.headers["Location"].partition("#")
    assert re.fullmatch(r"/movie/1\d{9}", path) and anchor == "mine"
    assert services.paths()[-1] == HEAT, "looked up again: a form is not believed"
    shown = somebody.get(path)
    assert "Critics, on our scale of five: IMDb ★ 4.0" in words(shown)
    assert "CC BY-NC 4.0" in shown.text and "amazon" not in shown.text
    assert somebody.post(f"{path}/rate", path, stars="4.5").status_code == 303
    assert "4.5 out of 5 stars" in words(somebody.get(path))
    assert "Heat" in words(somebody.get("/search?q=heat"))
    again = somebody.post("/elsewhere/add", "/search?q=x", imdb_id=HEAT)
    assert again.headers["Location"] == added.headers["Location"]


@pytest.mark.parametrize(
    ("asked", "queries"),
    [
        ("tt0113277", [{"i": "tt0113277"}]),
        ("TT0113277", [{"i": "tt0113277"}]),
        ("Heat (1995)", [{"s": "Heat", "y": "1995"}, {"s": "Heat (1995)"}]),
        ("Blade Runner 2049", [{"s": "Blade Runner", "y": "2049"}, {"s": "Blade Runner 2049"}]),
        ("1917", [{"s": "1917"}]),
        ("a & b=c?apikey=x#", [{"s": "a & b=c?apikey=x#"}]),
    ],
)
def test_t4_by_id_by_title_and_by_year(
    asked: str, queries: list, services: Services, somebody: Visitor
) -> None:
    page = somebody.post("/elsewhere", "/search?q=x", q=asked)
    assert "OMDb knows no film of that name" in words(page)
    said = [{k: v for k, v in query.items() if k != "type"} for _, query in services.asked]
    assert said == queries


def test_t4_what_is_found_is_only_text(
    engine: Engine, services: Services, somebody: Visitor
) -> None:
    """Markup in titles, series, what has no id, the same twice, more than is shown."""
    services.films["evil"] = omdb_list(
        ("tt0000501", "<script>alert(1)</script>", "20\u202e01"), ("javascript:alert(1)", "x", "1"),
        ("tt0000502", "Long ago", "0001"), ("tt0000502", "Twice", "1999"), total=57,
    )  # fmt: skip
    services.films["evil"]["Search"] += [
        {"imdbID": "tt0000503", "Title": "The Show", "Type": "series", "Year": "2011–"},
        7,
        None,
    ]
    page = somebody.post("/elsewhere", "/search?q=x", q="evil")
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    said = words(page)
    assert 'href="javascript:' not in page.text and "Twice" not in said
    assert "The first 3 of 57" in said
    assert "No year Long ago" in said
    assert "2011 The Show at IMDb Not to be added: it is a series" in said


@pytest.mark.parametrize(
    "answer",
    [{"Response": "True"}, {"Response": True, "Search": "x"}, {"Search": {}}, {"Search": [[]]},
     {"Search": [{"imdbID": ["tt1"], "Title": {}}]}, {"totalResults": [1], "Search": []}],
)  # fmt: skip
def test_t4_an_answer_of_another_shape_finds_nothing(
    answer: dict, services: Services, somebody: Visitor
) -> None:
    services.films["odd"] = answer
    page = somebody.post("/elsewhere", "/search?q=x", q="odd")
    assert page.status_code == 200 and "OMDb knows no film" in words(page)


def test_t4_too_many_results_say_so(services: Services, somebody: Visitor) -> None:
    services.films["a"] = {"Response": "False", "Error": "Too many results."}
    assert "add a word, or the year" in words(somebody.post("/elsewhere", "/search?q=x", q="a"))


@pytest.mark.parametrize(
    "prank",
    [sending({}, 500), sending({}, 401), sending({"Error": "Request limit reached!"}, 401),
     sending({}, 429, Retry_After="9999"), sending(b"<html>"), sending([]), breaking_off,
     sending({}, 302, Location="https://example.org/"), sending(b" " * (2 << 20)), None],
)  # fmt: skip
def test_t4_while_omdb_fails_the_page_works(
    prank: Callable | None, services: Services, somebody: Visitor, monkeypatch, caplog
) -> None:
    """A clear note, one try, never a 500; and nothing of ours that visitors need not know."""
    monkeypatch.setattr(elsewhere, "PATIENCE_S", 0.3)
    prank = prank or hanging(services)
    for path, fields, said in (
        ("/elsewhere", {"q": "heat"}, "OMDb gave no usable answer"),
        ("/elsewhere/add", {"imdb_id": HEAT, "q": "heat"}, "The film was not added"),
    ):
        services.pranks = [prank]
        page = somebody.post(path, "/search?q=x", **fields)
        assert page.status_code == 200 and said in words(page)
        assert 'role="alert"' in page.text and "Back to our own catalogue" in words(page)
        assert KEY not in page.text and "RECSQL" not in page.text
    assert len(services.asked) == 2
    assert "OMDb" in caplog.text and KEY not in caplog.text
    assert somebody.get("/search?q=alien").status_code == 200


@pytest.mark.parametrize(
    ("imdb_id", "answer", "status", "said"),
    [
        ("Heat", None, 400, "That is no IMDb id."),
        ("", None, 400, "That is no IMDb id."),
        ("tt0113277; DROP", None, 400, "That is no IMDb id."),
        ("tt" + "9" * 99, None, 400, "That is no IMDb id."),
        ("tt0000777", None, 404, "OMDb knows no film with the id tt0000777."),
        ("tt0000777", omdb_film("tt0000777", Type="series"), 400, "it is a series"),
        ("tt0000777", omdb_film("tt0000778"), 200, "The film was not added"),
        ("tt0000777", omdb_film("tt0000777", Title="N/A"), 400, "it has no title"),
        ("tt0000777", omdb_film("Heat"), 200, "The film was not added"),
    ],
)
def test_t4_only_what_omdb_returns_is_added(
    imdb_id: str, answer: dict | None, status: int, said: str,
    engine: Engine, services: Services, somebody: Visitor,
) -> None:  # fmt: skip
    """Whatever the form says: an unknown id, a series, another film."""
    before = one(engine, "SELECT count(*) FROM core.movie")
    if answer:
        services.films["tt0000777"] = answer
    page = somebody.post("/elsewhere/add", "/search?q=x", imdb_id=imdb_id)
    assert (page.status_code, said in words(page)) == (status, True), words(page)
    assert one(engine, "SELECT count(*) FROM core.movie") == before


def test_t4_so_often_and_no_more(services: Services, somebody: Visitor, monkeypatch) -> None:
    """Per account and address, looking up and adding together."""
    monkeypatch.setattr(elsewhere, "LOOK_UPS", 3)
    data = {"csrf_token": somebody.token("/search?q=x"), "q": "x", "imdb_id": HEAT}
    codes = [
        somebody.client.post(path, data=data).status_code
        for path in ("/elsewhere", "/elsewhere/add") * 3
    ]  # fmt: skip
    assert codes == [200, 404, 200, 429, 429, 429] and len(services.asked) == 3


def test_t4_visitors_are_asked_to_log_in(app: Flask, services: Services) -> None:
    visitor = Visitor(app)
    page = visitor.get("/search?q=nothing")
    assert "Log in to look it up at OMDb" in words(page) and "<form class=" in page.text
    assert 'href="/login?next=%2Fsearch%3Fq%3Dnothing"' in page.text
    assert 'action="/elsewhere"' not in page.text
    assert "Set-Cookie" not in page.headers
    assert visitor.get("/elsewhere?q=x").headers["Location"].startswith("/login")
    assert services.asked == []


def test_t4_an_address_asks_nobody(services: Services, somebody: Visitor) -> None:
    """A link, a prefetch or a picture of another site costs no look-up."""
    assert somebody.get("/elsewhere?q=heat").headers["Location"] == "/search?q=heat"
    assert somebody.get("/elsewhere/add?imdb_id=tt1").status_code == 405
    assert somebody.post("/elsewhere", "/search?q=x", q=" \0 ").headers["Location"] == "/search"
    assert somebody.post("/elsewhere", "/search?q=x", q="x" * 300).status_code == 400
    assert services.asked == []


def test_t9_without_a_key_nothing_leads_there(
    engine: Engine, services: Services, session: str, monkeypatch, caplog, tmp_path: Path
) -> None:
    """T9: all else works; a key that cannot be used is said once, in the log."""
    monkeypatch.delenv("RECSQL_OMDB_KEY")
    monkeypatch.setenv("RECSQL_HOME", str(tmp_path))
    (tmp_path / "omdb.key").write_text(KEY)
    (tmp_path / "omdb.key").chmod(0o644)
    fresh = signed_in(web.create_app(engine), session)
    assert caplog.text.count("not looked up at OMDb: everybody on this machine") == 1
    page = fresh.get("/search?q=nothing")
    assert page.status_code == 200 and "OMDb" not in page.text
    answer = fresh.post("/elsewhere", "/account", q="x")
    assert answer.status_code == 404 and "does not look films up" in words(answer)
    assert services.asked == []


# The same by command --------------------------------------------------------------------------


def test_t4_by_command(engine: Engine, services: Services, monkeypatch) -> None:
    """recsql search --omdb and recsql add: the same functions, also as JSON."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    run: Callable[..., Result] = lambda *args: CliRunner().invoke(cli, [*args])  # noqa: E731
    services.films = {
        "ronin": omdb_list(("tt0122690", "Ronin", "1998"), ("tt0078748", "Alien", "1979")),
        "tt0122690": omdb_film("tt0122690", "Ronin", Year="1998"),
    }
    said = run("search", "--omdb", "ronin")
    assert said.exit_code == 0 and "tt0122690  –" in said.stdout and "Ronin (1998)" in said.stdout
    assert said.stderr == "Add one of them: recsql add ID\n"
    listed = json.loads(run("search", "--omdb", "ronin", "--json").stdout)
    assert [(row["imdb_id"], row["movie_id"]) for row in listed] == [
        ("tt0122690", None), ("tt0078748", ALIEN)
    ]  # fmt: skip
    added = run("add", "tt0122690")
    assert added.exit_code == 0
    assert re.fullmatch(r"Added 1\d{9} Ronin \(1998\), rated by 3 critics\.\n", added.stdout)
    [again] = json.loads(run("add", "tt0122690", "--json").stdout)
    assert again["is_new"] is False and again["title"] == "Ronin"
    assert json.loads(run("search", "--omdb", "nothing", "--json").stdout) == []
    for wrong in ("Ronin", "tt0000404"):
        failed = run("add", wrong)
        assert failed.exit_code == 1 and failed.stderr.startswith("Error: ")
