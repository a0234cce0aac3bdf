"""The pages, through Flask's test client, on a real database with the demo catalogue."""

from __future__ import annotations

import gzip
import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from recsql import db, schema, web
from recsql.web import art, poster, wording
from recsql.web.poster import Film
from tests.conftest import fill_demo

MATRIX = 603


class Page(HTMLParser):
    """What a test wants to know of a page: its elements, and what is inside each id."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    def part(self, section: str) -> str:
        """Return the source of <section id=...>."""
        found = re.search(rf'<section[^>]*id="{section}".*?</section>', self.source, re.S)
        assert found, f"no section {section}"
        return found.group()

    @property
    def statements(self) -> list[str]:
        """Return the SQL at the foot, statement by statement."""
        block = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", self.source, re.S)
        assert block, "no SQL on the page"
        return [
            s.strip() for s in re.split(r"^-- \w+\n", html.unescape(block.group(1)), flags=re.M)
        ][1:]


def cards(source: str) -> list[int]:
    """Return the movies whose cards these are, in order."""
    return [int(i) for i in re.findall(r'<a class="card" href="/movie/(\d+)"', source)]


@pytest.fixture(scope="module")
def client(demo_engine: Engine) -> FlaskClient:
    return web.create_app(demo_engine).test_client()


@pytest.fixture
def ask(demo_engine: Engine):
    def run(sql: str, **params: object) -> list[dict]:
        with demo_engine.connect() as conn:
            return [dict(row) for row in conn.execute(text(sql), params).mappings()]

    return run


class Clock:
    """Time stands still for the drawing of home pages, until the test says otherwise."""

    def __init__(self, site: FlaskClient | Flask) -> None:
        app = site if isinstance(site, Flask) else site.application
        self.now = 0.0
        app.extensions["recsql.drawn"].clock = lambda: self.now


@pytest.fixture
def own_app(demo_engine: Engine) -> Flask:
    """A site that has drawn nothing yet."""
    return web.create_app(demo_engine)


def get(client: FlaskClient, path: str, status: int = 200) -> Page:
    response = client.get(path)
    assert response.status_code == status, f"{path}: {response.status_code}"
    return Page(response.get_data(as_text=True))


@pytest.fixture
def own_engine(databases, new_database: Callable[..., Engine]) -> Engine:
    """A demo catalogue that the test may write to."""
    return new_database(databases.template("demo", fill_demo))


@pytest.fixture
def own_client(own_engine: Engine) -> FlaskClient:
    return web.create_app(own_engine).test_client()


@pytest.fixture
def odd_movies(own_engine: Engine) -> dict[str, int]:
    """Movies that try to break out of the page, and one that shares nothing with any other."""
    titles = {
        "script": '<script>alert("x")</script>',
        "quotes": "\"'`&lt;b&gt; onerror=alert(1) ]]> --",
        "mixed": "الرسالة 七人の侍 🎬 e\u0301\u0301\u0301",
        "lonely": "A Film About Nothing",
    }
    paths = {
        "script": "javascript:alert(1)//.jpg",
        "quotes": '/"onerror="x.jpg',
        "mixed": "/ok.jpg",
    }
    ids = {name: 1_999_999_000 + i for i, name in enumerate(titles)}
    insert = text(
        "INSERT INTO core.movie (movie_id, title, original_title, overview, homepage, poster_path,"
        " backdrop_path, source)"
        " VALUES (:id, :title, :title, :title, 'javascript:alert(1)', :path, :path, 'test')"
    )
    with own_engine.begin() as conn:
        for name, movie_id in ids.items():
            conn.execute(insert, {"id": movie_id, "title": titles[name], "path": paths.get(name)})
    return ids


# Home ---------------------------------------------------------------------------------------


def test_n2_home_shows_one_header_movie_with_its_information(client, ask):
    """N2: title, overview, genres, keywords, date, art and a link, as SQL draws it."""
    [header] = ask("SELECT * FROM api.home_header(7)")
    page = get(client, "/?seed=7")
    hero = re.search(r'<section class="hero".*?</section>', page.source, re.S).group()
    said = html.unescape(re.sub(r"<[^>]+>", " ", hero))
    assert header["title"] in said
    assert wording.shorten(header["overview"], 320) in " ".join(said.split())
    assert wording.day(header["release_date"]) in said
    for genre in header["genres"]:
        assert genre in said
    for keyword in header["keywords"][:8]:
        assert keyword in said
    assert f'href="/movie/{header["movie_id"]}"' in hero
    assert f'src="/backdrop/{header["movie_id"]}.svg' in hero


def test_n2_another_header_at_each_load(client):
    """N2: chosen at random each time, and never out of a cache."""
    seen = set()
    clock = Clock(client)
    for _ in range(8):
        clock.now += 1
        response = client.get("/")
        assert response.headers["Cache-Control"] == "no-store"
        seen.add(re.search(r'id="hero"><a href="([^"]+)"', response.text).group(1))
    assert len(seen) > 2


def seed_of(response) -> str:
    """Return the seed that a home page says it was drawn by."""
    return re.search(r"\(seed (\d+)\)", response.text).group(1)


def test_b8_a_crowd_shares_what_was_drawn_just_now(own_app):
    """B8: within 20 ms of a drawing a visitor gets a page of the last two seconds; later, or with
    none so young, a new one. It is the same page to the byte, compressed or not, permalink too."""
    client, clock = own_app.test_client(), Clock(own_app)
    first = client.get("/")
    clock.now = 0.019
    again = client.get("/")
    assert again.data == first.data
    assert again.headers == first.headers
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in packed.headers
    clock.now = 0.021
    second = client.get("/")
    assert seed_of(second) != seed_of(first)
    clock.now = 0.040
    shared = {seed_of(client.get("/")) for _ in range(40)}
    assert shared == {seed_of(first), seed_of(second)}
    clock.now = 2.0
    third = seed_of(client.get("/"))
    clock.now = 2.019
    assert {seed_of(client.get("/")) for _ in range(40)} == {seed_of(second), third}
    # the permalink is a page of its own, drawn for whoever follows it
    assert cards(client.get(f"/?seed={third}").text)


def test_b8_nothing_is_shared_with_or_by_a_visitor_with_a_session(own_app):
    """B8, S6: not even where the cookie turns out to be worth nothing."""
    anybody, somebody, clock = own_app.test_client(), own_app.test_client(), Clock(own_app)
    somebody.set_cookie("recsql_session", "out of date")
    theirs = {seed_of(somebody.get("/")) for _ in range(3)}
    assert len(theirs) == 3
    first = seed_of(anybody.get("/"))
    assert first not in theirs
    assert {seed_of(anybody.get("/")) for _ in range(10)} == {first}
    assert seed_of(somebody.get("/")) != first
    clock.now = 0.01
    assert seed_of(anybody.get("/")) == first


def test_n3_twenty_shelves_of_ten_in_the_order_of_the_seed(client, ask):
    """N3: 20 categories reshuffled, 10 movies of the category in each."""
    rows = ask("SELECT * FROM api.home_shelves(7) ORDER BY shelf, place")
    page = get(client, "/?seed=7")
    shelves = re.findall(r'<section class="shelf".*?</section>', page.source, re.S)
    assert len(shelves) == 20
    assert [cards(shelf) for shelf in shelves] == [
        [row["movie_id"] for row in rows if row["shelf"] == i] for i in range(1, 21)
    ]
    assert all(len(cards(shelf)) == 10 for shelf in shelves)
    linked = [re.search(r'href="/category/([^"]+)"', shelf).group(1) for shelf in shelves]
    assert linked == list(dict.fromkeys(row["slug"] for row in rows))
    assert linked != re.findall(
        r'<h2 id="h\d+"><a href="/category/([^"]+)"', get(client, "/?seed=8").source
    )


def test_b9_the_same_seed_is_the_same_page(client):
    """B9: a permalink is byte-equal, keeps its ETag, and reaches all of bigint."""
    first = client.get("/?seed=42")
    again = client.get("/?seed=42")
    assert first.data == again.data
    kept = client.get("/?seed=42", headers={"If-None-Match": first.headers["ETag"]})
    assert kept.status_code == 304
    assert not kept.data
    for seed in (0, -1, 2**31, 2**63 - 2, -(2**63)):
        get(client, f"/?seed={seed}")


def test_b9_a_random_page_names_its_seed(client):
    """B9: what chance brought can be kept: the permalink shows the same movies."""
    page = get(client, "/")
    permalink = re.search(r'class="perma" href="(/\?seed=\d+)"', page.source).group(1)
    assert cards(get(client, permalink).source) == cards(page.source)
    reroll = re.search(r'class="button quiet" href="(/\?seed=\d+)"', page.source).group(1)
    assert reroll != permalink
    assert cards(get(client, reroll).source) != cards(page.source)


# Movie page ---------------------------------------------------------------------------------


def test_b9_surprise_me_leads_to_the_header_of_the_seed(client, ask):
    """B9: /random draws in SQL as the home page does: the same seed, the same film."""
    for seed in (7, -1, 2**63 - 1):
        [header] = ask("SELECT movie_id FROM api.home_header(:seed)", seed=seed)
        answer = client.get(f"/random?seed={seed}")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/movie/{header['movie_id']}"
        assert answer.headers["Cache-Control"] == "no-store"
    assert len({client.get("/random").headers["Location"] for _ in range(8)}) > 2
    for wrong in ("", "1.5", "x", "9" * 30):
        get(client, f"/random?seed={wrong}", 400)
    assert '<a href="/random" rel="nofollow">Surprise me</a>' in get(client, "/").source


def test_n4_any_movie_opens_a_page_of_details(client, ask):
    """N4: every 17th movie of the catalogue, with its facts."""
    for row in ask("SELECT * FROM api.movie_page WHERE movie_id % 17 = 3 ORDER BY movie_id"):
        page = get(client, f"/movie/{row['movie_id']}")
        said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.source)).split())
        for fact in (
            row["title"],
            wording.day(row["release_date"]),
            wording.duration(row["runtime"]),
            row["language"],
            *row["genres"],
            *row["directors"],
            *[person["name"] for person in row["top_cast"]],
        ):
            assert " ".join(str(fact).split()) in said, (row["title"], fact)


@pytest.mark.parametrize(
    ("section", "function"), [("similar", "similar_movies"), ("liked", "also_liked")]
)
def test_n5_ten_each_and_two_more_at_a_time(client, ask, section, function):
    """N5: ten, then twelve; the same rows and reasons as SQL gives."""
    rows = ask(f"SELECT * FROM api.{function}({MATRIX}, p_limit => 12)")
    assert len(rows) == 12
    part = get(client, f"/movie/{MATRIX}").part(section)
    assert cards(part) == [row["movie_id"] for row in rows[:10]]
    for row in rows[:10]:
        assert html.escape(row["reason"], quote=False) in html.unescape(part).replace("&", "&amp;")
    more = html.unescape(re.search(r'data-more href="([^"]+)"', part).group(1))
    other = "liked" if section == "similar" else "similar"
    assert f"{section}=12" in more
    assert f"{other}=10" in more
    assert more.endswith(f"#{section[0]}11")
    longer = get(client, more.split("#")[0])
    assert cards(longer.part(section)) == [row["movie_id"] for row in rows]
    assert f'id="{section[0]}11"' in longer.part(section)
    assert len(cards(longer.part(other))) == 10


def test_n5_load_more_vanishes_at_the_end(client, ask):
    """N5: there while one is left, gone when none is."""
    [found] = ask(
        "SELECT page.movie_id, count(*) AS total FROM api.movie_page AS page"
        " CROSS JOIN LATERAL api.also_liked(page.movie_id, p_limit => 400)"
        " WHERE page.fans BETWEEN 1 AND 8"
        " GROUP BY page.movie_id HAVING count(*) BETWEEN 11 AND 399"
        " ORDER BY page.movie_id LIMIT 1"
    )
    movie_id, total = found["movie_id"], found["total"]
    assert "data-more" in get(client, f"/movie/{movie_id}?liked={total - 1}").part("liked")
    last = get(client, f"/movie/{movie_id}?liked={total}").part("liked")
    assert "data-more" not in last
    assert len(cards(last)) == total
    assert cards(get(client, f"/movie/{movie_id}?liked={total + 50}").part("liked")) == cards(last)


def test_n5_an_empty_section_says_why(tiny_engine):
    """N5: no features and no fans: a sentence each, and no button."""
    page = get(web.create_app(tiny_engine).test_client(), "/movie/7")
    assert "Nothing is known about this film" in page.part("similar")
    assert "no fans to ask" in page.part("liked")
    assert "data-more" not in page.source


def test_n6_n7_the_tiny_catalogue_reckoned_by_hand(tiny_engine):
    """N6, N7: Alien shares 5 features with Aliens and 3 with Blade; its three fans all rated
    Aliens (5.0, 4.0, 4.5), two of them Casablanca and one Blade. There is nothing more to load."""
    client = web.create_app(tiny_engine).test_client()
    page = get(client, "/movie/1")
    assert cards(page.part("similar"))[:2] == [2, 3]
    assert set(cards(page.part("similar"))) == {2, 3, 4, 5}
    assert "5 features in common" in page.part("similar")
    assert "3 of 3 fans rated it, 4.5 on average" in page.part("liked")
    plain = get(client, "/movie/1?method=average").part("liked")
    assert cards(plain)[0] == 3, "one lone 5.0 leads the plain average"
    assert "data-more" not in page.source


@pytest.mark.parametrize(
    "method", ["overlap", "rarity", "titles", "average", "damped", "support", "likes", "lift"]
)
def test_n6_n7_methods_agree_with_sql_and_leave_the_movie_out(client, ask, method):
    """N6, N7: each method by its name, on the page as in psql; never the movie itself."""
    similar = method in ("overlap", "rarity", "titles")
    function = "similar_movies" if similar else "also_liked"
    rows = ask(f"SELECT movie_id FROM api.{function}({MATRIX}, 10, 0, :m)", m=method)
    part = get(client, f"/movie/{MATRIX}?method={method}").part("similar" if similar else "liked")
    assert cards(part) == [row["movie_id"] for row in rows]
    assert MATRIX not in cards(part)


def test_n6_n7_two_methods_at_once_survive_load_more(client):
    page = get(client, f"/movie/{MATRIX}?method=rarity&method=lift")
    more = html.unescape(re.search(r'data-more href="([^"]+)"', page.source).group(1))
    assert "method=rarity" in more
    assert "method=lift" in more


def test_b2_why_rows_add_up_to_the_score(client, ask):
    """B2: the sum at the foot of each table is the score of the list."""
    for kind, function, method in (
        ("similar", "similar_movies", "overlap"),
        ("similar", "similar_movies", "rarity"),
        ("similar", "similar_movies", "titles"),
        ("liked", "also_liked", "damped"),
        ("liked", "also_liked", "lift"),
    ):
        for row in ask(f"SELECT * FROM api.{function}({MATRIX}, 3, 0, :m)", m=method):
            page = get(client, f"/movie/{MATRIX}/why/{row['movie_id']}?method={method}")
            foot = re.search(r"<tfoot>.*?</tfoot>", page.part(kind), re.S).group()
            shown = re.search(r'<td class="n">([^<]+)</td>', foot).group(1)
            assert shown == wording.points(row["score"])


# Categories and search ----------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["popular", "rating", "newest", "oldest", "title"])
def test_s11_category_pages_in_every_order_repeat_and_skip_nothing(client, ask, sort):
    """S11: page after page by plain links, all movies once, in SQL's order."""
    [drama] = ask("SELECT * FROM api.category WHERE slug = 'drama'")
    rows = ask(
        "SELECT movie_id FROM api.category_movies(:c, :s, 10000)", c=drama["category_id"], s=sort
    )
    path: str | None = f"/category/drama?sort={sort}"
    found: list[int] = []
    while path:
        page = get(client, path)
        found += cards(page.source)
        following = re.search(r'rel="next" href="([^"]+)"', page.source)
        path = html.unescape(following.group(1)) if following else None
    assert found == [row["movie_id"] for row in rows]
    assert len(found) > 48


