"""What next (T7): one unwatched film out of somebody's suggestions, and a way to the next."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, Engine, text

from recsql import web
from recsql.cli import cli
from tests.datasets import one, rows
from tests.support import libpq_url, psql_rows
from tests.test_accounts import Visitor, joined, words
from tests.test_home_rows import key, rate, somebody
from tests.test_my_ratings import given

LARGEST = 2**63 - 1


@pytest.fixture
def engine(suggesting_engine: Engine) -> Engine:
    """A demo site with a model, whose accounts these tests may make."""
    with suggesting_engine.begin() as conn:
        conn.execute(text("DELETE FROM core.attempt"))
    return suggesting_engine


@pytest.fixture(scope="module")
def app(suggesting_engine: Engine) -> Flask:
    return web.create_app(suggesting_engine)


@pytest.fixture
def conn(suggesting_engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are rolled back."""
    with suggesting_engine.connect() as conn:
        yield conn
        conn.rollback()


def drawn(conn: Connection, user: int | None, seed: int, among: int = 50) -> dict | None:
    found = conn.execute(
        text("SELECT * FROM api.next_movie(:u, :s, :n)"), {"u": user, "s": seed, "n": among}
    ).mappings()
    listed = [dict(row) for row in found]
    assert len(listed) <= 1
    return listed[0] if listed else None


def hero(source: str) -> int:
    return int(re.search(r'id="hero"><a href="/movie/(\d+)"', source).group(1))


def test_t7_next_shows_every_suggestion_before_any_comes_again(conn: Connection):
    """T7: never the film just shown, and all of them are out of api.suggestions."""
    user = somebody(conn, 8)
    wanted = dict(
        conn.execute(text("SELECT movie_id, rank FROM api.suggestions(:u, 12)"), {"u": user}).all()
    )
    seed, walked = 987_654_321, []
    for _ in range(2 * len(wanted)):
        movie = drawn(conn, user, seed, 12)
        assert movie and movie["among"] == 12 and movie["rank"] == wanted[movie["movie_id"]]
        assert movie == drawn(conn, user, seed, 12), "a seed is a permalink"
        walked.append(movie["movie_id"])
        seed = movie["next_seed"]
    assert walked[:12] == walked[12:] and set(walked) == set(wanted)
    assert sorted(wanted, key=wanted.get) != walked[:12], "shuffled, and not the best first"


@pytest.mark.parametrize("seed", [0, -1, LARGEST, -LARGEST - 1, -50, 49])
def test_t7_any_seed_is_a_film(conn: Connection, seed: int):
    user = somebody(conn, 3)
    movie = drawn(conn, user, seed)
    assert movie and 1 <= movie["place"] <= movie["among"] == 50
    assert 0 <= movie["next_seed"] < 50


def test_t7_the_last_one_is_its_own_successor_and_none_is_none(tiny: Connection):
    """T7: on the tiny catalogue u4 has one film left that something speaks for."""
    first = drawn(tiny, 4, 5)
    assert first and (first["among"], first["next_seed"]) == (1, 0)
    assert drawn(tiny, 4, 0) == {**first}
    tiny.execute(text("SELECT api.mark(4, :m, 'hide')"), {"m": first["movie_id"]})
    assert drawn(tiny, 4, 5) is None


def test_t7_the_page_shows_one_film_with_all_that_is_to_be_done(app: Flask, engine: Engine):
    """T7: title, year, time, genres, overview, reason, stars; works without a script."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 6)
    answer = visitor.get("/next?seed=3")
    [movie] = psql_rows(engine, f"SELECT * FROM api.next_movie({user}, 3)")
    page = words(answer)
    for said in (movie["title"], str(movie["year"]), movie["reason"], *movie["genres"],
                 f"{movie['predicted_stars']:.1f} for you", "Watchlist", "Not for me",
                 "Watched it", "(seed 3;"):  # fmt: skip
        assert said in page, said
    assert movie["overview"][:60] in page
    assert hero(answer.text) == movie["movie_id"]
    assert f'href="/next?seed={movie["next_seed"]}"' in answer.text
    assert f'href="/why/{movie["movie_id"]}"' in answer.text
    assert 'aria-current="page">What next?' in answer.text
    assert hero(visitor.get("/next?seed=3").text) == movie["movie_id"]
    random = {hero(visitor.get("/next").text) for _ in range(8)}
    assert len(random) > 1, "without a seed by chance"


def _send(visitor: Visitor, at: str, action: str, **fields: object):
    """Send a form of the page as a browser does, with the way back that stands in it."""
    source = visitor.get(at).text
    form = next(
        f for f in re.findall(r"<form.*?</form>", source, re.S)
        if f'/{action}"' in f and all(str(v) in f for v in fields.values())
    )  # fmt: skip
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    target = re.search(r'action="([^"]+)"', form).group(1)
    data = {name: html.unescape(value) for name, value in hidden.items()}
    answer = visitor.client.post(target, data={**data, **fields})
    assert answer.status_code == 303
    return visitor.get(answer.headers["Location"])


def test_t7_watched_it_rates_and_goes_on(app: Flask, engine: Engine):
    """T7: the film is rated, never shown again, and the suggestions count it at once."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 4)
    shown = set()
    at = "/next?seed=11"
    for stars in ("4.5", "0.5", "3.0"):
        movie = hero(visitor.get(at).text)
        assert movie not in shown
        shown.add(movie)
        answer = _send(visitor, at, "rate", stars=stars)
        assert given(engine, user)[movie] == float(stars)
        assert "Rated, and your suggestions count it" in words(answer)
        assert f'href="/movie/{movie}#mine"' in answer.text
        assert hero(answer.text) not in shown
        at = answer.request.path + "?" + answer.request.query_string.decode()


