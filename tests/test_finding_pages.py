"""Ways to a film, as pages and commands: people, features, filters, search as one types."""

from __future__ import annotations

import gc
import html
import json
import re

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from recsql import web
from recsql.cli import cli
from recsql.web import wording
from tests.support import libpq_url, psql_rows
from tests.test_web import MATRIX, WRONG_NUMBERS, Page, cards, get


@pytest.fixture(scope="module")
def client(demo_engine: Engine) -> FlaskClient:
    return web.create_app(demo_engine).test_client()


@pytest.fixture
def ask(demo_engine: Engine):
    def run(sql: str, **params: object) -> list[dict]:
        with demo_engine.connect() as conn:
            return [dict(row) for row in conn.execute(text(sql), params).mappings()]

    return run


@pytest.fixture(scope="module")
def keys(demo_engine: Engine) -> dict[str, int]:
    """Somebody, a keyword and a series of the demo."""
    with demo_engine.connect() as conn:
        return {
            "person": conn.scalar(text("SELECT person_id FROM api.search_people('ridley scott')")),
            "feature": conn.scalar(text("SELECT feature_id FROM api.features('keyword', 'space')")),
            "collection": conn.scalar(
                text("SELECT collection_id FROM api.movie_page WHERE movie_id = 603")
            ),
        }


def every_page(client: FlaskClient, path: str | None) -> list[int]:
    """Follow rel=next from page to page."""
    found: list[int] = []
    while path:
        page = get(client, path)
        found += cards(page.source)
        following = re.search(r'rel="next" href="([^"]+)"', page.source)
        path = html.unescape(following.group(1)) if following else None
    return found


def said(page: Page) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.source)).split())


def test_n4_a_movie_page_links_to_all_that_it_names(client, ask):
    """N4: people, series, keywords, companies, countries and language are links that work."""
    [movie] = ask(f"SELECT * FROM api.movie_page WHERE movie_id = {MATRIX}")
    page = get(client, f"/movie/{MATRIX}")
    wanted = {f"/collection/{movie['collection_id']}", f"/feature/{movie['language_id']}"}
    for name in ("keyword", "company", "country"):
        wanted |= {f"/feature/{key}" for key in movie[f"{name}_ids"]}
    wanted |= {f"/person/{key}" for key in movie["director_ids"]}
    wanted |= {f"/person/{one['person_id']}" for one in movie["top_cast"]}
    wanted |= {f"/movie/{film['movie_id']}" for film in movie["collection_movies"]}
    linked = {link["href"] for link in page.all("a")}
    assert wanted <= linked
    assert f"/compare?a={MATRIX}" in linked
    for path in sorted(wanted):
        assert client.get(path).status_code == 200, path


def test_n4_the_histogram_says_the_counts_in_words(client, ask):
    """N4: half-stars, drawn and told."""
    [movie] = ask(f"SELECT histogram FROM api.movie_page WHERE movie_id = {MATRIX}")
    told = ", ".join(f"{(i + 1) / 2}: {n:,}" for i, n in enumerate(movie["histogram"]))
    assert (
        f'aria-label="How many gave how many stars: {told}"'
        in get(client, f"/movie/{MATRIX}").source
    )


@pytest.mark.parametrize("sort", ["newest", "oldest", "rating", "popular", "title"])
def test_s11_lists_repeat_and_skip_nothing(client, ask, keys, sort):
    """S11: people, features and filters, page after page by plain links, in SQL's order."""
    for path, call in (
        (f"/person/{keys['person']}", f"person_movies({keys['person']}, 'any', :s, 9999)"),
        (f"/feature/{keys['feature']}", f"feature_movies({keys['feature']}, :s, 9999)"),
        ("/browse", "browse_movies(p_sort => :s, p_limit => 9999)"),
        ("/browse?decade=1990&language=en",
         "browse_movies(p_decade => 1990, p_language => 'en', p_sort => :s, p_limit => 9999)"),
    ):  # fmt: skip
        rows = ask(f"SELECT movie_id FROM api.{call} ORDER BY rank", s=sort)
        query = "&" if "?" in path else "?"
        assert every_page(client, f"{path}{query}sort={sort}") == [r["movie_id"] for r in rows]
        assert rows