def test_categories_are_all_listed(client, ask):
    page = get(client, "/category")
    for row in ask("SELECT slug FROM api.category"):
        assert f'href="/category/{row["slug"]}"' in page.source
        picture = client.get(f"/category/{row['slug']}.svg")
        ElementTree.fromstring(picture.data)


@pytest.mark.parametrize("typed", ["matrix", "MATR 1999", str(MATRIX), "tt0133093"])
def test_search_finds_by_words_and_ids(client, typed):
    page = get(client, f"/search?q={typed}")
    assert f'href="/movie/{MATRIX}"' in page.source
    assert f'value="{typed}"' in page.source


def test_search_pages_empty_and_nothing_found(client, ask):
    rows = ask("SELECT movie_id FROM api.search_movies('the', 10000)")
    path, found = "/search?q=the", []
    while path:
        page = get(client, path)
        found += [int(i) for i in re.findall(r'<li><a href="/movie/(\d+)"', page.source)]
        following = re.search(r'rel="next" href="([^"]+)"', page.source)
        path = html.unescape(following.group(1)) if following else None
    assert found == [row["movie_id"] for row in rows]
    assert len(found) > 20
    assert "IMDb id" in get(client, "/search").source
    assert "Nothing found for" in get(client, "/search?q=zzzzzzzzzz").source


