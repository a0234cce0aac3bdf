"""Stage compare: the same work by other means, in the same run on the same data."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from benchmarks.figures import Figures, quantiles
from benchmarks.stages.api import LIVE_ASKS, Asker, drawn
from benchmarks.workshop import Failed, Workshop
from recsql.server import tuning

# The plain rule as a newcomer writes it: the best mean among the fans. Critics have ids below zero;
# leaving them out is also what lets the server use the index of fans.
PLAIN = """
SELECT other.movie_id, avg(other.half_stars) / 2 AS stars, count(*) AS raters
FROM core.rating AS fan
INNER JOIN core.rating AS other ON other.user_id = fan.user_id
WHERE fan.movie_id = %s AND fan.half_stars = 10 AND fan.user_id > 0
    AND other.movie_id <> fan.movie_id
GROUP BY other.movie_id
ORDER BY stars DESC, raters DESC, other.movie_id
LIMIT 10
"""
NO_IMPLICIT = "implicit is not installed (pip install 'recsql[bench]')"


def run(shop: Workshop) -> Figures:
    """Compare with direct SQL, with the bare product, and with implicit."""
    found = Figures()
    _plain_rule(shop, found)
    refresh = shop.kept("refresh")
    assert refresh is not None
    whole = refresh["figures"]["refresh.sparse.seconds"]
    _dump(shop)
    workers = tuning.cores()
    one = _product(shop, found, "product", 1)
    values = found.values
    values["compare.product.pairs"] = one["pairs"]
    values["compare.product.one_core"] = one["seconds"]
    many = _product(shop, found, "product", workers) if workers > 1 else one
    values["compare.product.seconds"] = many["seconds"]
    values["compare.refresh_ratio"] = whole / many["seconds"]
    for what in ("fans", "all"):
        names = [f"compare.{what}.{part}" for part in ("pairs", "seconds", "ratio")]
        if find_spec("implicit") is None:
            found.missing |= dict.fromkeys(names, NO_IMPLICIT)
            continue
        try:
            fitted = _product(shop, found, what, workers)
        except Failed as failure:
            shop.say(str(failure))
            found.missing |= dict.fromkeys(names, "implicit failed: out of memory?")
            continue
        for name, value in zip(
            names, (fitted["pairs"], fitted["seconds"], whole / fitted["seconds"]), strict=True
        ):
            values[name] = value
    shop.scratch("ratings.bin").unlink()
    return found


def _plain_rule(shop: Workshop, found: Figures) -> None:
    movies = drawn(shop, shop.settings.asks)[:LIVE_ASKS]
    with shop.connection() as conn, conn.cursor() as cursor:
        asker = Asker(cursor, shop.settings.patience)
        plain = asker.time([(PLAIN, (m,)) for m in movies], warm=False)
        movies = movies[: len(plain)]
        ours = asker.time([("SELECT * FROM api.also_liked(%s)", (m,)) for m in movies])
    both: list[Sequence[float]] = [plain, ours]
    means = [statistics.fmean(took) * 1000 for took in both]
    halves = [quantiles(took)["p50"] * 1000 for took in both]
    found.values["compare.plain.p50"] = halves[0]
    found.values["compare.plain.mean"], found.values["compare.also_liked.mean"] = means
    found.values["compare.plain.ratio_p50"] = halves[0] / halves[1]
    found.values["compare.plain.ratio"] = means[0] / means[1]
    for key in ("p50", "mean"):
        found.basis[f"compare.plain.{key}"] = f"{len(plain)} of the same random movies"
    shop.say(f"compare: plain rule {means[0]:.1f} ms, also_liked {means[1]:.2f} ms on average")


def _dump(shop: Workshop) -> None:
    """Write all ratings by people, and the movies that have a stored list, to files."""
    shop.say("compare: read all ratings")
    with (
        shop.connection() as conn,
        conn.cursor() as cursor,
        shop.scratch("ratings.bin").open("wb") as file,
    ):
        cursor.copy_expert(
            "COPY (SELECT user_id, movie_id, half_stars FROM core.rating WHERE user_id > 0)"
            " TO STDOUT (FORMAT binary)",
            file,
        )
    stored = [row[0] for row in shop.rows("SELECT movie_id FROM api.freshness ORDER BY movie_id")]
    shop.scratch("movies.json").write_text(json.dumps(stored), "utf-8")


def _product(shop: Workshop, found: Figures, what: str, workers: int) -> dict[str, Any]:
    ran = shop.run(
        sys.executable, "-m", "benchmarks.products", what,
        shop.scratch("ratings.bin"), shop.scratch("movies.json"), "--workers", workers,
    )  # fmt: skip
    computed = ran.json()
    if what == "product":
        if "client" in ran.peak:
            found.values["compare.product.memory"] = max(
                ran.peak["client"], found.values.get("compare.product.memory", 0)
            )
        else:
            found.missing["compare.product.memory"] = "this system does not tell"
    shop.say(
        f"compare: {what} with {workers} {'core' if workers == 1 else 'cores'}:"
        f" {computed['seconds']:.1f} s for {computed['pairs']:,.0f} pairs"
    )
    return computed
