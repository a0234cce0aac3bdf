"""Ratings that somebody brings along: the files of Letterboxd, IMDb, MovieLens, and our own.

Only shapes are read here; which movie a line means is found in SQL (api.matched_ratings).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from recsql.errors import BadInput

# More films than anybody has seen.
MOST_LINES = 50_000
LONGEST_FILE = 16 * 1024 * 1024
# Of a line of the report; a title of that length is none.
_LONGEST_TITLE = 300
_MEMBERS = ("ratings.csv", "movielens-ratings.csv")

Line = dict[str, Any]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Export:
    """A file that was understood: whose it is, and its lines for api.import_ratings."""

    kind: str
    lines: list[Line]


def read_export(content: bytes) -> Export:
    """Return the ratings of an export, CSV or a zip that holds one.

    Raises BadInput where it is none, with what would be one.
    """
    if content[:4] == b"PK\x03\x04":
        content = _unzipped(content)
    rows = csv.reader(io.StringIO(_decoded(content), newline=""), strict=False)
    try:
        names = [name.strip().lower() for name in next(rows)]
    except (StopIteration, csv.Error):
        raise BadInput("that file is empty", hint=_WANTED) from None
    known = [(kind, read) for kind, wanted, read in _KINDS if wanted <= set(names)]
    if not known:
        raise BadInput("that file is no export of ratings that we know", hint=_WANTED)
    kind, read = known[0]
    lines: list[Line] = []
    try:
        for cells in rows:
            if not any(cells):
                continue
            if len(lines) == MOST_LINES:
                raise BadInput(f"that file has more than {MOST_LINES:,} ratings", hint="split it")
            # short rows lack their last cells, and what is beyond the last name has none
            row = dict(zip(names, [*cells, *[""] * len(names)], strict=False))
            line = read(row)
            if line is not None:
                lines.append({"line": rows.line_num, **line})
    except csv.Error as error:
        raise BadInput(f"line {rows.line_num} is no CSV: {error}", hint=_WANTED) from None
    return Export(kind, lines)


def _unzipped(content: bytes) -> bytes:
    """Return the ratings of a zip. Only the member's own bytes are read, and only so many."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.filename.rsplit("/", 1)[-1] in _MEMBERS and "deleted" not in info.filename:
                    with archive.open(info) as member:
                        read = member.read(LONGEST_FILE + 1)
                    if len(read) > LONGEST_FILE:
                        raise BadInput("that zip holds more than fits", hint=_WANTED)
                    return read
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise BadInput("that zip cannot be read", hint="unpack it, and send ratings.csv") from None
    raise BadInput("there is no ratings.csv in that zip", hint=_WANTED)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # what IMDb wrote for years
        text = content.decode("cp1252", "replace")
    return text.replace("\0", "")


def _letterboxd(row: Row) -> Line:
    return _line(
        title=row["name"],
        year=row.get("year", ""),
        stars=row["rating"],
        rated_at=row.get("date", ""),
    )


def _imdb(row: Row) -> Line:
    halves = _number(row["your rating"])
    return _line(
        imdb_id=row["const"],
        title=row.get("title", ""),
        year=row.get("year", ""),
        # ten points are five stars
        stars="" if halves is None else str(halves / 2),
        rated_at=row.get("date rated", "") or row.get("modified", ""),
    )


def _movielens_site(row: Row) -> Line:
    title, year = _titled(row.get("title", ""))
    imdb = row.get("imdb_id", "").strip()
    if imdb.isascii() and imdb.isdigit():
        imdb = f"tt{int(imdb):07d}"
    return _line(
        imdb_id=imdb,
        movie_id=row.get("tmdb_id", ""),
        movielens_id=row.get("movie_id", ""),
        title=title,
        year=year,
        stars=row["rating"],
    )


def _movielens_set(row: Row) -> Line:
    return _line(
        movielens_id=row["movieid"], stars=row["rating"], rated_at=row.get("timestamp", "")
    )


def _ours(row: Row) -> Line | None:
    if row["list"] != "rating":
        return None
    return _line(
        imdb_id=row["imdb_id"],
        movie_id=row["movie_id"],
        title=row["title"],
        year=row["year"],
        stars=row["stars"],
        rated_at=row["at"],
    )


_KINDS: tuple[tuple[str, set[str], Callable[[Row], Line | None]], ...] = (
    ("recsql", {"list", "movie_id", "imdb_id", "title", "year", "stars", "at"}, _ours),
    ("Letterboxd", {"name", "rating"}, _letterboxd),
    ("IMDb", {"const", "your rating"}, _imdb),
    ("MovieLens", {"movie_id", "rating", "title"}, _movielens_site),
    ("MovieLens", {"userid", "movieid", "rating"}, _movielens_set),
)
_WANTED = (
    "send ratings.csv of Letterboxd (Settings, Data), of IMDb (Your ratings, Export), of MovieLens"
    " (About your ratings, Export), or our own"
)


def _line(
    *,
    stars: str,
    title: str = "",
    year: str = "",
    imdb_id: str = "",
    movie_id: str = "",
    movielens_id: str = "",
    rated_at: str = "",
) -> Line:
    """Return what SQL is told; a cell that is nothing is left out."""
    imdb = imdb_id.strip().lower()
    found = {
        "imdb_id": imdb if re.fullmatch(r"tt[0-9]{6,12}", imdb) else None,
        "movie_id": _whole(movie_id, 2**31 - 1),
        "movielens_id": movielens_id.strip()[:20] or None,
        "title": " ".join(title.split())[:_LONGEST_TITLE] or None,
        "year": _whole(year, 9999),
        "stars": None if (given := _number(stars)) is None else float(given),
        "rated_at": _moment(rated_at),
    }
    return {name: value for name, value in found.items() if value is not None}


def _whole(cell: str, highest: int) -> int | None:
    cell = cell.strip()
    if not re.fullmatch(r"[0-9]{1,10}", cell) or int(cell) > highest:
        return None
    return int(cell)


def _number(cell: str) -> Decimal | None:
    try:
        value = Decimal(cell.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 1_000 else None


def _moment(cell: str) -> str | None:
    """Return a date or time as ISO; seconds since 1970 are one too. The future is none."""
    cell = cell.strip()
    try:
        if re.fullmatch(r"[0-9]{9,10}", cell):
            found = datetime.fromtimestamp(int(cell), UTC)
        else:
            found = datetime.fromisoformat(cell)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        if not found.year >= 1990 or found > datetime.now(UTC):
            return None
    except (ValueError, OverflowError):
        return None
    return found.isoformat()


def _titled(text: str) -> tuple[str, str]:
    """Return title and year of "Toy Story (1995)"."""
    match = re.fullmatch(r"(.*?)\s*\(([0-9]{4})\)\s*", text)
    return (match[1], match[2]) if match else (text, "")