# The SQL behind a page ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/?seed=7",
        f"/movie/{MATRIX}?similar=12&method=rarity",
        f"/movie/{MATRIX}/why/604",
        "/category",
        "/category/drama?sort=title&page=2",
        "/search?q=l%27age+d%27or%3B--",
    ],
)
def test_n8_the_sql_of_a_page_gives_its_rows(client, demo_engine, path):
    """N8: every page is relational queries; pasted as they stand they fill it."""
    page = get(client, path)
    assert page.statements
    ids: list[int] = []
    with demo_engine.connect() as conn:
        for statement in page.statements:
            assert statement.endswith(";")
            assert not re.search(r"(?<!:):p_\w+", statement), "a value was not filled in"
            for row in conn.exec_driver_sql(statement.replace("%", "%%")).mappings():
                if "rank" in row or "place" in row:
                    ids.append(row["movie_id"])
    shown = [i for i in cards(page.source) if i in ids]
    if "/why/" not in path and path != "/category" and "search" not in path:
        assert shown == cards(page.source)
        assert len(ids) >= len(shown) > 0


# Posters ------------------------------------------------------------------------------------


def test_n8_a_poster_stands_in_for_every_missing_image(own_client, odd_movies):
    """N8: our own is under every card; TMDB's lies over it only where there is a clean path."""
    page = get(own_client, f"/movie/{odd_movies['script']}")
    assert f'src="/poster/{odd_movies["script"]}.svg' in page.source
    assert "image.tmdb.org" not in page.source
    assert "image.tmdb.org" not in get(own_client, f"/movie/{odd_movies['quotes']}").source
    real = get(own_client, f"/movie/{odd_movies['mixed']}").source
    assert 'src="https://image.tmdb.org/t/p/w500/ok.jpg" alt=""' in real
    assert wording.TMDB_SENTENCE in real
    assert wording.TMDB_SENTENCE not in get(own_client, "/category").source


