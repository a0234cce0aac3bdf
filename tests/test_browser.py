"""A visit in a real Chromium, on the site as `recsql serve` serves it, with and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from recsql import db, schema
from recsql.ingest import load
from tests.browsing import chromium, serving

MATRIX = 603

Visit = Callable[..., Page]


# One server and one browser for all of these.
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def site(demo_engine: Engine) -> Iterator[str]:
    """The address of the demo site."""
    with serving(demo_engine) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Open a page in a fresh window; at the end nothing was said on the console, and nothing
    was asked of any other host."""
    contexts, said, asked = [], [], []

    def open_page(path: str, **options: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        context = browser.new_context(**options)
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site).netloc}


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_home_movie_load_more_search(visit: Visit, script: bool) -> None:
    """N2 to N5: from the home page to a movie, two more of each list, and a search."""
    page = visit("/?seed=7", java_script_enabled=script)
    expect(page.locator("section.shelf")).to_have_count(20)
    expect(page.get_by_role("button", name="Next films in")).to_have_count(20 if script else 0)

    title = page.locator(".shelf").first.locator(".card b").first.inner_text()
    page.locator(".shelf").first.locator(".card").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)

    page.goto(page.url.split("/movie/")[0] + f"/movie/{MATRIX}")
    for section, letter, heading in (
        ("similar", "s", "Similar movies"),
        ("liked", "l", "Other users also liked"),
    ):
        part = page.get_by_role("region", name=heading)
        cards = part.locator("[data-list] > li")
        expect(cards).to_have_count(10)
        first = cards.first.locator("b").inner_text()
        part.get_by_role("link", name="Load more").click()
        expect(cards).to_have_count(12)
        assert cards.first.locator("b").inner_text() == first
        assert f"{section}=12" in page.url
        if script:
            expect(page.locator(f"#{letter}11 > a.card")).to_be_focused()
            expect(page.get_by_role("status")).to_have_text("2 more films shown, 12 in all.")
        else:
            assert page.url.endswith(f"#{letter}11")
    expect(page.locator("[data-list] > li")).to_have_count(24)

    page.get_by_role("searchbox").fill("matrix")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("“matrix”")
    page.locator(".found a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Matrix")


def test_what_was_loaded_is_still_there_on_the_way_back(visit: Visit) -> None:
    """N5: the address grows with the list, so that a reload shows the same cards."""
    page = visit(f"/movie/{MATRIX}")
    cards = page.locator("#similar [data-list] > li")
    for count in (12, 14):
        page.locator("#similar [data-more]").click()
        expect(cards).to_have_count(count)
    page.reload()
    expect(cards).to_have_count(14)
    assert len({card.get_attribute("id") for card in cards.all()}) == 14
    # The SQL at the foot is that of the longer list.
    assert "15" in page.locator("#sql pre").text_content()


def test_a_row_moves_by_its_buttons_and_stops_at_its_ends(visit: Visit) -> None:
    page = visit("/?seed=7", reduced_motion="reduce")
    shelf = page.locator(".shelf").first
    back, on = shelf.get_by_role("button").all()
    expect(back).to_be_disabled()
    for _ in range(6):
        if on.is_disabled():
            break
        on.click()
        page.wait_for_timeout(120)
    expect(on).to_be_disabled()
    expect(back).to_be_enabled()
    expect(back).to_be_focused()  # the focus is not lost with the button that went grey


def test_a_category_goes_on_while_one_scrolls(visit: Visit) -> None:
    """S11: page two comes by itself, once and in order."""
    page = visit("/category/drama")
    cards = page.locator("[data-list] > li")
    expect(cards).to_have_count(48)
    page.mouse.move(400, 400)
    page.mouse.wheel(0, 20_000)
    expect(cards.nth(95)).to_be_attached()
    links = [c.locator("a").get_attribute("href") for c in cards.all()[:96]]
    assert len(set(links)) == 96


