"""The home page of somebody who is signed in (S1, S9, N2, N3): rows of their own, nothing twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, Engine, event, text

from recsql import db, suggest, web
from recsql.cli import cli
from tests.datasets import one, rows
from tests.support import libpq_url, psql_rows
from tests.test_accounts import Visitor, joined, words

MATRIX = 603


@pytest.fixture
def engine(suggesting_engine: Engine) -> Engine:
    """A demo site with a model, and no stored suggestions yet."""
    with suggesting_engine.begin() as conn:
        conn.execute(
            text(
                "DELETE FROM core.attempt; DELETE FROM core.suggestion;"
                " DELETE FROM core.suggestion_list"
            )
        )
    return suggesting_engine


@pytest.fixture(scope="module")
def app(suggesting_engine: Engine) -> Flask:
    return web.create_app(suggesting_engine)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection whose changes are rolled back."""
    with engine.connect() as conn:
        yield conn
        conn.rollback()


def page_of(conn: Connection, user: int, seed: int = 7, **more: object) -> list[dict[str, Any]]:
    """Return the rows of a page."""
    named = "".join(f", {name} => :{name}" for name in more)
    found = conn.execute(
        text(f"SELECT * FROM api.home_rows(:user, :seed{named})"),
        {"user": user, "seed": seed, **more},
    )
    return [dict(row) for row in found.mappings()]


def kinds(page: list[dict[str, Any]]) -> list[str]:
    """Return the kind of each row of the page, from the top."""
    found = {row["shelf"]: row["kind"] for row in page}
    return [found[shelf] for shelf in sorted(found)]


def movies(page: list[dict[str, Any]], kind: str) -> list[int]:
    return [row["movie_id"] for row in page if row["kind"] == kind]


def somebody(conn: Connection, ratings: int, user: int = 800_001) -> int:
    """Make a rater who has rated so many of the most rated films, the odd ones with 5.0."""
    conn.execute(
        text("INSERT INTO core.rater VALUES (:user, 'account', 'test', :user)"), {"user": user}
    )
    conn.execute(
        text(
            "SELECT api.rate(:user, movie_id, CASE n % 2 WHEN 1 THEN 5 ELSE 3.5 END) FROM ("
            " SELECT movie_id, row_number() OVER (ORDER BY raters DESC, movie_id) AS n"
            " FROM derived.movie_stats ORDER BY n LIMIT :ratings) AS best"
        ),
        {"user": user, "ratings": ratings},
    )
    return user


def rated_by(conn: Connection, user: int, least: int = 1) -> set[int]:
    """Return what somebody has given so many half-stars or more."""
    return set(
        conn.scalars(
            text("SELECT movie_id FROM core.rating WHERE user_id = :u AND half_stars >= :least"),
            {"u": user, "least": least},
        )
    )


# Nothing twice --------------------------------------------------------------------------------


@pytest.mark.parametrize("ratings", [0, 1, 5, 100, 400])
def test_s1_nothing_is_on_a_page_twice_or_rated_or_hidden(conn: Connection, ratings: int):
    """S1, N2, N3: the header, the rows of one's own and the categories share no film."""
    user = somebody(conn, ratings)
    for n, kind in enumerate(["hide", "watch", "watch", "hide"] * 3):
        conn.execute(
            text(
                "SELECT api.mark(:user, movie_id, :kind) FROM core.movie"
                " ORDER BY hashint4(movie_id) OFFSET :n LIMIT 1"
            ),
            {"user": user, "kind": kind, "n": n},
        )
    seen = set(
        conn.scalars(
            text(
                "SELECT movie_id FROM core.rating WHERE user_id = :user UNION ALL"
                " SELECT movie_id FROM api.hidden_movies(:user)"
            ),
            {"user": user},
        )
    )
    assert len(seen) > ratings
    for seed in range(4):
        page = page_of(conn, user, seed)
        shown = [row["movie_id"] for row in page]
        assert len(shown) == len(set(shown)), "twice"
        assert not seen & set(shown), "rated or hidden"
        assert kinds(page)[:2] == ["header", "suggestions"]
        assert {row["ratings"] for row in page} == {ratings}
        for shelf in {row["shelf"] for row in page}:
            places = [row["place"] for row in page if row["shelf"] == shelf]
            assert places == list(range(1, len(places) + 1)) and len(places) <= 10
    if ratings <= 100:
        # shelves are filled up again: of a small catalogue, too, most are whole
        full = [n for n in range(1, max(row["shelf"] for row in page) + 1)
                if sum(row["shelf"] == n for row in page) == 10]  # fmt: skip
        assert len(full) >= 12


