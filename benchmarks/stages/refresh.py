"""Stage refresh: all stored lists, by both engines."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from benchmarks.figures import Figures
from benchmarks.memory import Watch
from benchmarks.workshop import Ran, Workshop
from recsql.refresh.run import LISTS, SQL_CONNECTIONS, Kind


def run(shop: Workshop) -> Figures:
    """Refresh by the SQL engine, whole or by sample, and by the sparse one."""
    found = Figures()
    values = found.values
    whole = shop.settings.full_sql or shop.size.ratings <= shop.settings.sql_whole_up_to
    if whole:
        shop.say("refresh --all --engine sql")
        ran = shop.recsql("refresh", "--all", "--engine", "sql", "--json")
        values["refresh.sql.seconds"] = ran.seconds
        values["refresh.sql.rate"] = _lists(ran) / ran.seconds
        _remember(found, "refresh.sql.memory", ran.peak)
    shop.rows("CHECKPOINT")
    shop.say("refresh --all")
    ran = shop.recsql("refresh", "--all", "--json")
    lists = _lists(ran)
    values["refresh.sparse.seconds"] = ran.seconds
    values["refresh.sparse.lists"] = lists
    values["refresh.sparse.rate"] = lists / ran.seconds
    _remember(found, "refresh.sparse.memory", ran.peak)
    if not whole:
        shop.say(f"refresh by SQL, a sample of the {lists:,} lists")
        _sampled(shop, found)
    values["refresh.stored_bytes"] = shop.rows(
        "SELECT pg_total_relation_size('derived.also_liked')"
    )[0][0]
    return found


def _lists(ran: Ran) -> int:
    """Return how many lists a refresh says it has refreshed; one JSON list after another."""
    decoder, rest, count = json.JSONDecoder(), ran.printed.strip(), 0
    while rest:
        outcomes, end = decoder.raw_decode(rest)
        count += sum(outcome.get("refreshed", 0) for outcome in outcomes)
        rest = rest[end:].lstrip()
    return count


def _remember(found: Figures, key: str, peak: dict[str, float]) -> None:
    if peak.get("sum"):
        found.values[key] = peak["sum"]
    else:
        found.missing[key] = "this system does not tell"


def _sampled(shop: Workshop, found: Figures) -> None:
    """Refresh some lists by SQL again, and reckon from their evidence what all would take."""
    total, count, said = 0.0, 0, []
    with Watch(server=shop.server_pid) as watch:
        for kind in LISTS.values():
            lists = shop.rows(
                "SELECT movie_id, evidence FROM api.freshness"
                f" WHERE list = '{kind.name}' ORDER BY evidence DESC, movie_id"
            )
            sample = systematic(lists, shop.settings.sql_sample, shop.settings.seed)
            seconds = _refreshed(shop, kind, [movie for movie, _ in sample])
            share = sum(evidence for _, evidence in sample) / sum(e for _, e in lists)
            total += seconds / share
            count += len(lists)
            said.append(
                f"{seconds / share:,.0f} s of it {kind.said}: {len(sample):,} of {len(lists):,},"
                f" every so many by evidence, of which they hold {share:.2%}, took {seconds:.0f} s"
            )
    found.values["refresh.sql.seconds"] = total
    found.values["refresh.sql.rate"] = count / total
    basis = "; ".join(said)
    found.basis["refresh.sql.seconds"] = found.basis["refresh.sql.rate"] = basis
    _remember(found, "refresh.sql.memory", watch.peak)
    found.basis["refresh.sql.memory"] = "of the server, during that sample"


def _refreshed(shop: Workshop, kind: Kind, ids: list[int]) -> float:
    """Refresh these lists as the SQL engine does, in its batches and over as many connections."""
    batches: SimpleQueue[list[int]] = SimpleQueue()
    for start in range(0, len(ids), kind.sql_batch):
        batches.put(ids[start : start + kind.sql_batch])

    def call(_number: int) -> None:
        with shop.connection() as conn, conn.cursor() as cursor, suppress(Empty):
            # the next one is for whoever is free: the first are the heaviest
            while True:
                batch = batches.get_nowait()
                cursor.execute(f"CALL api.refresh_{kind.name}(%s, %s)", (batch, kind.depth))

    began = time.perf_counter()
    with ThreadPoolExecutor(SQL_CONNECTIONS) as pool:
        list(pool.map(call, range(SQL_CONNECTIONS)))
    return time.perf_counter() - began


def systematic(items: list[Any], count: int, seed: int) -> list[Any]:
    """Return every so many of the items, from a random start: heavy and light in their shares."""
    if len(items) <= count:
        return list(items)
    step = len(items) / count
    start = np.random.default_rng(seed).uniform(0, step)
    return [items[int(start + step * number)] for number in range(count)]
