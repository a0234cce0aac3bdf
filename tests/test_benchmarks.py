"""The benchmark: its arithmetic, its page, and one run of all stages on little data.

Whether a target is met is no test: time belongs to `make bench`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from benchmarks import charts, figures, memory, paced, products, report
from benchmarks.figures import Figures, Target, growth, quantiles, shown
from benchmarks.stages import api, compare, pages
from benchmarks.stages.refresh import systematic
from benchmarks.workshop import Ran, Size
from recsql.errors import BadInput
from tests.support import CHECKOUT, environment

# Arithmetic -----------------------------------------------------------------------------------


def test_a_quantile_is_a_value_that_was_measured():
    assert quantiles([3.0]) == {"p50": 3, "p95": 3, "p99": 3, "worst": 3}
    hundred = [float(value) for value in range(100, 0, -1)]
    assert quantiles(hundred) == {"p50": 50, "p95": 95, "p99": 99, "worst": 100}
    assert quantiles([1.0, 2.0, 9.0]) == {"p50": 2, "p95": 9, "p99": 9, "worst": 9}
    with pytest.raises(ValueError, match="no quantiles"):
        quantiles([])


def test_growth_is_the_exponent_of_the_size():
    sizes = (1e6, 1e7, 3.8e7)
    assert growth({size: 5 * size for size in sizes}) == pytest.approx(1)
    assert growth({size: size**0.5 for size in sizes}) == pytest.approx(0.5)
    assert growth(dict.fromkeys(sizes, 7.0)) == pytest.approx(0)
    # between steps of different height, the line with the least squares
    assert growth({1: 1.0, 10: 10.0, 100: 10.0}) == pytest.approx(0.5)


def test_growth_of_one_size_is_unknown():
    assert growth({1e6: 2.0}) is None
    assert growth({1e6: 2.0, 1e7: None}) is None
    assert growth({1e6: 2.0, 1e7: 0.0}) is None, "nothing grows out of nothing"


def test_a_target_is_a_bound_on_one_side():
    assert Target(2.5).met(2.5) is True
    assert Target(2.5).met(2.51) is False
    assert Target(400, at_least=True).met(400) is True
    assert Target(400, at_least=True).met(399) is False
    assert Target(1).met(None) is None, "what was not measured is neither"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (None, "ms", "–"), (0.4123, "ms", "0.412 ms"), (12.34, "s", "12.3 s"),
        (1234.5, "s", "1,234 s"), (99.96, "s", "100 s"), (2.468, "ratio", "2.47 ×"),
        (38e6, "count", "38,000,000"), (412.4, "count/s", "412/s"),
        (3 * 2**30, "bytes", "3.00 GiB"), (5 * 2**20, "bytes", "5 MiB"),
        (1536, "bytes", "1.5 KiB"), (0.00001, "s", "0.0000 s"),
    ],
)  # fmt: skip
def test_figures_are_said_in_few_digits(value: float | None, unit: str, said: str):
    assert shown(value, unit) == said


def test_a_size_keeps_the_proportions_of_the_full_one():
    assert Size.of("38M") == Size("38M", 38_000_000, 200_000, 77_000)
    assert Size.of("1M") == Size("1M", 1_000_000, 5_263, 2_026)
    assert Size.of("60k").ratings == 60_000
    for word in ("", "M", "fast", "-1M", "9k"):
        with pytest.raises(BadInput):
            Size.of(word)


def test_a_sample_takes_its_share_of_heavy_and_light():
    items = list(range(1000))
    sample = systematic(items, 50, seed=1)
    assert len(sample) == 50
    assert {number // 20 for number in sample} == set(range(50)), "one of every twenty"
    assert systematic(items, 2000, seed=1) == items
    assert systematic(items, 50, seed=1) == sample


def test_every_metric_has_a_key_of_its_own_and_every_note_a_metric(tmp_path: Path):
    keys = [metric.key for metric in figures.every_metric()]
    assert len(set(keys)) == len(keys)
    report.read_notes(CHECKOUT / "benchmarks" / "notes.toml")
    wrong = tmp_path / "notes.toml"
    wrong.write_text('[notes]\n"load.ration" = "a slip"\n', "utf-8")
    with pytest.raises(ValueError, match=r"load\.ration"):
        report.read_notes(wrong)


# Products -------------------------------------------------------------------------------------


@pytest.mark.parametrize("far", [40, 2**31])
def test_users_and_movies_are_numbered_in_their_order(far: int):
    keys, places = products.numbered(np.array([7, far, 7, 9], np.int64))
    assert (keys.tolist(), places.tolist()) == ([7, 9, far], [0, 2, 0, 1])


def test_the_bare_product_multiplies_fans_by_ratings():
    # users x movies: two fans of the first movie, one of whom rated the third
    ratings = sparse.csr_array(np.array([[10, 0, 7], [10, 8, 0], [9, 10, 0]], np.int64))
    fans = products.fans_of(ratings, np.array([0]))
    assert fans.toarray().tolist() == [[1, 1, 0]]
    assert (fans @ ratings).toarray().tolist() == [[20, 8, 7]]
    assert products.product(fans, ratings, workers=1)["cells"] == 3
    # a movie of number 70 has a list; its fans' two ratings each are four pairs
    found = products.compute("one_core", ratings, np.array([70, 80, 90]), [70], workers=2)
    assert (found["part"], found["pairs"], found["cells"]) == ("one_core", 4, 3)


# Memory ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not memory.available(), reason="this system does not tell")
def test_memory_counts_children_and_their_children():
    """Not the process that was started, but its child's child holds the memory."""
    held = "import time; held = bytearray(64 << 20); time.sleep(30)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    process = subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
    try:
        with memory.Watch(client=process.pid) as watch:
            end = time.monotonic() + 20
            while watch.peak.get("client", 0) < 64 << 20 and time.monotonic() < end:
                time.sleep(0.05)
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    assert watch.peak["client"] > 64 << 20
    assert watch.peak["sum"] == watch.peak["client"]


