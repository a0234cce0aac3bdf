"""The report on quality: figures that were measured, drawn by us, and two lists side by side."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup, escape

from recsql.errors import BadInput, NotFound
from recsql.web import inputs, pages
from recsql.web.pages import Rows, ask, known_movie, page, reading, totals

COMPARED = 10
LONGEST_NAME = 80
# The first two stand beside each other where nobody chose.
METHODS = (
    *(f"also_liked:{name}" for name in pages.LIKED_METHODS),
    *(f"similar:{name}" for name in pages.SIMILAR_METHODS),
)
SPLITS = {
    "user-holdout": "Part of each user’s ratings was held back; a good list holds what they then"
    " liked.",
    "time": "All ratings after one moment were held back; a good list holds what was liked later.",
    "user-disjoint": "“Other users also liked”, for a movie that somebody loves, reckoned without"
    " that somebody; a good list holds the other movies they like.",
    "collection": "“Similar movies”, for films of a series; a good list holds the rest of the"
    " series, which the method is not told.",
}
COLUMNS = (
    ("ndcg", "nDCG", "good places for good movies", 3),
    ("recall", "Recall", "share of what was to be found", 3),
    ("precision", "Precision", "share of the list that was right", 3),
    ("hit_rate", "Hit rate", "lists with anything right", 3),
    ("mrr", "MRR", "1 / place of the first right one", 3),
    ("coverage", "Coverage", "different movies in all lists", 0),
    ("gini", "Gini", "0: all equally often, 1: always the same", 3),
    ("novelty", "Novelty", "bits: the rarer, the more", 2),
    ("rmse", "RMSE", "error of predicted stars", 3),
    ("mae", "MAE", "error of predicted stars", 3),
    ("seconds", "Seconds", "to train and list", 1),
)


def evaluation_page() -> Response:
    """Show what was measured, and two methods' lists for a movie."""
    asked = inputs.whole("run", 0, low=0, high=inputs.LARGEST_ID)
    cut = inputs.whole("k", 0, low=0, high=1_000)
    movie_id = inputs.whole("movie", 0, low=0, high=inputs.LARGEST_ID)
    left, right = _method("left", METHODS[0]), _method("right", METHODS[1])
    with reading() as conn:
        protocols = ask(conn, "evaluation_protocols")
        shown = _shown(protocols, asked)
        rows: Rows = []
        if shown:
            cut = cut or shown["cuts"][0]
            rows = ask(conn, "evaluated_models", p_run_id=shown["run_id"], p_k=cut)
        trained = [row["model"] for row in ask(conn, "trained_models") if row["family"] != "user"]
        movie, compared = None, []
        if movie_id:
            movie = known_movie(conn, movie_id)
            compared = ask(
                conn,
                "compare_lists",
                p_movie_id=movie_id,
                p_left=left,
                p_right=right,
                p_limit=COMPARED,
            )
        about = totals(conn)
    return page(
        "evaluation.html",
        section="evaluation",
        protocols=protocols,
        shown=shown,
        cut=cut,
        said=SPLITS,
        columns=[column for column in COLUMNS if any(row[column[0]] is not None for row in rows)],
        rows=rows,
        coverage=scatter(
            rows, "coverage", cut, "Different movies in all lists", lambda value: f"{value:,.0f}"
        ),
        seconds=scatter(
            rows, "seconds", cut, "Seconds to train and list", lambda value: f"{value:g}"
        ),
        movie=movie,
        left=left,
        right=right,
        methods=[*METHODS, *trained],
        compared=compared,
        about=about,
    )


def _method(name: str, default: str) -> str:
    raw = request.args.get(name, default)
    if len(raw) > LONGEST_NAME or not re.fullmatch(r"[a-z0-9_:-]+", raw):
        raise BadInput(f"“{name}” has to be the name of a method.", hint="Choose one of the list.")
    return raw


def _shown(protocols: Rows, asked: int) -> dict[str, Any] | None:
    """Return the evaluation that is asked for, the newest where none is."""
    if not asked:
        return protocols[0] if protocols else None
    for row in protocols:
        if row["run_id"] == asked:
            return row
    raise NotFound(
        f"There is no evaluation with the number {asked}.", hint="Choose one of the list."
    )


WIDE, TALL = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 16, 56
LETTER, LINE = 7.2, 15  # of a label, in units of the drawing; wider than most fonts


