"""A visit in a real Chromium, on the site as `recsql serve` serves it, with and without script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from tests.browsing import chromium, serving
from tests.conftest import database_of_its_own, fill_demo

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


def test_t4_search_as_one_types_by_keyboard(visit: Visit) -> None:
    """T4: the combobox pattern: arrows, Enter, Escape; a slow answer is not waited for."""
    page = visit("/category")
    field = page.get_by_label("Search for a film")
    field.press_sequentially("matr", delay=30)
    hits = page.get_by_role("option")
    expect(hits.first).to_contain_text("The Matrix")
    count = hits.count()
    assert 1 < count <= 8
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").last).to_have_text(f"{count} found, arrow keys to choose.")
    # down to the first, up to the field and further to the last, down to the field again
    for key, at in (("ArrowDown", 0), ("ArrowUp", -1), ("ArrowUp", count - 1), ("ArrowDown", -1)):
        page.keyboard.press(key)
        chosen = hits.nth(at).get_attribute("id") if at >= 0 else ""
        expect(field).to_have_attribute("aria-activedescendant", chosen)
        expect(page.locator(".hits [aria-selected]")).to_have_count(int(at >= 0))
        expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(hits).to_have_count(0)
    expect(field).to_have_value("matr")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    title = page.locator(".hits [aria-selected]").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_url("**/movie/*")
    assert title.startswith(page.get_by_role("heading", level=1).inner_text())


def test_t4_search_as_one_types_helps_and_steps_aside(visit: Visit) -> None:
    """T4: a misspelt title; Enter without a choice is the form's own."""
    page = visit("/category")
    field = page.get_by_label("Search for a film")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field.press_sequentially("matirx", delay=20)
    meant = page.get_by_role("option", name="Did you mean “matrix”?")
    expect(meant).to_be_visible()
    assert len([url for url in asked if "search.json" in url]) < 6  # not one a letter
    meant.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("“matrix”")
    field = page.get_by_label("Search for a film")
    field.fill("alien")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("“alien”")


def test_b2_b3_a_drawer_says_why(visit: Visit) -> None:
    """B2, B3: evidence that adds up, and the interval, without leaving the list."""
    page = visit(f"/movie/{MATRIX}")
    why = page.locator("#liked .why").first
    why.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_be_visible()
    rows = drawer.locator("tbody td:last-child").all_inner_texts()
    total = drawer.locator("tfoot td").inner_text()
    # each row is rounded to three digits
    assert abs(sum(map(float, rows)) - float(total)) <= 0.0005 * (len(rows) + 1)
    expect(drawer.locator("svg.span")).to_be_visible()
    expect(drawer).to_contain_text("with 95% certainty")
    assert page.url.endswith(f"/movie/{MATRIX}")
    assert page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)").count(
        "liked"
    ) == 1  # fmt: skip
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(why).to_be_focused()
    page.locator("#similar .why").nth(1).press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_finding_without_script(visit: Visit) -> None:
    """Filters, people, series, why and two films side by side: links and forms alone."""
    page = visit("/browse", java_script_enabled=False)
    page.locator("[name=genre]").select_option("horror")
    page.locator("[name=decade]").select_option("1980")
    page.get_by_role("button", name="Show films").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Horror, 1980s")
    assert page.url.endswith("/browse?genre=horror&decade=1980&sort=popular")
    page.locator(".grid a.card").first.click()
    page.goto(page.url.split("/movie/")[0] + f"/movie/{MATRIX}")
    page.locator(".cast a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keanu Reeves")
    page.locator("a.card", has_text="The Matrix").last.click()
    page.get_by_role("link", name="The Matrix Collection").click()
    expect(page.locator(".grid a.card")).to_have_count(3)
    page.locator(".grid a.card").first.click()
    page.locator("#similar .why").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("for The Matrix?")
    page.get_by_role("link", name="Compare the two").click()
    page.get_by_role("searchbox", name="Another film").fill("dark knight")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="The Dark Knight 2008").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Matrix and The Dark Knight")


