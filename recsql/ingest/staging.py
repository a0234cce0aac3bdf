"""Streams files into the staging schema by COPY, in memory that does not grow with the file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import psycopg2
from sqlalchemy import Connection, exc

from recsql.ingest.records import Record, Reject

Progress = Callable[[str, int], None]
_CHUNK = 1 << 18
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Piped(io.RawIOBase):
    """Something psycopg2 can read from, made of an iterator of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self.failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = _CHUNK if size < 0 else size
        parts = [self._rest]
        held = len(self._rest)
        try:
            while held < wanted:
                chunk = next(self._chunks, None)
                if chunk is None:
                    break
                parts.append(chunk)
                held += len(chunk)
        except BaseException as failure:
            # psycopg2 would keep nothing of it but its text.
            self.failure = failure
            raise
        whole = b"".join(parts)
        self._rest = whole[wanted:]
        return whole[:wanted]


def copy_rows(conn: Connection, table: str, columns: str, rows: Iterable[list[str | None]]) -> None:
    """COPY rows of text cells into a staging table."""

    def encoded() -> Iterator[bytes]:
        lines: list[str] = []
        for row in rows:
            cells = ("\\N" if cell is None else cell.translate(_ESCAPES) for cell in row)
            lines.append("\t".join(cells))
            if len(lines) >= 500:
                yield ("\n".join(lines) + "\n").encode()
                lines.clear()
        if lines:
            yield ("\n".join(lines) + "\n").encode()

    _copy(conn, f"COPY {table} ({columns}) FROM STDIN", encoded())


def copy_bytes(conn: Connection, statement: str, rows: bytes) -> int:
    """COPY rows that are at hand, and return how many there were."""
    return _copied(conn, statement, io.BytesIO(rows))


class _Unexpected(Exception):
    """A byte that does not belong into the file."""


def copy_file(
    conn: Connection, statement: str, stream: BinaryIO, *, alphabet: bytes = b""
) -> int | None:
    """COPY a file of one row a line as it is, and return how many there were.

    Returns None, with nothing copied, where PostgreSQL refuses a row, or takes several lines for
    one; or where there is a byte outside of `alphabet`: what more a number may be written with,
    as 0x1F or 1_000, depends on the server's version.
    """
    lines, last = 0, b"\n"

    def counted() -> Iterator[bytes]:
        nonlocal lines, last
        while chunk := stream.read(_CHUNK):
            if alphabet and chunk.translate(None, alphabet):
                raise _Unexpected
            lines += chunk.count(b"\n")
            last = chunk[-1:]
            yield chunk

    savepoint = conn.begin_nested()
    rows = -1
    try:
        rows = _copy(conn, statement, counted())
    except _Unexpected:
        pass
    except exc.DBAPIError as error:
        # 22: no such number, no such text; 54: a row without end, out of a quote never closed
        if not str(getattr(error.orig, "pgcode", None)).startswith(("22", "54")):
            raise
    if rows == lines + (last != b"\n"):
        savepoint.commit()
        return rows
    savepoint.rollback()
    return None


def _copy(conn: Connection, statement: str, chunks: Iterator[bytes]) -> int:
    piped = _Piped(chunks)
    try:
        return _copied(conn, statement, piped)
    except exc.DBAPIError:
        if piped.failure is not None:
            raise piped.failure from None
        raise


def _copied(conn: Connection, statement: str, stream: io.IOBase) -> int:
    with conn.connection.cursor() as cursor:
        try:
            cursor.copy_expert(statement, stream, _CHUNK)  # type: ignore[arg-type]
        except psycopg2.Error as error:
            # as SQLAlchemy raises it, so that it is said plainly like all others
            raise exc.DBAPIError.instance(statement, None, error, psycopg2.Error) from error
        return cursor.rowcount


class Sieve:
    """Parts records from rejects, and counts both."""

    def __init__(self, file: str, progress: Progress, kept: BinaryIO) -> None:
        """Write rejects to `kept`, as COPY takes them: there may be any number of them."""
        self.file = file
        self.read = 0
        self._progress = progress
        self._kept = kept

    def records(self, source: Iterable[Record | Reject]) -> Iterator[Record]:
        """Yield the records alone."""
        for item in source:
            self.read += 1
            if self.read % 20_000 == 0:
                self._progress(self.file, self.read)
            if isinstance(item, Reject):
                cells = (self.file, str(item.line), item.reason, item.text)
                line = "\t".join(cell.translate(_ESCAPES) for cell in cells)
                self._kept.write((line + "\n").encode())
            else:
                yield item