# Pages ----------------------------------------------------------------------------------------


class _Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    one = threading.Lock()

    def do_GET(self) -> None:
        with self.one:  # as a server with one worker
            time.sleep(0.05)
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def slow() -> Iterator[int]:
    """A server that answers twenty requests a second, and no more."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_paced_client_does_not_wait_for_answers(slow: int):
    """Asked for twice of what it can, a server is late by as much as it falls behind."""
    answers = paced.ask(slow, ["/"], rate=40, seconds=0.5)
    assert len(answers.seconds) == 20
    assert answers.failures == []
    assert set(answers.sizes) == {5}
    # the last is due after half a second, and is answered after a whole one
    assert max(answers.seconds) > 0.3


def test_a_paced_client_says_what_failed(slow: int):
    answers = paced.ask(slow, ["/", "/missing"], rate=20, seconds=0.2)
    assert answers.failures == ["404", "404"]


class _Shop:
    """As much of a workshop as the pages ask of it."""

    class settings:
        page_seconds = 1.0

    def say(self, what: str) -> None:
        """Say nothing."""


def test_without_wrk_the_line_says_so(monkeypatch: pytest.MonkeyPatch):
    """Full load is not measured then; half of the wanted load still is."""
    rates = []

    def ask(_port: int, _paths: Any, *, rate: float, seconds: float) -> paced.Answers:
        rates.append(rate)
        return paced.Answers([0.01], [1000])

    monkeypatch.setattr(paced, "ask", ask)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    found = Figures()
    pages._measure(_Shop(), found, 1, "home", ["/"])  # type: ignore[arg-type]
    assert found.missing == {"pages.home.rate": "wrk is not installed (apt-get install wrk)"}
    assert rates[-1] == 200
    assert found.values["pages.home.half.p99"] == 10


def test_wrk_has_to_get_pages_and_no_errors(tmp_path: Path):
    class Shop(_Shop):
        said = "  Non-2xx or 3xx responses: 17\nRequests/sec:    812.40\n"

        def scratch(self, name: str) -> Path:
            return tmp_path / name

        def run(self, *_command: object) -> Ran:
            return Ran(1.0, self.said)

    shop: Any = Shop()
    with pytest.raises(pages.Failed, match="17 pages"):
        pages._full_load(shop, 1, ["/"], 1)
    shop.said = "Requests/sec:    812.40\n"
    assert pages._full_load(shop, 1, ["/"], 1) == 812.4


# Page and charts ------------------------------------------------------------------------------


def _result(name: str, factor: float, **changed: float | None) -> dict[str, Any]:
    size = Size.of(name)
    values = {metric.key: factor * 3.0 for metric in figures.every_metric()} | changed
    return {
        "size": vars(size),
        "settings": {"seed": 1, "asks": 10},
        "machine": {
            "cpu": "Some CPU <2>", "cores": 2, "memory_gib": 8.0, "system": "Linux",
            "postgresql": "18.4", "python": "3.11", "numpy": "2.4", "scipy": "1.17",
        },
        "load_before": 0.1,
        "version": "0.1.0",
        "stages": {
            "all": {
                "date": "2026-01-02 03:04",
                "took_s": 60,
                "figures": {key: value for key, value in values.items() if value is not None},
                "missing": {key: "out of coffee" for key, value in values.items() if value is None},
                "basis": {"refresh.sql.seconds": "from 500 lists"},
            }
        },
    }  # fmt: skip


def _row(page: str, start: str) -> list[str]:
    [line] = [line for line in page.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def _section(page: str, name: str) -> str:
    return page.split(f"\n## {name}\n")[1].split("\n## ")[0]


def test_the_page_holds_targets_against_the_full_size():
    results = [
        _result("1M", 1),
        _result("38M", 2, **{"load.ratio": 2.6, "generate.seconds": 91.0,
                             "pages.home.rate": None, "load.seconds": 38 * 3.0}),
    ]  # fmt: skip
    page = report.text(results, {"load.ratio": "the keys were tried", "generate.seconds": "slow"})
    targets = _section(page, "Targets")
    assert "at 38M" in targets
    assert _row(targets, "`recsql load` / bare")[1:] == [
        "2.6 ×", "≤ 2.5 ×", "**not met**", "the keys were tried",
    ]  # fmt: skip
    assert _row(targets, "`recsql generate`")[1:] == ["91 s", "≤ 90 s", "**not met**", "slow"]
    assert _row(targets, "home page: requests a second at full load")[1:] == [
        "–", "≥ 400/s", "not measured", "out of coffee",
    ]  # fmt: skip
    # what rests on a sample says so, met or not
    assert _row(targets, "`recsql refresh --all --engine sql`")[3:] == ["met", "from 500 lists"]
    loading = _section(page, "Loading")
    assert _row(loading, "`recsql load`") == ["`recsql load`", "3 s", "114 s", "1.00"]


def test_a_target_that_is_missed_without_a_reason_is_conspicuous():
    page = report.text([_result("38M", 1, **{"load.ratio": 9.0})], {})
    assert _row(_section(page, "Targets"), "`recsql load` / bare")[3:5] == [
        "**not met**",
        "no reason noted yet",
    ]


def test_smaller_sizes_do_not_pass_for_the_full_one():
    page = report.text([_result("1M", 1)], {})
    assert "at 1M" in _section(page, "Targets")
    assert "they say little" in page


@pytest.mark.parametrize("results", [[_result("1M", 1)], [_result("1M", 1), _result("38M", 9)]])
def test_charts_are_well_formed_and_within_their_frame(results: list[dict[str, Any]]):
    for picture in report.pictures(results).values():
        _well_formed(picture)


def test_a_chart_without_figures_is_still_a_picture():
    result = _result("1M", 1)
    result["stages"]["all"]["figures"] = {}
    for picture in report.pictures([result]).values():
        _well_formed(picture)
    _well_formed(charts.bars("<&>", [("a < b", [("c & d", 1.0)])]))


def _well_formed(picture: str) -> None:
    root = ET.fromstring(picture)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    space = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{space}title").text  # type: ignore[union-attr]
    for element in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.attrib.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(element.attrib.get(name, 0)) <= height


def test_docs_are_what_the_results_say(tmp_path: Path):
    """docs/performance.md is written by the command: after a change, `python -m benchmarks
    --report`."""
    results = report.read_results(CHECKOUT / "benchmarks" / "results")
    page = CHECKOUT / "docs" / "performance.md"
    if not results:
        assert not page.exists(), "figures without results"
        return
    report.write(results, report.read_notes(CHECKOUT / "benchmarks" / "notes.toml"),
                 tmp_path / "performance.md")  # fmt: skip
    for path in (
        Path("performance.md"),
        *(Path("images", name) for name in report.CHARTS.values()),
    ):
        assert (page.parent / path).read_text("utf-8") == (tmp_path / path).read_text("utf-8")


# All of it ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the unprivileged user of root's server may enter, too."""
    folder = Path(tempfile.mkdtemp(prefix="recsql-bench-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _benchmark(place: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--sizes", "20k", "--asks", "10", "--page-seconds",
         "0.1", "--work", place / "work", "--out", place / "out", *more],
        cwd=CHECKOUT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(place: Path) -> dict[str, Any]:
    """The result of a run of all stages on 20,000 ratings."""
    ran = _benchmark(place)
    assert ran.returncode == 0, ran.stderr
    return json.loads((place / "out" / "results" / "20k.json").read_text("utf-8"))


def test_every_figure_is_measured_or_says_why_not(measured: dict[str, Any]):
    found = report.Results([measured])
    without = {m.key for m in figures.every_metric() if found.value(measured, m.key) is None}
    reasons = {found.remark(measured, key) for key in without}
    assert reasons <= {pages.NO_WRK, compare.NO_IMPLICIT, api.NONE_DRAWN}
    assert all(
        found.value(measured, metric.key) >= 0  # type: ignore[operator]
        for metric in figures.every_metric()
        if metric.key not in without
    )
    assert measured["stages"]["load"]["figures"]["load.rating_table_bytes"] > 20_000 * 20
    assert measured["stages"]["refresh"]["figures"]["refresh.sparse.lists"] > 0
    assert measured["stages"]["pages"]["figures"]["pages.home.bytes"] > 2_000


def test_the_page_of_a_run_is_whole(measured: dict[str, Any], place: Path):
    page = (place / "out" / "performance.md").read_text("utf-8")
    for metric in figures.every_metric():
        if not metric.key.startswith("api."):
            assert f"| {metric.label} |" in page
    for row in (line for line in page.splitlines() if line.startswith("|")):
        assert "None" not in row and "nan" not in row
    pictures = re.findall(r"!\[.+\]\((.+)\)", page)
    assert len(pictures) == 3
    for name in pictures:
        _well_formed((place / "out" / name).read_text("utf-8"))


def test_nothing_is_left_but_what_was_found(measured: dict[str, Any], place: Path):
    """The server is stopped; data and files are gone, finished stages are not."""
    assert [path.name for path in (place / "work" / "20k").iterdir()] == ["stages"]


def test_finished_stages_are_not_done_again(measured: dict[str, Any], place: Path):
    ran = _benchmark(place)
    assert ran.returncode == 0, ran.stderr
    assert "stage" not in ran.stderr
    again = json.loads((place / "out" / "results" / "20k.json").read_text("utf-8"))
    assert again == measured


def test_an_unknown_stage_is_refused(place: Path):
    ran = _benchmark(place, "--stages", "load,fly")
    assert ran.returncode == 1
    assert "fly" in ran.stderr and "compare" in ran.stderr
