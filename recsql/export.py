"""Files out of the database: streamed by COPY, in memory that does not grow with them."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import psycopg2
from sqlalchemy import Connection, Engine, exc

from recsql import db, sqlfiles
from recsql.errors import BadInput, RecsqlError

FORMATS = ("csv", "parquet")
IDS = ("tmdb", "movielens")
# What is exported, by the id space that movies are named in.
QUERIES = {
    ("movies", "tmdb"): "export_movies",
    ("movies", "movielens"): "export_movies_movielens",
    ("ratings", "tmdb"): "export_ratings",
    ("ratings", "movielens"): "export_ratings_movielens",
    ("links", "movielens"): "export_links",
}
# Parquet has types; all other columns are text. links.csv keeps the zeros of its imdbId.
_TYPES = {
    "userId": "int32", "movieId": "int32", "tmdbId": "int32", "movielensId": "int32",
    "rating": "float32", "timestamp": "int64", "year": "int16", "releaseDate": "date32",
    "runtime": "int32", "raters": "int32", "meanStars": "float32",
}  # fmt: skip
_BLOCK = 4 << 20

Progress = Callable[[str, int], None]


def export(
    engine: Engine,
    what: str,
    out: Path | None,
    *,
    format: str = "csv",
    ids: str = "tmdb",
    source: str | None = None,
    force: bool = False,
    progress: Progress = lambda _what, _rows: None,
) -> int:
    """Write movies, ratings or links to a file, or to stdout where `out` is None.

    Returns the number of rows. A file appears whole or not at all; one that is there is only
    replaced by `force`. `source` narrows it to what one load brought.
    """
    name = QUERIES[what, ids]
    if format == "parquet":
        _require_pyarrow()
    if out is not None and not force and out.exists():
        raise BadInput(f"{out} exists already", hint="pass --force to replace it")
    with db.begin(engine, read_only=True) as conn:
        _check_source(conn, what, source)
        query = sqlfiles.literal(name, {"p_source": source}).rstrip(";")
        statement = f"COPY (\n{query}\n) TO STDOUT (FORMAT csv, HEADER)"
        write = _write_parquet if format == "parquet" else _write_csv
        with _opened(out) as stream:
            return write(conn, statement, _Counted(stream, what, progress))


def _check_source(conn: Connection, what: str, source: str | None) -> None:
    kind = "ratings" if what == "ratings" else "movies"
    known = [row["source"] for row in db.rows(conn, "export_sources") if row["what"] == kind]
    if source is not None and source not in known:
        raise BadInput(
            f"no {kind} come from {source}",
            hint="there are some from: " + (", ".join(known) or "nowhere"),
        )


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """Open stdout, or a file beside the wanted one that takes its name when it is whole."""
    if out is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise RecsqlError(
                f"stdout cannot be written: {error.strerror or error}",
                hint="name a file with --out",
            ) from error
        return
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
    except OSError as error:
        raise RecsqlError(
            f"{out} cannot be written: {error.strerror or error}",
            hint="name another place with --out",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


class _Counted:
    """A stream that counts the lines that go through it, and keeps what went wrong."""

    def __init__(self, stream: BinaryIO, what: str, progress: Progress) -> None:
        self.stream = stream
        self.failure: BaseException | None = None
        self._what = what
        self._progress = progress
        self._lines = 0
        self._said = 0

    def write(self, chunk: bytes) -> int:
        try:
            self.stream.write(chunk)
        except BaseException as failure:
            # psycopg2 would keep nothing of it but its text
            self.failure = failure
            raise
        self._lines += chunk.count(b"\n")
        if self._lines - self._said >= 20_000:
            self._said = self._lines
            self._progress(self._what, self._lines)
        return len(chunk)


def _copy(conn: Connection, statement: str, out: _Counted) -> int:
    with conn.connection.cursor() as cursor:
        try:
            cursor.copy_expert(statement, out)  # type: ignore[arg-type]
        except psycopg2.Error as error:
            if out.failure is not None:
                raise out.failure from None
            raise exc.DBAPIError.instance(statement, None, error, psycopg2.Error) from error
        return int(cursor.rowcount)


def _write_csv(conn: Connection, statement: str, out: _Counted) -> int:
    return _copy(conn, statement, out)


def _write_parquet(conn: Connection, statement: str, out: _Counted) -> int:
    """Turn the CSV that comes out of the database into Parquet, block by block."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    target, rows = out.stream, 0
    columns = conn.exec_driver_sql(
        statement.replace("COPY (", "SELECT * FROM (").replace(
            ") TO STDOUT (FORMAT csv, HEADER)", ") AS it LIMIT 0"
        ),
        execution_options={"no_parameters": True},
    ).keys()
    with _piped(conn, statement, out) as stream:
        blocks = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(block_size=_BLOCK, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={name: getattr(pa, _TYPES.get(name, "string"))() for name in columns},
                # COPY quotes an empty text and not what is unknown
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        with parquet.ParquetWriter(target, blocks.schema, compression="zstd") as writer:
            for block in blocks:
                writer.write_batch(block)
                rows += block.num_rows
    return rows


@contextmanager
def _piped(conn: Connection, statement: str, out: _Counted) -> Iterator[BinaryIO]:
    """Run a COPY in a thread of its own, and hand over the end of the pipe that it writes to."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def pump() -> None:
        try:
            with os.fdopen(writing, "wb") as out.stream:
                _copy(conn, statement, out)
        except BaseException as failure:
            failures.append(failure)

    pumping = threading.Thread(target=pump)
    pumping.start()
    try:
        with os.fdopen(reading, "rb") as stream:
            try:
                yield stream
            finally:
                # nobody reads any more: the thread hears of it, and ends
                stream.close()
                pumping.join()
    except Exception:
        # of two failures that of the database is the cause
        if failures and not isinstance(failures[0], BrokenPipeError):
            raise failures[0] from None
        raise
    if failures:
        raise failures[0]


def _require_pyarrow() -> None:
    if importlib.util.find_spec("pyarrow") is None:
        raise RecsqlError(
            "Parquet files need the library pyarrow, which is not installed",
            hint="install it with: pip install 'recsql[parquet]'; or take --format csv",
        )