def test_posters_can_be_kept_off(own_engine, odd_movies, monkeypatch):
    monkeypatch.setenv("RECSQL_POSTERS", "off")
    quiet = web.create_app(own_engine).test_client()
    source = get(quiet, f"/movie/{odd_movies['mixed']}").source
    assert "image.tmdb.org" not in source
    assert f'src="/poster/{odd_movies["mixed"]}.svg' in source


def test_titles_and_links_are_inert(own_client, odd_movies):
    """Titles are text, javascript: is no link, in pages and pictures alike."""
    for movie_id in odd_movies.values():
        for path in (f"/movie/{movie_id}", f"/search?q={movie_id}"):
            page = get(own_client, path)
            assert {s.get("src", "")[:8] for s in page.all("script")} == {"/static/"}
            assert "javascript:" not in page.source
            for _, attributes in page.elements:
                assert not any(name.startswith("on") for name in attributes)
        for kind in ("poster", "backdrop"):
            picture = own_client.get(f"/{kind}/{movie_id}.svg")
            tags = {e.tag.split("}")[1] for e in ElementTree.fromstring(picture.data).iter()}
            assert not tags & {"script", "foreignObject", "a", "image", "use", "style"}
            assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_posters_are_kept_and_asked_about_again(client):
    response = client.get(f"/poster/{MATRIX}.svg")
    assert response.content_type.startswith("image/svg+xml")
    assert "max-age=604800" in response.headers["Cache-Control"]
    kept = client.get(f"/poster/{MATRIX}.svg", headers={"If-None-Match": response.headers["ETag"]})
    assert kept.status_code == 304
    assert client.get("/poster/1999999999.svg").status_code == 404