def test_n2_the_header_is_everybodys_unless_it_was_seen(conn: Connection):
    """N2: and then another one, down to the last film that is left."""
    user = somebody(conn, 0)
    for seed in (1, 2, 3):
        common = conn.scalar(text("SELECT movie_id FROM api.home_header(:s)"), {"s": seed})
        assert movies(page_of(conn, user, seed), "header") == [common]
        conn.execute(text("SELECT api.rate(:u, :m, 3)"), {"u": user, "m": common})
        [other] = movies(page_of(conn, user, seed), "header")
        assert other != common
        assert movies(page_of(conn, user, seed), "header") == [other], "the same for the seed"
    left = conn.scalar(
        text("SELECT movie_id FROM derived.shelf WHERE category_id = 0 ORDER BY place LIMIT 1")
    )
    conn.execute(
        text("SELECT api.rate(:u, movie_id, 3) FROM core.movie WHERE movie_id <> :left"),
        {"u": user, "left": left},
    )
    assert [row["movie_id"] for row in page_of(conn, user)] == [left]
    conn.execute(text("SELECT api.mark(:u, :left, 'hide')"), {"u": user, "left": left})
    assert page_of(conn, user) == []


def test_n3_categories_are_those_of_the_seed_but_for_what_is_gone(conn: Connection):
    """N3: a permalink shows one's friends nearly the same."""
    user = somebody(conn, 5)
    page = page_of(conn, user)
    gone = {row["movie_id"] for row in page if row["kind"] != "category"}
    visitors = conn.execute(text("SELECT shelf, category, movie_id FROM api.home_shelves(7)")).all()
    order = list(dict.fromkeys(row["heading"] for row in page if row["kind"] == "category"))
    assert order == list(dict.fromkeys(row.category for row in visitors))
    assert len(order) == 20
    mine = set(movies(page, "category"))
    common = {row.movie_id for row in visitors} - gone
    rated = set(
        conn.scalars(text("SELECT movie_id FROM core.rating WHERE user_id = :u"), {"u": user})
    )
    assert common - rated <= mine


# What the rows hold ---------------------------------------------------------------------------


def test_s1_suggestions_are_those_of_sql_with_a_short_reason(conn: Connection):
    """S1: by api.suggestions, but for what is above; each because of one film that was rated."""
    user = somebody(conn, 5)
    page = page_of(conn, user)
    above = set(movies(page, "header"))
    listed = conn.execute(
        text("SELECT movie_id, score, predicted_stars FROM api.suggestions(:u, 11)"), {"u": user}
    ).all()
    wanted = [tuple(row) for row in listed if row.movie_id not in above][:10]
    found = [row for row in page if row["kind"] == "suggestions"]
    assert [(r["movie_id"], r["score"], r["predicted_stars"]) for r in found] == wanted
    assert {row["model"] for row in found} == {"ease"}
    titles = conn.scalars(
        text("SELECT title FROM core.movie INNER JOIN core.rating USING (movie_id)"
             " WHERE user_id = :u"), {"u": user}
    ).all()  # fmt: skip
    for row in found:
        said = re.fullmatch(r"because you (?:liked|rated) (.+)", row["reason"])
        assert said and said[1] in titles


