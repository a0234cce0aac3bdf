"""The quiz (Q1 to Q7): its films, its results with their evidence, and answers that are kept."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text

from recsql import db, web
from recsql.cli import cli
from recsql.web import people
from tests.conftest import Databases, fill_tiny
from tests.datasets import one
from tests.datasets import rows as all_rows
from tests.support import libpq_url, psql
from tests.test_accounts import PASSWORD, Visitor, joined, words
from tests.test_recommend import refused
from tests.test_recommenders import ALIEN, ALIENS, BLADE, CASABLANCA, DUMBO, rows

AMELIE = 6
ADA = 4


def films(conn: Connection, seed: int = 7, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return rows(conn, f"SELECT * FROM api.quiz_movies({seed}{named}) ORDER BY place", **params)


def results(conn: Connection, ratings: object, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return rows(
        conn,
        f"SELECT * FROM api.quiz_results(CAST(:given AS jsonb){named}) ORDER BY rank",
        given=json.dumps(ratings),
        **params,
    )


def evidence(conn: Connection, ratings: object, movie: int, model: str | None) -> Decimal:
    return sum(
        row["points"]
        for row in rows(
            conn,
            "SELECT points FROM api.explain_quiz_result(CAST(:given AS jsonb), :movie, :model)",
            given=json.dumps(ratings),
            movie=movie,
            model=model,
        )
    )


def without_models(conn: Connection) -> None:
    conn.execute(text("DELETE FROM derived.model_run"))


# The films ------------------------------------------------------------------------------------


def test_q1_fifteen_films_of_the_most_rated(demo: Connection) -> None:
    """Q1: 7 old and 8 new ones, each of the 50 most rated of its kind, in an order of the seed."""
    most_rated = rows(
        demo,
        "SELECT movie_id, year >= 2010 AS new FROM core.movie INNER JOIN derived.movie_stats"
        " USING (movie_id) WHERE raters > 0 ORDER BY raters DESC, movie_id",
    )
    pools = {
        period: {row["movie_id"] for row in [r for r in most_rated if r["new"] == new][:50]}
        for period, new in (("old", False), ("new", True))
    }
    drawn: set[int] = set()
    for seed in range(40):
        asked = films(demo, seed)
        assert [row["place"] for row in asked] == list(range(1, 16))
        assert len({row["movie_id"] for row in asked}) == 15
        assert sum(row["period"] == "old" for row in asked) == 7
        for row in asked:
            assert row["movie_id"] in pools[row["period"]]
            assert (row["year"] >= 2010) == (row["period"] == "new")
        drawn |= {row["movie_id"] for row in asked}
    # it is chance that chooses: in the long run everything of the pool is asked about
    assert drawn == pools["old"] | pools["new"]
    orders = {"".join(row["period"][0] for row in films(demo, seed)) for seed in range(20)}
    assert len(orders) > 10, "old and new ones are mixed"


def test_q1_numbers_and_year_are_parameters(demo: Connection) -> None:
    """Q1: and the 50 may be those of all films, old or new."""
    asked = films(demo, p_count=20, p_old=3, p_pool=30, p_boundary_year=1990)
    assert [sum(row["period"] == kind for row in asked) for kind in ("old", "new")] == [3, 17]
    assert {row["year"] < 1990 for row in asked if row["period"] == "old"} == {True}
    fifty = set(
        demo.scalars(
            text("SELECT movie_id FROM derived.movie_stats ORDER BY raters DESC, movie_id LIMIT 50")
        )
    )
    for seed in range(10):
        whole = films(demo, seed, p_pool_of="all")
        assert len(whole) == 15 and {row["movie_id"] for row in whole} <= fifty
    assert films(demo, p_count=0) == []
    assert len(films(demo, p_count=4, p_old=99)) == 4
    assert refused(demo, "SELECT * FROM api.quiz_movies(7, -1)")[0] == "2201W"
    assert refused(demo, "SELECT * FROM api.quiz_movies(7, p_pool => -1)")[0] == "2201W"
    code, message, hint = refused(demo, "SELECT * FROM api.quiz_movies(7, p_pool_of => 'x')")
    assert (code, message) == ("RQ002", "unknown pool: x") and "each, all" in hint


def test_q1_where_one_kind_is_rare_the_other_fills_up(tiny: Connection) -> None:
    """Q1: of five rated films two are from 1986 or later."""
    for count, old, wanted in ((4, 1, (2, 2)), (4, 4, (3, 1)), (15, 7, (3, 2)), (3, 0, (1, 2))):
        asked = films(tiny, p_count=count, p_old=old, p_boundary_year=1986)
        found = tuple(sum(row["period"] == kind for row in asked) for kind in ("old", "new"))
        assert found == wanted, (count, old)


def test_q1_critics_and_generated_raters_make_nothing_most_rated(tiny: Connection) -> None:
    """Q1: nor is a film of an unknown year asked about, or an adult one."""
    tiny.execute(
        text(
            "INSERT INTO core.rating (user_id, movie_id, half_stars)"
            " VALUES (-1, 6, 10), (-2, 6, 10), (1, 7, 10)"
        )
    )
    tiny.execute(text("UPDATE core.movie SET adult = true WHERE movie_id = 5"))
    assert {row["movie_id"] for row in films(tiny)} == {ALIEN, ALIENS, BLADE, CASABLANCA}


def test_b9_a_seed_is_the_same_quiz_everywhere(
    demo_engine: Engine, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B9: in SQL, psql, command and page."""
    with demo_engine.connect() as conn:
        wanted = [row["movie_id"] for row in films(conn, 42)]
    printed = psql(
        demo_engine, "-At", "-c", "SELECT movie_id FROM api.quiz_movies(42) ORDER BY place"
    )
    assert [int(line) for line in printed.split()] == wanted
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(demo_engine.url))
    ran = CliRunner().invoke(cli, ["quiz", "--seed", "42", "--json"])
    assert [row["movie_id"] for row in json.loads(ran.stdout)] == wanted
    page = client.get("/quiz?seed=42").text
    assert [int(i) for i in re.findall(r'name="m(\d+)"', page)] == wanted
    assert client.get("/quiz?seed=42").data == page.encode()


