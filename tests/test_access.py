"""Every page, for everyone and light: axe, fit, focus, motion, speed, weight and silence.

One walk over one list of pages: a new page is one more line of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, expect
from sqlalchemy import Engine, text

from recsql import web
from recsql.accounts import people
from tests.browsing import chromium, serving
from tests.conftest import Databases, database_of_its_own, fill_demo

# A server and a browser of its own, beside those of the other browser tests.
pytestmark = pytest.mark.xdist_group("access")

MATRIX = 603
# All pages, by who sees them: anybody, a member who is signed in, or both in different ways.
PAGES = [
    ("both", "/?seed=7"),
    ("both", f"/movie/{MATRIX}"),
    ("anybody", f"/movie/{MATRIX}/why/604"),
    ("anybody", "/category"),
    ("anybody", "/category/drama?sort=title&page=2"),
    ("anybody", "/search?q=the"),
    ("anybody", "/search?q=matirx"),
    ("anybody", "/search?q=reeves"),
    ("anybody", "/browse?genre=horror&decade=1980"),
    ("anybody", "/browse?genre=war&rating=5&decade=1930"),
    ("anybody", "/browse/keyword"),
    ("anybody", "/browse/person"),
    ("anybody", "/person/1"),
    ("anybody", "/feature/1"),
    ("anybody", "/collection/{series}"),
    ("anybody", f"/movie/{MATRIX}/credits"),
    ("anybody", f"/compare?a={MATRIX}&b=155"),
    ("anybody", f"/compare?a={MATRIX}&q=dark"),
    ("anybody", "/quiz?seed=7"),
    ("anybody", "/quiz/result?seed=7&a=155-4.5_603-5"),
    ("anybody", "/quiz/why/604?seed=7&a=155-4.5_603-5"),
    ("member", "/quiz/keep?seed=7&a=155-4.5_604-5"),
    ("anybody", "/evaluation?movie=603"),
    ("anybody", "/register"),
    ("anybody", "/login?done=out"),
    ("anybody", "/no/such/page"),
    ("anybody", "/category/drama?page=x"),
    ("member", "/ratings"),
    ("member", "/ratings/import"),
    ("member", "/watchlist"),
    ("member", "/hidden"),
    ("member", "/account"),
    ("member", "/next?seed=7"),
    ("member", "/why/13"),
]
# What else answers a GET, and why it is no page.
NO_PAGES = {
    "/account/export.csv": "a download",
    "/account/export.json": "a download",
    "/backdrop/<id:movie_id>.svg": "a picture",
    "/category/<slug:slug>.svg": "a picture",
    "/elsewhere": "there only with a key of OMDb",
    "/favicon.ico": "a picture",
    "/healthz": "a word for machines",
    "/poster/<id:movie_id>.svg": "a picture",
    "/poster/error-<id:code>.svg": "a picture",
    "/random": "leads to a film",
    "/readyz": "a word for machines",
    "/search.json": "an answer to our script",
    "/static/<stamp>/<name>": "a file",
}
WALK = [
    (who, path) for sees, path in PAGES for who in ("anybody", "member") if sees in (who, "both")
]

AXE = Axe().axe_script
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 640, 768, 1440, 2560)  # 640 is 1280 at 200% zoom; 320 is 400%


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    """A demo catalogue of its own."""
    yield from database_of_its_own(databases, "demo", fill_demo)


@pytest.fixture(scope="module")
def series(engine: Engine) -> int:
    """The number of a series of films, which is ours and so another one in each catalogue."""
    with engine.connect() as conn:
        return conn.scalar(text("SELECT min(collection_id) FROM core.collection"))


@pytest.fixture(scope="module")
def site(engine: Engine) -> Iterator[str]:
    with serving(engine) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_no_page_is_forgotten(engine: Engine) -> None:
    """Every route that answers a GET is on the list of pages, or of those that are none."""
    app = web.create_app(engine)
    routes = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    known = app.url_map.bind("localhost")
    shown = set()
    for _, path in PAGES:
        path = path.format(series=1)
        if known.test(path.split("?")[0], "GET"):
            shown.add(known.match(path.split("?")[0], return_rule=True)[0].rule)
    assert shown | set(NO_PAGES) == routes
    assert not shown & set(NO_PAGES)


# The walk -----------------------------------------------------------------------------------

# Before anything of a page runs: what the browser says of how it was loaded.
OBSERVE = """
window.seen = {lcp: 0, cls: 0, tbt: 0};
window.watchers = [];
const watch = (type, note) => {
    const watcher = new PerformanceObserver((list) => list.getEntries().forEach(note));
    watcher.observe({type, buffered: true});
    watchers.push([watcher, note]);
};
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value; });
watch("longtask", (entry) => { seen.tbt += Math.max(0, entry.duration - 50); });
"""
# Of a long list or table the first items speak for the rest, which are made in the same line, and
# of a page of rows the first rows.
RUN_AXE = """async (tags) => (await axe.run(
    {exclude: ["li:nth-child(n+5):not(:has([aria-current]))", "tr:nth-child(n+6)",
        "#shelf-3 ~ .shelf"]},
    {runOnly: tags, resultTypes: ["violations"], preload: false})).violations
    .flatMap((rule) => rule.nodes.map((node) =>
        `${rule.id} (${rule.impact}): ${node.html.slice(0, 120)} ${node.failureSummary}`))"""
# Once the browser has nothing more to do; with what came over the line, unpacked.
LOADED = """() => new Promise((done) => {
const look = () => requestIdleCallback(() => {
    for (const [watcher, note] of watchers) watcher.takeRecords().forEach(note);
    if (!seen.lcp && performance.now() < 3000) return requestAnimationFrame(look);
    const weigh = (kind) => performance.getEntriesByType("resource")
        .filter((entry) => new URL(entry.name).pathname.endsWith(kind))
        .reduce((sum, entry) => sum + entry.decodedBodySize, 0);
    const [page] = performance.getEntriesByType("navigation");
    done({...seen, html: page.decodedBodySize, css: weigh(".css"), js: weigh(".js")});
}, {timeout: 500});
look();
})"""
MOST = {"lcp": 1500, "cls": 0.02, "tbt": 100, "html": 100_000, "css": 20_000, "js": 8_000}

SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, summary, input, select")]
    .filter((e) => !e.closest("p:not(.actions), .vh") && !e.matches(".skip"))
    .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 80)])
    .filter(([r]) => r.width && (r.height < 24 || r.width < 24))
    .map(([r, html]) => `${r.width}x${r.height} ${html}`)"""