def test_s1_because_you_gave_x_five_stars(conn: Connection):
    """S1: X is one of the best rated, by the seed; what its fans liked, as SQL has it."""
    user = somebody(conn, 20)
    best = rated_by(conn, user, 10)
    about = set()
    for seed in range(6):
        page = page_of(conn, user, seed)
        mine = [row for row in page if row["kind"] == "liked"]
        assert len({row["about_movie_id"] for row in mine}) == 2
        about |= {row["about_movie_id"] for row in mine}
        for row in mine:
            assert re.fullmatch(r"Because you gave .+ five stars", row["heading"])
            score, reason = conn.execute(
                text("SELECT score, reason FROM api.also_liked(:x, 100) WHERE movie_id = :m"),
                {"x": row["about_movie_id"], "m": row["movie_id"]},
            ).one()
            assert (row["score"], row["reason"]) == (score, reason)
    assert about <= best and len(about) > 3, "not always the same"
    near = movies(page, "liked")
    conn.execute(text("UPDATE core.movie SET adult = true WHERE movie_id = ANY(:m)"), {"m": near})
    assert not set(near) & set(movies(page_of(conn, user, 5), "liked")), "not for all eyes"
    alike = page_of(conn, user, p_live_fans=0)
    assert "liked" not in kinds(alike) and kinds(alike).count("similar") == 2
    assert all(" in common: " in row["reason"] for row in alike if row["kind"] == "similar")
    assert page_of(conn, user, p_because=0)[-1]["kind"] == "category"
    conn.execute(
        text("UPDATE core.rating SET half_stars = 9 WHERE user_id = :u AND half_stars = 10"),
        {"u": user},
    )
    assert "Because you gave" in "".join(r["heading"] for r in page_of(conn, user))
    assert any(r["heading"].endswith(" 4.5 stars") for r in page_of(conn, user))


def test_s1_the_watchlist_the_latest_first_and_what_is_popular(conn: Connection):
    user = somebody(conn, 10)
    for n, movie in enumerate((MATRIX, 155, 13)):
        conn.execute(text("SELECT api.mark(:u, :m, 'watch')"), {"u": user, "m": movie})
        conn.execute(
            text("UPDATE core.mark SET marked_at = '2026-05-01'::date + :n"
                 " WHERE user_id = :u AND movie_id = :m"), {"n": n, "u": user, "m": movie}
        )  # fmt: skip
    rated = set(
        conn.scalars(text("SELECT movie_id FROM core.rating WHERE user_id = :u"), {"u": user})
    )
    page = page_of(conn, user, 3)
    assert movies(page, "watchlist") == [m for m in (13, 155, MATRIX) if m not in rated]
    said = [row["reason"] for row in page if row["kind"] == "watchlist"]
    assert all(re.fullmatch(r"on your list since [1-3] May 2026", one) for one in said)
    listed = conn.execute(
        text("SELECT movie_id, likers, raters FROM api._popular('{}', 200, 0, 'any', 0)")
    ).all()
    above = {row["movie_id"] for row in page if row["kind"] not in ("popular", "category")} | rated
    wanted = [row for row in listed if row.movie_id not in above][:10]
    found = [row for row in page if row["kind"] == "popular"]
    assert [row["movie_id"] for row in found] == [row.movie_id for row in wanted]
    assert found[0]["reason"] == f"liked by {wanted[0].likers} of {wanted[0].raters} people"


def test_s1_who_has_rated_nothing_gets_what_is_popular_and_no_second_row_of_it(conn: Connection):
    user = somebody(conn, 0)
    page = page_of(conn, user)
    assert kinds(page)[:3] == ["header", "suggestions", "category"]
    assert {row["model"] for row in page if row["kind"] == "suggestions"} == {"popular"}
    assert page[1]["heading"] == "Popular, to begin with"
    assert page_of(conn, 123_456_789)[1:11] == page[1:11], "nobody is a beginner, too"


