"""For whom suggestions are due, in what batches, and what became of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from recsql import db, sqlfiles
from recsql.errors import RecsqlError

# The movies of a batch are scored so many at a time: what bounds the memory of the server.
MOVIES_PER_BATCH = 50
MOVIES = 250
USERS_PER_BATCH = 1000
REUSE_DAYS = 7
ACTIVE_DAYS = 7
# Batches at a time, each on a connection of its own.
JOBS = 2

Progress = Callable[[str, int], None]


@dataclass
class Outcome:
    """What a run of suggestions did."""

    model: str
    due: int
    users: int = 0
    suggestions: int = 0
    seconds: float = 0.0


def suggest(
    engine: Engine,
    *,
    model: str | None = None,
    start: int = 0,
    max_movies: int = MOVIES,
    offset: int = MOVIES_PER_BATCH,
    users: int = USERS_PER_BATCH,
    active_days: int = ACTIVE_DAYS,
    reuse_days: int = REUSE_DAYS,
    jobs: int = JOBS,
    progress: Progress = lambda _what, _rows: None,
) -> Outcome:
    """Store suggestions for users who have none that are young enough.

    Each batch of users lands whole or not at all, and readers never wait; `jobs` of them are made
    at a time. A run that was cut off is taken up where it stopped: whoever has fresh suggestions
    is not due again.
    Raises BadInput for a model that is not trained, RecsqlError where another run is at it.
    """
    began = time.monotonic()
    with engine.connect() as lock, db.translated():
        # Held by the session, over all the transactions below.
        if not lock.scalar(text("SELECT pg_try_advisory_lock(hashtext('recsql.suggest'))")):
            raise RecsqlError(
                "suggestions are being made by another process", hint="wait for it to end"
            )
        lock.commit()
        try:
            with db.begin(engine, read_only=True) as conn:
                run_id = conn.scalar(text("SELECT api._trained_run(:model, 6)"), {"model": model})
                due = [
                    row["user_id"]
                    for row in db.rows(
                        conn,
                        "suggest_due",
                        p_active_days=active_days,
                        p_reuse_days=reuse_days,
                        p_start=start,
                        p_max=max_movies,
                    )
                ]
                scoring, name = _scoring(conn, run_id)
            outcome = Outcome(name, len(due))
            batches = iter([due[first : first + users] for first in range(0, len(due), users)])
            turn, halted = threading.Lock(), threading.Event()

            def work() -> None:
                """Take batches until there is none left, or one has failed."""
                try:
                    while not halted.is_set():
                        with turn:
                            batch = next(batches, None)
                        if batch is None:
                            return
                        with db.begin(engine) as conn:
                            stored = _batch(
                                conn, batch, run_id, scoring, start, max_movies, offset, reuse_days
                            )
                        with turn:
                            outcome.suggestions += stored
                            outcome.users += len(batch)
                            progress("users", outcome.users)
                except BaseException:
                    halted.set()
                    raise

            with ThreadPoolExecutor(jobs) as workers:
                try:
                    for done in [workers.submit(work) for _ in range(jobs)]:
                        done.result()
                finally:
                    halted.set()
        finally:
            lock.execute(text("SELECT pg_advisory_unlock(hashtext('recsql.suggest'))"))
            lock.commit()
    if outcome.users:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM (ANALYZE) core.suggestion, core.suggestion_list"))
    outcome.seconds = time.monotonic() - began
    return outcome


def _scoring(conn: Connection, run_id: int | None) -> tuple[str | None, str]:
    """Return the step that scores by this run, None where popularity does, and the model's name."""
    if run_id is None:
        return None, "popular"
    run = conn.execute(
        text("SELECT model, family FROM derived.model_run WHERE run_id = :run_id"),
        {"run_id": run_id},
    ).one()
    return f"suggest_{run.family}", run.model


def _batch(
    conn: Connection,
    users: list[int],
    run_id: int | None,
    scoring: str | None,
    start: int,
    max_movies: int,
    offset: int,
    reuse_days: int,
) -> int:
    db.set_local(
        conn,
        users=db.array(users),
        run_id="" if run_id is None else str(run_id),
        start=str(start),
        max=str(max_movies),
        reuse_days=str(reuse_days),
    )
    db.run_script(conn, sqlfiles.step("suggest_begin"))
    if scoring is not None:
        db.run_script(conn, sqlfiles.step("suggest_input"))
        db.run_script(conn, sqlfiles.step(f"{scoring}_begin"))
        for place in range(start, start + max_movies, offset):
            until = min(place + offset, start + max_movies)
            db.set_local(conn, slice_from=str(place), slice_to=str(until))
            db.run_script(conn, sqlfiles.step(scoring))
    db.run_script(conn, sqlfiles.step("suggest_store"))
    return int(conn.scalar(text("SELECT count(*) FROM pg_temp.ranked WHERE is_new")))
