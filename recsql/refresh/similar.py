"""The sparse engine for similar lists: the rows of api._similar_list by products of matrices.

One number holds what two movies share: how many features in its upper bits, the sum of their
rarity in its lower ones. A product of two matrices adds such numbers up for all pairs. The few
features that very many movies have are multiplied as dense blocks of float64, which hold whole
numbers below 2^53 exactly; the many rare ones as a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sqlalchemy import Engine

from recsql import db
from recsql.errors import RecsqlError
from recsql.refresh.sparse import BATCH, Arrays, Lists, Task, store, worked, workers_for

# 34 bits of rarity, 19 of count: together what a float64 holds exactly.
_COUNT = 34
MAX_RARITY = (1 << _COUNT) - 1
MAX_FEATURES = (1 << 19) - 1
# Measured at 77,000 movies: from here on the sparse product is the faster one.
COMMON = 128
KINDS = "{genre,keyword,company,country,language}"
COLUMNS = "movie_id, depth, features, rarities, others, bar_shared, bar_rarity, bar_rarity_alone"


@dataclass
class Catalogue:
    """The features of all movies, as the matrices need them."""

    movie_ids: np.ndarray
    feature_ids: np.ndarray
    rarity: np.ndarray
    features: sparse.csr_array  # movies x features, ones
    dense: np.ndarray  # common features x movies, ones
    rest: sparse.csr_array  # features x movies, ones; the common ones left out
    common: np.ndarray  # place of a feature among the common ones, -1 for the others


_shared: Catalogue | None = None


def run(engine: Engine, due: list[int], *, depth: int, memory: int) -> Iterator[int]:
    """Find the lists that are due, and store them; yields how many, batch by batch."""
    global _shared
    catalogue = read(engine)
    width = len(catalogue.movie_ids)
    workers = workers_for(due)
    # a batch is a block of float64, its copy in integers and what they are compared with
    size = int(
        max(1, min(BATCH, (memory - 3 * catalogue.dense.nbytes) // (width * 8 * 4 * workers)))
    )
    known = {int(movie): place for place, movie in enumerate(catalogue.movie_ids)}
    places = [known[movie] for movie in due if movie in known]
    batches = [
        (np.array(places[start : start + size]), depth) for start in range(0, len(places), size)
    ]
    _shared = catalogue
    try:
        for lists in worked(_lists, batches, workers):
            yield store(engine, "similar_movies", COLUMNS, lists)
    finally:
        _shared = None


def read(engine: Engine) -> Catalogue:
    """Read the features of all movies in one pass, a message a movie."""
    chunks = Arrays()
    with db.translated(), engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        weights = conn.exec_driver_sql(
            "SELECT feature_id, api._rarity(catalogue.movies, stats.movies) AS rarity"
            " FROM derived.feature_stats AS stats INNER JOIN core.feature USING (feature_id)"
            f" CROSS JOIN derived.catalogue WHERE kind = ANY ('{KINDS}') AND stats.movies > 0"
            " ORDER BY feature_id"
        ).all()
        with conn.connection.cursor() as cursor:
            cursor.copy_expert(
                "COPY (SELECT array_prepend(movie_id::bigint,"
                " array_agg(feature_id::bigint ORDER BY feature_id))"
                " FROM core.movie_feature INNER JOIN core.feature USING (feature_id)"
                f" WHERE kind = ANY ('{KINDS}') GROUP BY movie_id ORDER BY movie_id)"
                " TO STDOUT (FORMAT binary)",
                chunks,  # type: ignore[arg-type]
            )
    table = np.array(weights, np.int64).reshape(-1, 2)
    return _matrices(chunks, table[:, 0], table[:, 1])


def _matrices(movies: Arrays, feature_ids: np.ndarray, rarity: np.ndarray) -> Catalogue:
    movie_ids = np.array([row[0] for row in movies.parts], np.int64)
    listed = [row[1:] for row in movies.parts]
    columns = np.searchsorted(feature_ids, np.concatenate(listed)) if listed else np.empty(0, int)
    lengths = np.array([len(row) for row in listed], np.int64)
    if len(listed) and (
        lengths.max() > MAX_FEATURES or lengths.max() * int(rarity.max(initial=0)) > MAX_RARITY
    ):
        raise RecsqlError(
            f"a movie has {lengths.max():,} features, more than the sparse engine can add up",
            hint="run: recsql refresh --engine sql",
        )
    indptr = np.concatenate(([0], np.cumsum(lengths)))
    shape = (len(movie_ids), len(feature_ids))
    features = sparse.csr_array(
        (np.ones(len(columns)), columns.astype(np.int32), indptr), shape=shape
    )
    having = np.bincount(columns, minlength=len(feature_ids))
    first = np.argsort(-having, kind="stable")[:COMMON]
    common = np.full(len(feature_ids), -1)
    common[first] = np.arange(len(first))
    by_feature = sparse.csr_array(features.T)
    is_rest = sparse.diags_array((common < 0).astype(float))
    return Catalogue(
        movie_ids,
        feature_ids,
        rarity,
        features,
        by_feature[first].toarray(),
        sparse.csr_array(is_rest @ by_feature),
        common,
    )


def _lists(task: Task) -> Lists:
    batch, depth = task
    catalogue = _shared
    assert catalogue is not None
    mine = catalogue.features[batch]
    worth = (catalogue.rarity + (1 << _COUNT)).astype(np.float64)
    weighed = sparse.csr_array((worth[mine.indices], mine.indices, mine.indptr), shape=mine.shape)
    by_common = np.zeros((len(batch), len(catalogue.dense)))
    rows = np.repeat(np.arange(len(batch)), np.diff(mine.indptr))
    places = catalogue.common[mine.indices]
    by_common[rows[places >= 0], places[places >= 0]] = worth[mine.indices[places >= 0]]
    totals = by_common @ catalogue.dense
    by_rest = weighed @ catalogue.rest
    found = []
    for row, place in enumerate(batch):
        start, end = by_rest.indptr[row], by_rest.indptr[row + 1]
        near = by_rest.indices[start:end]
        total = totals[row]
        total[near] += by_rest.data[start:end]
        total[place] = 0
        both = total.astype(np.int64)
        rarity = both & MAX_RARITY
        bar = _bar(both, near, depth)
        bar_alone = _bar(rarity, near, depth)
        above = np.flatnonzero((both > bar) | (rarity > bar_alone))
        own = mine.indices[mine.indptr[row] : mine.indptr[row + 1]]
        found.append(
            (
                int(catalogue.movie_ids[place]), depth,
                db.array(catalogue.feature_ids[own].tolist()),
                db.array(catalogue.rarity[own].tolist()),
                db.array(catalogue.movie_ids[above].tolist()),
                bar >> _COUNT, bar & MAX_RARITY, bar_alone,
            )
        )  # fmt: skip
    return found


def _bar(values: np.ndarray, near: np.ndarray, depth: int) -> int:
    """Return the largest value but `depth` of them; few are read, since `near` ones are large."""
    if len(values) <= depth:
        return 0
    if len(near) > depth:
        some = values[near]
        least = np.partition(some, len(some) - depth - 1)[len(some) - depth - 1]
        values = values[values >= least]
    return int(np.partition(values, len(values) - depth - 1)[len(values) - depth - 1])
