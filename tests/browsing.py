"""What the browser tests share: the site as a process of its own, and Chromium."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine

from tests import browser_setup


@contextmanager
def serving(engine: Engine) -> Iterator[str]:
    """Run a real server process on this database; give its address."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "recsql", "serve", "--port", "0"],
        env={**os.environ, "RECSQL_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line + process.stderr.read()
    try:
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium without a window."""
    program = browser_setup.browser()
    if program is None:
        pytest.fail(f"no Chromium was found: {browser_setup.HINT}, then run this again")
    with sync_playwright() as playwright:
        yield _launch(playwright, program)


def _launch(playwright: Playwright, program: str) -> Browser:
    quiet = [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ]  # fmt: skip
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")  # Chromium refuses to sandbox root
    return playwright.chromium.launch(executable_path=program, args=quiet)
