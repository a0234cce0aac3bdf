"""The user model: what the raters liked who agree most with one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from recsql.models.declared import UserCosine
from recsql.models.fitted import Fitted, graded
from recsql.models.ratings import Progress, Ratings


def user_cosine(model: UserCosine, ratings: Ratings, seed: int, progress: Progress) -> Fitted:
    """Choose the raters; there is nothing to learn."""
    grades = np.arange(1, 11) / 10
    everyone = len(ratings.user_ids)
    pool = np.arange(everyone)
    if everyone > model.max_raters:
        rng = np.random.default_rng(seed)
        pool = np.sort(rng.choice(everyone, model.max_raters, replace=False))
    profiles = graded(ratings, grades)[pool]
    progress("possible neighbours", len(pool))
    return Fitted("user", grades=grades, pool=pool, profiles=profiles, neighbours=model.neighbours)


def shares_of(profiles: sparse.csr_array) -> sparse.csr_array:
    """Return each row over its length."""
    length = np.sqrt(np.maximum((profiles.multiply(profiles)).sum(axis=1), 1e-12))
    lengths = np.repeat(np.asarray(length).ravel(), np.diff(profiles.indptr))
    return sparse.csr_array(
        (profiles.data / lengths, profiles.indices, profiles.indptr), shape=profiles.shape
    )


def scores_of(fitted: Fitted, start: int, batch: sparse.csr_array) -> np.ndarray:
    """Return the evidence of all movies for the users from `start` on."""
    assert fitted.profiles is not None and fitted.pool is not None
    agreement = (batch @ shares_of(fitted.profiles).T).toarray()
    users = start + np.arange(batch.shape[0])
    # nobody is a neighbour of their own
    agreement[users[:, None] == fitted.pool[None, :]] = 0
    width = agreement.shape[1]
    if width > fitted.neighbours:
        bar = np.partition(agreement, width - fitted.neighbours, axis=1)
        agreement[agreement < bar[:, width - fitted.neighbours, None]] = 0
    return sparse.csr_array(np.maximum(agreement, 0)) @ fitted.profiles.toarray()
