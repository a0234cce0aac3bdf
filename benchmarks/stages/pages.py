"""Stage pages: the site under gunicorn, as fast as it goes and at half of that."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import statistics
import sys
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
    count = min(shop.settings.asks, PATHS)
    asked = {
        # another page at each load, as visitors get it: under full load most are shared, each for
        # two seconds at most (recsql/web/drawn.py)
        "home": ["/"],
        # what cannot be shared: every page is drawn for its seed
        "drawn": [f"/?seed={seed}" for seed in range(count)],
        "movie": [f"/movie/{movie}" for movie in drawn(shop, count)],
    }
    shop.start()
    with _served(shop) as port:
        for name, paths in asked.items():
            _measure(shop, found, port, name, paths)
    return found


def _measure(shop: Workshop, found: Figures, port: int, name: str, paths: Sequence[str]) -> None:
    seconds = shop.settings.page_seconds
    key = f"pages.{name}"
    # all processes have read templates and made connections, and the server's pages are warm
    first = paced.ask(port, paths, rate=100, seconds=seconds / 2)
    if first.failures or not first.sizes:
        raise Failed(f"the {name} page does not answer: {set(first.failures)}")
    found.values[f"{key}.bytes"] = statistics.median(first.sizes)
    wrk = shutil.which("wrk")
    if wrk is None:
        found.missing[f"{key}.rate"] = NO_WRK
        # half of what is wanted, then
        [half] = [m.target.bound / 2 for m in METRICS if m.key == f"{key}.rate" and m.target]
        found.basis[f"{key}.half.rate"] = f"half of the target, as {NO_WRK}"
    else:
        whole = _full_load(shop, wrk, port, paths, seconds)
        found.values[f"{key}.rate"] = whole
        half = whole / 2
    answers = paced.ask(port, paths, rate=half, seconds=seconds)
    if answers.failures:
        found.basis[f"{key}.half.p99"] = f"{len(answers.failures)} requests failed"
    found.values[f"{key}.half.rate"] = half
    for quantile, value in quantiles(answers.seconds).items():
        found.values[f"{key}.half.{quantile}"] = value * 1000
    shop.say(
        f"{name} page: {found.values.get(f'{key}.rate', 0):.0f} requests/s; at {half:.0f}/s p99"
        f" {found.values[f'{key}.half.p99']:.0f} ms"
    )


def _full_load(shop: Workshop, wrk: str, port: int, paths: Sequence[str], seconds: float) -> float:
    """Return requests a second, as many as wrk gets."""
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
