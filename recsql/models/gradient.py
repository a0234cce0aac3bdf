"""Matrix factorisation by gradient descent: the plain form for small sets, and a biased one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recsql.models.declared import Sgd
from recsql.models.factor import encoded
from recsql.models.fitted import Fitted, residuals, rows_of
from recsql.models.ratings import Progress, Ratings

BATCH = 20_000


def sgd(model: Sgd, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Train on all ratings."""
    rng = np.random.default_rng(seed)
    learn = _biased if model.biased else _plain
    users, movies, predict, told = learn(model, ratings, rng, progress)
    left, _, _ = residuals(ratings)
    # A user who is not known to the training stands where their residuals lead.
    counts = np.sqrt(np.maximum(np.diff(left.indptr), 1))
    x = sparse.csr_array(
        (left.data / np.repeat(counts, np.diff(left.indptr)), left.indices, left.indptr),
        shape=left.shape,
    )
    taste = encoded(x, users - users.mean(axis=0), model.ridge)
    return Fitted(
        "factor", grades=None, ranks_by="stars", taste=taste, place=movies, predict=predict,
        metrics=told,
    )  # fmt: skip


def _plain(model: Sgd, ratings: Ratings, rng: np.random.Generator, progress: Progress):
    """Go down the error of all rated cells at once."""
    stars = ratings.matrix.astype(np.float64)
    stars.data /= 2
    rows, columns = rows_of(stars), stars.indices
    users = rng.random((stars.shape[0], model.factors))
    movies = rng.random((stars.shape[1], model.factors))
    user_counts = np.diff(stars.indptr)[:, None]
    movie_counts = np.bincount(columns, minlength=stars.shape[1])[:, None]
    error, step = np.inf, 0
    for step in range(1, model.steps + 1):
        wrong = stars.data - np.einsum("ij,ij->i", users[rows], movies[columns])
        error = float(np.mean(wrong**2))
        if error < model.stop or not np.isfinite(error):
            break
        cells = sparse.csr_array((wrong, columns, stars.indptr), shape=stars.shape)
        to_users = 2 * (cells @ movies) - model.regularisation * user_counts * users
        to_movies = 2 * (cells.T @ users) - model.regularisation * movie_counts * movies
        # One cell at a time would look again after each; all at once must not leap over.
        users += to_users * _careful(model, user_counts, movies)
        movies += to_movies * _careful(model, movie_counts, users)
        if step % 50 == 0:
            progress("steps", step)

    def predict(user: np.ndarray, movie: np.ndarray) -> np.ndarray:
        return np.einsum("ij,ij->i", users[user], movies[movie])

    return users, movies, predict, {"steps": step, "training_error": round(error, 6)}


def _careful(model: Sgd, counts: np.ndarray, others: np.ndarray) -> np.ndarray:
    steepest = 2 * float((others**2).sum(axis=1).max()) + model.regularisation
    return model.rate / np.maximum(1, model.rate * counts * steepest)


def _biased(model: Sgd, ratings: Ratings, rng: np.random.Generator, progress: Progress):
    """Go through the ratings in batches small enough that one look serves all of a batch."""
    stars = ratings.matrix
    rows, columns = rows_of(stars), stars.indices
    values = stars.data / 2
    mean = ratings.mean_stars
    # the last column of each side is its bias, that of the other side is one
    width = model.factors
    users = np.zeros((stars.shape[0], width + 1))
    movies = np.zeros((stars.shape[1], width + 1))
    users[:, :width] = rng.normal(0, 0.1, (stars.shape[0], width))
    movies[:, :width] = rng.normal(0, 0.1, (stars.shape[1], width))
    size = int(min(BATCH, max(1, len(values) // 10)))
    for epoch in range(model.epochs):
        order = rng.permutation(len(values))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            u, i = rows[batch], columns[batch]
            mine, theirs = users[u], movies[i]
            said = mean + mine[:, width] + theirs[:, width]
            said += np.einsum("ij,ij->i", mine[:, :width], theirs[:, :width])
            wrong = (values[batch] - said)[:, None]
            to_users = np.hstack([wrong * theirs[:, :width], wrong]) - (model.regularisation * mine)
            to_movies = np.hstack([wrong * mine[:, :width], wrong]) - (
                model.regularisation * theirs
            )
            _add(users, u, model.rate * to_users)
            _add(movies, i, model.rate * to_movies)
        progress("epochs", epoch + 1)

    def predict(user: np.ndarray, movie: np.ndarray) -> np.ndarray:
        return (
            mean + users[user, width] + movies[movie, width]
            + np.einsum("ij,ij->i", users[user, :width], movies[movie, :width])
        )  # fmt: skip

    return users[:, :width], movies[:, :width], predict, {"epochs": model.epochs}


def _add(to: np.ndarray, places: np.ndarray, what: np.ndarray) -> None:
    """Add rows where they belong, several of which may belong to one place."""
    chooser = sparse.csr_array(
        (np.ones(len(places)), (places, np.arange(len(places)))), shape=(len(to), len(places))
    )
    to += chooser @ what