def test_a_person_by_part(client, keys):
    page = get(client, f"/person/{keys['person']}?role=crew")
    assert "Director" in page.source
    assert not cards(get(client, f"/person/{keys['person']}?role=cast").source)


def test_filters_stand_in_the_address_and_empty_ones_do_not(client):
    filled = client.get("/browse?genre=&decade=1990&country=&runtime=90-120&rating=&sort=rating")
    assert filled.status_code == 303
    assert filled.headers["Location"] == "/browse?decade=1990&runtime=90-120&sort=rating"
    page = get(client, filled.headers["Location"])
    assert "1990s, 1½ to 2 hours" not in page.source  # 90-120 is a stretch of its own
    assert "1990s, from 90 up to 120 minutes" in page.source
    assert '<option value="1990" selected>' in page.source
    assert '<option value="90-120" selected>' in page.source
    # each filter in use can be taken off by a link
    assert 'href="/browse?sort=rating&amp;runtime=90-120"' in page.source
    assert 'href="/browse?sort=rating&amp;decade=1990"' in page.source


def test_an_empty_result_says_what_to_loosen(client):
    page = get(client, "/browse?genre=western&decade=1980&rating=5&runtime=-30")
    assert "No film passes all of these filters" in page.source
    for name in ("genre", "decade", "rating", "runtime"):
        assert f"Any {name}" in page.source
    assert "Western" in page.source
    assert "Take it off" in get(client, "/browse?genre=no-such").source


def test_there_is_a_way_to_every_list(client):
    """From /browse by links alone: genre, decade, country, language, person, company, keyword."""
    links = {link["href"] for link in get(client, "/browse").all("a")}
    for wanted in ("genre=", "decade=", "country=", "language="):
        assert any(wanted in link for link in links), wanted
    assert {"/browse/person", "/browse/keyword", "/browse/company", "/browse/country",
            "/category"} <= links  # fmt: skip
    for path in sorted(link for link in links if link.startswith("/browse")):
        assert client.get(path).status_code in (200, 303), path


def test_t4_a_misspelt_search_is_helped(client):
    """T4"""
    page = get(client, "/search?q=matirx")
    assert "Nothing found for “<bdi>matirx</bdi>”" in page.source
    assert 'href="/search?q=matrix"' in page.source
    assert "Did you mean" not in get(client, "/search?q=matrix").source
    assert "Did you mean" not in get(client, "/search?q=zzzzzzzzzz").source


def test_t4_search_as_you_type_is_bounded(client, ask):
    """T4: what the page finds, eight at most, and what was meant where that is nothing."""
    for typed in ("the", "matr", "603", "tt0133093", "zz9"):
        rows = ask("SELECT movie_id, title, year FROM api.search_movies(:q, 8)", q=typed)
        answer = client.get("/search.json", query_string={"q": typed})
        assert answer.json == {"q": typed, "movies": rows, "meant": []}
        assert len(rows) <= 8
    answer = client.get("/search.json?q=matirx")
    assert answer.json == {"q": "matirx", "movies": [], "meant": ["matrix"]}
    assert client.get("/search.json").json["movies"] == []
    again = client.get("/search.json?q=the")
    kept = client.get("/search.json?q=the", headers={"If-None-Match": again.headers["ETag"]})
    assert kept.status_code == 304


def test_people_are_among_what_a_search_finds(client, keys):
    assert f'href="/person/{keys["person"]}"' in get(client, "/search?q=ridley").source
    assert f'href="/person/{keys["person"]}"' in get(client, "/browse/person?q=scott").source


