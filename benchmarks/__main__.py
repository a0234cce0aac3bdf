"""`python -m benchmarks`: measure, and write docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

from benchmarks import report
from benchmarks.stages import NEEDED, STAGES
from benchmarks.stages.pages import NO_WRK
from benchmarks.workshop import CHECKOUT, Clock, Settings, Size, Workshop
from recsql import __version__
from recsql.errors import BadInput, RecsqlError
from recsql.server import tuning

SIZES = "1M 10M 38M"
NOTES = Path(__file__).parent / "notes.toml"


def _words(given: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", given) if word]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--sizes", default=SIZES, show_default=True, help="Numbers of ratings.")
@click.option(
    "--stages", default=" ".join(STAGES), show_default=True, help="What to measure; load and"
    " refresh are done in any case, as all others rest on them.",
)  # fmt: skip
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Work there, and take up what was finished there before (default: a temporary folder).",
)
@click.option("--keep", is_flag=True, help="Leave data and servers' folders where they are.")
@click.option("--again", is_flag=True, help="Measure the given stages also where they are done.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write results, performance.md and images there, and not into the checkout.",
)
@click.option("--report", "only_report", is_flag=True, help="Only write the page, from results.")
@click.option("--full-sql", is_flag=True, help="Refresh all lists by SQL at every size.")
@click.option("--seed", default=1, show_default=True, help="Of data and questions.")
@click.option("--asks", default=1000, show_default=True, help="Questions to each function.")
@click.option(
    "--patience", default=60.0, show_default=True, help="Seconds after which a function is asked"
    " no more.",
)  # fmt: skip
@click.option("--page-seconds", default=10.0, show_default=True, help="Of each load on pages.")
@click.option("--quiet", is_flag=True, help="Say nothing on the way.")
def main(
    sizes: str,
    stages: str,
    work: Path | None,
    keep: bool,
    again: bool,
    out: Path | None,
    only_report: bool,
    full_sql: bool,
    seed: int,
    asks: int,
    patience: float,
    page_seconds: float,
    quiet: bool,
) -> None:
    """Measure what recsql costs at several sizes, and write docs/performance.md.

    Each size gets a server and data of its own, which go when it is done.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_interrupt)
    results = (out or CHECKOUT / "benchmarks") / "results"
    page = (out or CHECKOUT / "docs") / "performance.md"
    clock = Clock(quiet)
    failed = False
    try:
        if not only_report:
            chosen = _words(stages)
            unknown = [name for name in chosen if name not in STAGES]
            if unknown:
                raise BadInput(
                    f"no stage is called {', '.join(unknown)}",
                    hint="there are: " + ", ".join(STAGES),
                )
            if "pages" in chosen and shutil.which("wrk") is None:
                clock.say(f"pages will not be measured at full load: {NO_WRK}")
            asked = Settings(seed, asks, patience, page_seconds, full_sql)
            for size in sorted(map(Size.of, _words(sizes)), key=lambda size: size.ratings):
                failed |= not measure(
                    size, chosen, asked, results, clock, work=work, keep=keep, again=again
                )
        found = report.read_results(results)
        if not found:
            raise BadInput(f"there are no results in {results}", hint="measure first")
        page.parent.mkdir(parents=True, exist_ok=True)
        report.write(found, report.read_notes(NOTES), page)
        clock.say(f"written: {page}")
    except RecsqlError as error:
        click.secho(f"Error: {error.message}", fg="red", err=True)
        if error.hint:
            click.echo(f"Hint: {error.hint}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo("Interrupted; the servers are stopped.", err=True)
        sys.exit(130)
    sys.exit(1 if failed else 0)


def measure(
    size: Size,
    chosen: list[str],
    asked: Settings,
    results: Path,
    clock: Clock,
    *,
    work: Path | None,
    keep: bool,
    again: bool,
) -> bool:
    """Measure one size and write its result; say whether all of it went well."""
    root = work.absolute() if work else Path(tempfile.mkdtemp(prefix="recsql-bench-"))
    root.mkdir(parents=True, exist_ok=True)
    if work is None:
        # Root's server runs as another user, who must get in.
        root.chmod(0o755)
    folder = root / size.name
    shop = Workshop(folder, size, asked, clock)
    done = False
    try:
        found, well = _stages(shop, chosen, again)
        done = well
        if found:
            result = {"size": vars(size), "settings": vars(asked), **shop.facts, "stages": found}
            results.mkdir(parents=True, exist_ok=True)
            (results / f"{size.name}.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
        return well
    finally:
        # What was cut off can be taken up where the folder was named.
        if keep or (work is not None and not done):
            shop.stop()
            shop.say(f"kept: {folder}")
        else:
            shop.remove()
            if work is None:
                shutil.rmtree(root, ignore_errors=True)


def _stages(shop: Workshop, chosen: list[str], again: bool) -> tuple[dict[str, Any], bool]:
    """Do what is asked for and not done yet; return all that is known, and whether it went well."""
    wanted = [name for name in STAGES if name in chosen or name in NEEDED]
    if again:
        for name in chosen:
            shop.forget(name)
    if shop.kept("load") is None:
        # the others were of other data
        for name in STAGES:
            shop.forget(name)
    due = [name for name in wanted if shop.kept(name) is None]
    if due and not (shop.home / "data").exists():
        # the data are gone: made again, for those who need them
        for name in NEEDED:
            shop.forget(name)
        due = [name for name in wanted if shop.kept(name) is None]
    well = True
    before = os.getloadavg()[0]
    for name in due:
        began = time.monotonic()
        shop.say(f"stage {name}")
        try:
            figures = STAGES[name](shop)
        except RecsqlError as error:
            if name in NEEDED:
                raise
            shop.say(f"stage {name} failed: {error.message}")
            well = False
            continue
        shop.keep(name, figures, time.monotonic() - began)
    if due:
        shop.start()
        shop.note({"machine": machine(shop), "load_before": round(before, 2), "version": version()})
    return {name: kept for name in STAGES if (kept := shop.kept(name))}, well


def machine(shop: Workshop) -> dict[str, Any]:
    """Say what it was measured on."""
    import numpy
    import scipy

    cpu = platform.processor() or platform.machine()
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        told = ""
    named = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    [(postgresql,)] = shop.rows("SELECT current_setting('server_version')")
    return {
        "cpu": named[1] if named else cpu,
        "cores": tuning.cores(),
        "memory_gib": round(tuning.memory() / 2**30, 1),
        "system": platform.system(),
        "postgresql": postgresql.split()[0],
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
    }


def version() -> str:
    """Return recsql's version, and the commit where there is one."""
    ran = subprocess.run(
        ["git", "-c", f"safe.directory={CHECKOUT}", "describe", "--always", "--dirty"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    ) if shutil.which("git") else None  # fmt: skip
    commit = ran.stdout.strip() if ran and ran.returncode == 0 else ""
    return f"{__version__} ({commit})" if commit else __version__


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
