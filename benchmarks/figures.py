"""Figures: what is measured, in which units, against which targets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

QUANTILES = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("worst", 1.0))
MIB, GIB = 2**20, 2**30


@dataclass
class Figures:
    """What a stage has found: figures by key, why some are missing, what others rest on."""

    values: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    basis: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "figures": {key: _short(value) for key, value in self.values.items()},
            "missing": self.missing,
            "basis": self.basis,
        }

    def latencies(self, name: str, seconds: Sequence[float]) -> None:
        """Add the quantiles of what was asked, in milliseconds, and how often it was."""
        for quantile, value in quantiles(seconds).items():
            self.values[f"{name}.{quantile}"] = value * 1000
        self.values[f"{name}.n"] = len(seconds)


def _short(value: float) -> float:
    """Round to five digits: nobody measures more."""
    if value == 0 or not math.isfinite(value):
        return value
    rounded = round(value, 4 - math.floor(math.log10(abs(value))))
    return int(rounded) if rounded == int(rounded) else rounded


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the worst: each a value that was measured (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no quantiles of nothing")
    return {name: ordered[max(math.ceil(share * len(ordered)), 1) - 1] for name, share in QUANTILES}


def growth(costs: Mapping[float, float | None]) -> float | None:
    """Return the exponent b of cost = a * size^b, by least squares of the logarithms.

    1 is in proportion to the size, 0 is no growth. None for fewer than two sizes.
    """
    points = [
        (math.log(size), math.log(cost))
        for size, cost in costs.items()
        if cost is not None and cost > 0 and size > 0
    ]
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


@dataclass(frozen=True)
class Target:
    """A bound on a figure, and on which side of it is well."""

    bound: float
    at_least: bool = False

    def met(self, value: float | None) -> bool | None:
        """Say whether it is met; None where nothing was measured."""
        if value is None:
            return None
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True)
class Metric:
    """One row of a table."""

    key: str
    label: str
    unit: str
    target: Target | None = None
    # does it make sense to ask how it grows with the number of ratings?
    grows: bool = True


def shown(value: float | None, unit: str) -> str:
    """Return a figure for people."""
    if value is None:
        return "–"
    if unit == "bytes":
        if value >= GIB:
            return f"{value / GIB:.2f} GiB"
        if value >= MIB:
            return f"{value / MIB:,.0f} MiB"
        return f"{value / 1024:,.1f} KiB"
    if unit in ("count", "count/s"):
        per = "/s" if unit == "count/s" else ""
        return (f"{value:,.0f}" if value >= 10 else f"{value:.3g}") + per
    number = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    # 12.0 is not 12 to whoever compares columns, but 1e+02 is nobody's wish
    number = f"{value:.0f}" if "e" in number and value >= 1 else number
    if "e" in number:
        number = f"{value:.4f}"
    return number + ({"ratio": " ×"}.get(unit) or f" {unit}")


def target_shown(target: Target, unit: str) -> str:
    """Return a target for people."""
    return ("≥ " if target.at_least else "≤ ") + shown(target.bound, unit)


# What is measured ------------------------------------------------------------------------------

TARGET_SIZE = "38M"

LOADING = (
    Metric("generate.seconds", "`recsql generate`", "s", Target(90)),
    Metric("bare.seconds", "bare `\\copy`, primary key, index of fans", "s"),
    Metric("load.seconds", "`recsql load`", "s"),
    Metric("load.ratio", "`recsql load` / bare", "ratio", Target(2.5), grows=False),
    Metric("load.rate", "ratings loaded", "count/s", grows=False),
    Metric("load.client_memory", "peak memory of the client", "bytes"),
    Metric("load.server_memory", "peak memory of the server, shared buffers apart", "bytes"),
    Metric("load.server_memory_whole", "the same with shared buffers", "bytes"),
    Metric("load.database_bytes", "database on disk", "bytes"),
    Metric("load.rating_table_bytes", "of it `core.rating`", "bytes"),
    Metric("load.rating_index_bytes", "of it the indexes of `core.rating`", "bytes"),
    Metric("load.other_bytes", "of it all else", "bytes"),
)

REFRESHING = (
    Metric("refresh.sparse.seconds", "`recsql refresh --all`, sparse", "s", Target(180)),
    Metric("refresh.sparse.lists", "lists stored", "count"),
    Metric("refresh.sparse.rate", "sparse: lists a second", "count/s", grows=False),
    Metric(
        "refresh.sparse.memory",
        "sparse: peak memory of client, its workers, and server",
        "bytes",
        Target(8 * GIB),
    ),
    Metric("refresh.sql.seconds", "`recsql refresh --all --engine sql`", "s", Target(1800)),
    Metric("refresh.sql.rate", "sql: lists a second", "count/s", grows=False),
    Metric(
        "refresh.sql.memory",
        "sql: peak memory of client and server",
        "bytes",
        Target(2 * GIB),
        # of a sample there is no client
        grows=False,
    ),
    Metric("refresh.stored_bytes", "stored lists on disk", "bytes"),
)

# What pages ask, the way they ask it: prepared once a connection, with generic plans (db.prepared).
# key → what it is, and the targets of its quantiles in milliseconds
_ASKED: dict[str, tuple[str, dict[str, float]]] = {
    "api.similar_movies": ("`similar_movies`", {"p50": 5, "p99": 25}),
    "api.also_liked": ("`also_liked`", {"p50": 1, "p99": 20, "worst": 150}),
    "api.also_liked_stored": ("`also_liked`: those with a stored list", {}),
    "api.also_liked_unstored": ("`also_liked`: those with too few fans", {}),
    "api.movie_page": ("`movie_page`", {}),
    "api.home": ("home: header + shelves", {"p50": 3}),
    "api.home_header": ("`home_header`", {}),
    "api.home_shelves": ("`home_shelves`", {}),
    "api.search_1": ("as you type, 1 letter", {"p50": 10}),
    "api.search_2": ("as you type, 2 letters", {"p50": 10}),
    "api.search_3": ("as you type, 3 letters", {"p50": 10}),
    "api.search_5": ("as you type, 5 letters", {"p50": 10}),
    "api.search_words": ("`search_movies`, whole words", {}),
    "api.category_movies": ("`category_movies`", {}),
    "api.browse_movies": ("`browse_movies`, random filters and orders", {"p95": 30}),
    "api.browse_options": ("`browse_options`, the same filters", {"p95": 30}),
    "api.browse_deep": ("`browse_movies`, pages far down", {"p95": 30}),
    "api.explain_similar_movies": ("`explain_similar_movies`", {}),
    "api.explain_also_liked": ("`explain_also_liked`", {}),
    "api.about": ("`about`", {}),
}
_ALONE: dict[str, tuple[str, dict[str, float]]] = {
    "api.also_liked_live": ("`also_liked`, made to reckon live, planned", {}),
    "api.rate": ("`rate`, a new rating, planned", {"p95": 5}),
    "api.rate_again": ("`rate`, another number of stars, planned", {"p95": 5}),
    "api.unrate": ("`unrate`, planned", {}),
}
# A part of another row's answers; it is not asked once more with planning.
_PARTS = ("api.also_liked_stored", "api.also_liked_unstored")
PLANNED = "_planned"


def _with_planned() -> dict[str, tuple[str, dict[str, float]]]:
    """Return what pages ask, each followed by the same with planning: of that, no targets."""
    rows: dict[str, tuple[str, dict[str, float]]] = {}
    for key, (label, targets) in _ASKED.items():
        rows[key] = (label, targets)
        if key not in _PARTS:
            rows[key + PLANNED] = (f"{label}, planned", {})
    return rows | _ALONE


FUNCTIONS = _with_planned()


def function_metrics(key: str) -> tuple[Metric, ...]:
    """Return the four quantiles of a function as metrics."""
    label, targets = FUNCTIONS[key]
    return tuple(
        Metric(
            f"{key}.{quantile}",
            f"{label}, {quantile}",
            "ms",
            Target(targets[quantile]) if quantile in targets else None,
        )
        for quantile, _ in QUANTILES
    )


def _page(name: str, label: str, *, is_judged: bool = True) -> tuple[Metric, ...]:
    return (
        Metric(
            f"pages.{name}.rate",
            f"{label}: requests a second at full load",
            "count/s",
            Target(400, at_least=True) if is_judged else None,
            grows=False,
        ),
        Metric(f"pages.{name}.half.p50", f"{label}: p50 at half load", "ms"),
        Metric(f"pages.{name}.half.p99", f"{label}: p99 at half load", "ms",
               Target(60) if is_judged else None),
        Metric(f"pages.{name}.half.worst", f"{label}: worst at half load", "ms"),
        Metric(f"pages.{name}.bytes", f"{label}: bytes sent, compressed", "bytes"),
    )  # fmt: skip


PAGES = (
    *_page("home", "home page"),
    *_page("drawn", "home page, each drawn anew", is_judged=False),
    *_page("movie", "movie page"),
    *_page("movie_rated", "movie page, while five ratings a second come in", is_judged=False),
    *_page("movie_anew", "movie page, each movie once", is_judged=False),
)

COMPARED = (
    Metric("compare.plain.p50", "plain rule as direct SQL, p50", "ms"),
    Metric("compare.plain.mean", "plain rule as direct SQL, mean", "ms"),
    Metric("compare.also_liked.mean", "`also_liked` of the same movies, mean", "ms"),
    Metric("compare.plain.ratio_p50", "plain rule / `also_liked`, p50", "ratio", grows=False),
    Metric("compare.plain.ratio", "plain rule / `also_liked`, mean", "ratio", grows=False),
    Metric("compare.product.pairs", "pairs in the product of fans and ratings", "count"),
    Metric("compare.product.one_core", "bare product (SciPy), one core", "s"),
    Metric("compare.product.seconds", "bare product (SciPy), all cores", "s"),
    Metric("compare.refresh_ratio", "`recsql refresh --all` / bare product", "ratio", grows=False),
    Metric("compare.fans.pairs", "pairs of five-star ratings", "count"),
    Metric("compare.fans.seconds", "`implicit` ItemItem on five-star ratings", "s"),
    Metric("compare.fans.ratio", "`recsql refresh --all` / that", "ratio", grows=False),
    Metric("compare.all.pairs", "pairs of all ratings", "count"),
    Metric("compare.all.seconds", "`implicit` Cosine on all ratings", "s"),
    Metric("compare.all.ratio", "`recsql refresh --all` / that", "ratio", grows=False),
)


def every_metric() -> list[Metric]:
    """Return all rows of all tables."""
    asked = [metric for key in FUNCTIONS for metric in function_metrics(key)]
    return [*LOADING, *REFRESHING, *asked, *PAGES, *COMPARED]
