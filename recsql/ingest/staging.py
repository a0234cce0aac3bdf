"""Streams files into the staging schema by COPY, in memory that does not grow with the file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from psycopg2 import DataError
from sqlalchemy import Connection

from recsql.ingest.records import Record, Reject

Progress = Callable[[str, int], None]
_CHUNK = 1 << 18
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Piped(io.RawIOBase):
    """Something psycopg2 can read from, made of an iterator of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = _CHUNK if size < 0 else size
        parts = [self._rest]
        held = len(self._rest)
        while held < wanted:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            held += len(chunk)
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


def copy_file(conn: Connection, statement: str, stream: BinaryIO) -> bool:
    """COPY a file as it is; False, and nothing copied, where PostgreSQL refuses a row of it."""
    savepoint = conn.begin_nested()
    try:
        _copy(conn, statement, iter(lambda: stream.read(_CHUNK), b""))
    except DataError:
        savepoint.rollback()
        return False
    savepoint.commit()
    return True


def _copy(conn: Connection, statement: str, chunks: Iterator[bytes]) -> None:
    with conn.connection.cursor() as cursor:
        cursor.copy_expert(statement, _Piped(chunks), _CHUNK)  # type: ignore[arg-type]


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
