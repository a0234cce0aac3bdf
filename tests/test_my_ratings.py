"""Ratings of one's own (T5), watchlist, hidden movies, and ratings brought along."""

from __future__ import annotations

import html
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from recsql import accounts, db, web
from recsql.errors import BadInput
from tests.conftest import Databases, fill_tiny
from tests.datasets import one, rows
from tests.test_accounts import Visitor, joined, words

ALIEN, ALIENS, BLADE, CASABLANCA, DUMBO, AMELIE, UNTOLD = range(1, 8)


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    """A tiny catalogue with 60 more films, to which these tests may write."""
    url = databases.make(databases.template("tiny", fill_tiny))
    engine = db.engine_on(url, pool_size=20)
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, year, source)"
                " SELECT 100 + n, 'Film ' || n, 1950 + n, 'test' FROM generate_series(1, 60) AS n"
            )
        )
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def app(engine: Engine) -> Flask:
    return web.create_app(engine)


@pytest.fixture(autouse=True)
def _no_tries(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.attempt"))


@pytest.fixture
def somebody(app: Flask) -> Visitor:
    return joined(app)[0]


def key(engine: Engine, visitor: Visitor) -> int:
    """Return the user_id of a visitor."""
    name = re.search(r"<h1>(.*?)</h1>", visitor.get("/account").text).group(1)
    return int(one(engine, "SELECT user_id FROM api.account(:n)", n=html.unescape(name)))


def rate(visitor: Visitor, movie: int, stars: object, **more: object) -> TestResponse:
    return visitor.post(f"/movie/{movie}/rate", f"/movie/{ALIEN}", stars=stars, **more)


def mark(visitor: Visitor, movie: int, kind: str) -> TestResponse:
    return visitor.post(f"/movie/{movie}/mark", f"/movie/{ALIEN}", kind=kind)


def given(engine: Engine, user: int) -> dict[int, float]:
    return {
        movie: float(stars)
        for movie, stars in rows(
            engine, "SELECT movie_id, stars FROM api.my_ratings(:u, p_limit => 9999)", u=user
        )
    }


def listed(answer: TestResponse) -> list[int]:
    """Return the movies of a list of one's own."""
    return [int(i) for i in re.findall(r'<li id="m(\d+)"', answer.text)]


# Rating ---------------------------------------------------------------------------------------


def test_t5_half_star_radios_work_without_a_script(app: Flask, somebody: Visitor) -> None:
    """T5: a fieldset of ten, each with its words; the button is there for who has no script."""
    page = somebody.get(f"/movie/{ALIEN}").text
    form = re.search(r'<form class="rate".*?</form>', page, re.S).group()
    said = re.findall(r'value="([\d.]+)" required[^>]*><span class="vh">([^<]+)</span>', form)
    assert said == [
        (str(half / 2), f"{half / 2:.1f}".removesuffix(".0") + " out of 5 stars")
        for half in range(1, 11)
    ]
    assert "<fieldset><legend" in form and "Rate</button>" in form
    assert "checked" not in form and "Not rated yet" in form
    assert rate(somebody, ALIEN, "3.5").headers["Location"] == f"/movie/{ALIEN}#mine"
    form = re.search(
        r'<form class="rate".*?</form>', somebody.get(f"/movie/{ALIEN}").text, re.S
    ).group()
    assert re.findall(r'value="([\d.]+)" required checked', form) == ["3.5"]
    assert "Remove rating" in form and "3.5 out of 5 stars" in form


def test_visitors_are_offered_to_log_in(app: Flask) -> None:
    page = Visitor(app).get(f"/movie/{ALIEN}").text
    assert 'class="rate"' not in page and f'href="/login?next=%2Fmovie%2F{ALIEN}"' in page


def test_t5_rating_again_overwrites_and_can_be_removed(
    app: Flask, engine: Engine, somebody: Visitor
) -> None:
    """T5: one row, the last value; the movie's own numbers follow at once (B4)."""
    user = key(engine, somebody)
    before = one(engine, "SELECT raters FROM api.movie_page WHERE movie_id = 4")
    for stars in ("0.5", "5", "4.0", "2.5"):
        assert rate(somebody, CASABLANCA, stars).status_code == 303
        assert given(engine, user) == {CASABLANCA: float(stars)}
        assert one(engine, "SELECT raters FROM api.movie_page WHERE movie_id = 4") == before + 1
    assert rate(somebody, CASABLANCA, "2.5", remove="1").status_code == 303
    assert given(engine, user) == {}
    assert rate(somebody, CASABLANCA, "", remove="1").status_code == 303, "twice is no error"
    assert one(engine, "SELECT raters FROM api.movie_page WHERE movie_id = 4") == before


def test_a_script_gets_words(app: Flask, somebody: Visitor) -> None:
    data = {"csrf_token": somebody.token(f"/movie/{ALIEN}"), "stars": "4"}
    as_json = {"Accept": "application/json"}
    answer = somebody.client.post(f"/movie/{ALIEN}/rate", data=data, headers=as_json)
    assert answer.json == {"stars": 4.0, "said": "Saved: 4 out of 5 stars."}


@pytest.mark.parametrize(
    "stars",
    ["", "0", "0.0", "5.5", "-1", "3.7", "NaN", "1e0", "٤", "4,5", "4;DROP", "<b>", " 4", "00004",
     "9" * 400, "4\0"],
)  # fmt: skip
def test_stars_out_of_scale_are_400_and_change_nothing(
    app: Flask, engine: Engine, somebody: Visitor, stars: str
) -> None:
    """T5: 0 < r; and a page that says so."""
    rate(somebody, ALIEN, "4")
    answer = rate(somebody, ALIEN, stars)
    assert answer.status_code == 400 and "nothing was changed" in words(answer)
    assert given(engine, key(engine, somebody)) == {ALIEN: 4.0}


@pytest.mark.parametrize("movie", [99, 0, 2**31 - 1, 2**31, 2**63, 10**19])
def test_unknown_movies_are_404(app: Flask, engine: Engine, somebody: Visitor, movie: int) -> None:
    assert rate(somebody, movie, "4").status_code == 404
    assert mark(somebody, movie, "watch").status_code == 404
    assert somebody.post(f"/movie/{movie}/mark", "/account", kind="none").status_code in (303, 404)
    assert given(engine, key(engine, somebody)) == {}


@pytest.mark.parametrize("kind", ["", "love", "watch'; --", "<b>", "x" * 9_999])
def test_unknown_marks_are_400(app: Flask, somebody: Visitor, kind: str) -> None:
    assert mark(somebody, ALIEN, kind).status_code == 400


def test_a_thousand_quick_posts_and_double_ones_lose_nothing(
    app: Flask, engine: Engine, somebody: Visitor
) -> None:
    """Never a 500, and every one of them counts."""
    user, token = key(engine, somebody), somebody.token(f"/movie/{ALIEN}")
    for i in range(1_000):
        data = {"csrf_token": token, "stars": str(0.5 + i // 60 % 10 / 2)}
        answer = somebody.client.post(f"/movie/{101 + i % 60}/rate", data=data)
        assert answer.status_code == 303
    wanted = {101 + i % 60: 0.5 + i // 60 % 10 / 2 for i in range(1_000)}
    assert given(engine, user) == wanted
    assert {row[2] for row in rows(engine, "SELECT * FROM api.kept_counts()")} == {0}


def test_sixteen_at_once_leave_one_row_the_last_value_and_exact_counts(
    app: Flask, engine: Engine
) -> None:
    """The same rater and movie, posted by 16 browsers at the same time, over and over."""
    first, _ = joined(app)
    user = key(engine, first)
    others = "SELECT count(*) FROM core.rating WHERE movie_id = 7 AND user_id <> :u AND user_id > 0"
    before = one(engine, others, u=user)
    browsers = []
    for _ in range(16):
        browser = Visitor(app)
        browser.client.set_cookie("recsql_session", str(first.cookie()))
        browsers.append((browser, browser.token(f"/movie/{ALIEN}")))
    codes: list[int] = []

    def post(number: int) -> None:
        browser, token = browsers[number]
        for i in range(30):
            stars = str(0.5 + (number + i) % 10 / 2)
            data = {"csrf_token": token, "stars": stars}
            codes.append(browser.client.post(f"/movie/{UNTOLD}/rate", data=data).status_code)

    threads = [threading.Thread(target=post, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # where all of them wait for one row, some may be told to come again; none breaks
    assert len(codes) == 480 and set(codes) <= {303, 503} and codes.count(303) > 400
    assert rate(first, UNTOLD, "1.5").status_code == 303
    assert rows(
        engine, "SELECT half_stars FROM core.rating WHERE user_id = :u AND movie_id = 7", u=user
    ) == [(3,)]
    raters = one(engine, "SELECT raters FROM derived.movie_stats WHERE movie_id = 7")
    assert raters == before + 1
    assert {row[2] for row in rows(engine, "SELECT * FROM api.kept_counts()")} == {0}


# My ratings -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keen(app: Flask, engine: Engine) -> Visitor:
    """Somebody with 60 ratings, some of one moment."""
    visitor, _ = joined(app)
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.rating SELECT '2020-01-01'::timestamptz + n / 3 * interval '1 d',"
                " :u, 100 + n, 1 + n % 10 FROM generate_series(1, 60) AS n"
            ),
            {"u": key(engine, visitor)},
        )
    return visitor


@pytest.mark.parametrize("sort", ["newest", "oldest", "best", "worst", "title", "year"])
def test_my_ratings_in_every_order_repeat_and_skip_nothing(
    engine: Engine, keen: Visitor, sort: str
) -> None:
    """Page by page by plain links: all of them once, in the order that SQL gives."""
    wanted = rows(
        engine,
        "SELECT movie_id, stars, year, rated_at, title FROM api.my_ratings(:u, :s, p_limit => 99)",
        u=key(engine, keen),
        s=sort,
    )
    by = {"best": lambda r: -r[1], "worst": lambda r: r[1], "year": lambda r: -r[2],
          "newest": lambda r: -r[3].timestamp(), "oldest": lambda r: r[3].timestamp(),
          "title": lambda r: r[4].lower()}[sort]  # fmt: skip
    assert [by(row) for row in wanted] == sorted(by(row) for row in wanted)
    found, path = [], f"/ratings?sort={sort}"
    while path:
        page = keen.get(path)
        assert page.status_code == 200
        found += listed(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = html.unescape(following.group(1)) if following else None
    assert found == [row[0] for row in wanted] and len(set(found)) == 60


def test_my_ratings_are_filtered_by_words_and_stars(keen: Visitor) -> None:
    assert listed(keen.get("/ratings?q=film+57")) == [157]
    assert "6 ratings found" in words(keen.get("/ratings?stars=2.5"))
    assert listed(keen.get("/ratings?stars=2.5&q=FILM&sort=title")) == [
        *(114, 124, 134, 104, 144, 154)
    ]
    assert "None of your ratings is like that" in words(keen.get("/ratings?q=zzz"))
    for bad in ("sort=best'--", "stars=7", "stars=x", "page=0", "page=٣", "q=" + "x" * 201):
        assert keen.get(f"/ratings?{bad}").status_code == 400, bad
    assert keen.get("/ratings?page=9").status_code == 404
    assert keen.get("/ratings?q=%00%27%22%3Cb%3E").status_code == 200


def test_a_rating_on_a_list_leads_back_to_its_place(engine: Engine, keen: Visitor) -> None:
    page = "/ratings?sort=title&page=2"
    movie = listed(keen.get(page))[3]
    form = re.search(rf'action="/movie/{movie}/rate".*?</form>', keen.get(page).text, re.S).group()
    following = html.unescape(re.search(r'name="next" value="([^"]+)"', form).group(1))
    as_it_was = given(engine, key(engine, keen))[movie]  # others count keen's ratings
    answer = keen.post(f"/movie/{movie}/rate", page, stars=as_it_was, next=following)
    assert answer.headers["Location"] == f"{page}#m{movie}"


def test_nobody_sees_or_touches_anothers_ratings(
    app: Flask, engine: Engine, keen: Visitor, somebody: Visitor
) -> None:
    assert "You have not rated a film yet" in words(somebody.get("/ratings"))
    before = given(engine, key(engine, keen))
    rate(somebody, 101, "", remove="1")
    assert given(engine, key(engine, keen)) == before


# Watchlist and not interested -----------------------------------------------------------------


def test_the_watchlist_holds_what_is_not_rated_since(
    app: Flask, engine: Engine, somebody: Visitor
) -> None:
    """A rating is a film watched; taken back, the film is on the list again."""
    for movie in (ALIEN, DUMBO, AMELIE):
        assert mark(somebody, movie, "watch").status_code == 303
    assert listed(somebody.get("/watchlist")) == [AMELIE, DUMBO, ALIEN]
    rate(somebody, DUMBO, "4")
    assert listed(somebody.get("/watchlist")) == [AMELIE, ALIEN]
    rate(somebody, DUMBO, "", remove="1")
    assert listed(somebody.get("/watchlist")) == [AMELIE, DUMBO, ALIEN]
    rate(somebody, DUMBO, "4")
    mark(somebody, DUMBO, "none")
    mark(somebody, DUMBO, "watch")
    assert DUMBO in listed(somebody.get("/watchlist")), "to be watched once more"
    mark(somebody, ALIEN, "hide")
    assert ALIEN not in listed(somebody.get("/watchlist")), "it cannot be both"


def test_what_is_not_wanted_is_in_no_list(app: Flask, engine: Engine, somebody: Visitor) -> None:
    """Hidden in the rows and the header of home, in categories and in both recommendations."""

    def cards(path: str, visitor: Visitor) -> list[int]:
        answer = visitor.get(path)
        assert answer.status_code == 200
        return [int(i) for i in re.findall(r'<a class="card" href="/movie/(\d+)"', answer.text)]

    seeds = [f"/?seed={n}" for n in range(12)]
    paths = [f"/movie/{ALIEN}", "/category/horror", "/category/science-fiction?sort=title", *seeds]
    before = {path: cards(path, somebody) for path in paths}
    assert all(ALIENS in before[p] for p in paths[:1]) and ALIENS in before[paths[2]]
    headers = [somebody.get(p).text for p in seeds]
    assert any(f'id="hero"><a href="/movie/{ALIENS}"' in h for h in headers)
    mark(somebody, ALIENS, "hide")
    for path in paths[:3]:
        assert cards(path, somebody) == [m for m in before[path] if m != ALIENS], path
    # on the home page another film may take its place
    assert all(ALIENS not in cards(path, somebody) for path in seeds)
    assert not any(f'id="hero"><a href="/movie/{ALIENS}"' in somebody.get(p).text for p in seeds)
    assert all('id="hero"' in somebody.get(p).text for p in seeds), "another one takes its place"
    other = Visitor(app)
    assert ALIENS in cards(f"/movie/{ALIEN}", other), "of nobody else"
    assert somebody.get(f"/movie/{ALIENS}").status_code == 200, "it has its page still"
    assert listed(somebody.get("/hidden")) == [ALIENS]
    mark(somebody, ALIENS, "none")
    assert {path: cards(path, somebody) for path in paths} == before


def test_what_is_not_wanted_is_found_by_name_and_says_so(
    app: Flask, engine: Engine, somebody: Visitor
) -> None:
    """Marked in a search, among somebody's films, in a series and while one types; left out where
    films are offered. For nobody else, and gone with the mark."""
    with engine.connect() as conn:
        space = conn.scalar(text("SELECT feature_id FROM core.feature WHERE name = 'space'"))
    facts = ["/search?q=alien", "/person/1", "/collection/1", f"/compare?a={BLADE}&q=alien"]
    offers = [f"/feature/{space}", "/browse?genre=science-fiction", f"/movie/{ALIENS}"]
    said = "Hidden from your lists"

    def main(path: str, visitor: Visitor) -> str:
        return visitor.get(path).text.split("<main")[1].split("</main>")[0]

    plain = {path: main(path, Visitor(app)) for path in facts + offers}
    mark(somebody, ALIEN, "hide")
    for path in facts:
        found = main(path, somebody)
        assert re.search(rf'[/=]{ALIEN}"([^\n]*\n){{0,4}}[^\n]*{said}', found), path
        assert found.count(said) == 1, path
    for path in offers:
        assert f'"/movie/{ALIEN}"' in plain[path], path
        cards = re.findall(r'class="card" href="/movie/(\d+)"', main(path, somebody))
        assert str(ALIEN) not in cards, path
    typed = somebody.get("/search.json?q=alien").json["movies"]
    assert [film["movie_id"] for film in typed if film["hidden"]] == [ALIEN]
    assert {path: main(path, Visitor(app)) for path in plain} == plain
    assert "hidden" not in Visitor(app).get("/search.json?q=alien").json["movies"][0]
    mark(somebody, ALIEN, "none")
    assert not any(said in main(path, somebody) for path in facts)


def test_pages_stay_full_where_something_is_hidden(
    app: Flask, engine: Engine, somebody: Visitor
) -> None:
    """Ten of a category a page stay ten: the list closes up, and paging skips nothing."""
    user = key(engine, somebody)
    hide = "INSERT INTO core.mark (user_id, movie_id, kind) SELECT :u, m, 'hide' FROM unnest(:m) m"
    with engine.begin() as conn:
        conn.execute(text(hide), {"u": user, "m": [BLADE, DUMBO]})
        wanted = [m for (m,) in conn.execute(text(
            "SELECT movie_id FROM api.similar_movies(1) WHERE movie_id NOT IN (3, 5) ORDER BY rank"
        ))]  # fmt: skip
        binds = {"p_user_id": user, "p_movie_id": ALIEN, "p_method": "overlap"}
        one_page = db.rows(conn, "my_similar_movies", **binds, p_limit=9, p_offset=0)
        paged = [
            row
            for offset in range(4)
            for row in db.rows(conn, "my_similar_movies", **binds, p_limit=1, p_offset=offset)
        ]
    assert [row["movie_id"] for row in one_page] == wanted
    assert [row["rank"] for row in one_page] == [1, 2]
    assert [row["movie_id"] for row in paged] == wanted


# Brought along --------------------------------------------------------------------------------

LETTERBOXD = """Date,Name,Year,Letterboxd URI,Rating
2021-03-01,Alien,1979,https://boxd.it/a,5
2021-03-02,Aliens,1987,https://boxd.it/b,4.5
2021-03-03,Amelie,2001,https://boxd.it/c,4
2021-03-04,Le fabuleux destin d’Amélie Poulain,2001,https://boxd.it/c,3.5
2021-03-05,Nothing Like It,1999,https://boxd.it/d,3
2021-03-06,Blade,2020,https://boxd.it/e,3
2021-03-07,Dumbo,1941,https://boxd.it/f,
2021-03-08,Casablanca,,https://boxd.it/g,6
"""
IMDB = """Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Runtime (mins),Year
tt0078748,9,2021-03-01,Some other spelling,x,Movie,8.5,117,1979
tt9999999,3,2021-03-01,Dumbo,x,Movie,7,64,1941
tt9999998,3,2021-03-01,A Series,x,TV Series,7,64,1990
"""
MOVIELENS_SITE = """movie_id,imdb_id,tmdb_id,rating,average_rating,title
1214,78748,1,4.5,4.1,Alien (1979)
9,,4,2.0,4.1,Casablanca (1942)
8,,,2.5,4.1,Untold (1999)
"""
MOVIELENS_SET = """userId,movieId,rating,timestamp
7,1214,4.0,1614556800
7,603,3.0,1614556800
"""


def brought(app: Flask, content: str | bytes, visitor: Visitor | None = None) -> TestResponse:
    visitor = visitor or joined(app)[0]
    raw = content.encode() if isinstance(content, str) else content
    return visitor.post("/ratings/import", file=(io.BytesIO(raw), "ratings.csv"))


def test_ratings_of_letterboxd_are_found_by_title_and_year(app: Flask, engine: Engine) -> None:
    """A year may be one off, accents and the original title do not matter; what does not match is
    reported with line and reason."""
    visitor, _ = joined(app)
    answer = brought(app, LETTERBOXD, visitor)
    assert answer.status_code == 200
    assert given(engine, key(engine, visitor)) == {ALIEN: 5.0, ALIENS: 4.5, AMELIE: 3.5}
    said = words(answer)
    assert "8 ratings read from Letterboxd" in said
    assert "3 added" in said and "5 left out" in said
    for line, film, why in ((4, "Amelie (2001)", "rated again in the same file"),
                            (6, "Nothing Like It (1999)", "not in the catalogue"),
                            (7, "Blade (2020)", "not in the catalogue"),
                            (8, "Dumbo (1941)", "no rating"),
                            (9, "Casablanca", "not a number of stars")):  # fmt: skip
        assert f"{line} {film} {why}" in said
    again = words(brought(app, LETTERBOXD, visitor))
    assert "3 were so already" in again and "added" not in again


def test_ratings_of_imdb_are_found_by_id_and_else_by_title(app: Flask, engine: Engine) -> None:
    visitor, _ = joined(app)
    said = words(brought(app, IMDB, visitor))
    assert "3 ratings read from IMDb 2 added 1 left out" in said
    assert given(engine, key(engine, visitor)) == {ALIEN: 4.5, DUMBO: 1.5}


def test_ratings_of_movielens_are_found_through_links_only(app: Flask, engine: Engine) -> None:
    """Its ids are a space of their own: 1214 and 603 must not be taken for TMDB's."""
    with engine.begin() as conn:
        conn.execute(
            text("INSERT INTO core.movie (movie_id, title, source) VALUES (1214, 'No', 'test')")
        )
        # 1 is Alien, as the data set of the tests knows it already
        assert conn.scalar(
            text("SELECT movie_id FROM core.movie_key WHERE (source, key) = ('movielens', '1214')")
        ) == 1  # fmt: skip
    visitor, _ = joined(app)
    assert "3 added" in words(brought(app, MOVIELENS_SITE, visitor))
    wanted = {ALIEN: 4.5, CASABLANCA: 2.0, UNTOLD: 2.5}
    assert given(engine, key(engine, visitor)) == wanted
    visitor, _ = joined(app)
    assert "1 added 1 left out" in words(brought(app, MOVIELENS_SET, visitor))
    assert given(engine, key(engine, visitor)) == {ALIEN: 4.0}


def test_t5_the_later_word_counts(app: Flask, engine: Engine) -> None:
    """What is rated here after the date in the file stays; without a date the file wins."""
    visitor, _ = joined(app)
    rate(visitor, ALIEN, "1")
    assert "left as they are here" in words(brought(app, LETTERBOXD, visitor))
    assert given(engine, key(engine, visitor))[ALIEN] == 1.0
    assert "1 changed" in words(brought(app, "Name,Year,Rating\nAlien,1979,3\n", visitor))
    assert given(engine, key(engine, visitor))[ALIEN] == 3.0


def test_two_films_of_one_name_are_not_guessed(app: Flask, engine: Engine) -> None:
    """With the year it is clear, without it is not."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, year, source) VALUES"
                " (701, 'The Twin', 1970, 'test'), (702, 'The Twin', 1990, 'test'),"
                " (703, 'The Twin', 1990, 'test')"
            )
        )
    visitor, _ = joined(app)
    answer = brought(
        app, 'Name,Year,Rating\n"Twin, The",1971,3\nThe Twin,1990,4\nThe Twin,,5\n', visitor
    )
    assert words(answer).count("several movies of that name") == 2
    assert given(engine, key(engine, visitor)) == {701: 3.0}


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("a,b,c\n1,2,3\n", "no export of ratings that we know"),
     (b"\x00\x01\x02", "no export"), (b"PK\x03\x04rubbish", "cannot be read"),
     ("Name,Rating\n" + "x,4\n" * 50_001, "more than 50,000"),],
    ids=["empty", "other", "binary", "zip", "long"],
)  # fmt: skip
def test_files_that_are_none_are_refused_in_words(
    app: Flask, somebody: Visitor, content: str | bytes, said: str
) -> None:
    answer = brought(app, content, somebody)
    assert answer.status_code == 400 and said in words(answer)
    assert 'type="file"' in answer.text


def test_no_file_and_too_large_a_file(app: Flask, somebody: Visitor) -> None:
    answer = somebody.post("/ratings/import", file=(io.BytesIO(b""), ""))
    assert answer.status_code == 400 and "No file was chosen" in words(answer)
    assert brought(app, b"x" * (17 << 20), somebody).status_code == 413


def test_odd_lines_are_left_out_and_the_rest_lands(app: Flask, engine: Engine) -> None:
    """SQL and HTML in every field, odd numbers, short and long rows, other encodings."""
    odd = "\n".join([
        "Date,Name,Year,Letterboxd URI,Rating", "2021-01-01,Alien,1979,x,4.5,more,cells", "short",
        "x,<script>alert(1)</script>,1999,x,4", "x,'; DROP TABLE core.rating; --,1999,x,4",
        "x,%s %(x)s :p_user_id,\u0661,x,4", f"x,{'T' * 5_000},99999999999,x,1e400",
        "x,Dumbo,,x,NaN",
        "9999-99-99,Blade,1998,x,3", "2990-01-01,Casablanca,1942,x,2", "x,Amélie,2001,x,2.5",
        "x,,,,4", "x,\\,1,x,-4", "",
    ])  # fmt: skip
    for content in (odd.encode("utf-8-sig"), odd.replace("\n", "\r\n").encode(),
                    odd.replace("\u0661", "1").encode("cp1252")):  # fmt: skip
        visitor, _ = joined(app)
        answer = brought(app, content, visitor)
        assert answer.status_code == 200
        assert given(engine, key(engine, visitor)) == {
            ALIEN: 4.5, BLADE: 3.0, CASABLANCA: 2.0, AMELIE: 2.5
        }  # fmt: skip
        assert "<script>alert" not in answer.text and "&lt;script&gt;alert" in answer.text
        assert len(answer.data) < 60_000


def test_the_zip_as_it_came(app: Flask, engine: Engine) -> None:
    """ratings.csv in a folder of the archive; others and deleted ones are not looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("letterboxd/deleted/ratings.csv", "Name,Rating\nBlade,1\n")
        archive.writestr("letterboxd/diary.csv", "nothing")
        archive.writestr("letterboxd/ratings.csv", LETTERBOXD)
    visitor, _ = joined(app)
    assert "3 added" in words(brought(app, packed.getvalue(), visitor))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", b"0" * (40 << 20))
    with pytest.raises(BadInput, match="holds more than fits"):
        accounts.read_export(bomb.getvalue())


# Taken along ----------------------------------------------------------------------------------


def test_all_data_is_taken_along_and_comes_back(app: Flask, engine: Engine) -> None:
    """Export as JSON and CSV; the CSV is read again by the import of another account."""
    visitor, name = joined(app, "Émile Zola")
    rate(visitor, ALIEN, "4.5")
    rate(visitor, UNTOLD, "0.5")
    mark(visitor, AMELIE, "watch")
    mark(visitor, BLADE, "hide")
    answer = visitor.get("/account/export.json")
    assert answer.mimetype == "application/json"
    assert 'attachment; filename="recsql.json"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    data = json.loads(answer.text)
    assert data["name"] == name and "argon2" not in answer.text
    assert {r["movie_id"]: r["stars"] for r in data["ratings"]} == {ALIEN: 4.5, UNTOLD: 0.5}
    assert data["ratings"][0]["imdb_id"] == "tt0078748"
    assert [r["title"] for r in data["watchlist"] + data["hidden"]] == ["Amélie", "Blade"]
    table = visitor.get("/account/export.csv")
    assert table.mimetype == "text/csv" and len(table.text.splitlines()) == 5
    other, _ = joined(app)
    assert "2 ratings read from recsql 2 added" in words(brought(app, table.data, other))
    assert given(engine, key(engine, other)) == given(engine, key(engine, visitor))


# SQL ------------------------------------------------------------------------------------------


def test_b4_what_if(tiny: Connection) -> None:
    """B4: BEGIN; import; SELECT; ROLLBACK: a movie's numbers follow in the same transaction."""
    lines = '[{"line": 1, "imdb_id": "tt0078748", "stars": 5}]'
    tiny.execute(text("SELECT * FROM api.import_ratings(5, :l)"), {"l": lines})
    assert tiny.scalar(text("SELECT fans FROM api.movie_page WHERE movie_id = 1")) == 4


def test_marks_by_sql(tiny: Connection) -> None:
    def ask(statement: str) -> list[tuple]:
        return [tuple(row) for row in tiny.execute(text(statement))]

    assert ask("SELECT kind FROM api.mark(5, 1, 'watch')") == [("watch",)]
    [(first,)] = ask("SELECT marked_at FROM api.mark(5, 1, 'watch')")
    assert ask("SELECT stars, mark FROM api.my_movie(5, 1)") == [(None, "watch")]
    assert ask("SELECT stars, mark FROM api.my_movie(5, 5)") == [(Decimal("3.0"), None)]
    assert ask("SELECT * FROM api.mark(5, 1, NULL)") == [(5, 1, None, None)]
    assert ask("SELECT movie_id FROM api.hidden_movies(4)") == [(3,)]
    assert first is not None
    for statement, code in (
        ("SELECT * FROM api.mark(5, 1, 'love')", "RQ002"),
        ("SELECT * FROM api.mark(99, 1, 'hide')", "RQ004"),
        ("SELECT * FROM api.mark(5, 99, 'hide')", "RQ004"),
        ("SELECT * FROM api.my_ratings(4, 'love')", "RQ002"),
        ("SELECT * FROM api.my_marks(4, 'love')", "RQ002"),
        ("SELECT * FROM api.users('love')", "RQ002"),
    ):
        with tiny.begin_nested() as inner:
            with pytest.raises(DBAPIError) as raised:
                tiny.execute(text(statement))
            assert raised.value.orig.pgcode == code  # type: ignore[union-attr]
            inner.rollback()


def test_a_movie_that_gets_its_tmdb_id_keeps_its_marks(tiny: Connection) -> None:
    tiny.execute(text("CALL api.rekey_movies('{6, 3}', '{194, 36647}')"))
    found = tiny.execute(text("SELECT movie_id, kind FROM core.mark WHERE user_id = 4")).all()
    assert {tuple(row) for row in found} == {(194, "watch"), (36647, "hide")}
