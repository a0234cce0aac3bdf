"""Writes performance.md and its charts out of results and hand-written notes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import charts, figures
from benchmarks.figures import Metric, growth, shown, target_shown

CHARTS = {
    "latency": "performance-latency.svg",
    "growth": "performance-growth.svg",
    "refresh": "performance-refresh.svg",
}
SPENT = (
    ("recsql generate", "generate.seconds"),
    ("bare \\copy with indexes", "bare.seconds"),
    ("recsql load", "load.seconds"),
    ("refresh, sparse engine", "refresh.sparse.seconds"),
    ("refresh, sql engine", "refresh.sql.seconds"),
    ("bare product, all cores", "compare.product.seconds"),
)
REFRESHED = (
    ("refresh, sparse engine", "refresh.sparse.seconds"),
    ("bare product, one core", "compare.product.one_core"),
    ("bare product, all cores", "compare.product.seconds"),
    ("implicit, five-star ratings", "compare.fans.seconds"),
    ("implicit, all ratings", "compare.all.seconds"),
    ("refresh, sql engine", "refresh.sql.seconds"),
)
NOT_RUN = "not measured"
# so much of what was to be asked is as good as all of it
NEARLY_ALL = 0.9
HOW = """\
Generated data (`recsql generate`) with the skew of real ratings, on the server that recsql brings
along, with its own settings; users and movies in proportion to the ratings. Times are of this
machine: compare ratios and growth rather than seconds.

- **Loading and refreshing** are timed as commands, from their start to their end. Memory is what
  all processes of a command hold together at the worst moment (PSS, sampled); of the server it is
  what its processes hold without its shared buffers, whose size is a setting.
- **Bare `\\copy`** puts `ratings.csv` into a table with the primary key and the partial index that
  `core.rating` has. It checks nothing, knows no movies and keeps no statistics.
- **Functions** are asked over one connection through the server's socket, from sending the
  statement to having its rows, after a first round that is not counted. What pages ask is asked as
  they ask it, prepared once a connection with generic plans, and targets are held against that;
  rows called "planned" are the same statements sent anew each time, planning included. Movies are
  drawn with chances in proportion to their number of raters: most questions are about
  much-loved ones. Quantiles are nearest rank. Each rating is a transaction of its own, on disk.
- **Pages**: gunicorn, 2 processes of 4 threads, on the same machine as PostgreSQL and the client,
  which keeps its connections and takes gzip. The home page is asked for without a seed, as visitors
  do: one by one each gets a new drawing, and under full load most share one that is at most two
  seconds old. "Each drawn anew" is what is never shared: home pages of a seed. Movie pages are
  drawn by raters, like the movies above: 40,000 of them, of which up to 30,000, as many as can be
  answered in ten times the time of a load, are asked for before the clock starts, as on a site that
  has been up for some minutes: a page is kept while no row of the database changes
  (recsql/web/kept.py). "While ratings come in" takes that away five times a second, and in "each
  movie once" no page was written before. Full load is wrk with 16 connections. Half load is half of
  the target, 200 pages a second, asked for evenly; an answer's time counts from when its request
  was due.
- **Growth** is the exponent b of cost ≈ a · ratings^b over the sizes of a row: 1 is in proportion.
"""


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Return all results of a folder, smallest size first."""
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda result: result["size"]["ratings"])


def read_notes(path: Path) -> dict[str, str]:
    """Return the hand-written notes by key; a key that is no metric is a mistake."""
    notes = tomllib.loads(path.read_text("utf-8")).get("notes", {})
    known = {metric.key for metric in figures.every_metric()}
    unknown = sorted(set(notes) - known)
    if unknown:
        raise ValueError(f"{path.name}: no figure is called {', '.join(unknown)}")
    return {key: " ".join(text.split()) for key, text in notes.items()}


class Results:
    """Figures of several sizes, by key."""

    def __init__(self, results: Sequence[dict[str, Any]]) -> None:
        self.all = list(results)
        self.names = [result["size"]["name"] for result in results]

    def value(self, result: dict[str, Any], key: str) -> float | None:
        """Return a figure, or None where it was not measured."""
        return self._find(result, "figures", key)

    def remark(self, result: dict[str, Any], key: str) -> str | None:
        """Return why a figure is missing, or what it rests on."""
        missing = self._find(result, "missing", key)
        if missing is None and self.value(result, key) is None:
            return NOT_RUN
        return missing or self._find(result, "basis", key)

    def growth(self, key: str) -> float | None:
        """Return the exponent of a cost."""
        return growth({r["size"]["ratings"]: self.value(r, key) for r in self.all})

    @staticmethod
    def _find(result: dict[str, Any], part: str, key: str) -> Any:
        for stage in result["stages"].values():
            if key in stage[part]:
                return stage[part][key]
        return None