def scatter(rows: Rows, across: str, cut: int, title: str, said: Callable[[float], str]) -> Markup:
    """Draw quality upwards against something else, on a scale of tenfold steps.

    A point a method, its 95% interval as a line; all of it is in the table as well.
    """
    points = [
        (row["model"], max(float(row[across]), 0.01), float(row["ndcg"]),
         float(row["ndcg_low"] if row["ndcg_low"] is not None else row["ndcg"]),
         float(row["ndcg_high"] if row["ndcg_high"] is not None else row["ndcg"]))
        for row in rows
        if row[across] is not None and row["ndcg"] is not None
    ]  # fmt: skip
    if not points:
        return Markup("")
    low = math.floor(math.log10(min(x for _, x, *_ in points)) - 1e-9)
    high = math.ceil(math.log10(max(x for _, x, *_ in points)) + 1e-9)
    step = _step(max(top for *_, top in points))
    ceiling = step * math.ceil(max(top for *_, top in points) / step + 1e-9)

    def x_of(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDE - LEFT - RIGHT)

    def y_of(value: float) -> float:
        return TALL - BOTTOM - value / ceiling * (TALL - TOP - BOTTOM)

    parts = []
    for i in range(round(ceiling / step) + 1):
        y = y_of(i * step)
        parts.append(
            f'<path class="grid-line" d="M{LEFT} {y:.1f}H{WIDE - RIGHT}"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{i * step:.2g}</text>'
        )
    for power in range(low, high + 1):
        x = x_of(10**power)
        parts.append(
            f'<path class="grid-line" d="M{x:.1f} {TOP}V{TALL - BOTTOM}"/>'
            f'<text x="{x:.1f}" y="{TALL - BOTTOM + 18}" text-anchor="middle">'
            f"{said(10.0**power)}</text>"
        )
    parts.append(
        f'<text class="axis" x="{(LEFT + WIDE - RIGHT) / 2}" y="{TALL - 12}"'
        f' text-anchor="middle">{escape(title)}</text>'
        f'<text class="axis" x="14" y="{(TOP + TALL - BOTTOM) / 2}" text-anchor="middle"'
        f' transform="rotate(-90 14 {(TOP + TALL - BOTTOM) / 2})">nDCG@{cut}</text>'
    )
    placed = [(x_of(x), y_of(y)) for _, x, y, *_ in points]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in placed]
    for (model, value, quality, bottom, top), (x, y) in zip(points, placed, strict=True):
        parts.append(
            f"<g><title>{escape(model)}: nDCG@{cut} {quality:.3f} ({bottom:.3f} to {top:.3f}),"
            f" {escape(title[0].lower() + title[1:])} {said(value)}</title>"
            f'<path class="bar" d="M{x:.1f} {y_of(bottom):.1f}V{y_of(top):.1f}"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/></g>'
        )
        box, anchor = _label(model, x, y, taken)
        taken.append(box)
        at = {"start": box[0], "end": box[2], "middle": (box[0] + box[2]) / 2}[anchor]
        parts.append(
            f'<text class="name" x="{at:.1f}" y="{box[3] - 4:.1f}" text-anchor="{anchor}"'
            f' aria-hidden="true">{escape(model)}</text>'
        )
    summary = f"nDCG@{cut} against {title[0].lower() + title[1:]}: " + "; ".join(
        f"{model} {quality:.3f} at {said(value)}" for model, value, quality, *_ in points
    )
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDE} {TALL}" role="img"'
        f' aria-label="{escape(summary)}">{"".join(parts)}</svg>'
    )


def _step(top: float) -> float:
    """Return a round distance of lines for an axis from 0."""
    for step in (0.01, 0.02, 0.05, 0.1, 0.2):
        if top / step <= 6:
            return step
    return 0.25


Box = tuple[float, float, float, float]


def _label(text: str, x: float, y: float, taken: list[Box]) -> tuple[Box, str]:
    """Find the free place nearest to a point for its label; the least crowded where none is."""
    wide = len(text) * LETTER
    found: list[tuple[float, int, Box, str]] = []
    for away in (0, 1, -1, 2, -2, 3, -3, 4, -4):
        for anchor in ("start", "end", "middle"):
            start = {"start": x + 9, "end": x - 9 - wide, "middle": x - wide / 2}[anchor]
            middle = y + away * LINE
            if anchor == "middle" and not away:
                continue
            box = (start, middle - LINE / 2, start + wide, middle + LINE / 2)
            outside = (
                max(0.0, LEFT - box[0]) + max(0.0, box[2] - WIDE + 4)
                + max(0.0, TOP - 12 - box[1]) + max(0.0, box[3] - TALL + BOTTOM)
            )  # fmt: skip
            crowded = sum(_shared(box, other) for other in taken) + 60 * outside
            found.append((crowded, len(found), box, anchor))
    crowded, _, box, anchor = min(found)
    return box, anchor


def _shared(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def register(app: Flask) -> None:
    """Give the report its address."""
    app.jinja_env.filters["figure"] = _figure
    app.add_url_rule("/evaluation", view_func=evaluation_page, methods=["GET"])
