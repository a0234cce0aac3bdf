"""Measures a training on ratings that it has not seen, and fits what turns evidence into stars.

stars = mean of the movie + offset of the user + slope * evidence / n ** power

Slope and power are fitted on one half of the users who had ratings held out, and all figures are of
the other half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from recsql.models.fitted import Fitted, graded, residuals, rows_of
from recsql.models.ratings import Ratings

USERS = 2000
SHARE = 0.2
MIN_RATINGS = 5
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
BATCH = 256


@dataclass
class Measured:
    """What was found on held-out ratings."""

    slope: float
    power: float
    error_low: float
    error_high: float
    metrics: dict[str, Any]

    def put_into(self, fitted: Fitted) -> None:
        """Let a training of all ratings predict as the one that was measured."""
        fitted.slope, fitted.power = self.slope, self.power
        fitted.error_low, fitted.error_high = self.error_low, self.error_high
        fitted.metrics = {**fitted.metrics, **self.metrics}


def held_out(ratings: Ratings, rng: np.random.Generator) -> np.ndarray:
    """Return a mask over all ratings: a fifth of those of some users, who keep the rest."""
    matrix = ratings.matrix
    mask = np.zeros(ratings.count, bool)
    enough = np.flatnonzero(np.diff(matrix.indptr) >= MIN_RATINGS)
    if len(enough) < 2:
        return mask
    # no more than a third of all users: the training measured should be like the one stored
    most = min(USERS, max(2, len(enough) // 3))
    for user in np.sort(rng.choice(enough, min(len(enough), most), replace=False)):
        start, end = matrix.indptr[user], matrix.indptr[user + 1]
        taken = max(1, round(SHARE * (end - start)))
        mask[start + rng.choice(end - start, taken, replace=False)] = True
    return mask


def measure(fitted: Fitted, rest: Ratings, ratings: Ratings, held: np.ndarray) -> Measured:
    """Compare what a training of the rest predicts with the ratings held out."""
    matrix = ratings.matrix
    users = rows_of(matrix)[held]
    movies = matrix.indices[held]
    truth = matrix.data[held] / 2
    left, offsets, means = residuals(rest)
    baseline = means[movies] + offsets[users]
    inputs = left if fitted.grades is None else graded(rest, fitted.grades)
    said = evidence(fitted, inputs, users, movies)
    counts = np.maximum(np.diff(rest.matrix.indptr)[users], 1)
    names, order = np.unique(users, return_inverse=True)
    first = order < len(names) // 2
    best = (np.inf, 0.0, 0.0)
    for power in POWERS:
        scaled = said / counts**power
        weight = float(scaled[first] @ scaled[first])
        slope = max(float(scaled[first] @ (truth - baseline)[first]) / weight, 0.0) if weight else 0
        error = _rmse(truth[first] - np.clip(baseline + slope * scaled, 0.5, 5)[first])
        if error < best[0] - 1e-9:
            best = (error, slope, power)
    _, slope, power = best
    wrong = truth - np.clip(baseline + slope * said / counts**power, 0.5, 5)
    alone = truth - np.clip(baseline, 0.5, 5)
    low, high = np.quantile(wrong[first], (0.025, 0.975)) if first.any() else (-4.5, 4.5)
    metrics = {
        "held_out": int((~first).sum()),
        "rmse": round(_rmse(wrong[~first]), 5),
        "mae": round(float(np.abs(wrong[~first]).mean()), 5),
        "rmse_baseline": round(_rmse(alone[~first]), 5),
        "mae_baseline": round(float(np.abs(alone[~first]).mean()), 5),
    }
    if fitted.predict is not None:
        own = truth - np.clip(fitted.predict(users, movies), 0.5, 5)
        metrics["rmse_as_trained"] = round(_rmse(own[~first]), 5)
        metrics["mae_as_trained"] = round(float(np.abs(own[~first]).mean()), 5)
    return Measured(float(slope), power, min(float(low), 0.0), max(float(high), 0.0), metrics)


def evidence(
    fitted: Fitted, inputs: sparse.csr_array, users: np.ndarray, movies: np.ndarray
) -> np.ndarray:
    """Return what api._model_evidence would say for these pairs, users in ascending order."""
    if fitted.family == "factor":
        assert fitted.taste is not None and fitted.place is not None
        tastes = inputs @ fitted.taste
        return np.einsum("ij,ij->i", tastes[users], fitted.place[movies].astype(np.float64))
    found = np.empty(len(users))
    for start in range(0, inputs.shape[0], BATCH):
        here = slice(*np.searchsorted(users, (start, start + BATCH)))
        if here.start == here.stop:
            continue
        batch = inputs[start : start + BATCH]
        if fitted.family == "item":
            scores = (batch @ fitted.weights).toarray()
        else:
            from recsql.models.user import scores_of

            scores = scores_of(fitted, start, batch)
        found[here] = scores[users[here] - start, movies[here]]
    return found


def _rmse(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2))) if len(errors) else 0.0
