"""A visitor's whole way (issue: people): quiz, account, rows of one's own, what next, and away.

In a real Chromium, on the site as `recsql serve` serves it, with and without script.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from tests.browsing import chromium, serving

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def site(suggesting_engine: Engine) -> Iterator[str]:
    with serving(suggesting_engine) as address:
        urlopen(f"{address}/login").close()  # whose form makes the site's key, once for good
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def held(engine: Engine) -> dict[str, tuple[object, ...]]:
    """Return of every table of ours how many rows it has, and a digest of them."""
    digest = "SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM"
    with engine.connect() as conn:
        tables = conn.scalars(
            text("SELECT schemaname || '.' || tablename FROM pg_tables"
                 " WHERE schemaname IN ('core', 'derived') AND tablename <> 'attempt'")
        ).all()  # fmt: skip
        return {
            table: tuple(conn.execute(text(f"{digest} {table} AS t")).one()) for table in tables
        }


def shown(site: str, movies: list[str]) -> dict[str, bytes]:
    """Return what anybody is shown."""
    answers = "_".join(f"{movie}-5" for movie in sorted(movies, key=int))
    paths = ["/?seed=7", f"/quiz/result?seed=7&a={answers}", "/category/drama", "/next?seed=7"]
    paths += [f"/movie/{movie}?liked=20" for movie in movies]
    found = {}
    for path in paths:
        with urlopen(site + path) as answer:
            found[path] = answer.read()
    return found


def reasons(page: Page) -> list[str]:
    return page.locator('section[id^="mine-"] .reason').all_inner_texts()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_t1_q1_s1_t7_b6_from_the_quiz_to_an_account_that_never_was(
    browser: Browser, site: str, suggesting_engine: Engine, script: bool
) -> None:
    """T1, T2, Q1 to Q5, S1, T5, T7, B6: each step leads to the next by what the page offers."""
    asked = list(quiz_films(suggesting_engine))[:3]
    rows_before, pages_before = held(suggesting_engine), shown(site, asked)
    context = browser.new_context(java_script_enabled=script, accept_downloads=True)
    context.set_default_timeout(8_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    heading = page.get_by_role("heading", level=1)
    nav = page.get_by_role("navigation", name="Main")

    # Register: the home page has nothing to go on yet, and says what to do about it
    page.goto(site)
    nav.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name="Register").click()
    name = f"Joan {script}"
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("You have not rated a film yet")).to_be_visible()
    page.get_by_role("link", name="Take the quiz").click()

    # The quiz, the same for everybody who has its seed
    page.goto(re.sub(r"seed=\d+", "seed=7", page.url))
    sliders = page.get_by_role("slider")
    for place in range(3):
        sliders.nth(place).press("End")
        if place:
            sliders.nth(place).press("ArrowLeft")
    page.get_by_role("button", name="What shall I watch?").click()
    expect(page.locator("#picks [data-list] > li")).to_have_count(5)
    expect(page.locator("#picks .reason").first).to_contain_text("Because you gave")
    page.get_by_role("button", name="Keep these 3 ratings").click()
    expect(heading).to_have_text("Your answers are kept")
    page.get_by_role("link", name="To your home page").click()

    # Home: rows of one's own, out of three ratings
    expect(page.get_by_text("These rest on 3 ratings of yours")).to_be_visible()
    # without script no picture waits until it is seen, so no home page is opened for nothing
    home = site + str(page.get_by_role("link", name="Keep this page").get_attribute("href"))
    first = reasons(page)
    assert len(first) > 20 and "because you liked" in " ".join(first)
    about = page.locator('section[id^="mine-"] h2').all_inner_texts()
    assert any(row.startswith("Because you gave") for row in about), about
    assert shown(site, asked) != pages_before, "what everybody sees counts them"

    # What next: rated there
    nav.get_by_role("link", name="What next?").click()
    page.goto(f"{site}/next?seed=7")
    watched = heading.inner_text()
    if script:
        page.keyboard.press("5")
    else:
        page.get_by_role("radio", name="5 out of 5 stars", exact=True).check(force=True)
        page.get_by_role("button", name="Watched it").click()
    expect(page.get_by_text("Rated, and your suggestions count it")).to_be_visible()
    expect(heading).not_to_have_text(watched)

    # Home again, at the same address: it speaks of that film, and shows it no more
    page.goto(home)
    expect(page.get_by_text("These rest on 4 ratings of yours")).to_be_visible()
    now = reasons(page)
    assert now != first
    assert watched in " ".join(now + page.locator('section[id^="mine-"] h2').all_inner_texts())
    assert watched not in page.locator("main .card b").all_inner_texts()

    # Everything to take along
    nav.get_by_role("link", name="Account").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as JSON").click()
    exported = json.loads(download.value.path().read_text("utf-8"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    ratings = {film["movie_id"]: film["stars"] for film in exported["ratings"]}
    assert exported["name"] == name
    assert {str(movie) for movie in ratings} > set(asked)
    assert sorted(ratings.values()) == [4.5, 4.5, 5, 5]
    assert watched in {film["title"] for film in exported["ratings"]}
    assert {int(line["movie_id"]): float(line["stars"]) for line in lines} == ratings

    # Away: signed out, and as if it had never been
    gone = page.get_by_role("region", name="Delete the account")
    gone.get_by_label("Password").fill(PASSWORD)
    gone.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    expect(nav.get_by_role("link", name="Log in")).to_be_visible()
    expect(nav.get_by_role("link", name="Ratings")).to_have_count(0)
    assert "recsql_session" not in {cookie["name"] for cookie in context.cookies()}
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    said_until_here = list(said)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("Name and password do not go together.")
    context.close()
    assert said_until_here == []
    assert held(suggesting_engine) == rows_before
    assert shown(site, asked) == pages_before


def quiz_films(engine: Engine) -> Iterator[str]:
    """Give the films of the quiz of seed 7, in their order."""
    with engine.connect() as conn:
        found = conn.scalars(text("SELECT movie_id FROM api.quiz_movies(7) ORDER BY place"))
        yield from map(str, found.all())