def test_s1_without_a_model_everybody_gets_what_is_popular_and_rows_about_films(conn: Connection):
    """S1: models are no condition."""
    user = somebody(conn, 5)
    conn.execute(text("DELETE FROM derived.model_run"))
    page = page_of(conn, user)
    assert kinds(page)[:4] == ["header", "suggestions", "liked", "liked"]
    assert {row["model"] for row in page if row["kind"] == "suggestions"} == {"popular"}


# Stored suggestions ---------------------------------------------------------------------------


def test_s9_stored_suggestions_are_served_until_something_is_rated(engine: Engine):
    """S9, B4: a fresh rating counts at once, for the whole list; taken back, the list is good."""
    suggest.suggest(engine, active_days=0, max_movies=40)
    user = one(engine, "SELECT min(user_id) FROM core.suggestion")
    with engine.connect() as conn:  # rolled back

        def listed(name: str) -> list[int]:
            return list(conn.scalars(
                text(f"SELECT movie_id FROM api.{name}(:u, 10)"), {"u": user}
            ))  # fmt: skip

        stored = listed("suggestions")
        assert stored != listed("recommend"), "only 40 movies were covered"
        page = page_of(conn, user)
        assert {row["is_stored"] for row in page if row["kind"] == "suggestions"} == {True}
        conn.execute(text("SELECT api.rate(:u, :m, 1)"), {"u": user, "m": stored[0]})
        assert listed("suggestions") == listed("recommend")
        assert stored[0] not in listed("suggestions")
        conn.execute(text("SELECT api.unrate(:u, :m)"), {"u": user, "m": stored[0]})
        assert listed("suggestions") == stored
        conn.execute(
            text("UPDATE core.rating SET half_stars = 11 - half_stars WHERE user_id = :u"),
            {"u": user},
        )
        assert listed("suggestions") == listed("recommend"), "other stars are other ratings"


def test_s9_a_list_made_of_different_ratings_is_served_to_nobody(engine: Engine):
    """S9: --start adds to a list; if something was rated in between, no part of it is good."""
    suggest.suggest(engine, active_days=0, max_movies=20)
    user = one(engine, "SELECT min(user_id) FROM core.suggestion")
    movie = one(engine, "SELECT movie_id FROM core.suggestion WHERE user_id = :u LIMIT 1", u=user)
    with engine.begin() as conn:
        conn.execute(text("SELECT api.rate(:u, :m, 2)"), {"u": user, "m": movie})
    suggest.suggest(engine, active_days=0, start=20, max_movies=20)
    basis = "SELECT basis FROM core.suggestion_list WHERE user_id = :u"
    assert one(engine, basis, u=user) is None
    assert one(engine, basis, u=user + 1) is not None
    suggest.suggest(engine, active_days=0, max_movies=40, reuse_days=0)
    assert one(engine, basis, u=user) == one(engine, "SELECT api._basis(:u)", u=user)
    with engine.begin() as conn:
        conn.execute(text("SELECT api.unrate(:u, :m)"), {"u": user, "m": movie})


# The page -------------------------------------------------------------------------------------


def key(engine: Engine, name: str) -> int:
    return int(one(engine, "SELECT user_id FROM api.account(:n)", n=name))


def rate(engine: Engine, user: int, ratings: int) -> None:
    with engine.begin() as conn:
        conn.execute(
            text(
                "SELECT api.rate(:user, movie_id, 5) FROM (SELECT movie_id"
                " FROM derived.movie_stats ORDER BY raters DESC, movie_id LIMIT :n) AS best"
            ),
            {"user": user, "n": ratings},
        )


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        (0, "You have not rated a film yet, so these are what most people liked. Take the quiz"),
        (1, "These rest on 1 rating of yours. With a handful more they suit you better. Take the"),
        (5, None),
    ],
)
def test_s1_the_page_says_kindly_what_it_has_to_go_on(app: Flask, engine: Engine, ratings: int,
                                                      said: str | None):  # fmt: skip
    visitor, name = joined(app)
    rate(engine, key(engine, name), ratings)
    answer = visitor.get("/?seed=7")
    assert answer.status_code == 200
    page = words(answer)
    if said is None:
        assert "quiz" not in page and "Suggestions for you" in page
    else:
        assert said in page and 'href="/quiz"' in answer.text
    assert "because you liked" in page or ratings == 0
    assert len(answer.data) <= 120_000


