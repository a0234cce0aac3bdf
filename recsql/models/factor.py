"""Factor models: a few numbers a movie, out of all ratings at once.

A user stands where the tastes of what they rated add up to, so nobody is ever retrained for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from recsql.errors import RecsqlError
from recsql.models.fitted import Fitted, graded, residuals
from recsql.models.options import option
from recsql.models.ratings import Progress, Ratings


@dataclass(frozen=True)
class Svd:
    """Truncated SVD of the movie x user matrix of stars, blanks being zero: ranks, never rates."""

    factors: int = option(50, "Singular vectors kept.", low=1, high=1000)

    FAMILY = "factor"
    TAKES_CRITICS = True

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings."""
        grades = np.arange(1, 11) / 10
        x = graded(ratings, grades)
        axes = right_vectors(x, self.factors, seed)
        progress("factors", axes.shape[1])
        # The axes are orthonormal: a taste is its place, and cosines between raters are cosines
        # between their reconstructed ratings.
        return Fitted("factor", grades=grades, taste=axes, place=axes, raters=x @ axes)


@dataclass(frozen=True)
class Pca:
    """Principal components of the stars, each movie centred on the mean of those who rated it."""

    factors: int = option(20, "Components kept.", low=1, high=1000)

    FAMILY = "factor"
    TAKES_CRITICS = True

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings."""
        left, _, _ = residuals(ratings)
        axes = right_vectors(left, self.factors, seed)
        progress("factors", axes.shape[1])
        return Fitted("factor", grades=None, ranks_by="stars", taste=axes, place=axes)


@dataclass(frozen=True)
class Nmf:
    """Non-negative factors of the whole matrix, blanks filled with one number of stars."""

    factors: int = option(20, "Factors, none of which takes anything away.", low=1, high=1000)
    blanks: float = option(3.0, "Stars that an unrated movie counts as.", low=0, high=5)
    steps: int = option(40, "Rounds of coordinate descent.", low=1, high=10_000)
    ridge: float = option(1.0, "Regulariser of the fold-in of a user.", low=0)

    FAMILY = "factor"
    TAKES_CRITICS = True

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings; the filled matrix is a constant and a sparse one, never made."""
        grades = np.arange(1, 11) / 2 - self.blanks
        x = graded(ratings, grades).astype(np.float64)
        rng = np.random.default_rng(seed)
        mean = max(self.blanks + x.sum() / (x.shape[0] * x.shape[1]), 1e-3)
        users = rng.random((x.shape[0], self.factors)) * np.sqrt(4 * mean / self.factors)
        movies = rng.random((x.shape[1], self.factors)) * np.sqrt(4 * mean / self.factors)
        across = x.T.tocsr()
        for step in range(self.steps):
            _descend(users, x @ movies + self.blanks * movies.sum(axis=0), movies)
            _descend(movies, across @ users + self.blanks * users.sum(axis=0), users)
            progress("rounds", step + 1)
        taste = folded_in(movies, self.ridge)
        # what a user of blanks alone would be told
        base = movies @ (self.blanks * taste.sum(axis=0))
        return Fitted(
            "factor", grades=grades, ranks_by="base", taste=taste, place=movies, base=base
        )


def _descend(mine: np.ndarray, product: np.ndarray, theirs: np.ndarray) -> None:
    """Move one side's factors to where the error is least and nothing is negative, in place."""
    gram = theirs.T @ theirs
    for axis in range(mine.shape[1]):
        step = (product[:, axis] - mine @ gram[:, axis]) / max(gram[axis, axis], 1e-9)
        np.maximum(mine[:, axis] + step, 0, out=mine[:, axis])


@dataclass(frozen=True)
class Als:
    """Implicit alternating least squares: whoever rates a movie prefers it, the more stars the
    surer."""

    factors: int = option(64, "Factors.", low=1, high=1000)
    regularisation: float = option(10.0, "Pulls factors towards zero.", low=0)
    confidence: float = option(2.0, "How much surer five stars are than no rating.", low=0)
    steps: int = option(10, "Rounds, each over users and movies.", low=1, high=10_000)
    ridge: float = option(100.0, "Regulariser of what a rating adds to a user.", low=0)

    FAMILY = "factor"
    TAKES_CRITICS = True

    def fit(self, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
        """Train on all ratings."""
        try:
            from implicit.cpu.als import AlternatingLeastSquares
            from threadpoolctl import threadpool_limits
        except ImportError as error:
            raise RecsqlError(
                "als needs the library implicit, which is not installed",
                hint="run: pip install 'recsql[models]'; or train ease, which needs nothing more",
            ) from error
        grades = np.arange(1, 11) / 10
        x = graded(ratings, grades)
        with threadpool_limits(1, "blas"):  # it has threads of its own
            model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularisation,
                alpha=self.confidence,
                iterations=self.steps,
                random_state=seed,
                dtype=np.float32,
            )
            model.fit(
                sparse.csr_matrix(x.astype(np.float32)),
                show_progress=False,
                callback=lambda step, *_: progress("rounds", step + 1),
            )
        place = np.asarray(model.item_factors, np.float64)
        users = np.asarray(model.user_factors, np.float64)
        taste = encoded(x, users, self.ridge)
        return Fitted("factor", grades=grades, taste=taste, place=place)


def right_vectors(x: sparse.csr_array, factors: int, seed: int) -> np.ndarray:
    """Return the leading right singular vectors as columns, the greatest first, signs settled."""
    kept = min(factors, min(x.shape) - 1)
    start = np.random.default_rng(seed).standard_normal(min(x.shape))
    _, sizes, rows = linalg.svds(x.astype(np.float64), k=kept, v0=start)
    rows = rows[np.argsort(-sizes, kind="stable")]
    signs = np.sign(rows[np.arange(kept), np.abs(rows).argmax(axis=1)])
    return (rows * signs[:, None]).T


def folded_in(place: np.ndarray, ridge: float) -> np.ndarray:
    """Return what a rating adds to a user: (Q'Q + ridge I)^-1 q for each movie."""
    gram = place.T @ place + ridge * np.eye(place.shape[1])
    return np.linalg.solve(gram, place.T).T


def encoded(x: sparse.csr_array, users: np.ndarray, ridge: float, rounds: int = 30) -> np.ndarray:
    """Return the tastes that lead from what users rated to where training has put them.

    Least squares of x @ taste = users with a ridge, by conjugate gradients: nothing as large as
    movies x movies is ever made.
    """
    across = x.T.tocsr()
    taste = np.zeros((x.shape[1], users.shape[1]))
    left = across @ users
    way = left.copy()
    size = (left**2).sum(axis=0)
    first = size.copy()
    for _ in range(rounds):
        ahead = across @ (x @ way) + ridge * way
        step = size / np.maximum((way * ahead).sum(axis=0), 1e-300)
        taste += step * way
        left -= step * ahead
        before, size = size, (left**2).sum(axis=0)
        if (size <= 1e-12 * first).all():
            break
        way = left + size / np.maximum(before, 1e-300) * way
    return taste
