"""The sparse engine: the sums of api._also_liked_list as one product of two matrices.

With F the fans (movies x users, one where a user gave 5.0) and R the ratings (users x movies),
F x R holds for each pair how many fans rated the other movie, with how many half-stars, and how
many liked it. The three counts share one 64-bit integer, so one product gives all of them, exactly.
The five rankings follow api._also_liked_points in the same floating-point steps.
"""

from __future__ import annotations

import multiprocessing
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sqlalchemy import Engine

from recsql import db, sqlfiles
from recsql.errors import RecsqlError

# One cell: raters in the lowest 20 bits, half-stars in 24, likes in 19. More users than this
# could overflow them.
MAX_USERS = (1 << 19) - 1
_HALF, _LIKES = 20, 44
_LIKED = 8
_FAN = 10
DAMPING = 25.0
BATCH = 64
COLUMNS = "movie_id, fans, evidence, depth, others, raters, half_stars, likes"


@dataclass
class Ratings:
    """All ratings by people, as the matrices need them."""

    movie_ids: np.ndarray
    everyone: int
    likers: np.ndarray
    matrix: sparse.csr_array
    fans: sparse.csr_array
    snapshot: str


# Places of movies, and how deep their lists are to be.
Task = tuple[np.ndarray, int]
Lists = list[tuple[Any, ...]]

_shared: Ratings | None = None


