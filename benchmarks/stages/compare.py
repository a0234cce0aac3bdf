"""Stage compare: the same work by other means, in the same run on the same data."""

from __future__ import annotations

import json
import statistics
import subprocess
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
    parts = ["one_core", "product"]
    if find_spec("implicit") is None:
        _missing(found, NO_IMPLICIT, "fans", "all")
    else:
        parts += ["fans", "all"]
    computed = _computed(shop, parts)
    values = found.values
    values["compare.product.pairs"] = computed["product"]["pairs"]
    values["compare.product.one_core"] = computed["one_core"]["seconds"]
    values["compare.product.seconds"] = computed["product"]["seconds"]
    values["compare.refresh_ratio"] = whole / computed["product"]["seconds"]
    for part in parts[2:]:
        if part not in computed:
            _missing(found, "implicit did not come to an end", part)
            continue
        values[f"compare.{part}.pairs"] = computed[part]["pairs"]
        values[f"compare.{part}.seconds"] = computed[part]["seconds"]
        values[f"compare.{part}.ratio"] = whole / computed[part]["seconds"]
    shop.scratch("ratings.bin").unlink()
    return found


def _missing(found: Figures, why: str, *parts: str) -> None:
    names = [f"compare.{part}.{name}" for part in parts for name in ("pairs", "seconds", "ratio")]
    found.missing |= dict.fromkeys(names, why)


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


def _computed(shop: Workshop, parts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what came out of each part; of implicit's, those that came to an end."""
    command = [
        sys.executable, "-m", "benchmarks.products", ",".join(parts),
        str(shop.scratch("ratings.bin")), str(shop.scratch("movies.json")),
        "--workers", str(tuning.cores()),
    ]  # fmt: skip
    found = {}
    with shop.spawned(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            one = json.loads(line)
            found[one["part"]] = one
            shop.say(f"compare: {one['part']} {one['seconds']:.1f} s, {one['pairs']:,.0f} pairs")
        code = process.wait()
    if code != 0:
        if "product" not in found:
            raise Failed(f"the product of fans and ratings ended with {code}")
        shop.say(f"compare: {command[3]} ended with {code}")
    return found