def test_n8_a_picture_that_fails_leaves_our_poster_untouched(
    browser: Browser, own_engine: Engine, own_site: str
) -> None:
    """N8: pixel for pixel what it is without TMDB's picture, and with it that one is seen."""
    context = browser.new_context(viewport={"width": 900, "height": 800})
    page = context.new_page()
    poster = page.locator(".side > .poster")

    def shot(body: bytes | None) -> bytes:
        page.unroute_all()
        page.route(
            "https://image.tmdb.org/**",
            lambda route: (
                route.fulfill(body=body, content_type="image/svg+xml") if body else route.abort()
            ),
        )
        page.goto(f"{own_site}/movie/{MATRIX}")
        page.wait_for_load_state("networkidle")
        return poster.screenshot()

    def set_picture(path: str | None) -> None:
        with own_engine.begin() as conn:
            conn.execute(
                text("UPDATE core.movie SET poster_path = :path WHERE movie_id = :id"),
                {"path": path, "id": MATRIX},
            )

    plain = shot(None)
    set_picture("/gone.svg")
    assert shot(None) == plain
    expect(poster.locator("img")).to_have_count(2)
    red = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="30">'
    red += b'<rect width="20" height="30" fill="red"/></svg>'
    assert shot(red) != plain
    set_picture(None)
    context.close()


def test_the_keyboard_can_skip(visit: Visit) -> None:
    """The first Tab offers the content; the focus is always to be seen."""
    page = visit("/?seed=7")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    box = skip.bounding_box()
    assert box and box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# Accounts -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_engine(databases: Any) -> Iterator[Engine]:
    """A demo catalogue that these tests may change."""
    yield from database_of_its_own(databases, "demo", fill_demo)