def test_b3_why_shows_the_interval(client, ask):
    """B3: beside rows that add up, how sure it is."""
    for pair in ask(f"SELECT * FROM api.pair_evidence({MATRIX}, 155)"):
        part = get(client, f"/movie/{MATRIX}/why/155").part(pair["kind"])
        low, high = (round(float(pair[end]) * 100) for end in ("low", "high"))
        assert f"{low} to {high} per cent" in part
    liked = next(p for p in ask(f"SELECT * FROM api.pair_evidence({MATRIX}, 155)")
                 if p["kind"] == "liked")  # fmt: skip
    assert wording.stars(liked["mean_stars"]) in part


def test_two_films_side_by_side(client, ask):
    page = get(client, f"/compare?a={MATRIX}&b=155")
    for row in ask(f"SELECT name FROM api.compare_movies({MATRIX}, 155)"):
        assert html.escape(row["name"]) in html.escape(html.unescape(page.source))
    for one, other in ((MATRIX, 155), (155, MATRIX)):
        [liked] = ask(f"SELECT * FROM api.pair_evidence({one}, {other}) WHERE kind = 'liked'")
        assert f"{liked['support']} of {liked['out_of']} fans of" in said(page)
    chosen = get(client, f"/compare?a={MATRIX}&q=dark")
    assert f'href="/compare?a={MATRIX}&amp;b=155"' in chosen.source
    assert 'href="/compare?a=155"' in get(client, "/compare?q=dark").source


@pytest.mark.parametrize("value", WRONG_NUMBERS)
def test_bad_numbers_are_refused_with_a_page(client, keys, value):
    for path in (f"/person/{value}", f"/feature/{value}", f"/collection/{value}",
                 f"/movie/{value}/credits", f"/compare?a={MATRIX}&b={value}x",
                 f"/browse?page={value}&sort=title", f"/person/{keys['person']}?page={value}",
                 f"/browse?decade={value}&sort=title"):  # fmt: skip
        response = client.get(path)
        if value == "" and path.endswith("&sort=title"):
            assert response.status_code in (303, 400)  # a field of the form that was left open
            continue
        if path == "/person/" or path == "/feature/":
            continue
        assert response.status_code in (400, 404), f"{path}: {response.status_code}"
        assert 'class="lost"' in response.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/browse?runtime=120-90", 400),
        ("/browse?runtime=-", 400),
        ("/browse?runtime=٩٠-120", 400),
        ("/browse?decade=1995", 400),
        ("/browse?decade=199", 400),
        ("/browse?country=fr", 400),
        ("/browse?language=FR", 400),
        ("/browse?genre=Drama", 400),
        ("/browse?genre=%27%3B--", 400),
        ("/browse?rating=7", 400),
        ("/browse?rating=٣", 400),
        ("/browse?sort=nope", 400),
        ("/browse?sort=title&page=5000", 404),
        ("/browse/nope", 404),
        ("/browse/person?page=5000", 404),
        ("/compare?a=603&b=603", 400),
        ("/compare?a=603&b=1999999999", 404),
        ("/compare?a=x", 400),
        ("/person/1?role=nope", 400),
        ("/search.json?q=" + "a" * 201, 400),
    ],
)
def test_what_makes_no_sense_is_said_so(client, path, status):
    assert 'class="lost"' in get(client, path, status).source


def test_other_filters_are_nobodys_business(client):
    """An unknown name in the address is not believed to be a filter."""
    assert client.get("/browse?sort=title&utm_source=x").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/browse", "/browse?genre=horror&decade=1980", "/browse?genre=western&rating=5&runtime=-30",
     "/browse/person", "/browse/keyword?q=sp", "/person/{person}", "/feature/{feature}",
     "/collection/{collection}", f"/movie/{MATRIX}/credits", f"/compare?a={MATRIX}&b=155",
     "/compare", "/search?q=matirx"],
)  # fmt: skip
def test_pages_are_well_made_light_and_show_their_sql(client, demo_engine, keys, path):
    """N8: pasted as it stands the SQL runs; one h1, no id twice, no inline style."""
    response = client.get(path.format(**keys))
    assert response.status_code == 200
    page = Page(response.text)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert not any("style" in a for _, a in page.elements)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    sheets = [client.get(a["href"]).data for a in page.all("link") if a["rel"] == "stylesheet"]
    assert sum(map(len, sheets)) <= 20_000
    with demo_engine.connect() as conn:
        for statement in page.statements:
            assert conn.exec_driver_sql(statement.replace("%", "%%")).returns_rows


