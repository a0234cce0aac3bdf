"""Trains twice: without some ratings, to measure on them, and with all, to be stored."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np

from recsql.errors import RecsqlError
from recsql.models import calibrate
from recsql.models.declared import Model
from recsql.models.fitted import Fitted
from recsql.models.ratings import Progress, Ratings


def trained(ready: Model, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Return the model trained on all ratings, with figures of one that had not seen some."""
    fit = fit_of(ready)
    held = calibrate.held_out(ratings, np.random.default_rng(seed))
    measured = None
    if held.any():
        rest = ratings.without(held)
        trial = fit(ready, rest, seed, progress)
        _check_finite(trial)
        measured = calibrate.measure(trial, rest, ratings, held)
        del trial
    fitted: Fitted = fit(ready, ratings, seed, progress)
    _check_finite(fitted)
    if measured is not None:
        measured.put_into(fitted)
    return fitted


def fit_of(ready: Model) -> Callable[[Model, Ratings, int, Progress], Fitted]:
    """Return the function that trains this model: of its name, in the module it is at home in."""
    module = import_module(f"recsql.models.{ready.HOME}")
    return getattr(module, ready.NAME.replace("-", "_"))


def _check_finite(fitted: Fitted) -> None:
    weights = fitted.weights.data if fitted.weights is not None else None
    for part in (fitted.taste, fitted.place, weights):
        if part is not None and not np.isfinite(part).all():
            raise RecsqlError(
                "the training ran off to infinity; nothing was stored",
                hint="give a smaller --rate or a greater regulariser",
            )
