"""Stage pages: the site under gunicorn, as fast as it goes and at half of what is wanted."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import shutil
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from benchmarks import paced
from benchmarks.figures import PAGES as METRICS
from benchmarks.figures import Figures, quantiles
from benchmarks.stages.api import drawn
from benchmarks.workshop import Failed, Workshop

WORKERS, THREADS = 2, 4
# As many as all threads have in work, and as many again in the queue.
CONNECTIONS = 2 * WORKERS * THREADS
NO_WRK = "wrk is not installed (apt-get install wrk)"
NO_GUNICORN = "gunicorn is not installed (pip install 'recsql[deploy]')"
PATHS = 1000
# So many draws of a movie that a page of the long tail comes but once, as with visitors; and most
# of them before the clock starts, as on a site that has been up for a while.
MOVIES, MOVIES_BEFORE = 40_000, 30_000
# Half of the 400 a second that are wanted.
HALF = 200
RATINGS_A_SECOND = 5

SCRIPT = """
local paths = {%s}
local at = 0
-- as every browser asks
wrk.headers["Accept-Encoding"] = "gzip"
function request()
    at = at %% #paths + 1
    return wrk.format("GET", paths[at])
end
"""


def run(shop: Workshop) -> Figures:
    """Load home and movie pages."""
    found = Figures()
    if find_spec("gunicorn") is None:
        shop.say(f"pages: {NO_GUNICORN}")
        found.missing = {metric.key: NO_GUNICORN for metric in METRICS}
        return found
    few = min(shop.settings.asks, PATHS)
    scale = few / PATHS
    movies = [f"/movie/{movie}" for movie in drawn(shop, round(MOVIES * scale))]
    before = round(MOVIES_BEFORE * scale)
    shop.start()
    with _served(shop) as port:
        # another page at each load, as visitors get it: under full load most are shared, each for
        # two seconds at most (recsql/web/drawn.py)
        _measure(shop, found, port, "home", ["/"])
        # what cannot be shared: every page is drawn for its seed
        _measure(shop, found, port, "drawn", [f"/?seed={seed}" for seed in range(few)])
        # each movie once, and so none that was written before (recsql/web/kept.py)
        _measure(shop, found, port, "movie_anew", list(dict.fromkeys(reversed(movies))))
        _full_load(shop, port, movies[:before], shop.settings.page_seconds * 10)
        _measure(shop, found, port, "movie", movies[before:])
        with _rated(shop):
            _measure(shop, found, port, "movie_rated", movies[before:])
    return found


def _measure(shop: Workshop, found: Figures, port: int, name: str, paths: Sequence[str]) -> None:
    seconds = shop.settings.page_seconds
    key = f"pages.{name}"
    # all processes have read templates and made connections, and the server's pages are warm
    first = paced.ask(port, paths, rate=50, seconds=seconds / 2)
    if first.failures or not first.sizes:
        raise Failed(f"the {name} page does not answer: {set(first.failures)}")
    found.values[f"{key}.bytes"] = statistics.median(first.sizes)
    # not those that were asked for just now
    paths = [*paths[len(first.sizes) :], *paths[: len(first.sizes)]]
    if shutil.which("wrk") is None:
        found.missing[f"{key}.rate"] = NO_WRK
    else:
        found.values[f"{key}.rate"] = _full_load(shop, port, paths, seconds)
    answers = paced.ask(port, paths[::-1], rate=HALF, seconds=seconds)
    if answers.failures:
        found.basis[f"{key}.half.p99"] = f"{len(answers.failures)} requests failed"
    for quantile, value in quantiles(answers.seconds).items():
        found.values[f"{key}.half.{quantile}"] = value * 1000
    shop.say(
        f"{name} page: {found.values.get(f'{key}.rate', 0):.0f} requests/s; at {HALF}/s p99"
        f" {found.values[f'{key}.half.p99']:.0f} ms"
    )


@contextlib.contextmanager
def _rated(shop: Workshop) -> Iterator[None]:
    """Let somebody else rate all the time meanwhile."""
    raters = shop.rows("SELECT user_id FROM core.rating ORDER BY user_id LIMIT 1")
    movies = drawn(shop, 100)
    stop = threading.Event()

    def rate() -> None:
        with shop.connection() as conn, conn.cursor() as cursor:
            for number in itertools.count():
                if stop.wait(1 / RATINGS_A_SECOND):
                    return
                stars = 1 + number % 9 / 2
                cursor.execute(
                    "SELECT api.rate(%s, %s, %s)", (raters[0][0], movies[number % 100], stars)
                )

    rating = threading.Thread(target=rate)
    rating.start()
    try:
        yield
    finally:
        stop.set()
        rating.join()


def _full_load(shop: Workshop, port: int, paths: Sequence[str], seconds: float) -> float:
    """Return requests a second, as many as wrk gets; 0 without it."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return 0
    script = shop.scratch("wrk.lua")
    script.write_text(SCRIPT % ", ".join(map(json.dumps, paths)), "utf-8")
    ran = shop.run(
        wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(round(seconds), 1)}s", "--timeout", "20s",
        "-s", script, f"http://127.0.0.1:{port}",
    )  # fmt: skip
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", ran.printed)
    if refused:
        raise Failed(f"{refused[1]} pages under full load were errors")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", ran.printed)
    if rate is None:
        raise Failed(f"wrk says nothing of requests a second: {ran.printed[-300:]}")
    return float(rate[1])


@contextlib.contextmanager
def _served(shop: Workshop) -> Iterator[int]:
    """Serve the site as docs/deploy.md says; yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}",
        "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS),
        "--keep-alive", "30", "--no-control-socket", "--log-level", "warning", "recsql.web:wsgi()",
    ]  # fmt: skip
    log = shop.scratch("gunicorn.log")
    with log.open("wb") as said, shop.spawned(command, stdout=said, stderr=said) as process:
        end = time.monotonic() + 60
        while paced.ask(port, ["/readyz"], rate=10, seconds=0.1).failures:
            if process.poll() is not None or time.monotonic() > end:
                raise Failed(f"gunicorn does not serve: {log.read_text('utf-8', 'replace')[-500:]}")
            time.sleep(0.1)
        yield port
