"""The look of the site: what docs/design.md says of colours and weights is measured here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recsql import paths, web
from recsql.web import assets
from recsql.web.art import contrast
from tests.test_web import Page

STATIC = Path(assets.__file__).parent / "static"
DOCS = Path(__file__).parents[1] / "docs" / "design.md"
# what is written, on what, and the ratio that WCAG 2.2 AA asks for
PAIRS = [
    ("ink", "room", 4.5), ("ink", "raised", 4.5), ("soft", "room", 4.5), ("soft", "raised", 4.5),
    ("light", "room", 4.5), ("light", "raised", 4.5), ("on-light", "light", 4.5),
    ("bad", "room", 3), ("room", "bad", 4.5), ("soft", "room", 3),
]  # fmt: skip
PAGES = (
    "/", "/movie/603", "/category", "/category/western", "/search?q=star", "/browse",
    "/browse?genre=western", "/browse/keyword", "/person/2084", "/compare?a=603&b=604",
    "/movie/603/why/604", "/quiz?seed=1", "/login", "/evaluation", "/nowhere",
)  # fmt: skip


def tokens() -> dict[str, dict[str, str]]:
    """Return the colours of both themes by name."""
    dark, light = re.findall(r":root \{(.*?)\}", (STATIC / "site.css").read_text(), re.S)[:2]
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", part)) for part in (dark, light)]
    return {"dark": found[0], "light": found[1]}


@pytest.fixture(scope="module")
def client(demo_engine):
    return web.create_app(demo_engine).test_client()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_can_be_read_and_the_docs_say_how_well(theme):
    """A page of ours says no ratio that was not reckoned from the sheet that is served."""
    colours, said = tokens()[theme], DOCS.read_text("utf-8")
    for one, other, least in PAIRS:
        ratio = contrast(colours[one], colours[other])
        assert ratio >= least, (theme, one, other)
        if (one, other) != ("room", "bad"):
            line = next(row for row in said.splitlines() if row.startswith(f"| {one} on {other} "))
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert cells[1 if theme == "dark" else 2] == f"{ratio:.1f}", line


def test_shade_over_art_is_the_colour_of_the_room():
    for theme, part in zip(
        ("dark", "light"),
        re.findall(r"--shade: ([\d ]+);", (STATIC / "site.css").read_text()),
        strict=False,
    ):
        assert "#" + "".join(f"{int(n):02x}" for n in part.split()) == tokens()[theme]["room"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(client, path):
    """Style 20 KB and script 8 KB at most as served, with all that a visitor's doings bring; the
    page itself 100 KB before compression."""
    answer = client.get(path)
    page = Page(answer.get_data(as_text=True))
    assert len(answer.data) <= 100 * 1024
    styles = {a["href"] for a in page.all("link") if a["rel"] == "stylesheet"}
    scripts = {a["src"] for a in page.all("script")}
    for _, a in page.elements:
        scripts |= {a[name] for name in ("data-suggest", "data-drawer") if name in a}
    assert sum(len(client.get(address).data) for address in styles) <= 20 * 1024
    assert sum(len(client.get(address).data) for address in scripts) <= 8_000


def test_no_page_can_come_to_load_more_than_8_kb_of_script(client):
    """All modules together that a page has or may fetch later, as they are sent, before gzip; and
    what several of them import is the one that is there already."""
    with client.application.test_request_context():
        asset = client.application.jinja_env.globals["asset"]
        sent = {path.name: client.get(asset(path.name)).data for path in STATIC.glob("*.js")}
        there = asset("site.js").removeprefix("/static/")
    assert {found for body in sent.values() for found in re.findall(rb' from "(.*?)"', body)} == {
        f"../{there}".encode()
    }
    texts = {path.name: path.read_text("utf-8") for path in paths.TEMPLATES.glob("*.html")}
    seen = set()
    for name, text in texts.items():
        if name.startswith("_"):
            continue
        used = ["layout.html", name, *re.findall(r"'(_\w+\.html)'", text)]
        scripts = {js for part in used for js in re.findall(r"asset\('(\w+\.js)'\)", texts[part])}
        seen |= scripts
        assert sum(len(sent[script]) for script in scripts) <= 8_000, (name, scripts)
    assert seen == set(sent)


def test_every_colour_and_space_that_is_used_is_named():
    """A name that nobody gave would be taken for nothing at all, without a word."""
    given = set(re.findall(r"(--[\w-]+):", "".join(p.read_text() for p in STATIC.glob("*.css"))))
    for sheet in STATIC.glob("*.css"):
        used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text()))
        assert used - given - {"--at"} == set(), sheet.name
