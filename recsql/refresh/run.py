"""Which lists are due, in what batches, and what became of them."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

from recsql import db, sqlfiles
from recsql.errors import BadInput, RecsqlError

ENGINES = ("sparse", "sql")
# Fewer fans than this are reckoned live within some milliseconds, and are always fresh. Measured at
# 38 million ratings: with 100 the slowest 1% of lists take 35 ms, with 25 they take 11 ms.
MIN_FANS = 25
# Measured at 38 million ratings: 99.6% of what people look at has so many raters.
MIN_RATERS = 25
# From so many on a visitor would notice the wait.
SLOW_FANS = 500
# A list is stale when more than this share of what it rests on has changed.
STALE_SHARE = 0.01
# The batches of the SQL engine do not depend on each other.
SQL_CONNECTIONS = 2

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Kind:
    """One kind of stored list. Its statements are files: refresh_<step>_<name>.sql."""

    name: str
    said: str
    # Whoever pages on is answered live.
    depth: int
    sql_batch: int


LISTS = {
    # ten pages of ten by every method
    "also_liked": Kind("also_liked", "also-liked lists", 100, 20),
    # a page of ten and five times "load more", by both methods
    # (a batch begins with a look at all movies: 0.15 s at 77,000)
    "similar_movies": Kind("similar_movies", "similar lists", 20, 125),
}


@dataclass
class Outcome:
    """What a refresh did."""

    engine: str
    due: int = 0
    refreshed: int = 0
    dropped: int = 0
    seconds: float = 0.0
    lists: dict[str, int] = field(default_factory=dict)


def refresh(
    engine: Engine,
    *,
    everything: bool = False,
    by: str = "sparse",
    memory: int = 4 << 30,
    min_fans: int = MIN_FANS,
    min_raters: int = MIN_RATERS,
    lists: tuple[str, ...] = tuple(LISTS),
    progress: Progress = lambda _what, _rows: None,
) -> Outcome:
    """Reckon lists that are missing or stale, or all of them.

    Each list is replaced whole and readers never wait. A run over everything that was cut off is
    taken up where it stopped. Raises RecsqlError where another refresh is running.
    """
    if by not in ENGINES:
        raise BadInput(f"unknown engine: {by}", hint="use one of: " + ", ".join(ENGINES))
    began = time.monotonic()
    outcome = Outcome(by)
    with engine.connect() as lock:
        # Held by the session, over all the transactions below.
        if not lock.scalar(text("SELECT pg_try_advisory_lock(hashtext('recsql.refresh'))")):
            raise RecsqlError("another refresh is running", hint="wait for it to end")
        lock.commit()
        try:
            for name in lists:
                least = min_fans if name == "also_liked" else min_raters
                _refresh(engine, LISTS[name], everything, least, memory, outcome, progress)
        finally:
            lock.execute(text("SELECT pg_advisory_unlock(hashtext('recsql.refresh'))"))
            lock.commit()
    outcome.seconds = time.monotonic() - began
    return outcome


def _refresh(
    engine: Engine,
    kind: Kind,
    everything: bool,
    least: int,
    memory: int,
    outcome: Outcome,
    progress: Progress,
) -> None:
    whole = everything or (kind.name == "similar_movies" and _all_stale(engine))
    if whole:
        _step(engine, f"refresh_begin_{kind.name}")
    due = _due(engine, kind, least, whole)
    outcome.due += len(due)
    outcome.dropped += _step(engine, f"refresh_drop_{kind.name}", least=str(least))
    refreshed = 0
    for done in _batches(engine, outcome.engine, kind, due, memory):
        refreshed += done
        progress(kind.said, refreshed)
    outcome.refreshed += refreshed
    outcome.lists[kind.name] = refreshed
    if whole:
        _step(engine, f"refresh_finish_{kind.name}")
    if refreshed:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"VACUUM (ANALYZE) derived.{kind.name}"))
            conn.execute(text("VACUUM (ANALYZE) derived.also_liked_change, derived.similar_change"))


def watch(
    engine: Engine, seconds: float, each: Callable[[Outcome], None], **options: object
) -> None:
    """Refresh what is stale, then wait to be told of changes, for ever; once in `seconds`."""
    connection = engine.raw_connection()
    try:
        connection.set_session(autocommit=True)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("LISTEN recsql_stale")
        driver = connection.driver_connection
        while True:
            each(refresh(engine, **options))  # type: ignore[arg-type]
            time.sleep(seconds)
            while not driver.notifies:  # type: ignore[union-attr]
                select.select([driver], [], [], 60)
                driver.poll()  # type: ignore[union-attr]
            driver.notifies.clear()  # type: ignore[union-attr]
    finally:
        connection.invalidate()
        connection.close()


def lists_due(engine: Engine, *, min_fans: int = MIN_FANS) -> list[int]:
    """Return the movies whose also-liked lists are missing or stale, most fans first."""
    return _due(engine, LISTS["also_liked"], min_fans, False)


def _due(engine: Engine, kind: Kind, least: int, whole: bool) -> list[int]:
    with db.begin(engine) as conn:
        if whole:
            found = db.rows(conn, f"refresh_all_{kind.name}", p_least=least)
        else:
            found = db.rows(
                conn, f"refresh_stale_{kind.name}", p_least=least, p_stale_share=STALE_SHARE
            )
    return [row["movie_id"] for row in found]


def _all_stale(engine: Engine) -> bool:
    """Tell whether so many movies have changed that their log is to be emptied by a whole run."""
    with db.begin(engine) as conn:
        found = db.row(conn, "refresh_due_whole", p_stale_share=STALE_SHARE)
    return bool(found and found["is_due"])


def _step(engine: Engine, name: str, **settings: str) -> int:
    """Run sql/load/<name>.sql in a transaction of its own; return how many rows it touched last."""
    with db.begin(engine) as conn:
        db.set_local(conn, **settings)
        ran = conn.exec_driver_sql(sqlfiles.step(name), execution_options={"no_parameters": True})
        return ran.rowcount


def _batches(engine: Engine, by: str, kind: Kind, due: list[int], memory: int) -> Iterator[int]:
    if not due:
        return
    if by == "sparse":
        from recsql.refresh import similar, sparse

        run = sparse.run if kind.name == "also_liked" else similar.run
        yield from run(engine, due, depth=kind.depth, memory=memory)
        return

    def call(batch: list[int]) -> int:
        with db.begin(engine) as conn:
            conn.execute(
                text(f"CALL api.refresh_{kind.name}(CAST(:ids AS integer[]), :depth)"),
                {"ids": batch, "depth": kind.depth},
            )
        return len(batch)

    batches = [due[start : start + kind.sql_batch] for start in range(0, len(due), kind.sql_batch)]
    with ThreadPoolExecutor(SQL_CONNECTIONS) as pool:
        try:
            yield from pool.map(call, batches)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
