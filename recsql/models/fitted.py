"""What a training hands back: rows to be stored, and how ratings enter them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from recsql.models.ratings import Ratings

MILLION = 1_000_000
# What a mean of few ratings is pulled towards the mean of all with: ratings at that mean.
MOVIE_DAMPING = 10.0
USER_DAMPING = 5.0


@dataclass
class Fitted:
    """A trained model, of one of three families.

    item:   weights, movies x movies: what a rating of the row's movie says for the column's.
    factor: taste and place, a row a movie; raters, a row a user, where they are to be found.
    user:   pool, the places of the users who may be asked, their profiles, and how many are.
    """

    family: str
    grades: np.ndarray | None = None  # of 1 to 10 half-stars; None: the input is the residual
    ranks_by: str = "score"
    weights: sparse.csr_array | None = None
    taste: np.ndarray | None = None
    place: np.ndarray | None = None
    raters: np.ndarray | None = None
    base: np.ndarray | None = None  # what each movie gets beforehand (ranks_by base)
    pool: np.ndarray | None = None
    profiles: sparse.csr_array | None = None
    neighbours: int = 0
    metrics: dict[str, Any] = field(default_factory=dict)
    # of users and movies in their places, by the vectors that training itself has found
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    slope: float = 0.0
    power: float = 0.0
    error_low: float = -4.5
    error_high: float = 4.5


def millionths(values: np.ndarray) -> np.ndarray:
    """Return values as the whole millionths that are stored."""
    return np.rint(np.asarray(values, np.float64) * MILLION).astype(np.int64)


def movie_means(ratings: Ratings) -> np.ndarray:
    """Return the damped mean of each movie, in stars."""
    matrix = ratings.matrix
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    sums = np.bincount(matrix.indices, weights=matrix.data / 2, minlength=matrix.shape[1])
    return (sums + MOVIE_DAMPING * ratings.mean_stars) / (counts + MOVIE_DAMPING)


def residuals(ratings: Ratings) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """Return what the baseline leaves of each rating, in stars, the offsets and the means."""
    matrix = ratings.matrix
    means = movie_means(ratings)
    left = matrix.data / 2 - means[matrix.indices]
    rows = rows_of(matrix)
    counts = np.diff(matrix.indptr)
    sums = np.bincount(rows, weights=left, minlength=matrix.shape[0])
    offsets = sums / (counts + USER_DAMPING)
    return (
        sparse.csr_array((left - offsets[rows], matrix.indices, matrix.indptr), shape=matrix.shape),
        offsets,
        means,
    )


def rows_of(matrix: sparse.csr_array) -> np.ndarray:
    """Return the row of each stored value."""
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


def graded(ratings: Ratings, grades: np.ndarray) -> sparse.csr_array:
    """Return the matrix with grades in place of half-stars; what counts nothing is left out."""
    matrix = ratings.matrix
    found = sparse.csr_array(
        (grades[matrix.data.astype(np.intp) - 1], matrix.indices.copy(), matrix.indptr.copy()),
        shape=matrix.shape,
    )
    found.eliminate_zeros()
    return found


def strongest(dense: np.ndarray, kept: int, *, of_all: bool = False) -> sparse.csr_array:
    """Return the `kept` greatest weights of each row by size, none of them zero.

    With `of_all` so many a row on average, wherever they are.
    """
    rows, width = dense.shape
    bars = np.zeros(rows)
    if width > kept and of_all:
        sizes = np.abs(dense).ravel()
        bars[:] = np.partition(sizes, len(sizes) - kept * rows)[len(sizes) - kept * rows]
        del sizes
    elif width > kept:
        for place, row in enumerate(dense):
            bars[place] = np.partition(np.abs(row), width - kept)[width - kept]
    indices, values, lengths = [], [], []
    for row, bar in zip(dense, bars, strict=True):
        near = np.flatnonzero(np.abs(row) >= max(bar, 0.5 / MILLION))
        indices.append(near)
        values.append(row[near])
        lengths.append(len(near))
    return sparse.csr_array(
        (
            np.concatenate(values),
            np.concatenate(indices).astype(np.int32),
            np.concatenate(([0], np.cumsum(lengths))),
        ),
        shape=dense.shape,
    )
