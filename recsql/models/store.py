"""Writes a trained model: one transaction, in which it takes the place of the run before it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from recsql import db, sqlfiles
from recsql.errors import RecsqlError
from recsql.ingest.staging import copy_rows
from recsql.models.fitted import USER_DAMPING, Fitted, millionths, movie_means
from recsql.models.ratings import Progress, Ratings

EXTENSION = "vector"


def require_pgvector(engine: Engine) -> None:
    """Make sure that a factor model can be read again, before anything is trained.

    They are read with pgvector: where the server has it, it is put into a schema of its own.
    Raises RecsqlError where it has not.
    """
    with db.begin(engine) as conn:
        if conn.scalar(
            text("SELECT 1 FROM pg_extension WHERE extname = :name"), {"name": EXTENSION}
        ):
            return
        if not conn.scalar(
            text("SELECT 1 FROM pg_available_extensions WHERE name = :name"), {"name": EXTENSION}
        ):
            raise RecsqlError(
                "factor models need pgvector, which this PostgreSQL server does not have",
                hint="install pgvector (Debian: apt install postgresql-NN-pgvector), or train an"
                " item model, which needs no extension: recsql train ease",
            )
        db.run_script(conn, sqlfiles.step("train_pgvector"))


def save(
    engine: Engine,
    fitted: Fitted,
    ratings: Ratings,
    facts: dict[str, Any],
    began: float,
    progress: Progress,
) -> tuple[int, float]:
    """Store a run with its rows; return its run_id and the seconds since `began`."""
    with db.begin(engine) as conn:
        if facts["state"] == "current":
            db.set_local(conn, model=facts["model"])
            db.run_script(conn, sqlfiles.step("train_swap"))
        run_id = _run(conn, fitted, ratings, facts)
        for table, columns, rows in _tables(run_id, fitted, ratings):
            copy_rows(conn, table, columns, rows)
            progress(f"rows of {table}", 0)
        db.run_script(conn, sqlfiles.step("train_analyze"))
        seconds = round(time.monotonic() - began, 3)
        conn.execute(
            text("UPDATE derived.model_run SET seconds = :seconds WHERE run_id = :run_id"),
            {"seconds": seconds, "run_id": run_id},
        )
    return run_id, seconds


def _run(conn: Connection, fitted: Fitted, ratings: Ratings, facts: dict[str, Any]) -> int:
    grades = fitted.grades if fitted.grades is not None else np.zeros(10)
    return conn.execute(
        text(
            "INSERT INTO derived.model_run (model, family, state, input, grades, ranks_by,"
            " neighbours, mean_stars, user_damping, slope, power, error_low, error_high,"
            " parameters, seed, fingerprint, ratings, raters, movies, seconds, metrics)"
            " VALUES (:model, :family, :state, :input, :grades, :ranks_by, :neighbours,"
            " :mean_stars, :user_damping, :slope, :power, :error_low, :error_high,"
            " CAST(:parameters AS jsonb), :seed, :fingerprint, :ratings, :raters, :movies, 0,"
            " CAST(:metrics AS jsonb)) RETURNING run_id"
        ),
        {
            "model": facts["model"],
            "family": fitted.family,
            "state": facts["state"],
            "input": "residuals" if fitted.grades is None else "grades",
            "grades": millionths(grades).tolist(),
            "ranks_by": fitted.ranks_by,
            "neighbours": fitted.neighbours,
            "mean_stars": ratings.mean_stars,
            "user_damping": USER_DAMPING,
            "slope": fitted.slope,
            "power": fitted.power,
            "error_low": fitted.error_low,
            "error_high": fitted.error_high,
            "parameters": json.dumps(facts["parameters"]),
            "seed": facts["seed"],
            "fingerprint": ratings.fingerprint,
            "ratings": ratings.count,
            "raters": len(ratings.user_ids),
            "movies": len(ratings.movie_ids),
            "metrics": json.dumps(fitted.metrics),
        },
    ).scalar_one()


Rows = Iterable[list[str | None]]


def _tables(run_id: int, fitted: Fitted, ratings: Ratings) -> Iterator[tuple[str, str, Rows]]:
    run, ids = str(run_id), ratings.movie_ids
    means = movie_means(ratings)
    base = fitted.base if fitted.base is not None else np.zeros(len(ids))
    yield (
        "derived.model_movie",
        "run_id, movie_id, mean_stars, base",
        (
            [run, str(movie), repr(float(mean)), repr(float(given))]
            for movie, mean, given in zip(ids, means, base, strict=True)
        ),
    )
    if fitted.weights is not None:
        weights = fitted.weights
        values, others = millionths(weights.data), ids[weights.indices]
        yield (
            "derived.movie_weight",
            "run_id, movie_id, others, weights",
            (
                [run, str(movie), _array(others[a:b]), _array(values[a:b])]
                for movie, a, b in _spans(ids, weights.indptr)
                if a < b
            ),
        )
    if fitted.place is not None:
        assert fitted.taste is not None
        yield (
            "derived.movie_factor",
            "run_id, movie_id, taste, place",
            (
                [run, str(movie), _array(taste), _array(place)]
                for movie, taste, place in zip(
                    ids, _single(fitted.taste), _single(fitted.place), strict=True
                )
            ),
        )
    if fitted.raters is not None:
        yield (
            "derived.rater_factor",
            "run_id, user_id, place",
            (
                [run, str(user), _array(place)]
                for user, place in zip(ratings.user_ids, _single(fitted.raters), strict=True)
            ),
        )
    if fitted.profiles is not None:
        yield from _profiles(run, fitted, ratings)


def _profiles(run: str, fitted: Fitted, ratings: Ratings) -> Iterator[tuple[str, str, Rows]]:
    from recsql.models.user import shares_of

    assert fitted.pool is not None and fitted.profiles is not None
    profiles, users = fitted.profiles, ratings.user_ids[fitted.pool]
    grades = millionths(profiles.data)
    yield (
        "derived.rater_profile",
        "run_id, user_id, movies, grades",
        (
            [run, str(user), _array(ratings.movie_ids[profiles.indices[a:b]]), _array(grades[a:b])]
            for user, a, b in _spans(users, profiles.indptr)
        ),
    )
    by_movie = shares_of(profiles).tocsc()
    shares = millionths(by_movie.data)
    yield (
        "derived.movie_rater",
        "run_id, movie_id, raters, shares",
        (
            [run, str(movie), _array(users[by_movie.indices[a:b]]), _array(shares[a:b])]
            for movie, a, b in _spans(ratings.movie_ids, by_movie.indptr)
            if a < b
        ),
    )


def _spans(ids: np.ndarray, indptr: np.ndarray) -> Iterator[tuple[int, int, int]]:
    return zip(ids.tolist(), indptr[:-1].tolist(), indptr[1:].tolist(), strict=True)


def _single(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def _array(values: np.ndarray) -> str:
    return db.array(values.tolist())