# With reduced motion nothing moves by itself, and nothing slides.
MOVES = """() => [
    ...document.getAnimations().map((a) => `moves: ${a.effect.target?.outerHTML.slice(0, 80)}`),
    ...[...document.querySelectorAll("*")].flatMap((e) => ["", "::before", "::after"].map((part) =>
    {
        const style = getComputedStyle(e, part);
        const moves = style.transitionDuration.split(", ").some((s) => parseFloat(s) > 0.01)
            || style.scrollBehavior === "smooth";
        return moves ? `${e.outerHTML.slice(0, 80)} ${part}` : "";
    })).filter(Boolean)]"""

# Of all that takes the focus: is it to be seen that it has, and is it not hidden below a bar?
FOCUS = """() => {
    const wrong = [];
    const all = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    for (const e of document.querySelectorAll(all)) {
        if (e.disabled || e.type === "hidden" || !e.checkVisibility({visibilityProperty: true}))
            continue;
        if (e.type === "radio" && !e.checked && document.querySelector(
            `input[type=radio][name="${e.name}"]:checked`)) continue;
        e.focus();
        const name = e.outerHTML.slice(0, 90);
        if (document.activeElement !== e) { wrong.push(`takes no focus: ${name}`); continue; }
        // a field that is drawn by what is around it has its ring there
        const mark = [e, e.parentElement, e.nextElementSibling].find((near) => near
            && getComputedStyle(near).outlineStyle !== "none"
            && parseFloat(getComputedStyle(near).outlineWidth) >= 2);
        if (!mark) { wrong.push(`shows no focus: ${name}`); continue; }
        const spots = [...mark.getClientRects()].flatMap((r) => [0.1, 0.5, 0.9].flatMap((y) =>
            [0.1, 0.5, 0.9].map((x) => [r.left + r.width * x, r.top + r.height * y])));
        const free = spots.some(([x, y]) => {
            const top = document.elementFromPoint(x, y);
            return top && (mark.contains(top) || top.contains(mark) && top !== document.body);
        });
        if (!free) wrong.push(`hidden while it has the focus: ${name}`);
        if (e.tabIndex > 0) wrong.push(`out of turn: ${name}`);
    }
    return wrong;
}"""