# The results ----------------------------------------------------------------------------------


def test_q4_q5_the_best_model_answers_at_once(tiny: Connection) -> None:
    """Q4, Q5: five of it, never a rated one, with reasons; nothing is stored or trained."""
    before = rows(tiny, "SELECT * FROM core.rating ORDER BY 2, 3")
    found = results(tiny, {ALIEN: 5, CASABLANCA: 4.5, DUMBO: 0})
    wanted = rows(tiny, 'SELECT * FROM api.recommend_for(\'{"1": 5, "4": 4.5}\', 5) ORDER BY rank')
    assert found == wanted
    assert [row["movie_id"] for row in found] == [ALIENS, DUMBO, BLADE]
    assert found[0]["reason"] == "because you gave Alien 5.0"
    assert {row["model"] for row in found} == {"ease"}
    assert rows(tiny, "SELECT * FROM core.rating ORDER BY 2, 3") == before


def test_q5_without_any_model_the_fans_of_the_best_rated_answer(tiny: Connection) -> None:
    """Q5: reckoned by hand, s / (n + 25); behind them what is popular, so there is always more."""
    without_models(tiny)
    found = results(tiny, {ALIEN: 5})
    assert [(row["movie_id"], row["score"], row["model"]) for row in found] == [
        (ALIENS, round(Decimal("13.5") / 28, 6), "also-liked"),
        (CASABLANCA, round(Decimal(7) / 27, 6), "also-liked"),
        (BLADE, round(Decimal(5) / 26, 6), "also-liked"),
        (DUMBO, 1, "popular"),
    ]
    assert found[0]["reason"] == (
        "because you gave Alien 5.0: 3 of 3 fans rated it, 4.5 on average"
    )
    # two films speak for a third: their scores add up
    both = results(tiny, {ALIEN: 4.5, ALIENS: 5})
    assert both[0]["movie_id"] == CASABLANCA or both[0]["support"] == 2
    # what is not liked recommends nothing, however constant
    for stars in (0.5, 3, 3.5):
        assert {row["model"] for row in results(tiny, {ALIEN: stars, ALIENS: stars})} == {"popular"}


