"""Item models: how much a rating of one movie says for another, in one matrix of weights."""

from __future__ import annotations

import numpy as np
from scipy import linalg, sparse

from recsql.errors import RecsqlError
from recsql.models.declared import Cosine, Ease
from recsql.models.fitted import Fitted, graded, strongest
from recsql.models.ratings import Progress, Ratings

BLOCK = 1024


def cosine(model: Cosine, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings."""
    grades = np.arange(1, 11) / 10
    x = graded(ratings, grades)
    weights = pairs(x)
    progress("pairs of movies", weights.shape[0])
    length = np.sqrt(np.maximum(weights.diagonal(), 1e-12)).astype(np.float32)
    weights /= length[:, None]
    weights /= length[None, :]
    x.data = np.ones_like(x.data)
    common = pairs(x)
    weights *= common / np.maximum(common + np.float32(model.shrink), 1)
    np.fill_diagonal(weights, 0)
    return Fitted("item", grades=grades, weights=strongest(weights, model.kept))


def ease(model: Ease, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings: one inverse of a matrix movies x movies."""
    grades = np.array(model.grades)
    x = graded(ratings, grades)
    counts = np.maximum(np.diff(ratings.matrix.indptr), 1).astype(np.float64)
    # Figures are means over users: so one who rated ten times as much should not count tenfold.
    even = counts**-model.evenness
    even *= len(even) / even.sum()
    gram = pairs(x, even)
    progress("pairs of movies", gram.shape[0])
    diagonal = gram.diagonal().copy()
    gram[np.diag_indices_from(gram)] += model.ridge + model.dropout * diagonal
    inverse = _inverse(gram)
    inverse /= -inverse.diagonal()[None, :].copy()
    np.fill_diagonal(inverse, 0)
    raters = np.bincount(ratings.matrix.indices, minlength=inverse.shape[1])
    known = np.maximum(raters, 1.0) ** -model.discovery
    # of all ratings, the weights stay as large as they were
    inverse *= (known * raters.sum() / (known * raters).sum()).astype(np.float32)[None, :]
    progress("weights", inverse.shape[0])
    return Fitted("item", grades=grades, weights=strongest(inverse, model.kept, of_all=True))


def pairs(x: sparse.csr_array, weights: np.ndarray | None = None) -> np.ndarray:
    """Return x' diag(weights) x, made of dense blocks of rows: faster than a sparse product."""
    total = np.zeros((x.shape[1], x.shape[1]), np.float32)
    scale = np.ones(x.shape[0]) if weights is None else np.sqrt(weights)
    for start in range(0, x.shape[0], BLOCK):
        block = x[start : start + BLOCK].toarray()
        block *= scale[start : start + BLOCK, None]
        block = block.astype(np.float32)
        total += block.T @ block
    return total


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Invert a symmetric positive definite matrix, which is lost."""
    factor, failed = linalg.lapack.spotrf(gram, lower=True, overwrite_a=True)
    if not failed:
        factor, failed = linalg.lapack.spotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise RecsqlError("the matrix of pairs cannot be inverted", hint="give a greater --ridge")
    upper = np.triu(factor.T, 1)
    factor = np.tril(factor)
    factor += upper
    return factor
