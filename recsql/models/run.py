"""From ratings in PostgreSQL to a trained model in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine

from recsql.errors import BadInput, RecsqlError
from recsql.models import calibrate, options, store
from recsql.models.factor import Als, Nmf, Pca, Svd
from recsql.models.fitted import Fitted
from recsql.models.gradient import Sgd
from recsql.models.item import Cosine, Ease
from recsql.models.ratings import Progress, Ratings, read
from recsql.models.user import UserCosine

MODELS: dict[str, type] = {
    "cosine": Cosine,
    "ease": Ease,
    "svd": Svd,
    "pca": Pca,
    "nmf": Nmf,
    "sgd": Sgd,
    "als": Als,
    "user-cosine": UserCosine,
}
SEED = 7
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
    progress: Progress = lambda _what, _rows: None,
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
    maker = _maker(model)
    ready = options.made(maker, given or {})
    if hasattr(ready, "settled"):
        ready = ready.settled()
    if critics and getattr(maker, "TAKES_CRITICS", False) is False:
        raise BadInput(
            f"{model} does not train with critics",
            hint="use one of: "
            + ", ".join(n for n, m in MODELS.items() if getattr(m, "TAKES_CRITICS", False)),
        )
    store.require(engine, getattr(maker, "FAMILY", "item"))
    if isinstance(ratings, str):
        ratings = read(engine, ratings, pseudo_users=critics, progress=progress)
    _check(model, ready, ratings)
    fitted = _measured(ready, ratings, seed, progress)
    parameters = {**asdict(ready), "critics": critics} if critics else asdict(ready)
    facts = {
        "model": model,
        "state": state,
        "seed": seed,
        "parameters": parameters,
    }
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


def _maker(model: str) -> type:
    if model not in MODELS:
        raise BadInput(f"unknown model: {model}", hint="use one of: " + ", ".join(MODELS))
    return MODELS[model]


def _check(model: str, ready: Any, ratings: Ratings) -> None:
    if ratings.count < MIN_RATINGS or len(ratings.movie_ids) < 2 or len(ratings.user_ids) < 2:
        raise RecsqlError(
            f"{ratings.count} ratings of {len(ratings.movie_ids)} movies by"
            f" {len(ratings.user_ids)} people are too few to train on",
            hint="load some: recsql load movielens, or recsql load demo",
        )
    most = getattr(ready, "max_movies", None)
    if most is not None and len(ratings.movie_ids) > most:
        raise RecsqlError(
            f"{model} would need a matrix of {len(ratings.movie_ids):,} movies squared;"
            f" it is limited to {most:,}",
            hint=f"with memory enough: --max-movies {len(ratings.movie_ids)};"
            " als and svd need no such matrix",
        )


def _measured(ready: Any, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train twice: without some ratings, to measure on them, and with all."""
    held = calibrate.held_out(ratings, np.random.default_rng(seed))
    measured = None
    if held.any():
        rest = ratings.without(held)
        trial = ready.fit(rest, seed, progress)
        measured = calibrate.measure(trial, rest, ratings, held)
    fitted: Fitted = ready.fit(ratings, seed, progress)
    if measured is not None:
        measured.put_into(fitted)
    _check_finite(fitted)
    return fitted


def _check_finite(fitted: Fitted) -> None:
    parts: Iterable[np.ndarray | None] = (
        fitted.taste, fitted.place, fitted.weights.data if fitted.weights is not None else None,
    )  # fmt: skip
    if any(part is not None and not np.isfinite(part).all() for part in parts):
        raise RecsqlError(
            "the training ran off to infinity; nothing was stored",
            hint="give a smaller --rate or a greater regulariser",
        )