def test_scripts_stay_small(client):
    """Ours with what search as one types brings is 8 KB at most, and so is it with the drawer."""
    page = get(client, f"/movie/{MATRIX}")
    script = client.get(page.all("script")[0]["src"]).data
    for name in ("data-suggest", "data-drawer"):
        address = next(a[name] for _, a in page.elements if name in a)
        more = client.get(address)
        assert more.content_type.startswith("text/javascript")
        assert len(script) + len(more.data) <= 8_000, name


def test_what_somebody_hides_is_in_no_list_to_choose_from(demo_engine, ask):
    with demo_engine.connect() as conn:
        from recsql import db

        asked = dict.fromkeys(
            ("p_genre", "p_decade", "p_country", "p_language", "p_min_runtime", "p_max_runtime",
             "p_min_stars", "p_feature_id")
        )  # fmt: skip
        part = {"p_sort": "popular", "p_limit": 5, "p_offset": 2}
        [user] = conn.execute(text("SELECT min(user_id) FROM core.rater WHERE user_id > 0")).one()
        plain = db.rows(conn, "browse_movies", **asked, **{**part, "p_limit": 8})
        conn.execute(
            text("SELECT * FROM api.mark(:u, :m, 'hide')"), {"u": user, "m": plain[1]["movie_id"]}
        )
        mine = db.rows(conn, "my_browse_movies", p_user_id=user, **asked, **part)
        conn.rollback()
    assert [r["movie_id"] for r in mine] == [r["movie_id"] for r in plain if r is not plain[1]][:5]
    assert [r["rank"] for r in mine] == [3, 4, 5, 6, 7]


# Commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "call"),
    [
        ("browse --genre horror --decade 1970 --min-stars 4", "browse_movies('horror', 1970)"),
        ("browse --options --decade 1970", "browse_options(p_decade => 1970)"),
        ("person 'ridley scott'", "person_movies(1)"),
        ("people ridl", "search_people('ridl')"),
        ("people", "leading_people()"),
        ("feature SPACE --sort oldest", "feature_movies(5, 'oldest')"),
        ("features keyword", "features('keyword')"),
        ("collection Aliens", "collection_movies(1)"),
        ("credits 1", "movie_credits(1)"),
        ("compare-movies Alien Aliens", "compare_movies(1, 2)"),
        ("compare-movies Alien Aliens --fans", "pair_evidence(1, 2)"),
    ],
)
def test_commands_print_what_psql_does(tiny_engine, monkeypatch, command, call):
    """The three doors: the same rows under the same names."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(tiny_engine.url))
    ran = CliRunner().invoke(cli, f"{command} --json")
    gc.collect()
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    wanted = psql_rows(tiny_engine, f"SELECT * FROM api.{call}")
    assert found
    assert sorted(found, key=str) == sorted(wanted, key=str)
    table = CliRunner().invoke(cli, command)
    assert table.exit_code == 0
    assert len(table.stdout.splitlines()) == len(found) + 1
    gc.collect()


def test_a_search_that_finds_nothing_says_what_was_meant(tiny_engine, monkeypatch):
    """T4"""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(tiny_engine.url))
    ran = CliRunner().invoke(cli, "search casablnca")
    gc.collect()
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert ran.stderr == "No movie has such a title. Did you mean: casablanca?\n"