class Remarks:
    """Footnotes of one table."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def mark(self, said: str | None) -> str:
        """Return the number of a footnote, or nothing."""
        if not said:
            return ""
        if said not in self._said:
            self._said.append(said)
        return f" <sup>{self._said.index(said) + 1}</sup>"

    def lines(self) -> list[str]:
        """Return the footnotes."""
        if not self._said:
            return []
        return ["", *(f"<sup>{n}</sup> {said}.  " for n, said in enumerate(self._said, 1))]


def write(results: Sequence[dict[str, Any]], notes: dict[str, str], page: Path) -> None:
    """Write the page, and its charts into images/ beside it."""
    images = page.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures(results).items():
        (images / CHARTS[name]).write_text(picture, "utf-8")
    page.write_text(text(results, notes), "utf-8")


def text(results: Sequence[dict[str, Any]], notes: dict[str, str]) -> str:
    """Return the page."""
    found = Results(results)
    lines = [
        "# Performance",
        "",
        "<!-- Written by `make bench`. Edit benchmarks/notes.toml or benchmarks/report.py. -->",
        "",
        *_runs(found),
        "",
        HOW,
        *_targets(found, notes),
        "",
        "## Loading",
        "",
        *_table(found, figures.LOADING),
        "",
        f"![Seconds over number of ratings](images/{CHARTS['growth']})",
        "",
        "## Refreshing stored lists",
        "",
        *_table(found, figures.REFRESHING),
        "",
        "## Functions of schema api",
        "",
        *_functions(found),
        "",
        f"![Quantiles of each function](images/{CHARTS['latency']})",
        "",
        "## Pages",
        "",
        *_table(found, figures.PAGES),
        "",
        "## Side by side",
        "",
        "In the same run, on the same data. The plain rule is the query that one would write first:"
        " the best mean among the fans, by joining ratings to ratings. The bare product multiplies"
        " the matrix of fans, of the movies whose lists are stored, by the matrix of ratings, and"
        " drops the sums: no reading, no ranking, no writing. `implicit` has no model of fans and"
        " ratings, so the two on either side of it are shown, each keeping 100 neighbours of every"
        " movie, reading and writing apart; a pair is one multiplication.",
        "",
        *_table(found, figures.COMPARED),
        "",
        f"![Refreshing, and the same by other means](images/{CHARTS['refresh']})",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _runs(found: Results) -> list[str]:
    """Say on what machine, when and how much."""
    machines = {json.dumps(result["machine"], sort_keys=True) for result in found.all}
    said = []
    for number, machine in enumerate(sorted(machines)):
        given = json.loads(machine)
        names = [r["size"]["name"] for r in found.all if r["machine"] == given]
        of = f" ({', '.join(names)})" if len(machines) > 1 else ""
        said += ([""] if number else []) + [
            f"**Machine{of}**: {given['cpu']}, {given['cores']} cores,"
            f" {given['memory_gib']:.0f} GiB of memory, {given['system']};"
            f" PostgreSQL {given['postgresql']}, Python {given['python']},"
            f" NumPy {given['numpy']}, SciPy {given['scipy']}."
        ]
    said += [
        "",
        "| size | ratings | users | movies | seed | asked each | finished (UTC) | took"
        " | load before | version |",
        "|---|--:|--:|--:|--:|--:|---|--:|--:|---|",
    ]
    for result in found.all:
        size, stages = result["size"], result["stages"].values()
        minutes = sum(stage["took_s"] for stage in stages) / 60
        said.append(
            f"| {size['name']} | {size['ratings']:,} | {size['users']:,} | {size['movies']:,}"
            f" | {result['settings']['seed']} | {result['settings']['asks']:,}"
            f" | {max(stage['date'] for stage in stages)} | {minutes:.0f} min"
            f" | {result['load_before']:.1f} | {result['version']} |"
        )
    return said


def judged(found: Results) -> tuple[dict[str, Any], bool]:
    """Return the result that targets are held against, and whether it is of the size they mean."""
    for result in found.all:
        if result["size"]["name"] == figures.TARGET_SIZE:
            return result, True
    return found.all[-1], False


def _targets(found: Results, notes: dict[str, str]) -> list[str]:
    result, meant = judged(found)
    name = result["size"]["name"]
    rows = []
    verdicts = []
    for metric in figures.every_metric():
        if metric.target is None:
            continue
        value = found.value(result, metric.key)
        met = metric.target.met(value)
        verdicts.append(met)
        said = {True: "met", False: "**not met**", None: "not measured"}[met]
        remark = found.remark(result, metric.key)
        note = notes.get(metric.key)
        why = [remark] if remark else []
        if met is not True:
            why += [note] if note else (["no reason noted yet"] if met is False else [])
        rows.append(
            f"| {metric.label} | {shown(value, metric.unit)}"
            f" | {target_shown(metric.target, metric.unit)} | {said}"
            f" | {'; '.join(why).replace('|', '/')} |"
        )
    caution = (
        ""
        if meant
        else (f" These figures are of {name}, where targets are easier to meet: they say little.")
    )
    return [
        "## Targets",
        "",
        f"Targets are for {figures.TARGET_SIZE} ratings; {sum(v is True for v in verdicts)} of"
        f" {len(verdicts)} are met.{caution}",
        "",
        f"| what | at {name} | target | | note |",
        "|---|--:|--:|---|---|",
        *rows,
    ]


def _table(found: Results, metrics: Sequence[Metric]) -> list[str]:
    remarks = Remarks()
    lines = [
        "| | " + " | ".join(found.names) + " | growth |",
        "|---|" + "--:|" * (len(found.names) + 1),
    ]
    for metric in metrics:
        cells = [
            shown(found.value(result, metric.key), metric.unit)
            + remarks.mark(found.remark(result, metric.key))
            for result in found.all
        ]
        exponent = found.growth(metric.key) if metric.grows else None
        cells.append(_exponent(exponent))
        lines.append(f"| {metric.label} | " + " | ".join(cells) + " |")
    return lines + remarks.lines()


def _exponent(value: float | None) -> str:
    # plus zero: no growth has no sign
    return "" if value is None else f"{round(value, 2) + 0.0:.2f}"


def _functions(found: Results) -> list[str]:
    remarks = Remarks()
    lines = [
        "Milliseconds: p50 / p95 / p99 / worst.",
        "",
        "| | " + " | ".join(found.names) + " | growth of p50 | of p99 |",
        "|---|" + "--:|" * (len(found.names) + 2),
    ]
    for key, (label, _) in figures.FUNCTIONS.items():
        cells = []
        for result in found.all:
            values = [found.value(result, f"{key}.{name}") for name, _ in figures.QUANTILES]
            asked = found.value(result, f"{key}.n")
            few = (
                f"asked {asked:,.0f} times"
                if asked is not None and asked < NEARLY_ALL * result["settings"]["asks"]
                else found.remark(result, f"{key}.p50")
            )
            known = [shown(value, "").strip() for value in values if value is not None]
            cells.append((" / ".join(known) or "–") + remarks.mark(few))
        for quantile in ("p50", "p99"):
            cells.append(_exponent(found.growth(f"{key}.{quantile}")))
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return lines + remarks.lines()


def pictures(results: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the charts by name."""
    found = Results(results)

    def ranges(key: str) -> list[charts.Range]:
        made = []
        for result in found.all:
            values = [found.value(result, f"{key}.{name}") for name, _ in figures.QUANTILES]
            if None not in values:
                made.append(charts.Range(result["size"]["name"], tuple(values)))  # type: ignore[arg-type]
        return made

    def named(label: str, key: str) -> str:
        exponent = found.growth(key)
        return label if exponent is None else f"{label}  (growth {exponent:.2f})"

    return {
        "latency": charts.latencies(
            "How long a function takes",
            [
                (label.replace("`", ""), ranges(key))
                for key, (label, _) in figures.FUNCTIONS.items()
                if not key.endswith(figures.PLANNED)
            ],
        ),
        "growth": charts.growth(
            "How costs grow with ratings",
            [
                (
                    named(label, key),
                    [
                        (result["size"]["ratings"], value)
                        for result in found.all
                        if (value := found.value(result, key))
                    ],
                )
                for label, key in SPENT
            ],
        ),
        "refresh": charts.bars(
            "Refreshing all lists, and the same sums by other means",
            [
                (
                    result["size"]["name"],
                    [
                        (label, value)
                        for label, key in REFRESHED
                        if (value := found.value(result, key))
                    ],
                )
                for result in found.all
            ],
        ),
    }
