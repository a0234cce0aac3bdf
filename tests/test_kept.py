"""Pages that are written once: for as long as no row has changed, and never for a person's own."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from recsql import db, web
from recsql.errors import RecsqlError
from recsql.web import kept
from recsql.web.kept import Kept, Page
from tests.conftest import fill_demo

MATRIX, RELOADED = 603, 604
PAGES = (
    f"/movie/{MATRIX}",
    f"/movie/{MATRIX}?similar=12",
    f"/movie/{MATRIX}/why/{RELOADED}",
    "/category",
    "/category/western",
    "/category/western?sort=newest",
)


@pytest.fixture
def engine(databases, new_database: Callable[..., Engine]) -> Engine:
    return new_database(databases.template("demo", fill_demo))


@pytest.fixture
def app(engine: Engine) -> Flask:
    return web.create_app(engine)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def pages_of(app: Flask) -> Kept:
    found = app.extensions["recsql.kept"]
    assert isinstance(found, Kept)
    return found


def written(client: FlaskClient, path: str) -> list[str]:
    """Return the statements that a request of this page asks."""
    asked: list[str] = []
    run = db._run

    def watched(conn, statement, values=None):
        asked.append(statement)
        return run(conn, statement, values)

    db._run = watched
    try:
        assert client.get(path).status_code == 200
    finally:
        db._run = run
    return asked


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changes: a snapshot is one of all databases of the server, and others test there."""
    ask = db.snapshot

    def first_one(on: Engine) -> str:
        ask(on)
        return "1:1:"

    monkeypatch.setattr(db, "snapshot", first_one)


@pytest.mark.parametrize("path", PAGES)
def test_b8_a_page_costs_one_question_while_nothing_changes(app, client, path, still):
    """B8: to the byte the page that was written, compressed or not, with its ETag."""
    first = client.get(path)
    assert written(client, path) == ["SELECT pg_current_snapshot()::text"]
    again = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert again.data == first.data == gzip.decompress(packed.data)
    assert dict(again.headers) == dict(first.headers)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] == first.headers["ETag"]
    unchanged = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    assert not unchanged.data
    # and it is the page that a site which keeps nothing would write
    assert (
        web.create_app(app.extensions["recsql.engine"]).test_client().get(path).data == again.data
    )


def test_b4_whatever_is_committed_shows_at_once(client, engine):
    """B4: a rating, a title: the very next visitor sees it; what is rolled back, nobody does."""
    path = f"/movie/{MATRIX}"
    before = client.get(path).text
    with engine.begin() as conn:
        conn.execute(text("UPDATE core.movie SET title = 'Another' WHERE movie_id = 603"))
        assert client.get(path).text == before, "not committed yet"
    after = client.get(path).text
    assert "<h1" in after
    assert "Another" in after
    with engine.connect() as conn:
        conn.execute(text("UPDATE core.movie SET title = 'A third' WHERE movie_id = 603"))
        conn.rollback()
    assert client.get(path).text == after


def test_a_person_gets_pages_of_their_own(app, client):
    """S6: with a session, even with one that is worth nothing, a page is written anew."""
    path = f"/movie/{MATRIX}"
    client.get(path)
    somebody = app.test_client()
    somebody.set_cookie("recsql_session", "out of date")
    assert len(written(somebody, path)) > 1
    assert somebody.get(path).headers["Cache-Control"] == "private, no-store"
    assert client.get(path).headers["Cache-Control"] == "no-cache"


def test_addresses_are_not_mixed_up(client):
    long, short = client.get(f"/movie/{MATRIX}?similar=14"), client.get(f"/movie/{MATRIX}")
    assert client.get(f"/movie/{MATRIX}?similar=14").data == long.data != short.data
    below = client.get(f"/movie/{MATRIX}", environ_overrides={"SCRIPT_NAME": "/films"})
    assert f'href="/films/movie/{RELOADED}"' in below.text
    assert f'href="/movie/{RELOADED}"' in client.get(f"/movie/{MATRIX}").text


def test_what_failed_is_not_kept(app, client, still):
    for path, status in (("/movie/1234567", 404), (f"/movie/{MATRIX}?similar=x", 400)):
        assert client.get(path).status_code == status
        assert client.get(path).status_code == status
    assert not pages_of(app)._written


def test_a_page_with_a_form_is_not_kept(app):
    """Its token is bound to a cookie of the visitor who asked."""
    from recsql.web import pages, people

    def formed():
        people.form_token()
        return pages.page("category_list.html", categories=[], about={})

    app.add_url_rule("/formed", view_func=kept.while_unchanged(formed))
    assert "Set-Cookie" in app.test_client().get("/formed").headers
    assert not pages_of(app)._written


def test_a_page_whose_writing_fails_leaves_no_crowd(app):
    def broken():
        raise RecsqlError("no")

    app.add_url_rule("/broken", view_func=kept.while_unchanged(broken))
    for _ in range(kept.CROWD):
        assert app.test_client().get("/broken").status_code >= 400
    assert pages_of(app)._in_work == 0


PAGE = Page(b"0" * 100, 'W/"1"', "no-cache")
KEY = ("", "/movie/1?")


class TestInACrowd:
    """While ratings come and several pages are being written, one of a few seconds ago will do."""

    def test_the_page_of_before_is_shown_ten_seconds(self):
        now = [0.0]
        pages = Kept(clock=lambda: now[0])
        pages.keep(KEY, "1:1:", 0.0, PAGE)
        assert pages.find(KEY, "2:2:") is None
        with pages.in_work():
            assert pages.find(KEY, "2:2:") is None, "one is no crowd"
            with pages.in_work():
                now[0] = 9.9
                assert pages.find(KEY, "2:2:") is PAGE
                now[0] = 10.0
                assert pages.find(KEY, "2:2:") is None
                assert pages.find(KEY, "1:1:") is PAGE, "right is right at any age"
        now[0] = 1.0
        assert pages.find(KEY, "2:2:") is None

    def test_threads_count_as_they_come_and_go(self):
        pages = Kept()
        gate = threading.Barrier(kept.CROWD + 1)

        def write():
            with pages.in_work():
                gate.wait(5)
                gate.wait(5)

        threads = [threading.Thread(target=write) for _ in range(kept.CROWD)]
        for thread in threads:
            thread.start()
        gate.wait(5)
        assert pages._in_work == kept.CROWD
        gate.wait(5)
        for thread in threads:
            thread.join(5)
        assert pages._in_work == 0


def test_memory_is_bounded_and_what_is_asked_for_stays(monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    pages = Kept()
    for number in range(30):
        pages.keep(("", str(number)), "1", 0.0, PAGE)
        assert pages.find(("", "0"), "1") is PAGE
    assert len(pages._written) == 10
    assert pages._bytes == 1000
    assert pages.find(("", "29"), "1") is PAGE
    assert pages.find(("", "20"), "1") is None
    pages.keep(("", "0"), "2", 0.0, Page(b"1", "", ""))
    assert pages._bytes == 901