class Walk(NamedTuple):
    """A window that walks over the pages, and what it heard meanwhile."""

    page: Page
    said: list[str]
    asked: list[str]


def _window(browser: Browser, site: str, cookies: list[Any]) -> Iterator[Walk]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(8_000)
    context.add_init_script(OBSERVE)
    context.add_cookies(cookies)
    walk = Walk(context.new_page(), [], [])
    walk.page.on("console", lambda message: walk.said.append(f"{message.type}: {message.text}"))
    walk.page.on("pageerror", lambda error: walk.said.append(str(error)))
    walk.page.on("request", lambda request: walk.asked.append(request.url))
    yield walk
    context.close()


@pytest.fixture(scope="module")
def member(engine: Engine, site: str) -> list[dict[str, str]]:
    """The cookie of somebody who has rated, marked and hidden films."""
    with engine.begin() as conn:
        person = people.register(conn, "Ada Lovelace", "correct horse battery")
        key = {"p_user_id": person.user_id}
        for movie, stars in ((MATRIX, 4.5), (155, 5), (550, 0.5)):
            people.call(conn, "rate", **key, p_movie_id=movie, p_stars=stars)
        for movie, kind in ((MATRIX, "watch"), (13, "watch"), (680, "hide")):
            people.call(conn, "mark", **key, p_movie_id=movie, p_kind=kind)
        token = people.open_session(conn, person)
    return [{"name": "recsql_session", "value": token, "url": site}]


@pytest.fixture(scope="module")
def anybodys(browser: Browser, site: str) -> Iterator[Walk]:
    yield from _window(browser, site, [])


@pytest.fixture(scope="module")
def members(browser: Browser, site: str, member: list[dict[str, str]]) -> Iterator[Walk]:
    yield from _window(browser, site, member)


@pytest.mark.parametrize(("who", "path"), WALK, ids=[f"{who} {path}" for who, path in WALK])
def test_a_page_is_for_everyone_and_light(
    site: str, request: pytest.FixtureRequest, series: int, who: str, path: str
) -> None:
    """Axe finds nothing in any look; the page fits, can be followed by keyboard, is quick and
    small, keeps to itself and says nothing on the console."""
    path = path.format(series=series)
    walk: Walk = request.getfixturevalue({"anybody": "anybodys", "member": "members"}[who])
    page, wrong = walk.page, []
    walk.said.clear()
    walk.asked.clear()
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        wrong += _slow_or_heavy(page, site + path)
    page.evaluate(AXE)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            wrong += [f"{width} {theme}: {fault}" for fault in page.evaluate(RUN_AXE, WCAG)]
    wrong += page.evaluate(MOVES)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            wrong.append(f"{wide} pixels wide at {width}")
        if width in (320, 1440):
            wrong += [f"small at {width}: {small}" for small in page.evaluate(SMALL_TARGETS)]
    page.set_viewport_size({"width": 390, "height": 500})
    page.keyboard.press("Tab")  # from now on it is the keyboard that moves the focus
    wrong += page.evaluate(FOCUS)
    expected = ["Failed to load resource"] if "no/such" in path or "page=x" in path else []
    wrong += [said for said in walk.said if not any(e in said for e in expected)]
    hosts = {urlsplit(url).netloc for url in walk.asked} - {urlsplit(site).netloc}
    wrong += [f"asked {host}" for host in hosts]
    assert "\n".join(wrong) == ""