def test_q3_within_the_period(tiny: Connection) -> None:
    """Q3, Q5: by every mode; the boundary year is a parameter."""
    for model in ("ease", "also-liked", "popular", None):
        for period, wanted in (("old", {CASABLANCA, DUMBO}), ("new", {ALIENS, BLADE})):
            found = results(tiny, {ALIEN: 5}, p_period=period, p_boundary_year=1986, p_model=model)
            assert {row["movie_id"] for row in found} <= wanted, (model, period)
        assert results(tiny, {ALIEN: 5}, p_period="new", p_model=model) == []
        code, message, _ = refused(
            tiny,
            "SELECT * FROM api.quiz_results('{\"1\": 5}', p_period => 'x', p_model => :model)",
            model=model,
        )
        assert (code, message) == ("RQ002", "unknown period: x")


def test_b2_the_evidence_of_a_result_adds_up_to_its_score(tiny: Connection) -> None:
    """B2: to the last digit, by a model, by fans, and where only the many speak."""
    for answers in ({ALIEN: 5, CASABLANCA: 4}, {ALIEN: 4, ALIENS: 5, DUMBO: 1}, {}):
        for model in ("ease", "also-liked", "popular", None):
            for row in results(tiny, answers, p_model=model):
                assert evidence(tiny, answers, row["movie_id"], model) == row["score"], row


def test_paging_never_repeats_or_skips(tiny: Connection) -> None:
    """Also where the fans have said all, and popular films go on."""
    for model in ("ease", "also-liked", "popular"):
        whole = results(tiny, {ALIEN: 5}, p_limit=50, p_model=model)
        assert [row["rank"] for row in whole] == list(range(1, len(whole) + 1))
        paged = [
            row
            for at in range(len(whole) + 1)
            for row in results(tiny, {ALIEN: 5}, p_limit=1, p_offset=at, p_model=model)
        ]
        assert paged == whole
    assert refused(tiny, "SELECT * FROM api.quiz_results('{}', -1)")[0] == "2201W"
    assert refused(tiny, "SELECT * FROM api.quiz_results('{}', 5, -1)")[0] == "2201X"
    assert results(tiny, {}, p_limit=2147483647, p_offset=2147483647) == []


def test_an_account_is_shown_nothing_that_it_rated_or_hides(tiny: Connection) -> None:
    """Ada rated Alien, Casablanca and Dumbo, and hides Blade."""
    for model in ("ease", "also-liked", "popular"):
        found = results(tiny, {ALIENS: 5}, p_model=model, p_user_id=ADA)
        assert {row["movie_id"] for row in found} <= {AMELIE}, model


def test_where_pgvector_has_gone_another_method_answers(tiny: Connection) -> None:
    """A backup may bring factor models to a server that cannot read them."""
    if tiny.scalar(text("SELECT api._has_vector()")):
        pytest.skip("this database has pgvector")
    tiny.execute(text("UPDATE derived.model_run SET family = 'factor'"))
    assert {row["model"] for row in results(tiny, {ALIEN: 5})} == {"also-liked", "popular"}
    needs = {row["mode"]: row["needs"] for row in rows(tiny, "SELECT * FROM api.quiz_modes(3)")}
    assert needs["ease"] == "CREATE EXTENSION vector"
    assert needs["best"] is needs["also-liked"] is needs["popular"] is None


def test_q7_a_mode_says_what_it_still_needs(tiny: Connection) -> None:
    """Q7: more than 5 ratings need nmf, others svd."""
    for answers, model in ((0, "svd"), (5, "svd"), (6, "nmf")):
        modes = rows(tiny, "SELECT * FROM api.quiz_modes(:n) ORDER BY place", n=answers)
        assert (modes[0]["mode"], modes[0]["model"], modes[0]["needs"]) == ("best", "ease", None)
        quiz = next(row for row in modes if row["mode"] == "quiz")
        assert (quiz["model"], quiz["needs"]) == (model, f"recsql train {model}")


