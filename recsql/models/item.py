"""Item models: how much a rating of one movie says for another, in one matrix of weights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import linalg, sparse

from recsql.models.fitted import Fitted, graded, strongest
from recsql.models.options import curve, option
from recsql.models.ratings import Progress, Ratings


@dataclass(frozen=True)
class Cosine:
    """Item cosine: movies are near that the same people gave stars to."""

    kept: int = option(200, "Weights kept a movie, the strongest ones.", low=1, high=5000)
    shrink: float = option(
        10.0, "Raters in common that a cosine is shrunk with: c / (c + this).", low=0
    )
    max_movies: int = option(20_000, "Refuse more movies than this: memory is 8 bytes a pair.")

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings."""
        grades = np.arange(1, 11) / 10
        x = graded(ratings, grades).astype(np.float64)
        together = (x.T @ x).toarray()
        progress("pairs of movies", together.shape[0])
        length = np.sqrt(np.maximum(together.diagonal(), 1e-12))
        seen = x.copy()
        seen.data = np.ones_like(seen.data)
        common = (seen.T @ seen).toarray()
        together /= length[:, None]
        together /= length[None, :]
        together *= common / (common + self.shrink)
        np.fill_diagonal(together, 0)
        return Fitted("item", grades=grades, weights=strongest(together, self.kept))


@dataclass(frozen=True)
class Ease:
    """EASE on graded stars, with a regulariser that grows with each movie's diagonal."""

    kept: int = option(200, "Weights kept a movie, the strongest ones.", low=1, high=5000)
    ridge: float = option(100.0, "Regulariser, the same for all movies.", low=0)
    dropout: float = option(
        0.3,
        "Regulariser that grows with how much a movie is rated, as dropout does.",
        low=0,
        high=0.95,
    )
    grades: tuple[float, ...] = field(
        default=(0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 1.0),
        metadata=curve("What 0.5, 1.0 … 5.0 stars count as input, ten numbers."),
    )
    max_movies: int = option(15_000, "Refuse more movies than this: memory is 24 bytes a pair.")

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings: one inverse of a matrix movies x movies."""
        grades = np.array(self.grades)
        x = graded(ratings, grades)
        gram = (x.T @ x).toarray()
        progress("pairs of movies", gram.shape[0])
        diagonal = gram.diagonal()
        gram[np.diag_indices_from(gram)] += (
            self.ridge + self.dropout / (1 - self.dropout) * diagonal
        )
        inverse = _inverse(gram)
        weights = inverse / -inverse.diagonal()[None, :]
        np.fill_diagonal(weights, 0)
        progress("weights", weights.shape[0])
        return Fitted("item", grades=grades, weights=strongest(weights, self.kept))


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Invert a symmetric positive definite matrix in place."""
    factor, failed = linalg.lapack.dpotrf(gram, lower=True, overwrite_a=True)
    if not failed:
        inverse, failed = linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise ValueError("the matrix cannot be inverted; give a greater --ridge")
    lower = np.tril(inverse, -1)
    return lower + lower.T + np.diag(inverse.diagonal())


__all__ = ["Cosine", "Ease", "sparse"]
