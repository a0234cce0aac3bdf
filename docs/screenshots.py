"""Take the pictures of README and docs from a running demo site: `make screenshots`."""

from __future__ import annotations

import threading
from pathlib import Path

import waitress
from playwright.sync_api import sync_playwright

from recsql import db, schema
from recsql.ingest import load
from recsql.web import create_app
from tests.browser_setup import HINT, browser

IMAGES = Path(__file__).parent / "images"
# name → path, whole page, colour scheme. The seeds are of pages that show much.
PICTURES = {
    "home": ("/?seed=3", "dark"),
    "movie": ("/movie/603", "dark"),
    "category": ("/category/science-fiction?sort=rating", "light"),
}


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
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        for name, (path, scheme) in PICTURES.items():
            page = chromium.new_page(
                viewport={"width": 1440, "height": 1100},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page.goto(f"http://127.0.0.1:{server.effective_port}{path}", wait_until="networkidle")
            page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=78)
            page.close()
            print(IMAGES / f"{name}.jpg")
        chromium.close()
    server.close()


if __name__ == "__main__":
    main()