def test_the_walk_would_notice(anybodys: Walk, site: str) -> None:
    """Each of its checks finds the fault that it is there for."""
    page = anybodys.page
    page.goto(f"{site}/login")
    page.evaluate(
        """() => {
            document.querySelector("main").insertAdjacentHTML("beforeend",
                `<p id="faint">Faint</p><a id="bare" href="/x">Bare</a><button id="tiny"></button>
                <a id="below" href="/y">Below</a><div id="cover"></div>`);
            const set = (id, rules) => Object.assign(document.getElementById(id).style, rules);
            set("faint", {color: "#888", background: "#777"});
            set("bare", {outline: "none"});
            set("tiny", {width: "9px", height: "9px", padding: 0, scrollBehavior: "smooth"});
            set("below", {position: "fixed", bottom: 0});
            set("cover", {position: "fixed", inset: "auto 0 0", height: "60px", zIndex: 9});
        }"""
    )
    page.evaluate(AXE)
    found = "\n".join(page.evaluate(RUN_AXE, WCAG))
    assert "color-contrast" in found
    assert "button-name" in found
    assert "tiny" in "\n".join(page.evaluate(SMALL_TARGETS))
    assert "tiny" in "\n".join(page.evaluate(MOVES))
    page.keyboard.press("Tab")
    found = "\n".join(page.evaluate(FOCUS))
    assert 'shows no focus: <a id="bare"' in found
    assert 'hidden while it has the focus: <a id="below"' in found


def _slow_or_heavy(page: Page, address: str) -> list[str]:
    """Load a page; return what is over its budget, in the best of five loads."""
    best: dict[str, float] = {}
    for _ in range(5):
        answer = page.goto(address)
        found = page.evaluate(LOADED)
        best = {name: min(value, best.get(name, value)) for name, value in found.items()}
        over = [f"{name} is {best[name]}" for name, most in MOST.items() if best[name] > most]
        if not over:
            break
    assert answer is not None
    return over + _headers(answer)


def _headers(answer: Response) -> list[str]:
    """Return what is missing of what every page says of itself."""
    said = answer.headers
    wrong = []
    if said.get("content-security-policy") != web.POLICY:
        wrong.append("another policy")
    if said.get("content-encoding") != "gzip":
        wrong.append("not compressed")
    return wrong


# By keyboard and by ear ---------------------------------------------------------------------

# What Tab has to come to, in the order of the page; of the radios of one rating it is one.
STOPS = """() => {
    const all = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const groups = new Set();
    return [...document.querySelectorAll(all)].filter((e) => {
        if (e.disabled || e.tabIndex < 0 || e.type === "hidden" || !e.checkVisibility())
            return false;
        if (e.type !== "radio") return true;
        const chosen = e.form.querySelector(`[name="${e.name}"]:checked`);
        const key = e.form.action + e.name;
        if (chosen ? e !== chosen : groups.has(key)) return false;
        return groups.add(key);
    }).map((e, i) => { e.stop = i; return e.outerHTML.slice(0, 60); });
}"""


@pytest.mark.parametrize("path", [f"/movie/{MATRIX}", "/ratings"])
def test_tab_comes_to_everything_in_the_order_of_the_page(
    members: Walk, site: str, path: str
) -> None:
    page = members.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(site + path)
    stops = page.evaluate(STOPS)
    reached = []
    for _ in stops:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.stop"))
    assert reached == list(range(len(stops)))


def test_a_row_is_scrolled_by_the_keyboard(anybodys: Walk, site: str) -> None:
    """Tab goes from card to card, and each comes into sight; a row can be skipped."""
    page = anybodys.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(site + "/?seed=7")
    cards = page.locator(".shelf").first.locator(".card")
    cards.first.focus()
    for place in range(1, 10):
        page.keyboard.press("Tab")
        expect(cards.nth(place)).to_be_focused()
        expect(cards.nth(place)).to_be_in_viewport(ratio=0.9)
    skip = page.locator(".shelf").first.get_by_role("link", name="Skip this row")
    skip.focus()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.shelf').id") == "shelf-2"


def test_stars_rows_and_forms_have_names(members: Walk, site: str) -> None:
    """What a screen reader says of them."""
    page = members.page
    page.goto(site + f"/movie/{MATRIX}")
    stars = page.get_by_role("group", name="Your rating of The Matrix").get_by_role("radio")
    names = [star.evaluate("e => e.labels[0].innerText.trim()") for star in stars.all()]
    assert names == [f"{half / 2:g} out of 5 stars" for half in range(1, 11)]
    expect(stars.nth(8)).to_be_checked()
    for name in ("Similar movies", "Other users also liked", "Ratings", "Yours"):
        expect(page.get_by_role("region", name=name, exact=True)).to_have_count(1)
    expect(page.get_by_role("img", name="Poster of The Matrix (1999)")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("How many gave how many stars"))).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search for a film")).to_be_visible()
    page.goto(site + "/?seed=7")
    rows = page.locator(".shelf")
    for row in rows.all()[:3]:
        name = row.get_by_role("heading").inner_text().strip()
        region = page.get_by_role("region", name=name, exact=True)
        expect(region.get_by_role("listitem")).to_have_count(10)
        for way in ("Previous", "Next"):
            expect(region.get_by_role("button", name=f"{way} films in {name}")).to_have_count(1)
    page.goto(site + "/account")
    for label in ("Present password", "New password"):
        expect(page.get_by_label(label)).to_have_attribute("type", "password")


