"""Sparse products of all ratings, in a process of their own: `python -m benchmarks.products`.

Reads a binary COPY of (user_id, movie_id, half_stars), computes, and prints figures as JSON. What
is timed starts with the matrices in memory and ends with the last sum: nothing is ranked, kept or
written.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

# a row of the binary COPY: number of fields, then length and value of each
_ROW = np.dtype(
    [("fields", ">i2"), ("l1", ">i4"), ("user", ">i4"), ("l2", ">i4"), ("movie", ">i4"),
     ("l3", ">i4"), ("half", ">i2")]
)  # fmt: skip
_HEADER, _TRAILER = 19, 2
BATCH = 64
FAN = 10
NEIGHBOURS = 100

_fans: sparse.csr_array | None = None
_ratings: sparse.csr_array | None = None


def read(path: Path) -> tuple[sparse.csr_array, np.ndarray]:
    """Return the ratings, users x movies in half-stars, and the movie ids of the columns."""
    count = (path.stat().st_size - _HEADER - _TRAILER) // _ROW.itemsize
    rows = np.memmap(path, _ROW, "r", offset=_HEADER, shape=(count,))
    user_ids, users = numbered(rows["user"].astype(np.int64))
    movie_ids, movies = numbered(rows["movie"].astype(np.int64))
    half = rows["half"].astype(np.int64)
    shape = (len(user_ids), len(movie_ids))
    return sparse.coo_array((half, (users, movies)), shape=shape).tocsr(), movie_ids


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different keys in their order, and the place of each key among them."""
    first = int(keys.min())
    width = int(keys.max()) - first + 1
    if width > 4 * len(keys) + 1_000_000:
        found, places = np.unique(keys, return_inverse=True)
        return found, places.astype(np.int32)
    # by a table and not by sorting: there are tens of millions
    there = np.zeros(width, bool)
    there[keys - first] = True
    return np.flatnonzero(there) + first, (np.cumsum(there, dtype=np.int32) - 1)[keys - first]


def fans_of(ratings: sparse.csr_array, chosen: np.ndarray) -> sparse.csr_array:
    """Return who gave five stars: chosen movies x users, one each."""
    fans = ratings.copy()
    fans.data = (fans.data == FAN).astype(np.int64)
    fans.eliminate_zeros()
    return fans.T.tocsr()[chosen]


def product(fans: sparse.csr_array, ratings: sparse.csr_array, workers: int) -> dict[str, float]:
    """Multiply fans by ratings in batches, and drop what comes out."""
    global _fans, _ratings
    _fans, _ratings = fans, ratings
    starts = range(0, fans.shape[0], BATCH)
    began = time.perf_counter()
    if workers == 1:
        cells = sum(_batch(start) for start in starts)
    else:
        # forked, so that the matrices are shared
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            cells = sum(pool.imap_unordered(_batch, starts))
    return {"seconds": time.perf_counter() - began, "cells": cells}


def _batch(start: int) -> int:
    assert _fans is not None and _ratings is not None
    return int((_fans[start : start + BATCH] @ _ratings).nnz)


def implicit_model(name: str, ratings: sparse.csr_array, workers: int) -> dict[str, float]:
    """Fit one of implicit's item-to-item models: its nearest neighbours for every movie."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from implicit import nearest_neighbours

    model = getattr(nearest_neighbours, name)(K=NEIGHBOURS, num_threads=workers)
    users = sparse.csr_matrix(ratings, dtype=np.float64)
    began = time.perf_counter()
    with warnings.catch_warnings():
        # of a conversion inside it that takes no time
        warnings.simplefilter("ignore")
        model.fit(users, show_progress=False)
    return {"seconds": time.perf_counter() - began, "cells": int(model.similarity.nnz)}


def pairs(left: np.ndarray, right: np.ndarray) -> float:
    """Return how many products of two cells there are: a user's cells on both sides."""
    return float((left.astype(np.float64) * right.astype(np.float64)).sum())


def compute(
    part: str, ratings: sparse.csr_array, movie_ids: np.ndarray, stored: list[int], workers: int
) -> dict[str, Any]:
    """Compute one part: a product, or a model of implicit on five-star or on all ratings."""
    if part in ("one_core", "product"):
        fans = fans_of(ratings, np.flatnonzero(np.isin(movie_ids, stored)))
        found = product(fans, ratings, 1 if part == "one_core" else workers)
        left, right = np.asarray(fans.sum(axis=0)).ravel(), np.diff(ratings.indptr)
    else:
        if part == "fans":
            ratings = fans_of(ratings, np.arange(len(movie_ids))).T.tocsr()
        model = "ItemItemRecommender" if part == "fans" else "CosineRecommender"
        found = implicit_model(model, ratings, workers)
        left = right = np.diff(ratings.indptr)
    return {"part": part, "pairs": pairs(left, right), **found}


def main() -> None:
    """Compute what is asked for, and print a line as soon as a part is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", help="of: one_core,product,fans,all")
    parser.add_argument("ratings", type=Path, help="binary COPY of user_id, movie_id, half_stars")
    parser.add_argument("movies", type=Path, help="the movies whose lists are stored, as JSON")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    ratings, movie_ids = read(given.ratings)
    stored = json.loads(given.movies.read_text("utf-8"))
    for part in given.parts.split(","):
        found = compute(part, ratings, movie_ids, stored, given.workers)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