@pytest.fixture(scope="module")
def own_site(own_engine: Engine) -> Iterator[str]:
    """A demo site whose accounts these tests may make and break."""
    with serving(own_engine) as address:
        yield address


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


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_s1_t7_rows_of_ones_own_and_what_next_by_keys(
    browser: Browser, own_site: str, script: bool
) -> None:
    """S1, T7: rate on "What next?", by key or by button; the home page counts it."""
    context = browser.new_context(java_script_enabled=script)
    context.set_default_timeout(8_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{own_site}/register")
    page.get_by_label("Name").fill(f"Uma {script}")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Popular, to begin with")).to_be_visible()
    page.get_by_role("link", name="What next?").click()
    heading = page.get_by_role("heading", level=1)
    keys = page.get_by_role("checkbox", name="Keys on this page")

    def goes_on(act: Callable[[], object]) -> str:
        before = heading.inner_text()
        act()
        expect(heading).not_to_have_text(before)
        return before

    if not script:
        expect(keys).to_have_count(0)
        for _ in range(3):
            goes_on(page.get_by_role("link", name="Next film").click)
        goes_on(page.get_by_role("button", name="Watchlist").click)
        page.get_by_role("radio", name="4 out of 5 stars", exact=True).check(force=True)
        rated = goes_on(page.get_by_role("button", name="Watched it").click)
    else:
        for _ in range(3):
            goes_on(lambda: page.keyboard.press("n"))
        goes_on(lambda: page.keyboard.press("w"))
        # typing in a field, keys of the browser, and keys that are switched off do nothing
        shown = page.url
        search = page.get_by_role("combobox", name="Search for a film")
        page.locator("input[name=q]").focus()
        page.keyboard.type("n w 4")
        expect(search).to_have_value("n w 4")
        search.blur()
        page.keyboard.press("Alt+n")
        keys.uncheck()
        page.keyboard.press("4")
        page.reload()
        expect(keys).not_to_be_checked()
        page.keyboard.press("n")
        page.wait_for_timeout(150)
        assert page.url == shown
        keys.check()
        rated = goes_on(lambda: page.keyboard.press("4"))
    expect(page.get_by_text("Rated, and your suggestions count it")).to_be_visible()
    page.goto(f"{own_site}/ratings")
    expect(page.locator(".own > li")).to_have_count(1)
    expect(page.locator(".own output")).to_have_text("4 out of 5 stars")
    expect(page.locator(".own .name")).to_have_text(rated)
    page.goto(f"{own_site}/?seed=7")
    expect(page.get_by_role("region", name="Your watchlist").locator(".card")).to_have_count(1)
    cards = page.locator("main .card")
    titles = cards.evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert len(titles) == len(set(titles)) > 150
    context.close()
    assert said == []


# The quiz -----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_q1_to_q5_quiz_results_and_ratings_kept(
    browser: Browser, own_site: str, script: bool
) -> None:
    """Q1 to Q5: by keyboard from the first slider to ratings of one's own."""
    context = browser.new_context(java_script_enabled=script)
    context.set_default_timeout(8_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(f"{own_site}/login")
    page.get_by_role("link", name="Quiz").click()
    sliders = page.get_by_role("slider")
    expect(sliders).to_have_count(15)
    assert re.search(r"/quiz\?seed=\d+$", page.url)
    for place, presses in ((0, 10), (1, 9), (2, 1)):
        sliders.nth(place).focus()
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
    expect(sliders.nth(1)).to_have_value("4.5")
    if script:
        expect(sliders.nth(1)).to_have_attribute("aria-valuetext", "4.5 stars")
        expect(sliders.nth(3)).to_have_attribute("aria-valuetext", "Not seen")
        expect(page.locator(".dials li").nth(1).locator(".marks")).to_have_text("4½ stars")
        expect(page.locator("[data-count]")).to_have_text("3 of 15 rated")
    else:
        expect(page.locator(".marks").first).to_have_text("Not seen5 stars")
    page.get_by_role("radio", name="Before 2010").check()
    page.get_by_role("button", name="What shall I watch?").click()

    cards = page.locator("#picks [data-list] > li")
    expect(cards).to_have_count(5)
    address = page.url
    assert re.search(r"/quiz/result\?seed=\d+&prefer=old&a=(\d+-[\d.]+_?){3}$", address)
    page.get_by_role("link", name="5 more").click()
    expect(cards).to_have_count(10)
    if script:
        expect(page.locator("#p6 > a.card")).to_be_focused()
    cards.first.get_by_role("link", name="Why?").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why ")
    page.get_by_role("link", name="Back to the result").click()
    # the answers are still there on the way back, and can be changed
    page.get_by_role("link", name="Change them").click()
    expect(sliders.nth(0)).to_have_value("5")
    expect(page.get_by_role("radio", name="Before 2010")).to_be_checked()
    page.get_by_role("button", name="What shall I watch?").click()
    assert page.url == address

    page.get_by_role("link", name="Keep these 3 ratings: make an account").click()
    page.get_by_label("Name").fill(f"Quinn {script}")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep these 3 ratings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are kept")
    page.get_by_role("link", name="Ratings", exact=True).click()
    expect(page.locator(".own > li")).to_have_count(3)
    context.close()
    assert said == []


def test_a_card_shows_its_film_beside_it_and_escape_closes_that(visit: Visit) -> None:
    """N2: by pointer and by keyboard; facts and both whys; to be tabbed into; WCAG 1.4.13."""
    page = visit("/?seed=7")
    card, preview = page.locator(".row .card").first, page.locator(".preview")
    card.hover()
    expect(preview).to_be_visible()
    for said in ("Similar movies", "Other users also liked"):
        expect(preview.get_by_role("link", name=said)).to_have_count(1)
    expect(preview.locator(".overview")).not_to_be_empty()
    preview.hover()
    page.wait_for_timeout(400)
    expect(preview).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    page.mouse.move(1, 1)

    page.locator(".shelf .skip").first.focus()
    for _ in range(9):
        page.keyboard.press("Tab")
        if card.evaluate("card => card === document.activeElement"):
            break
    expect(preview).to_be_visible()
    page.keyboard.press("Tab")
    expect(preview.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    expect(card).to_be_focused()