def test_bad_ratings_are_refused_in_words(tiny: Connection) -> None:
    for given, wanted in (
        ('{"1": 5.5}', "RQ003"), ('{"1": "5"}', "RQ003"), ("[1]", "RQ003"), ('{"x": 1}', "RQ003"),
        ('{"77": 5}', "RQ004"), ("null", "RQ003"),
    ):  # fmt: skip
        for function, more in (
            ("quiz_results", ""), ("answered_movies", ""), ("explain_quiz_result", ", 1"),
        ):  # fmt: skip
            statement = f"SELECT * FROM api.{function}(CAST(:given AS jsonb){more})"
            assert refused(tiny, statement, given=given)[0] == wanted
        statement = "SELECT * FROM api.keep_ratings(4, CAST(:given AS jsonb))"
        assert refused(tiny, statement, given=given)[0] == wanted


# Kept -----------------------------------------------------------------------------------------


def kept(conn: Connection, ratings: object, **params: object) -> dict[int, tuple[str, Decimal]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return {
        row["movie_id"]: (row["outcome"], row["stars"])
        for row in rows(
            conn,
            f"SELECT * FROM api.keep_ratings({ADA}, CAST(:given AS jsonb){named})",
            given=json.dumps(ratings),
            **params,
        )
    }


def test_answers_become_ratings_once_and_overwrite_nothing(tiny: Connection) -> None:
    """Ada gave Alien 4.5 and Dumbo 5.0; what she said before stays unless she says so."""
    tiny.execute(
        text("UPDATE core.rating SET rated_at = '2020-01-01' WHERE user_id = 4 AND movie_id = 5")
    )
    answers = {ALIEN: 1, DUMBO: 5, ALIENS: 3.5, BLADE: 0}
    assert kept(tiny, answers) == {
        ALIEN: ("own", Decimal("4.5")), DUMBO: ("same", 5), ALIENS: ("added", Decimal("3.5")),
    }  # fmt: skip
    again = kept(tiny, answers)
    assert {outcome for outcome, _ in again.values()} == {"own", "same"}
    assert kept(tiny, answers, p_replace=True) == {
        ALIEN: ("changed", 1), DUMBO: ("same", 5), ALIENS: ("same", Decimal("3.5")),
    }  # fmt: skip
    assert tiny.scalar(
        text("SELECT rated_at = '2020-01-01' FROM core.rating WHERE user_id = 4 AND movie_id = 5")
    )
    # the kept counts follow, as after any rating
    assert rows(tiny, "SELECT * FROM api.kept_counts() WHERE rows_wrong > 0") == []
    assert refused(tiny, "SELECT * FROM api.keep_ratings(99, '{\"1\": 5}')")[0] == "RQ004"
    # all or none
    bad = 'SELECT * FROM api.keep_ratings(4, \'{"6": 5, "77": 5}\')'
    assert refused(tiny, bad)[0] == "RQ004"
    assert tiny.scalar(text("SELECT count(*) FROM core.rating WHERE movie_id = 6")) == 0


# Pages ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(demo_engine: Engine) -> FlaskClient:
    return web.create_app(demo_engine).test_client()


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    """A tiny catalogue whose accounts these tests may make and break."""
    url = databases.make(databases.template("tiny", fill_tiny))
    engine = db.engine_on(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    return web.create_app(engine)


def location(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 303, answer.text
    assert client.get_cookie("recsql_form") is None, "nothing is stored for a visitor"
    return answer.headers["Location"]


def test_q1_the_way_to_the_quiz_and_its_sliders(client: FlaskClient) -> None:
    """Q1, Q2, Q3: a seed in the address; fifteen sliders of half-stars; a preference."""
    seeds = {location(client, "/quiz") for _ in range(3)}
    assert len(seeds) == 3 and all(re.fullmatch(r"/quiz\?seed=\d+", seed) for seed in seeds)
    page = client.get("/quiz?seed=7").text
    sliders = re.findall(
        r'<input type="range" id="m\d+" name="m\d+" min="0" max="5" step="0.5" value="0"', page
    )
    assert len(sliders) == 15
    assert page.count("<span>Not seen</span>") == 15, "said without script, too"
    assert re.findall(r'name="prefer" value="(\w+)"( checked)?', page) == [
        ("any", " checked"), ("old", ""), ("new", ""),
    ]  # fmt: skip
    assert "<span>Before 2010</span>" in page
    fewer = client.get("/quiz?seed=7&count=6&old=1&year=1990&prefer=old").text
    assert fewer.count('type="range"') == 6 and "<span>Before 1990</span>" in fewer
    # what is unusual goes on with the form
    assert 'name="count" value="6"' in fewer and 'name="year" value="1990"' in fewer
    assert ">Quiz</a>" in client.get("/?seed=7").text, "and every page leads there"


def test_what_the_form_sends_becomes_a_short_address(client: FlaskClient) -> None:
    """Unseen films are left out of it, and it is the same whatever the order."""
    sent = "/quiz/result?seed=7&prefer=new&m680=0&m603=4.5&m155=5.0&m27205=0.5"
    assert location(client, sent) == ("/quiz/result?seed=7&prefer=new&a=155-5_603-4.5_27205-0.5")
    assert location(client, "/quiz/result?seed=7&m603=0&m155=0") == "/quiz/result?seed=7"
    page = client.get("/quiz?seed=7&a=603-4.5").text
    assert 'id="m603"' in page and 'value="4.5"' in page, "the way back has the answers"


def test_q5_five_results_with_reason_poster_and_evidence(client: FlaskClient) -> None:
    """Q5: shareable; five more; each with a link to rows that add up."""
    path = "/quiz/result?seed=7&a=155-4_603-5"
    page = client.get(path).text
    found = [int(i) for i in re.findall(r'<a class="card" href="/movie/(\d+)"', page)]
    assert len(found) == 5 and not {155, 603} & set(found)
    assert page.count('<span class="poster">') == 5
    assert page.count('<p class="reason">Because you gave ') == 5
    assert client.get(path).data == page.encode()
    [more] = re.findall(r'data-more href="([^"]+)"', page)
    longer = client.get(html.unescape(more)).text
    ten = [int(i) for i in re.findall(r'<a class="card" href="/movie/(\d+)"', longer)]
    assert ten[:5] == found and len(set(ten)) == 10
    why = client.get(html.unescape(re.findall(r'class="why" href="([^"]+)"', page)[0])).text
    points = [Decimal(p) for p in re.findall(r'class="n">(-?[\d.]+)</td></tr>', why)]
    assert len(points) >= 2 and sum(points[:-1]) == points[-1]
    with_period = client.get(path + "&prefer=new").text
    assert {int(y) >= 2010 for y in re.findall(r"<small>(\d{4})</small>", with_period)} == {True}


def test_without_an_answer_the_many_answer_and_the_page_says_so(client: FlaskClient) -> None:
    answer = client.get("/quiz/result?seed=7")
    assert "You have rated none of the films" in words(answer)
    assert "What most people like" in words(answer)
    assert "Keep" not in words(answer)


def test_q7_a_mode_that_is_not_trained_says_which_command_trains_it(client: FlaskClient) -> None:
    """Q7: and the best that there is answers meanwhile."""
    five = "a=" + "_".join(f"{movie}-4" for movie in (155, 238, 603, 604, 680))
    for query, model in ((five, "svd"), (five + "_27205-3", "nmf")):
        said = words(client.get(f"/quiz/result?seed=7&mode=quiz&{query}"))
        assert f"It needs recsql train {model} ;" in said
        assert "Because you gave" in said
    assert client.get("/quiz/result?seed=7&a=603-5&mode=popular").text.count("on average") == 5


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("a=603-5.5", 400), ("a=603-0.3", 400), ("a=603--1", 400), ("a=603", 400), ("a=-5", 400),
        ("a=x-5", 400), ("a=603-5_603-4", 400), ("a=603-5__155-5", 400), ("a=_", 400),
        ("a=603-nan", 400), ("a=603-1e1", 400), ("a=٦٠٣-5", 400), ("a=603-5%00", 400),
        ("a=0603-5", 400), ("a=2147483648-5", 400), ("a=99999999999999999999-5", 400),
        ("a=2147483647-5", 404), ("a=<script>alert(1)</script>", 400),
        ("a=1'; DROP TABLE core.movie; --", 400),
        ("a=" + "_".join(f"{n}-5" for n in range(1, 10_001)), 400),
        ("&".join(f"m{n}=0" for n in range(1, 10_001)), 400),
        ("&".join(f"m{n}=5" for n in range(1, 150)), 400),
        ("m603=5&m603=4", 400), ("m603=6", 400), ("m603=-1", 400), ("m603=", 400),
        ("m603=4.7", 400),
        ("m603=<b>", 400), ("m99999999999=5", 400), ("mode=nonsense", 400), ("mode=", 400),
        ("mode='; --", 400), ("prefer=newest", 400), ("seed=x", 400), ("seed=9" * 30, 400),
        ("show=0", 400), ("show=101", 400), ("count=0", 400), ("count=51", 400), ("old=16", 400),
        ("year=0", 400), ("year=x", 400), ("pool=0", 400), ("of=none", 400),
    ],
)  # fmt: skip
def test_tampered_addresses_are_refused_in_words(
    client: FlaskClient, query: str, status: int
) -> None:
    answer = client.get(f"/quiz/result?{query}")
    assert answer.status_code == status, answer.text
    assert "<script>alert" not in answer.text and "Traceback" not in answer.text


def test_films_that_the_seed_does_not_ask_about_count_as_well(client: FlaskClient) -> None:
    """The most rated films change; an answer names its film, and is never moved to another."""
    shown = client.get("/quiz?seed=7").text
    asked = {int(i) for i in re.findall(r'name="m(\d+)"', shown)}
    other = 680 if 680 not in asked else 78
    answer = client.get(f"/quiz?seed=7&a={other}-4")
    assert "The last one is from an earlier round; it counts as well." in words(answer)
    assert answer.text.count('type="range"') == 16


def test_where_too_few_are_rated_the_page_says_so(app: Flask, engine: Engine) -> None:
    """Q1: five old films in all; and none at all in an empty catalogue."""
    visitor = Visitor(app)
    assert "Only 5 films here have been rated often enough" in words(visitor.get("/quiz?seed=1"))
    said = words(visitor.get("/quiz?seed=1&count=4&old=1&year=1986"))
    assert "so 2 from before 1986 and 2 later ones are asked about" in said


def test_an_empty_catalogue_has_nothing_to_ask(empty_engine: Engine) -> None:
    fresh = Visitor(web.create_app(empty_engine))
    assert "Nobody has rated a film yet" in words(fresh.get("/quiz?seed=1"))
    assert fresh.get("/quiz/result?seed=1").status_code == 200


def test_answers_come_along_through_registration(app: Flask, engine: Engine) -> None:
    """Kept by one button, once, however often it is sent; nothing before it is pressed."""
    visitor = Visitor(app)
    path = "/quiz/result?seed=3&a=1-5_4-2.5"
    page = visitor.get(path).text
    assert "Keep these 2 ratings: make an account" in page
    register = html.unescape(re.search(r'href="(/register\?next=[^"]+)"', page)[1])
    form = visitor.get(register)
    following = html.unescape(re.search(r'name="next" value="([^"]+)"', form.text)[1])
    answer = visitor.post("/register", register, name="Quentin", password=PASSWORD, next=following)
    keep = answer.headers["Location"]
    assert keep == "/quiz/keep?seed=3&a=1-5_4-2.5"
    given = "SELECT movie_id, half_stars FROM core.rating INNER JOIN core.account USING (user_id)"
    given += " WHERE name = 'Quentin' ORDER BY 1"
    shown = visitor.get(keep)
    assert "Keep these 2 ratings?" in words(shown) and "Casablanca" in words(shown)
    assert all_rows(engine, given) == [], "looking keeps nothing"
    for _ in range(3):
        answer = visitor.post("/quiz/keep?seed=3", "/account", a="1-5_4-2.5")
        assert (answer.status_code, answer.headers["Location"]) == (303, keep)
    assert [tuple(row) for row in all_rows(engine, given)] == [(1, 10), (4, 5)]
    assert "Your answers are kept" in words(visitor.get(keep))
    # signed in, and another quiz: what was said before is asked about
    other = "/quiz/keep?seed=3&a=1-1_2-3"
    assert "Keep them" in visitor.get("/quiz/result?seed=3&a=1-1_2-3").text
    said = words(visitor.get(other))
    assert "One is new. You gave 1 film other stars before" in said
    visitor.post("/quiz/keep?seed=3", other, a="1-1_2-3")
    assert [tuple(row) for row in all_rows(engine, given)] == [(1, 10), (2, 6), (4, 5)]
    said = words(visitor.get(other))
    assert "those stay, unless you replace them" in said and "Replace the rating" in said
    assert "To your home page" in said and "Keep them" not in said, "nothing is left to keep"
    visitor.post("/quiz/keep?seed=3", other, a="1-1_2-3", replace="1")
    assert [tuple(row) for row in all_rows(engine, given)] == [(1, 2), (2, 6), (4, 5)]
    # results of an account leave out what it has rated
    found = re.findall(r'class="card" href="/movie/(\d+)"', visitor.get(path).text)
    assert not {"1", "2", "4"} & set(found)


def test_keeping_wants_an_account_and_its_form(app: Flask, engine: Engine) -> None:
    """T1: visitors are sent to log in and come back; a form of nobody keeps nothing."""
    visitor = Visitor(app)
    answer = visitor.get("/quiz/keep?seed=3&a=1-5")
    assert answer.headers["Location"] == "/login?next=%2Fquiz%2Fkeep%3Fseed%3D3%26a%3D1-5"
    before = one(engine, "SELECT count(*) FROM core.rating")
    assert visitor.client.post("/quiz/keep", data={"a": "1-5"}).status_code == 400
    somebody, _ = joined(app)
    assert somebody.client.post("/quiz/keep", data={"a": "1-5"}).status_code == 400
    for bad, status in (("1-9", 400), ("x", 400), ("2147483647-5", 404), ("1-5_1-5", 400),
                        ("_".join(f"{n}-5" for n in range(1, 5_000)), 400)):  # fmt: skip
        answer = somebody.client.post(
            "/quiz/keep", data={"a": bad, "csrf_token": somebody.token("/account")}
        )
        assert answer.status_code == status, bad
    assert "Nothing to keep" in words(somebody.get("/quiz/keep"))
    answer = somebody.post("/quiz/keep", "/account", a="")
    assert answer.status_code == 400 and "There is no answer to keep" in words(answer)
    assert one(engine, "SELECT count(*) FROM core.rating") == before


def test_the_longest_quiz_still_fits_where_registration_leads() -> None:
    """An answer more would be lost on the way: own_path takes 2,000 characters."""
    longest = "_".join(["9999999-4.5"] * 100)
    assert people.own_path(f"/quiz/keep?seed=-9223372036854775808&mode=user-cosine&a={longest}")


# The command ----------------------------------------------------------------------------------


def test_the_quiz_on_the_command_line(tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Q1 to Q5: the same rows as in SQL, one at a time if asked for, mistakes said in words."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(tiny_engine.url))

    def run(*args: str, typed: str | None = None) -> Any:
        return CliRunner().invoke(cli, ["quiz", *args], input=typed)

    with tiny_engine.connect() as conn:
        wanted = results(conn, {ALIEN: 5, CASABLANCA: 4.5}, p_limit=2)
    ran = run("--rate", "Alien=5", "--rate", "4=4.5", "--rate", "5=0", "--limit", "2", "--json")
    assert ran.exit_code == 0, ran.output
    assert [(r["movie_id"], r["score"]) for r in json.loads(ran.stdout)] == [
        (row["movie_id"], float(row["score"])) for row in wanted
    ]
    why = json.loads(run("--rate", "1=5", "--why", "Aliens", "--json").stdout)
    assert sum(row["points"] for row in why) == 0.5
    asked = run("--ask", "--count", "2", "--seed", "7", typed="7\n5\n\n")
    assert asked.exit_code == 0 and "because you gave" in asked.stdout
    assert "0.5 to 5 in half steps" in asked.stderr
    for args, code in (
        (["--rate", "1=5.2"], 2), (["--rate", "1=nan"], 2), (["--rate", "1"], 2),
        (["--rate", "1=5", "--rate", "Alien=4"], 2), (["--why", "1"], 2),
        (["--rate", "77=5"], 1), (["--rate", "1=5", "--model", "nmf"], 1),
    ):  # fmt: skip
        said = run(*args)
        assert said.exit_code == code, said.output
