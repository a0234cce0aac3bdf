"""Ratings out of PostgreSQL, as the matrix that models are trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sqlalchemy import Connection, Engine, exc

from recsql import db

Progress = Callable[[str, int], None]
# One row of COPY: field count, then length and value of two int4 and one int2.
_ROW = np.dtype(
    [
        ("fields", ">i2"), ("l1", ">i4"), ("user", ">i4"), ("l2", ">i4"), ("movie", ">i4"),
        ("l3", ">i4"), ("half", ">i2"),
    ]
)  # fmt: skip
_SIGNATURE = 19


@dataclass(frozen=True)
class Ratings:
    """Who gave what: users x movies, 1 to 10 half-stars where there is a rating."""

    user_ids: np.ndarray
    movie_ids: np.ndarray
    matrix: sparse.csr_array
    fingerprint: str

    @property
    def count(self) -> int:
        """How many ratings there are."""
        return int(self.matrix.nnz)

    @property
    def mean_stars(self) -> float:
        """The mean of all of them."""
        return float(self.matrix.data.astype(np.float64).mean() / 2) if self.count else 0.0

    def without(self, held_out: np.ndarray) -> Ratings:
        """Return the ratings at which the mask is False; users and movies stay in their places."""
        kept = ~held_out
        rows = np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))[kept]
        indptr = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(self.user_ids)))))
        matrix = sparse.csr_array(
            (self.matrix.data[kept], self.matrix.indices[kept], indptr), shape=self.matrix.shape
        )
        return Ratings(self.user_ids, self.movie_ids, matrix, self.fingerprint)


def read(
    engine: Engine,
    relation: str = "core.rating",
    *,
    pseudo_users: bool = False,
    progress: Progress = lambda _what, _rows: None,
) -> Ratings:
    """Read (user_id, movie_id, half_stars) out of a relation in one pass.

    `relation` is what may follow FROM: a table, a view or a subquery with an alias. Critics and
    generated users, whose keys are below zero, are left out unless asked for.
    """
    with db.translated(), engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("SET TRANSACTION READ ONLY")
        return read_on(conn, relation, pseudo_users=pseudo_users, progress=progress)


def read_on(
    conn: Connection,
    relation: str,
    *,
    pseudo_users: bool = False,
    progress: Progress = lambda _what, _rows: None,
) -> Ratings:
    """Read as `read` does, within a transaction that may see what nobody else does."""
    people = "" if pseudo_users else " WHERE user_id > 0"
    sink = _Rows(progress)
    with conn.connection.cursor() as cursor:
        statement = (
            "COPY (SELECT user_id::integer, movie_id::integer, half_stars::smallint"
            f" FROM {relation}{people} ORDER BY user_id, movie_id) TO STDOUT (FORMAT binary)"
        )
        try:
            cursor.copy_expert(statement, sink)  # type: ignore[arg-type]
        except Exception as error:
            raise _as_raised(statement, error) from error
    return sink.ratings()


def _as_raised(statement: str, error: Exception) -> Exception:
    import psycopg2

    if isinstance(error, psycopg2.Error):
        # as SQLAlchemy raises it, so that it is said plainly like all others
        return exc.DBAPIError.instance(statement, None, error, psycopg2.Error)
    return error


class _Rows:
    """Takes the binary COPY of three numbers a row, nine bytes of memory each."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._users: list[np.ndarray] = []
        self._movies: list[np.ndarray] = []
        self._halves: list[np.ndarray] = []
        self._pending: list[bytes] = []
        self._held = 0
        self._begun = False
        self._count = 0

    def write(self, data: bytes) -> int:
        """Take what the server sends, whole rows or not."""
        size = len(data)
        if not self._begun:
            data, self._begun = data[_SIGNATURE:], True
        self._pending.append(data)
        self._held += len(data)
        if self._held >= 1 << 20:
            self._take()
        return size

    def _take(self) -> None:
        whole = b"".join(self._pending)
        rows = len(whole) // _ROW.itemsize
        # the trailer is two bytes of a negative field count, shorter than a row
        found = np.frombuffer(whole, _ROW, rows)
        self._users.append(found["user"].astype(np.int32))
        self._movies.append(found["movie"].astype(np.int32))
        self._halves.append(found["half"].astype(np.int8))
        rest = whole[rows * _ROW.itemsize :]
        self._pending, self._held = [rest], len(rest)
        self._count += rows
        self._progress("ratings read", self._count)

    def ratings(self) -> Ratings:
        """Return all rows as a matrix."""
        self._take()
        users, movies, halves = (
            np.concatenate(parts) for parts in (self._users, self._movies, self._halves)
        )
        digest = hashlib.sha256()
        for part in (users, movies, halves):
            digest.update(np.ascontiguousarray(part))
        user_ids, lengths = np.unique(users, return_counts=True)
        movie_ids, columns = np.unique(movies, return_inverse=True)
        indptr = np.concatenate(([0], np.cumsum(lengths)))
        matrix = sparse.csr_array(
            (halves, columns.astype(np.int32), indptr), shape=(len(user_ids), len(movie_ids))
        )
        return Ratings(user_ids, movie_ids, matrix, digest.hexdigest()[:16])
