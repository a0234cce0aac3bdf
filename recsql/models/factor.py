"""Factor models: a few numbers a movie, out of all ratings at once.

A user stands where the tastes of what they rated add up to, so nobody is ever retrained for.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from recsql.errors import RecsqlError
from recsql.models.declared import Als, Nmf, Pca, Svd
from recsql.models.fitted import Fitted, graded, residuals
from recsql.models.ratings import Progress, Ratings


def svd(model: Svd, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings."""
    grades = np.arange(1, 11) / 10
    x = graded(ratings, grades)
    axes = right_vectors(x, model.factors, seed)
    progress("factors", axes.shape[1])
    # The axes are orthonormal: a taste is its place, and cosines between raters are cosines
    # between their reconstructed ratings.
    return Fitted("factor", grades=grades, taste=axes, place=axes, raters=x @ axes)


def pca(model: Pca, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings."""
    left, _, _ = residuals(ratings)
    axes = right_vectors(left, model.factors, seed)
    progress("factors", axes.shape[1])
    return Fitted("factor", grades=None, ranks_by="stars", taste=axes, place=axes)


def nmf(model: Nmf, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings; the filled matrix is a constant and a sparse one, never made."""
    grades = np.arange(1, 11) / 2 - model.blanks
    x = graded(ratings, grades).astype(np.float64)
    rng = np.random.default_rng(seed)
    mean = max(model.blanks + x.sum() / (x.shape[0] * x.shape[1]), 1e-3)
    users = rng.random((x.shape[0], model.factors)) * np.sqrt(4 * mean / model.factors)
    movies = rng.random((x.shape[1], model.factors)) * np.sqrt(4 * mean / model.factors)
    across = x.T.tocsr()
    for step in range(model.steps):
        _descend(users, x @ movies + model.blanks * movies.sum(axis=0), movies)
        _descend(movies, across @ users + model.blanks * users.sum(axis=0), users)
        progress("rounds", step + 1)
    taste = folded_in(movies, model.ridge)
    # what a user of blanks alone would be told
    base = movies @ (model.blanks * taste.sum(axis=0))
    return Fitted("factor", grades=grades, ranks_by="base", taste=taste, place=movies, base=base)


def _descend(mine: np.ndarray, product: np.ndarray, theirs: np.ndarray) -> None:
    """Move one side's factors to where the error is least and nothing is negative, in place."""
    gram = theirs.T @ theirs
    for axis in range(mine.shape[1]):
        step = (product[:, axis] - mine @ gram[:, axis]) / max(gram[axis, axis], 1e-9)
        np.maximum(mine[:, axis] + step, 0, out=mine[:, axis])


def als(model: Als, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
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
        als_model = AlternatingLeastSquares(
            factors=model.factors,
            regularization=model.regularisation,
            alpha=model.confidence,
            iterations=model.steps,
            random_state=seed,
            dtype=np.float32,
        )
        als_model.fit(
            sparse.csr_matrix(x.astype(np.float32)),
            show_progress=False,
            callback=lambda step, *_: progress("rounds", step + 1),
        )
    place = np.asarray(als_model.item_factors, np.float64)
    users = np.asarray(als_model.user_factors, np.float64)
    taste = encoded(x, users, model.ridge)
    return Fitted("factor", grades=grades, taste=taste, place=place)


def right_vectors(x: sparse.csr_array, factors: int, seed: int) -> np.ndarray:
    """Return the leading right singular vectors as columns, the greatest first, signs settled."""
    kept = min(factors, min(x.shape) - 1)
    if not x.count_nonzero():
        return np.zeros((x.shape[1], kept))  # nothing varies
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