def test_t7_not_for_me_hides_and_the_watchlist_takes(app: Flask, engine: Engine):
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 4)
    first = hero(visitor.get("/next?seed=5").text)
    answer = _send(visitor, "/next?seed=5", "mark", kind="hide")
    assert rows(engine, "SELECT movie_id FROM api.hidden_movies(:u)", u=user) == [(first,)]
    assert "It is hidden from all your lists." in words(answer) and hero(answer.text) != first
    second = hero(visitor.get("/next?seed=5").text)
    answer = _send(visitor, "/next?seed=5", "mark", kind="watch")
    kept = "SELECT movie_id FROM api.my_marks(:u, 'watch')"
    assert rows(engine, kept, u=user) == [(second,)]
    assert "It is on your watchlist." in words(answer) and hero(answer.text) != second
    assert "On your watchlist ✓" in words(visitor.get("/next?seed=5"))
    _send(visitor, "/next?seed=5", "mark", kind="none")
    assert rows(engine, kept, u=user) == []


def test_t7_a_visitor_gets_popular_films_and_no_forms(app: Flask):
    visitor = Visitor(app)
    answer = visitor.get("/next?seed=5")
    assert answer.status_code == 200
    main = re.search(r"<main.*?</main>", answer.text, re.S).group()
    assert "<form" not in main and "Liked by" in words(answer) and "Log in" in words(answer)
    assert visitor.cookie("recsql_form") is None
    following = re.search(r'href="(/next\?seed=\d+)" rel="nofollow" data-key="n"', main).group(1)
    assert hero(visitor.get(following).text) != hero(answer.text)
    assert "What next?" not in re.search(r"<nav.*?</nav>", answer.text, re.S).group()


@pytest.mark.parametrize(
    ("query", "status"),
    [("seed=", 400), ("seed=x", 400), ("seed=1e3", 400), (f"seed={2**63}", 400), ("seed=٣", 400),
     ("seed=1%27--", 400), (f"seed={LARGEST}", 200), (f"seed={-LARGEST - 1}", 200),
     ("seed=1&did=<b>&film=<b>", 200), ("seed=1&did=rated&film=9999999999999", 200)],
)  # fmt: skip
def test_odd_addresses_are_refused_or_harmless(app: Flask, query: str, status: int):
    answer = Visitor(app).get(f"/next?{query}")
    assert answer.status_code == status and "<b></b>" not in answer.text
    assert "<b>&" not in answer.text


def test_t7_b9_the_same_film_through_every_door(app: Flask, engine: Engine, monkeypatch):
    """T7, B9: web, psql and command."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 6)
    wanted = psql_rows(engine, f"SELECT * FROM api.next_movie({user}, 9)")
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    ran = CliRunner().invoke(cli, ["next", "--user", name, "--seed", "9", "--json"])
    assert ran.exit_code == 0 and json.loads(ran.stdout) == wanted
    assert hero(visitor.get("/next?seed=9").text) == wanted[0]["movie_id"]
    plain = CliRunner().invoke(cli, ["next", "--user", name, "--seed", "9"])
    assert wanted[0]["title"] in plain.stdout and "stars for you: because you" in plain.stdout
    assert f"--seed {wanted[0]['next_seed']}" in plain.stderr
    anybody = CliRunner().invoke(cli, ["next"])
    assert anybody.exit_code == 0 and "liked by" in anybody.stdout
    assert CliRunner().invoke(cli, ["next", "--seed", "-1"]).exit_code == 2
    assert one(engine, "SELECT count(*) FROM api.next_movie(:u, 9)", u=user) == 1