# Letters and pictures -----------------------------------------------------------------------

# Every line of text that lies over a picture, with its colour.
OVER_ART = """() => {
    const arts = [...document.querySelectorAll("img, .art, svg")]
        .map((e) => e.getBoundingClientRect()).filter((r) => r.width > 8);
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || e.closest("svg, .vh, script")) continue;
        const range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        for (const r of range.getClientRects()) {
            if (r.width < 2 || r.left < 0 || r.top < 0 || r.right > innerWidth
                || r.bottom > innerHeight) continue;
            if (arts.some((a) => r.right > a.left && r.left < a.right && r.bottom > a.top
                && r.top < a.bottom))
                found.push({box: [r.x, r.y, r.width, r.height], colour: getComputedStyle(e).color,
                    text: range.toString().trim().slice(0, 40)});
        }
    }
    return found;
}"""
BARE = """() => {
    const bare = new CSSStyleSheet();
    bare.replaceSync("*, *::before, *::after { color: transparent !important; }");
    document.adoptedStyleSheets = [bare];
}"""
# The contrast of each text with what is below its letters, from two pictures: with the letters,
# and without. Of the pixels the weakest fiftieth is left out: letters have soft edges.
WEAKEST = """async ([lettered, bare, texts]) => {
    const read = async (png) => {
        const answer = await fetch("data:image/png;base64," + png);
        const picture = await createImageBitmap(await answer.blob());
        const drawn = new OffscreenCanvas(picture.width, picture.height)
            .getContext("2d", {willReadFrequently: true});
        drawn.drawImage(picture, 0, 0);
        return drawn;
    };
    const [above, below] = [await read(lettered), await read(bare)];
    const light = (rgb) => [...rgb].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    return texts.map(({box, colour, text}) => {
        const ink = light(colour.match(/[\\d.]+/g).slice(0, 3).map(Number));
        const [x, y, w, h] = box.map(Math.round);
        const [a, b] = [above, below].map((drawn) => drawn.getImageData(x, y, w, h).data);
        const found = [];
        for (let i = 0; i < b.length; i += 4) {
            if (![0, 1, 2].some((c) => Math.abs(a[i + c] - b[i + c]) > 24)) continue;
            const ground = light(b.slice(i, i + 3));
            found.push((Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05));
        }
        found.sort((one, other) => one - other);
        const weakest = found.length ? found[Math.floor(found.length / 50)] : 0;
        return [Math.round(weakest * 100) / 100, text];
    });
}"""


def _weakest(blank: Page, lettered: bytes, bare: bytes, texts: list[Any]) -> list[Any]:
    pictures = [base64.b64encode(png).decode() for png in (lettered, bare)]
    return blank.evaluate(WEAKEST, [*pictures, texts])


def test_letters_over_art_have_contrast(browser: Browser, site: str) -> None:
    """Every letter over the pictures of films of several genres, in both themes: 4.5 or more."""
    context = browser.new_context(reduced_motion="reduce")
    page, blank = context.new_page(), context.new_page()
    weak, measured = [], 0
    for width, path in (
        (1280, "/?seed=0"), (1280, "/?seed=1"), (1280, "/?seed=2"), (1280, f"/movie/{MATRIX}"),
        (390, "/?seed=3"), (390, "/movie/155"),
    ):  # fmt: skip
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site + path)
        page.locator(".art img").evaluate("art => art.decode()")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            texts = page.evaluate(OVER_ART)
            if not texts:
                continue
            lettered = page.screenshot()
            page.evaluate(BARE)
            for ratio, said in _weakest(blank, lettered, page.screenshot(), texts):
                measured += 1
                if ratio < 4.5:
                    weak.append(f"{path} at {width}, {theme}: {ratio} {said}")
            page.evaluate("document.adoptedStyleSheets = []")
    context.close()
    assert weak == []
    assert measured


