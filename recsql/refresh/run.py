"""Which lists are due, in what batches, and what became of them."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, text

from recsql import db, sqlfiles
from recsql.errors import BadInput, RecsqlError

ENGINES = ("sparse", "sql")
# Ten pages of ten by every method; whoever pages on is answered live.
DEPTH = 100
# Fewer fans than this are reckoned live within some milliseconds, and are always fresh. Measured at
# 38 million ratings: with 100 the slowest 1% of lists take 35 ms, with 25 they take 11 ms.
MIN_FANS = 25
# From so many on a visitor would notice the wait.
SLOW_FANS = 500
# A list is stale when more than this share of what it rests on has changed.
STALE_SHARE = 0.01
SQL_BATCH = 20

Progress = Callable[[str, int], None]


@dataclass
class Outcome:
    """What a refresh did."""

    engine: str
    due: int
    refreshed: int = 0
    dropped: int = 0
    seconds: float = 0.0


def refresh(
    engine: Engine,
    *,
    everything: bool = False,
    by: str = "sparse",
    memory: int = 4 << 30,
    min_fans: int = MIN_FANS,
    progress: Progress = lambda _what, _rows: None,
) -> Outcome:
    """Reckon lists that are missing or stale, or all of them.

    Each list is replaced whole and readers never wait. A run over everything that was cut off is
    taken up where it stopped. Raises RecsqlError where another refresh is running.
    """
    if by not in ENGINES:
        raise BadInput(f"unknown engine: {by}", hint="use one of: " + ", ".join(ENGINES))
    began = time.monotonic()
    with engine.connect() as lock:
        # Held by the session, over all the transactions below.
        if not lock.scalar(text("SELECT pg_try_advisory_lock(hashtext('recsql.refresh'))")):
            raise RecsqlError("another refresh is running", hint="wait for it to end")
        lock.commit()
        try:
            due = _due(engine, everything, min_fans)
            outcome = Outcome(by, len(due), dropped=_drop_cheap(engine, min_fans))
            for done in _batches(engine, by, due, memory):
                outcome.refreshed += done
                progress("also-liked lists", outcome.refreshed)
            if everything:
                _finish_run(engine)
        finally:
            lock.execute(text("SELECT pg_advisory_unlock(hashtext('recsql.refresh'))"))
            lock.commit()
    if outcome.refreshed:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM (ANALYZE) derived.also_liked, derived.also_liked_change"))
    outcome.seconds = time.monotonic() - began
    return outcome


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
    """Return the movies whose lists are missing or stale, most fans first."""
    with db.begin(engine) as conn:
        found = db.rows(conn, "refresh_stale", p_min_fans=min_fans, p_stale_share=STALE_SHARE)
    return [row["movie_id"] for row in found]


def _due(engine: Engine, everything: bool, min_fans: int) -> list[int]:
    if not everything:
        return lists_due(engine, min_fans=min_fans)
    with db.begin(engine) as conn:
        db.run_script(conn, sqlfiles.step("refresh_begin"))
        return [row["movie_id"] for row in db.rows(conn, "refresh_all", p_min_fans=min_fans)]


def _drop_cheap(engine: Engine, min_fans: int) -> int:
    """Let go of lists that are soon reckoned live again, and then always fresh."""
    with db.begin(engine) as conn:
        conn.execute(
            text("SELECT set_config('recsql.min_fans', :fans, true)"), {"fans": str(min_fans)}
        )
        ran = conn.exec_driver_sql(sqlfiles.step("refresh_drop"))
        return ran.rowcount


def _finish_run(engine: Engine) -> None:
    with db.begin(engine) as conn:
        conn.execute(text("UPDATE derived.refresh_run SET finished_at = clock_timestamp()"))


def _batches(engine: Engine, by: str, due: list[int], memory: int) -> Iterator[int]:
    if not due:
        return
    if by == "sparse":
        from recsql.refresh import sparse

        yield from sparse.run(engine, due, depth=DEPTH, memory=memory)
        return
    for start in range(0, len(due), SQL_BATCH):
        batch = due[start : start + SQL_BATCH]
        with db.begin(engine) as conn:
            conn.execute(
                text("CALL api.refresh_also_liked(CAST(:ids AS integer[]), :depth)"),
                {"ids": batch, "depth": DEPTH},
            )
        yield len(batch)
