"""Take the pictures of README and docs from a running demo site: `make screenshots`."""

from __future__ import annotations

import base64
import secrets
import threading
from pathlib import Path

import waitress
from playwright.sync_api import Page, sync_playwright

from recsql import db, schema
from recsql.ingest import load
from recsql.web import create_app
from tests.browser_setup import HINT, browser

IMAGES = Path(__file__).parent / "images"
LARGEST = 150_000
WIDE, TALL = 1440, 1000
# name → path and colour schemes. The seeds are of pages that show much.
PICTURES = {
    "home": ("/?seed=3", ("dark", "light")),
    "movie": ("/movie/603", ("dark", "light")),
    "category": ("/category/science-fiction?sort=rating", ("light",)),
    "browse": ("/browse?genre=horror&decade=1980", ("dark",)),
    "compare": ("/compare?a=603&b=78", ("light",)),
    "quiz": ("/quiz?seed=1", ("dark",)),
}
STARS = {603: "5.0", 862: "4.5", 11: "5.0", 13: "2.5", 680: "4.0"}


def photograph(page: Page, name: str) -> None:
    """Keep what the window shows, as WebP in the best quality that is small enough."""
    page.wait_for_load_state("networkidle")
    camera = page.context.new_cdp_session(page)
    for quality in (85, 75, 65, 55, 45):
        shot = camera.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        data = base64.b64decode(shot["data"])
        if len(data) <= LARGEST:
            break
    (IMAGES / f"{name}.webp").write_bytes(data)
    print(f"{IMAGES / name}.webp  {len(data):,} bytes, quality {quality}")


def of_anybody(page: Page, site: str, scheme: str) -> None:
    """Photograph what everybody sees."""
    for name, (path, schemes) in PICTURES.items():
        if scheme in schemes:
            page.goto(site + path)
            photograph(page, f"{name}-{scheme}")
    if scheme == "dark":
        page.goto(f"{site}/movie/603")
        page.locator(".table a[href^='/person/']").first.click()
        photograph(page, "person-dark")
        page.goto(f"{site}/quiz?seed=1")
        for dial, stars in zip(
            page.locator(".dial input").all(), (5, 2, 4, 4.5, 1, 3), strict=False
        ):
            dial.fill(str(stars))
        page.locator(".go button").click()
        photograph(page, "quiz-result-dark")


def of_somebody(page: Page, site: str) -> None:
    """Photograph what is somebody's own; the account is deleted again, and leaves no trace."""
    password = secrets.token_urlsafe(16)
    page.goto(f"{site}/register")
    page.get_by_label("Name").fill(f"Ada{secrets.randbelow(10**6)}")
    page.get_by_label("Password").fill(password)
    page.locator("main .button").click()
    try:
        for movie, stars in STARS.items():
            page.goto(f"{site}/movie/{movie}")
            page.locator(f'.rate [value="{stars}"]').check(force=True)
            page.locator(".rate output", has_text="stars").wait_for()
        page.goto(f"{site}/next?seed=5")
        photograph(page, "next-dark")
        page.goto(f"{site}/ratings")
        photograph(page, "ratings-dark")
    finally:
        page.goto(f"{site}/account")
        form = page.locator('form[action$="/account/delete"]')
        form.locator('input[type="password"]').fill(password)
        form.get_by_role("button").click()
        page.wait_for_url("**/login*")


def main() -> None:
    """Serve the demo on a free port and photograph it."""
    program = browser()
    if program is None:
        raise SystemExit(f"no Chromium: {HINT}")
    engine = db.engine(pool_size=8)
    schema.upgrade(engine)
    with db.begin(engine, read_only=True) as conn:
        empty = db.rows(conn, "about")[0]["movies"] == 0
    if empty:
        load.load_demo(engine)
    server = waitress.create_server(create_app(engine), host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    site = f"http://127.0.0.1:{server.effective_port}"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        for scheme in ("dark", "light"):
            context = chromium.new_context(
                viewport={"width": WIDE, "height": TALL},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            page = context.new_page()
            of_anybody(page, site, scheme)
            if scheme == "dark":
                of_somebody(page, site)
            context.close()
        phone = chromium.new_page(
            viewport={"width": 390, "height": 844}, color_scheme="dark", device_scale_factor=1.5
        )
        phone.goto(f"{site}/movie/603")
        photograph(phone, "movie-phone-dark")
        chromium.close()
    server.close()


if __name__ == "__main__":
    main()