def test_b9_the_same_page_through_every_door(app: Flask, engine: Engine, monkeypatch):
    """B9: web, psql and command, row by row."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 6)
    in_psql = psql_rows(engine, f"SELECT * FROM api.home_rows({user}, 7) ORDER BY shelf, place")
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    ran = CliRunner().invoke(cli, ["home", "--user", name.upper(), "--seed", "7", "--json"])
    assert ran.exit_code == 0 and json.loads(ran.stdout) == in_psql
    source = visitor.get("/?seed=7").text
    cards = [int(i) for i in re.findall(r'class="card" href="/movie/(\d+)"', source)]
    assert cards == [row["movie_id"] for row in in_psql if row["shelf"] > 0]
    assert f'id="hero"><a href="/movie/{in_psql[0]["movie_id"]}"' in source
    reasons = re.findall(r'<p class="reason">([^<]+)</p>', source)
    assert len(reasons) == sum(row["reason"] is not None for row in in_psql) > 30
    plain = CliRunner().invoke(cli, ["home", "--user", name, "--per-shelf", "2", "--shelves", "1"])
    assert "Suggestions for you" in plain.stdout and ": because you liked " in plain.stdout
    assert re.search(r"recsql home --user '.+' --seed \d+", plain.stderr)
    head = CliRunner().invoke(cli, ["home", "--user", name, "--seed", "7", "--header", "--json"])
    assert [row["kind"] for row in json.loads(head.stdout)] == ["header"]
    nobody = CliRunner().invoke(cli, ["home", "--user", "no such name"])
    assert nobody.exit_code == 1 and "recsql users list" in nobody.stderr


def test_s1_every_reason_leads_to_its_explanation(app: Flask, engine: Engine):
    visitor, name = joined(app)
    rate(engine, key(engine, name), 6)
    source = visitor.get("/?seed=7").text
    leads = re.findall(r'<a class="why" href="([^"#]+)[^"]*"', source)
    ways = {re.sub(r"\d+", "N", lead) for lead in leads}
    assert ways == {"/why/N", "/movie/N/why/N"}
    for way in ways:
        lead = next(lead for lead in leads if re.sub(r"\d+", "N", lead) == way)
        assert visitor.get(lead).status_code == 200


def test_somebody_who_has_seen_it_all_is_told_so(app: Flask, engine: Engine):
    visitor, name = joined(app)
    user = key(engine, name)
    with engine.begin() as conn:
        conn.execute(text("SELECT api.mark(:u, movie_id, 'hide') FROM core.movie"), {"u": user})
    assert "You have seen it all" in words(visitor.get("/"))
    assert "Nothing is left to suggest" in words(visitor.get("/next"))
    lost = visitor.get("/random?seed=7")
    assert lost.status_code == 404
    assert "no film left to surprise you with" in words(lost)


def test_b9_who_is_signed_in_is_surprised_by_the_header_of_their_own_home(app: Flask, engine):
    visitor, name = joined(app)
    user = key(engine, name)
    asked = text("SELECT movie_id FROM api.home_rows(:u, 7) WHERE kind = 'header'")
    with engine.begin() as conn:
        first = conn.execute(asked, {"u": user}).scalar_one()
        conn.execute(text("SELECT api.mark(:u, :m, 'hide')"), {"u": user, "m": first})
    with engine.connect() as conn:
        second = conn.execute(asked, {"u": user}).scalar_one()
    assert second != first
    assert visitor.get("/random?seed=7").headers["Location"] == f"/movie/{second}"


# Why ------------------------------------------------------------------------------------------


def test_b2_why_me_adds_up_to_the_score(app: Flask, engine: Engine):
    """B2, S1: and of many ratings the loudest are told, the others in one line."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 60)
    movie, score = rows(engine, "SELECT movie_id, score FROM api.recommend(:u, 1)", u=user)[0]
    source = visitor.get(f"/why/{movie}").text
    points = [
        float(p.replace(",", ""))
        for p in re.findall(r'<td class="n">(-?[\d,.]+)</td></tr>', source)
    ]
    assert points[-1] == pytest.approx(float(score), abs=0.0006)
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=0.0006 * len(points))
    assert "others of your ratings together" in source and len(points) <= 22