def run(engine: Engine, due: list[int], *, depth: int, memory: int) -> Iterator[int]:
    """Reckon the lists that are due, and store them; yields how many, batch by batch."""
    global _shared
    ratings = read(engine)
    width = len(ratings.movie_ids)
    held = ratings.matrix.data.nbytes + ratings.matrix.indices.nbytes
    # The product of a batch is at most dense: an index and a value a cell, twice while it grows.
    per_movie = max(width * 12 * 2, 1)
    workers = workers_for(due)
    size = int(max(1, min(BATCH, (memory - 3 * held) // (per_movie * (workers + 1)))))
    known = {int(movie): place for place, movie in enumerate(ratings.movie_ids)}
    due = [movie for movie in due if movie in known]
    batches = [
        (np.array([known[movie] for movie in due[start : start + size]]), depth)
        for start in range(0, len(due), size)
    ]
    _shared = ratings
    try:
        for lists in worked(_lists, batches, workers):
            yield store(engine, "also_liked", COLUMNS, lists, ratings.snapshot)
    finally:
        _shared = None


def workers_for(due: list[int]) -> int:
    """Return how many processes so many lists are worth."""
    return 2 if multiprocessing.cpu_count() > 1 and len(due) > 4 * BATCH else 1


def worked(work: Callable[[Task], Lists], tasks: list[Task], workers: int) -> Iterator[Lists]:
    """Yield what work makes of each task, in any order."""
    if workers == 1:
        yield from map(work, tasks)
        return
    # Forked: the matrices are shared and not copied.
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap_unordered(work, tasks)


def read(engine: Engine) -> Ratings:
    """Read all ratings by people in one pass, a message a user."""
    chunks = Arrays()
    with db.translated(), engine.connect() as conn, conn.begin():
        # One snapshot for the ratings and for what the refresh will call seen.
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = conn.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
        everyone = conn.exec_driver_sql(
            "SELECT count(*) FROM core.rater WHERE user_id > 0"
        ).scalar_one()
        # before millions of ratings are read for nothing
        if everyone > MAX_USERS:
            raise RecsqlError(
                f"{everyone:,} raters are more than the sparse engine can count ({MAX_USERS:,})",
                hint="run: recsql refresh --engine sql",
            )
        with conn.connection.cursor() as cursor:
            cursor.copy_expert(
                "COPY (SELECT array_agg(movie_id * 16::bigint + half_stars)"
                " FROM core.rating WHERE user_id > 0 GROUP BY user_id)"
                " TO STDOUT (FORMAT binary)",
                chunks,  # type: ignore[arg-type]
            )
    return _matrices(chunks, everyone, snapshot)


class Arrays:
    """Takes the binary COPY of one bigint array a row."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.lengths: list[int] = []
        self._rest = b""
        self._begun = False

    def write(self, data: bytes) -> int:
        """Take what the server sends, whole messages or not."""
        size = len(data)
        if self._rest:
            data = self._rest + data
        at = 0
        if not self._begun:
            # signature, flags, and the length of an extension
            at, self._begun = 19, True
        while len(data) - at >= 6:
            (fields,) = struct.unpack_from(">h", data, at)
            if fields < 0:
                break
            (length,) = struct.unpack_from(">i", data, at + 2)
            if len(data) - at - 6 < length:
                break
            # five integers of the array's header, then length and value of each element
            count = (length - 20) // 12
            body = np.frombuffer(data, np.uint8, count * 12, at + 26).reshape(count, 12)
            values = body[:, 4:].copy().view(">i8").ravel()
            self.parts.append(values.astype(np.int64))
            self.lengths.append(count)
            at += 6 + length
        self._rest = data[at:]
        return size


def _matrices(users: Arrays, everyone: int, snapshot: str) -> Ratings:
    packed = np.concatenate(users.parts) if users.parts else np.empty(0, np.int64)
    users.parts.clear()
    lengths = np.array(users.lengths, np.int64)
    # 32 bits as long as they do: the product then has indices of 32 bits as well
    indptr = np.concatenate(([0], np.cumsum(lengths)))
    if indptr[-1] < 2**31:
        indptr = indptr.astype(np.int32)
    half = (packed & 15).astype(np.int64)
    movies = (packed >> 4).astype(np.int32)
    del packed
    movie_ids = np.unique(movies)
    columns = np.searchsorted(movie_ids, movies).astype(np.int32)
    del movies
    shape = (len(lengths), len(movie_ids))
    liked = half >= _LIKED
    likers = np.bincount(columns[liked], minlength=len(movie_ids)).astype(np.int64)
    cells = 1 + (half << _HALF) + (liked.astype(np.int64) << _LIKES)
    matrix = sparse.csr_array((cells, columns, indptr), shape=shape)
    is_fan = half == _FAN
    rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[is_fan]
    fans = sparse.csr_array(
        (np.ones(len(rows), np.int64), (columns[is_fan], rows)), shape=(shape[1], shape[0])
    )
    return Ratings(movie_ids, everyone, likers, matrix, fans, snapshot)


def _lists(task: Task) -> Lists:
    batch, depth = task
    ratings = _shared
    assert ratings is not None
    fans = ratings.fans[batch]
    product = fans @ ratings.matrix
    found = []
    for row, place in enumerate(batch):
        start, end = product.indptr[row], product.indptr[row + 1]
        columns, cells = product.indices[start:end], product.data[start:end]
        other = columns != place
        columns, cells = columns[other], cells[other]
        count = int(fans.indptr[row + 1] - fans.indptr[row])
        if not len(columns):
            continue
        raters = cells & ((1 << _HALF) - 1)
        half = (cells >> _HALF) & ((1 << (_LIKES - _HALF)) - 1)
        likes = cells >> _LIKES
        ids = ratings.movie_ids[columns].astype(np.int64)
        kept = _leading(ids, raters, half, likes, ratings.likers[columns], count, depth, ratings)
        found.append(
            (
                int(ratings.movie_ids[place]), count, int(raters.sum()), depth,
                *(db.array(sums[kept].tolist()) for sums in (ids, raters, half, likes)),
            )
        )  # fmt: skip
    return found


def _leading(
    ids: np.ndarray,
    raters: np.ndarray,
    half: np.ndarray,
    likes: np.ndarray,
    likers: np.ndarray,
    fans: int,
    depth: int,
    ratings: Ratings,
) -> np.ndarray:
    """Return the places of what is among the first `depth` by any method, by movie id."""
    stars = half / 2.0
    points = (
        stars / raters,
        (stars + DAMPING * 0.0) / (raters + DAMPING),
        raters.astype(np.float64),
        likes.astype(np.float64),
        float(ratings.everyone) * likes / ((fans + DAMPING) * (likers + DAMPING)),
    )
    chosen = np.zeros(len(ids), bool)
    for score in points:
        whole = np.rint(1_000_000 * score).astype(np.int64)
        if len(whole) > depth:
            bar = np.partition(whole, len(whole) - depth)[len(whole) - depth]
            near = np.flatnonzero(whole >= bar)
            order = np.lexsort((ids[near], -half[near], -raters[near], -whole[near]))
            chosen[near[order[:depth]]] = True
        else:
            chosen[:] = True
            break
    places = np.flatnonzero(chosen)
    return places[np.argsort(ids[places])]


def store(engine: Engine, what: str, columns: str, lists: Lists, snapshot: str = "") -> int:
    """Replace these lists of derived.<what>, whole, by sql/load/refresh_store_<what>.sql."""
    from recsql.ingest import staging

    with db.begin(engine) as conn:
        conn.exec_driver_sql(
            "CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS"
            f" SELECT {columns} FROM derived.{what} LIMIT 0"
        )
        staging.copy_rows(conn, "fresh", columns, ([str(cell) for cell in row] for row in lists))
        db.set_local(conn, snapshot=snapshot)
        db.run_script(conn, sqlfiles.step(f"refresh_store_{what}"))
    return len(lists)