def test_letters_on_drawn_posters_have_contrast(
    browser: Browser, site: str, engine: Engine
) -> None:
    """Every pixel around every letter of posters of all genres and decades: 4.5 or more."""
    with engine.connect() as conn:
        movies = conn.scalars(
            text(
                "SELECT DISTINCT ON (place) movie_id FROM (SELECT movie_id, dense_rank() OVER"
                " (ORDER BY year / 10, genre) AS place FROM api.movie_card"
                " CROSS JOIN unnest(genres) AS genre) AS film ORDER BY place, movie_id"
            )
        ).all()[::2]
    page = browser.new_page(viewport={"width": 1600, "height": 1200})
    blank = browser.new_page()
    weak = []
    page.goto(site + "/healthz")
    for start in range(0, len(movies), 32):
        page.evaluate(
            """async (movies) => {
                const sources = await Promise.all(movies.map(async (movie) =>
                    (await fetch(`/poster/${movie}.svg`)).text()));
                const parser = new DOMParser();
                document.body.replaceChildren(...sources.map((source, place) => {
                    const svg = parser.parseFromString(source, "image/svg+xml").documentElement;
                    svg.setAttribute("width", 180);
                    svg.setAttribute("height", 270);
                    svg.dataset.movie = movies[place];
                    return svg;
                }));
            }""",
            list(movies[start : start + 32]),
        )
        lettered = page.screenshot()
        texts = page.evaluate(
            """() => [...document.querySelectorAll("text")].filter((e) => {
                e.setAttribute("visibility", "hidden");
                // a copy below the letters is their shadow
                return e.nextElementSibling?.textContent !== e.textContent;
            }).map((e) => {
                const r = e.getBoundingClientRect();
                const colour = getComputedStyle(e).fill;
                const text = `/poster/${e.closest("svg").dataset.movie}.svg: ${e.textContent}`;
                return {box: [r.x, r.y, r.width, r.height], colour, text};
            })"""
        )
        found = _weakest(blank, lettered, page.screenshot(), texts)
        weak += [f"{ratio} {said}" for ratio, said in found if ratio < 4.5]
    page.close()
    blank.close()
    assert "\n".join(weak) == ""


# Titles of any kind -------------------------------------------------------------------------

LONG = (
    "A Rather Long Title of Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten, "
)
ODD = {
    1_999_999_001: ("باب الحديد (1958)!", "ar", "rtl"),
    1_999_999_002: ("七人の侍", "ja", "ltr"),
    1_999_999_003: ("ואלס עם באשיר (Waltz with Bashir) 2", "he", "rtl"),
    1_999_999_004: ((LONG * 3)[:140] + "x" * 60, "cn", "ltr"),
}


@pytest.fixture(scope="module")
def odd(engine: Engine, member: object) -> None:
    """Films with such titles, the newest dramas, rated by the member."""
    with engine.begin() as conn:
        for movie_id, (title, language, _) in ODD.items():
            known = {"id": movie_id, "title": title, "language": language}
            conn.execute(
                text(
                    "INSERT INTO core.movie (movie_id, title, original_title, original_language,"
                    " overview, release_date, year, source) VALUES"
                    " (:id, :title, :title, :language, :title, '2031-02-03', 2031, 'test')"
                ),
                known,
            )
            conn.execute(
                text(
                    "INSERT INTO core.movie_feature (movie_id, feature_id) SELECT :id, feature_id"
                    " FROM core.feature WHERE kind = 'genre' AND code = 'drama'"
                ),
                known,
            )
            conn.execute(
                text(
                    "SELECT api.rate(user_id, :id, 4) FROM core.account WHERE name = 'Ada Lovelace'"
                ),
                known,
            )
        # one that home has a row about
        conn.execute(
            text("SELECT api.rate(user_id, :id, 5) FROM core.account WHERE name = 'Ada Lovelace'"),
            {"id": next(iter(ODD))},
        )