@settings(max_examples=100, deadline=None)
@given(
    title=st.text(max_size=120),
    year=st.none() | st.integers(1874, 2100),
    genres=st.lists(st.sampled_from([*art.MOTIFS, "Unheard of"]), max_size=4, unique=True),
)
def test_any_film_gets_a_sound_poster(title, year, genres):
    """Well-formed, light, the same twice, and no line of letters leaves the sheet."""
    film = Film(title, year, tuple(genres))
    drawn = poster.poster.__wrapped__(film)
    assert drawn == poster.poster.__wrapped__(film)
    assert len(drawn.encode("utf-8", "surrogatepass")) < 16_000
    for element in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
        wide, x = float(element.get("textLength", 0)), float(element.get("x"))
        left = {"middle": x - wide / 2, "end": x - wide}.get(element.get("text-anchor"), x)
        assert left >= 0
        assert left + wide <= poster.WIDTH
        assert 0 < float(element.get("y")) <= poster.HEIGHT
    ElementTree.fromstring(poster.backdrop.__wrapped__(film))


def test_posters_vary_by_genre_and_decade():
    drawn = {
        poster.poster(Film("The Same Title", year, (genre,)))
        for genre in art.MOTIFS
        for year in range(1925, 2026, 10)
    }
    assert len(drawn) == len(art.MOTIFS) * 11


@pytest.mark.parametrize("word", ["Terrestrial", "Extra-Terrestrial", "Llanfairpwllgwyngyllgogery"])
def test_no_letter_of_a_long_word_is_lost_on_a_poster(word):
    """In the lettering of any decade; a word too long for a line goes on in the next one."""
    for year in range(1925, 2026, 10):
        drawn = poster.poster.__wrapped__(Film(word, year, ("Drama",)))
        lines = dict.fromkeys(re.findall("<text[^>]*>([^<]*)</text>", drawn))
        assert word.upper() in "".join(lines).upper(), year


def test_letters_on_posters_are_readable():
    for palettes in (*art.PALETTES.values(), art.NEUTRAL):
        for palette in palettes:
            assert art.contrast(palette.ground, palette.ink) >= 6


# Bad input ----------------------------------------------------------------------------------

WRONG_NUMBERS = [
    "-1", "0", "2147483648", "9223372036854775808", "99999999999999999999999999", "", "abc",
    "1.5", "1e3", "٦٠٣", "６０３", "1 OR 1=1", "0x10", "+5", "%00", "%FF%FE", "NaN",
]  # fmt: skip