def test_why_me_of_all_sorts_of_films(app: Flask, engine: Engine):
    visitor, name = joined(app)
    user = key(engine, name)
    popular = one(engine, "SELECT movie_id FROM api._popular('{}', 1, 0, 'any', 0)")
    assert "It is here for being liked by many" in words(visitor.get(f"/why/{popular}"))
    with engine.begin() as conn:
        conn.execute(text("SELECT api.rate(:u, :m, 4)"), {"u": user, "m": popular})
        conn.execute(text("SELECT api.mark(:u, :m, 'hide')"), {"u": user, "m": MATRIX})
    assert "You gave it 4 out of 5 stars" in words(visitor.get(f"/why/{popular}"))
    assert "You hide this film" in words(visitor.get(f"/why/{MATRIX}"))
    for path in ("/why/999999999", "/why/99999999999999999999"):
        assert visitor.get(path).status_code == 404
    assert Visitor(app).get(f"/why/{MATRIX}").headers["Location"].startswith("/login?next=%2Fwhy")


# What was shown -------------------------------------------------------------------------------


def noted(engine: Engine, user: int) -> dict[int, Any]:
    return dict(rows(engine, "SELECT movie_id, shown_at FROM core.suggestion"
                     " WHERE user_id = :u AND shown_at IS NOT NULL", u=user))  # fmt: skip


def test_t2_what_was_shown_is_noted_once_a_day_when_the_page_is_sent(app: Flask, engine: Engine):
    """T2: after the answer, in a transaction of its own; each film at most once a day."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 5)
    suggest.suggest(engine, active_days=0)
    # not buffered: a browser that has all of the page, and a server that has not closed it yet
    answer = visitor.get("/?seed=7")
    shown = [row["movie_id"] for row in psql_rows(engine, f"SELECT * FROM api.home_rows({user}, 7)")
             if row["kind"] == "suggestions"]  # fmt: skip
    assert noted(engine, user) == {}
    answer.close()
    first = noted(engine, user)
    assert set(first) == set(shown)
    visitor.get("/?seed=7").close()
    assert noted(engine, user) == first, "again the same day: no write"
    with engine.begin() as conn:
        conn.execute(text("UPDATE core.suggestion SET shown_at = shown_at - interval '25 hours'"))
    visitor.get("/?seed=7").close()
    assert all(noted(engine, user)[movie] > first[movie] for movie in first)
    visitor.get("/next?seed=3").close()
    assert len(noted(engine, user)) in (10, 11)


def test_a_page_comes_out_of_a_database_that_nothing_can_be_written_to(app: Flask, engine: Engine):
    """T2: a standby serves the page as well, and nothing is noted."""
    visitor, name = joined(app)
    user = key(engine, name)
    rate(engine, user, 5)
    suggest.suggest(engine, active_days=0)
    standby = db.engine_on(engine.url)

    @event.listens_for(standby, "connect")
    def only_reading(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        connection.commit()

    reader = Visitor(web.create_app(standby))
    reader.client.set_cookie("recsql_session", visitor.cookie() or "")
    for path in ("/?seed=7", "/next?seed=7"):
        answer = reader.get(path)
        assert answer.status_code == 200 and "because you liked" in answer.text
        answer.close()
    standby.dispose()
    assert noted(engine, user) == {}