# Letters that run to the left stand in an element of their own direction, and no text is cut off
# or sticks out.
ASTRAY = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const wrong = [];
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (e.closest("pre, svg, .vh, .skip, script, select")) continue;
        if (!walk.currentNode.data.trim()) continue;
        if (/[\u0590-\u06ff]/.test(walk.currentNode.data) && !e.closest("[dir=auto], bdi"))
            wrong.push(`no direction: ${e.outerHTML.slice(0, 100)}`);
        const range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        const r = range.getBoundingClientRect();
        if (r.width && !e.closest(".row, .scroll") && (r.left < -0.5 || r.right > innerWidth + 0.5))
            wrong.push(`sticks out: ${e.outerHTML.slice(0, 100)}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the window");
    return wrong;
}"""


def test_titles_of_any_script_and_length_come_out_right(
    members: Walk, site: str, odd: None
) -> None:
    """Right-to-left, Chinese letters, both directions in one, and 200 letters."""
    page, wrong = members.page, []
    arabic, japanese, mixed, long = ODD
    paths = [f"/movie/{movie}" for movie in ODD] + [
        "/category/drama?sort=newest", "/search?q=باب", "/search?q=七人", "/search?q=Donau",
        "/ratings", f"/movie/{arabic}/why/{mixed}", f"/movie/{long}/why/{japanese}",
        f"/evaluation?movie={arabic}", f"/compare?a={arabic}&b={long}",
        f"/compare?a={mixed}&q=Donau", f"/movie/{mixed}/credits", f"/quiz/why/{arabic}?a=603-5",
        f"/quiz/keep?a={mixed}-5_{long}-4", "/?seed=7",
    ]  # fmt: skip
    for path in paths:
        page.goto(site + path)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wrong += [f"{path} at {width}: {fault}" for fault in page.evaluate(ASTRAY)]
    assert "\n".join(wrong) == ""

    for movie, (title, language, direction) in ODD.items():
        page.goto(f"{site}/movie/{movie}")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(title)
        expect(heading).to_have_css("direction", direction)
        expect(heading).to_have_attribute("lang", {"cn": "yue"}.get(language, language))
    about = page.locator("h2 bdi", has_text=ODD[arabic][0])
    page.goto(f"{site}/?seed=7")
    expect(about).to_have_css("direction", "rtl")
    for path in ("/ratings", "/category/drama?sort=newest"):
        page.goto(site + path)
        for title, language, direction in ODD.values():
            card = page.locator(".card b, .name b", has_text=title)
            expect(card).to_have_css("direction", direction)
            expect(card).to_have_attribute("lang", {"cn": "yue"}.get(language, language))
    # what one writes to the left, too
    expect(page.get_by_role("searchbox")).to_have_attribute("dir", "auto")


# Without script -----------------------------------------------------------------------------


def test_the_rest_works_without_script_too(browser: Browser, site: str) -> None:
    """What the other journeys leave out: pages of a list, sorting, import, filters, sign-in."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(8_000)
    page = context.new_page()
    page.goto(f"{site}/category/drama")
    page.get_by_role("link", name="A to Z").click()
    page.get_by_role("link", name="More films").click()
    expect(page).to_have_url(re.compile(r"sort=title&page=2|page=2&sort=title"))
    page.get_by_role("link", name="Previous page").click()
    page.locator(".card").first.click()
    page.get_by_role("link", name="Why?").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why ")

    page.goto(f"{site}/login?next=/account")
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Name").fill("Noscript Person")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Import ratings").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "ratings.csv", "mimeType": "text/csv",
         "buffer": b"Date,Name,Year,Rating\n2024-01-01,The Matrix,1999,4.5\n"}
    )  # fmt: skip
    page.locator("main form button").last.click()
    page.get_by_role("link", name="Ratings", exact=True).click()
    expect(page.locator(".own output")).to_have_text("4.5 out of 5 stars")
    page.locator(".filter select").first.select_option(index=1)
    page.locator(".filter button").click()
    expect(page.locator("main")).to_be_visible()

    page.goto(f"{site}/movie/{MATRIX}")
    page.get_by_role("button", name="Not interested").click()
    page.get_by_role("button", name="Hidden from your lists").click()
    page.get_by_role("link", name="Account").click()
    change = page.get_by_role("region", name="Change the password")
    change.get_by_label("Present password").fill("correct horse battery")
    change.get_by_label("New password").fill("a staple of another kind")
    change.get_by_role("button", name="Change it").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.goto(f"{site}/login?next=/account")
    page.get_by_label("Name").fill("Noscript Person")
    page.get_by_label("Password").fill("a staple of another kind")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Noscript Person")
    context.close()