@pytest.mark.parametrize("value", WRONG_NUMBERS)
def test_bad_numbers_are_refused_with_a_page(client, value):
    """Ids, limits, pages: 400 or 404 in the look of the site, and never 500."""
    for path in (
        f"/movie/{value}",
        f"/movie/{MATRIX}/why/{value}",
        f"/movie/{MATRIX}?similar={value}",
        f"/movie/{MATRIX}?liked={value}",
        f"/category/drama?page={value}",
        f"/search?q=the&page={value}",
        f"/poster/{value}.svg",
        f"/backdrop/{value}.svg",
    ):
        if path == "/movie/":
            continue
        response = client.get(path)
        assert response.status_code in (400, 404), f"{path}: {response.status_code}"
        assert 'class="lost"' in response.text
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nope", 404),
        ("/movie/1999999999", 404),
        ("/movie/603/", 404),
        ("/category/nope", 404),
        ("/category/DRAMA", 404),
        ("/category/drama?sort=nope", 400),
        ("/category/drama?sort=", 400),
        ("/category/drama?page=99999", 404),
        ("/movie/603?method=nope", 400),
        ("/movie/603?method=rarity&method=nope", 400),
        ("/?seed=9223372036854775808", 400),
        ("/?seed=x", 400),
        ("/?seed=", 400),
        ("/search?q=" + "a" * 201, 400),
        ("/search?q=the&page=5000", 404),
        ("/static/x/../../../etc/passwd", 404),
        ("/static/x/nope.css", 404),
        ("/poster/error-418.svg", 404),
    ],
)
def test_what_is_not_there_and_what_makes_no_sense(client, path, status):
    assert 'class="lost"' in get(client, path, status).source


@pytest.mark.parametrize(
    "typed",
    ["%00", "a%00b", "%27%22%3B--", "%25_%5C", "%F0%9F%8E%AC", "%ED%A0%80", "(((", "a:*&!|", "%5C",
     "<script>", "١٢٣", "%E2%80%AE", "tt", "tt99999999999999999999", "99999999999999999999"],
)  # fmt: skip
def test_any_search_is_answered(client, typed):
    page = get(client, f"/search?q={typed}")
    assert {s.get("src", "")[:8] for s in page.all("script")} == {"/static/"}


@settings(max_examples=60, deadline=None)
@given(q=st.text(max_size=60), page=st.text(max_size=6), seed=st.text(max_size=22))
def test_no_text_makes_a_server_error(demo_engine, q, page, seed):
    client = web.create_app(demo_engine).test_client()
    for path, query in (
        ("/search", {"q": q}),
        ("/search", {"q": "the", "page": page}),
        ("/", {"seed": seed}),
        (f"/movie/{MATRIX}", {"similar": page, "method": q}),
    ):
        clean = {k: v.encode("utf-8", "replace").decode() for k, v in query.items()}
        assert client.get(path, query_string=clean).status_code in (200, 400, 404)


def test_other_methods_are_refused(client):
    for path in ("/", f"/movie/{MATRIX}", "/search", "/healthz"):
        for method in (client.post, client.put, client.delete, client.patch):
            response = method(path)
            assert response.status_code == 405
            assert "GET" in response.headers["Allow"]
            assert 'class="lost"' in response.text


def test_an_unexpected_error_is_a_page_and_tells_nothing(demo_engine):
    app = web.create_app(demo_engine)
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert "The film snapped" in response.text
    assert "division" not in response.text
    assert response.headers["Content-Security-Policy"] == web.POLICY


# When the database is away ------------------------------------------------------------------


def within(seconds: float, ask: Callable[[], TestResponse]) -> TestResponse:
    """Return what is answered; a busy machine may hold up one answer, or two, but not all."""
    took = []
    for _ in range(3):
        started = time.monotonic()
        answer = ask()
        took.append(time.monotonic() - started)
        if took[-1] < seconds:
            return answer
    pytest.fail(f"it took {took} seconds")