def test_the_sql_can_be_copied(visit: Visit) -> None:
    page = visit(f"/movie/{MATRIX}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("The SQL behind this page").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("The SQL is in the clipboard.")
    assert "api.similar_movies" in page.evaluate("navigator.clipboard.readText()")


def test_n8_a_picture_that_fails_leaves_our_poster_untouched(
    browser: Browser, databases: Any, new_database: Callable[..., Engine]
) -> None:
    """N8: pixel for pixel what it is without TMDB's picture, and with it that one is seen."""

    def fill(engine: Engine) -> None:
        schema.upgrade(engine)
        load.load_demo(engine)

    own = new_database(databases.template("demo", fill))
    context = browser.new_context(viewport={"width": 900, "height": 800})
    page = context.new_page()
    poster = page.locator(".side > .poster")

    def shot(site: str, body: bytes | None) -> bytes:
        page.unroute_all()
        page.route(
            "https://image.tmdb.org/**",
            lambda route: (
                route.fulfill(body=body, content_type="image/svg+xml") if body else route.abort()
            ),
        )
        page.goto(f"{site}/movie/{MATRIX}")
        page.wait_for_load_state("networkidle")
        return poster.screenshot()

    with serving(own) as site:
        plain = shot(site, None)
        with own.begin() as conn:
            conn.execute(
                text("UPDATE core.movie SET poster_path = '/gone.svg' WHERE movie_id = :id"),
                {"id": MATRIX},
            )
        assert shot(site, None) == plain
        expect(poster.locator("img")).to_have_count(2)
        red = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="30">'
        red += b'<rect width="20" height="30" fill="red"/></svg>'
        assert shot(site, red) != plain
    context.close()


# Accounts -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_site(databases: Any) -> Iterator[str]:
    """A demo site whose accounts these tests may make and break."""

    def fill(engine: Engine) -> None:
        schema.upgrade(engine)
        load.load_demo(engine)

    engine = db.engine_on(databases.make(databases.template("demo", fill)))
    with serving(engine) as address:
        yield address
    engine.dispose()
    databases.drop(engine.url)


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_t1_t5_register_rate_my_ratings_export_delete(
    browser: Browser, own_site: str, script: bool
) -> None:
    """T1, T5, B6: a whole life of an account, by mouse and keyboard, with and without script."""
    context = browser.new_context(java_script_enabled=script, accept_downloads=True)
    context.set_default_timeout(8_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(f"{own_site}/movie/{MATRIX}")
    raters = page.locator(".rated .soft").first.inner_text()
    page.get_by_role("link", name="Log in to rate it").click()
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Name").fill(f"Ada {script}")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Matrix")

    stars = page.get_by_role("group", name="Your rating of The Matrix")
    stars.get_by_role("radio", name="4 out of 5 stars", exact=True).check(force=True)
    if script:
        expect(page.get_by_role("status").last).to_have_text("Saved: 4 out of 5 stars.")
        # the keyboard goes half a star on, and the last choice is what is kept
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("status").last).to_have_text("Saved: 4.5 out of 5 stars.")
    else:
        stars.get_by_role("radio", name="4.5 out of 5 stars").check(force=True)
        page.get_by_role("button", name="Rate", exact=True).click()
    page.get_by_role("button", name="Watchlist").click()
    expect(page.get_by_role("button", name="On your watchlist")).to_be_visible()
    page.goto(f"{own_site}/movie/155")
    page.get_by_role("button", name="Not interested").click()
    page.goto(f"{own_site}/movie/{MATRIX}?liked=40&similar=40")
    expect(page.locator('.near a.card[href="/movie/155"]')).to_have_count(0)

    page.get_by_role("link", name="Ratings", exact=True).click()
    expect(page.locator(".own > li")).to_have_count(1)
    expect(page.locator(".own output")).to_have_text("4.5 out of 5 stars")
    page.get_by_role("link", name="Account").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    exported = download.value.path().read_text("utf-8")
    assert f"rating,{MATRIX},tt0133093,The Matrix,1999,4.5," in exported
    page.goto(f"{own_site}/ratings")
    page.get_by_role("button", name="Remove rating").click()
    expect(page.get_by_text("You have not rated a film yet")).to_be_visible()

    page.get_by_role("link", name="Account").click()
    delete = page.get_by_role("region", name="Delete the account")
    delete.get_by_label("Password").fill("correct horse battery")
    delete.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    page.goto(f"{own_site}/movie/{MATRIX}")
    expect(page.get_by_role("link", name="Log in to rate it")).to_be_visible()
    assert page.locator(".rated .soft").first.inner_text() == raters
    context.close()
    assert said == []
