"""From ratings in PostgreSQL to a trained model in PostgreSQL.

What trains is imported when something is trained: other commands start without it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, text

from recsql import db
from recsql.errors import BadInput, NotFound, RecsqlError
from recsql.models.declared import MODELS, SEED, Model, declared

if TYPE_CHECKING:
    from recsql.models.ratings import Ratings

# Fewer say nothing about movies that nobody has seen yet.
MIN_RATINGS = 10


@dataclass(frozen=True)
class Trained:
    """What a training did."""

    run_id: int
    model: str
    family: str
    state: str
    ratings: int
    raters: int
    movies: int
    seed: int
    fingerprint: str
    seconds: float
    parameters: dict[str, Any]
    metrics: dict[str, Any]


def train(
    engine: Engine,
    model: str,
    given: Mapping[str, Any] | None = None,
    *,
    ratings: str | Ratings = "core.rating",
    seed: int = SEED,
    critics: bool = False,
    state: str = "current",
    progress: Callable[[str, int], None] = lambda _what, _rows: None,
) -> Trained:
    """Train a model and store it; the former run of a current one is kept, older ones go.

    `ratings` is what may follow FROM in SQL, with the columns user_id, movie_id and half_stars, or
    Ratings that are read already. With state "evaluation" the run is stored beside the current one
    and serves nobody who does not name its run_id. Nothing is written until all is reckoned, and
    then in one transaction. Raises BadInput for an unknown model or option, and RecsqlError where
    there is too little to train on.
    """
    began = time.monotonic()
    if state not in ("current", "evaluation"):
        raise BadInput(f"unknown state: {state}", hint="use one of: current, evaluation")
    ready = declared(model, given or {})
    if critics and not ready.TAKES_CRITICS:
        taking = ", ".join(name for name, one in MODELS.items() if one.TAKES_CRITICS)
        raise BadInput(f"{model} does not train with critics", hint=f"use one of: {taking}")
    from recsql.models import store, training
    from recsql.models.ratings import read

    if ready.FAMILY == "factor":
        store.require_pgvector(engine)
    if isinstance(ratings, str):
        ratings = read(engine, ratings, pseudo_users=critics, progress=progress)
    _check(ready, ratings)
    fitted = training.trained(ready, ratings, seed, progress)
    parameters = asdict(ready) | ({"critics": True} if critics else {})
    facts = {"model": model, "state": state, "seed": seed, "parameters": parameters}
    run_id, seconds = store.save(engine, fitted, ratings, facts, began, progress)
    return Trained(
        run_id=run_id,
        model=model,
        family=fitted.family,
        state=state,
        ratings=ratings.count,
        raters=len(ratings.user_ids),
        movies=len(ratings.movie_ids),
        seed=seed,
        fingerprint=ratings.fingerprint,
        seconds=seconds,
        parameters=parameters,
        metrics=fitted.metrics,
    )


def forget(engine: Engine, run_id: int) -> None:
    """Delete a run and its rows. Raises NotFound where there is none."""
    with db.begin(engine) as conn:
        gone = conn.execute(
            text("DELETE FROM derived.model_run WHERE run_id = :run_id"), {"run_id": run_id}
        )
        if not gone.rowcount:
            raise NotFound(f"no training has the id {run_id}", hint="see derived.model_run")


def _check(ready: Model, ratings: Ratings) -> None:
    movies, people = len(ratings.movie_ids), len(ratings.user_ids)
    if ratings.count < MIN_RATINGS or movies < 3 or people < 3:
        raise RecsqlError(
            f"{ratings.count} ratings of {movies} movies by {people} people are too few to train"
            " on",
            hint="load some: recsql load movielens DIR, or recsql load demo",
        )
    most = getattr(ready, "max_movies", None)
    if most is not None and movies > most:
        raise RecsqlError(
            f"{ready.NAME} needs a matrix of all pairs of {movies:,} movies, and is limited to"
            f" {most:,}",
            hint=f"with memory enough: --max-movies {movies}; als and svd need no such matrix",
        )