def test_without_a_database_pages_say_when_to_come_back():
    """503 with Retry-After and no word about hosts; the process itself is well."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        away = db.engine_on(db.given_url(f"postgresql://nobody@127.0.0.1:{port}/none"))
        client = web.create_app(away).test_client()
        for path in ("/", f"/movie/{MATRIX}", "/category", "/search?q=x", f"/poster/{MATRIX}.svg"):
            response = within(2.5, lambda path=path: client.get(path))
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) >= 1
            assert "127.0.0.1" not in response.text
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/readyz").status_code == 503
        assert client.get("/poster/error-503.svg").status_code == 200
        assert client.get("/search").status_code == 503


def test_a_database_without_the_schema_is_not_ready(demo_engine):
    bare = create_engine(demo_engine.url.set(database="postgres"))
    client = web.create_app(bare).test_client()
    response = client.get("/")
    assert response.status_code == 503
    assert "recsql db upgrade" in response.text
    assert client.get("/readyz").status_code == 503
    bare.dispose()


def test_ready_when_the_schema_is_at_head(client):
    assert client.get("/readyz").text == "ready\n"


@pytest.mark.parametrize("rested_s", [10, 0.1])
def test_a_connection_that_broke_costs_one_page_at_most(demo_engine, monkeypatch, rested_s):
    """S3: one that rested is asked before it is used; of those used just now one page finds out,
    and the others are asked then."""
    small = db.engine_on(demo_engine.url, pool_size=2)
    client = web.create_app(small).test_client()
    now = time.monotonic()
    monkeypatch.setattr(db, "monotonic", lambda: now)
    with small.connect() as one, small.connect() as other:
        broken = [c.scalar(text("SELECT pg_backend_pid()")) for c in (one, other)]
    with demo_engine.connect() as killer:
        for pid in broken:
            assert killer.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    now += rested_s
    statuses = [client.get(f"/movie/{MATRIX}").status_code for _ in range(4)]
    assert statuses == [200 if rested_s > db.PING_AFTER_S else 503, 200, 200, 200]
    small.dispose()


def test_a_lock_and_an_exhausted_pool_are_503_within_seconds(demo_engine):
    small = db.engine_on(demo_engine.url, pool_size=1)
    client = web.create_app(small).test_client()
    with demo_engine.connect() as holder:
        holder.execute(text("LOCK TABLE core.movie IN ACCESS EXCLUSIVE MODE"))
        assert within(2.5, lambda: client.get(f"/movie/{MATRIX}")).status_code == 503
        holder.rollback()
    with small.connect():
        assert within(2.9, lambda: client.get(f"/movie/{MATRIX}")).status_code == 503
        assert client.get("/healthz").status_code == 200
    assert client.get(f"/movie/{MATRIX}").status_code == 200
    small.dispose()


def test_pages_cannot_write(demo_engine):
    """Every page reads in a read-only transaction with short patience."""
    app = web.create_app(demo_engine)
    with app.app_context(), web.pages.reading() as conn:
        assert conn.scalar(text("SHOW transaction_read_only")) == "on"
        assert conn.scalar(text("SHOW statement_timeout")) == "2s"
        assert conn.scalar(text("SHOW lock_timeout")) == "1s"


# Light, safe, whole -------------------------------------------------------------------------

PAGES = [
    "/?seed=7", f"/movie/{MATRIX}", f"/movie/{MATRIX}/why/604", "/category", "/category/drama",
    "/search", "/search?q=the", "/nope",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_strict_and_well_made(client, path):
    response = client.get(path)
    page = Page(response.text)
    assert response.headers["Content-Security-Policy"] == web.POLICY
    assert "unsafe" not in web.POLICY
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    for tag, attributes in page.elements:
        assert "style" not in attributes, "the policy forbids inline styles"
        assert tag != "style"
        if tag == "script":
            assert (attributes["src"] or "").startswith("/static/")
        if tag == "img":
            assert "alt" in attributes
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids)), "an id is there twice"
    assert page.all("html")[0]["lang"] == "en"
    assert [tag for tag, _ in page.elements].count("h1") == 1
    for tag in ("header", "main", "footer"):
        assert len(page.all(tag)) == 1
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    for link in page.all("a"):
        target = link["href"] or ""
        if target.startswith("#"):
            assert target[1:] in ids, f"{target} leads nowhere"


def test_every_link_of_the_home_page_works(client):
    page = get(client, "/?seed=7")
    links = {link["href"] for link in page.all("a")} | {i["src"] for i in page.all("img")}
    for path in sorted(p for p in links if p.startswith("/")):
        # the quiz draws a seed, and leads on to it
        assert client.get(path, follow_redirects=True).status_code == 200, path


def test_script_and_style_are_kept_for_a_year_under_the_name_of_their_content(client):
    page = get(client, "/?seed=7")
    for address in (
        page.all("script")[0]["src"],
        next(a["href"] for a in page.all("link") if a["rel"] == "stylesheet"),
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
    stale = client.get("/static/000000000000/site.css")
    assert stale.headers["Cache-Control"] == "no-cache"


def test_the_foot_says_what_the_ratings_are(client, ask):
    [about] = ask("SELECT * FROM api.about")
    source = get(client, "/category").source
    assert f"{about['movies']:,} films" in source
    assert f"{about['ratings']:,} ratings" in source
    assert "generated for the demonstration" in source


def test_a_forged_host_changes_nothing(client):
    """No address of ours is built from what a visitor says of the host."""
    plain = client.get("/?seed=7").data
    assert client.get("/?seed=7", headers={"Host": "evil.example"}).data == plain
    assert client.get("/?seed=7", headers={"X-Forwarded-Host": "evil.example"}).data == plain


# Serving ------------------------------------------------------------------------------------


@pytest.fixture
def environment(demo_engine: Engine) -> dict[str, str]:
    url = demo_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {**os.environ, "RECSQL_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}


def _serve(environment: dict[str, str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "recsql", "serve", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_takes_the_next_free_port_and_ends_cleanly(environment, number):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = _serve(environment, "--port", str(port))
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert address, line + process.stderr.read()
            assert int(address.group(1)) > port
        finally:
            process.send_signal(number)
            _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert said == f"Port {port} is taken; using {address.group(1)}.\n"


def test_serve_says_in_one_line_what_is_wrong(environment):
    process = _serve(environment, "--host", "203.0.113.7", "--port", "0")
    out, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == ""
    assert said.startswith("Error: cannot listen on 203.0.113.7")
    assert "Hint: " in said
    assert "Traceback" not in said


def test_wsgi_is_a_factory_on_the_given_server(environment, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", environment["RECSQL_DATABASE_URL"])
    app = web.wsgi()
    assert app.test_client().get("/readyz").status_code == 200
    app.extensions["recsql.engine"].dispose()


# Served quickly -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/?seed=4", "/", f"/movie/{MATRIX}", "/search?q=the", f"/poster/{MATRIX}.svg"]
)
def test_pages_are_compressed_for_those_who_ask(client, path):
    """gzip where it is accepted and nowhere else; caches are told that there are two forms."""
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.7
    if path != "/":
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["ETag"] == plain.headers["ETag"]
    for response in (plain, packed):
        assert "Accept-Encoding" in response.headers["Vary"]
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers


def test_what_is_kept_compressed_is_known_again(client):
    """An ETag names both forms of a page, and 304 has neither a body nor an encoding."""
    asked = {"Accept-Encoding": "gzip"}
    first = client.get("/?seed=4", headers=asked)
    for extra in (asked, {}):
        kept = client.get("/?seed=4", headers={**extra, "If-None-Match": first.headers["ETag"]})
        assert kept.status_code == 304
        assert not kept.data
        assert "Content-Encoding" not in kept.headers
        assert "Accept-Encoding" in kept.headers["Vary"]
    styles = re.search(r'rel="stylesheet" href="([^"]+)"', client.get("/").text).group(1)
    static = client.get(styles, headers=asked)
    assert static.headers["Content-Encoding"] == "gzip"
    assert "immutable" in static.headers["Cache-Control"]
    assert gzip.decompress(static.data) == client.get(styles).data


def test_the_length_of_a_page_says_nothing_of_secrets_on_it(client):
    """BREACH: the same page is not always equally long when compressed."""
    asked = {"Accept-Encoding": "gzip"}
    lengths = {len(client.get("/search?q=the", headers=asked).data) for _ in range(20)}
    assert len(lengths) > 3


def test_b4_a_rating_shows_at_once(own_engine, own_client):
    """B4: read your writes: no page is older than the database."""
    with own_engine.begin() as conn:
        [user, movie] = conn.execute(
            text(
                "SELECT rater.user_id, movie.movie_id FROM core.rater CROSS JOIN core.movie"
                " WHERE user_id > 0 AND NOT EXISTS (SELECT FROM core.rating WHERE"
                " rating.user_id = rater.user_id AND rating.movie_id = movie.movie_id)"
                " ORDER BY 1, 2 LIMIT 1"
            )
        ).one()
        before = conn.scalar(
            text("SELECT raters FROM api.movie_card WHERE movie_id = :m"), {"m": movie}
        )
    first = own_client.get(f"/movie/{movie}")
    with own_engine.begin() as conn:
        conn.execute(text("SELECT * FROM api.rate(:u, :m, 0.5)"), {"u": user, "m": movie})
    after = own_client.get(f"/movie/{movie}", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert f"from {wording.plural(before + 1, 'rating')}" in after.text


def test_pages_outlive_an_upgrade_of_the_schema(own_engine, own_client):
    """Plans kept by a connection follow the functions; or one page is refused and no more."""
    get(own_client, f"/movie/{MATRIX}")
    with own_engine.begin() as conn:
        conn.execute(text("COMMENT ON SCHEMA api IS 'of another version'"))
    assert schema.upgrade(own_engine, force=True)
    get(own_client, f"/movie/{MATRIX}")
    get(own_client, "/category")
    with own_engine.begin() as conn:
        conn.execute(text("DROP VIEW api.category"))
        conn.execute(text("CREATE VIEW api.category AS SELECT 'a' AS slug, 'b' AS name"))
    refused = own_client.get("/category")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "2"
    with own_engine.begin() as conn:
        conn.execute(text("COMMENT ON SCHEMA api IS 'of another version'"))
    assert schema.upgrade(own_engine, force=True)
    get(own_client, "/category")


def test_a_page_cannot_write(own_engine):
    """Pages read in a transaction that refuses to write, and leave no setting behind."""
    with pytest.raises(DBAPIError, match="read-only"), db.reading(own_engine) as conn:
        db._run(conn, "DELETE FROM core.rating")
    with db.begin(own_engine) as conn:
        assert conn.scalar(text("SHOW transaction_read_only")) == "off"
        assert conn.scalar(text("SHOW statement_timeout")) == "0"
        assert conn.scalar(text("SHOW plan_cache_mode")) == "auto"


def test_named_queries_mean_the_same_prepared(tiny_engine):
    """One text, two ways to run it: by page and by command."""
    for name, params in {
        "search": {"p_query": "ali 100% :p_limit", "p_limit": 3, "p_offset": 0},
        "home_header": {"p_seed": -(2**63)},
        "category": {"p_slug": "it's"},
        "movie_page": {"p_movie_id": 1},
        "about": {},
    }.items():
        with db.reading(tiny_engine) as conn:
            once, again = (db.prepared(conn, name, **params) for _ in range(2))
        with db.begin(tiny_engine) as conn:
            assert once == again == db.rows(conn, name, **params)
