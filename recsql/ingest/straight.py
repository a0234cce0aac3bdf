"""Reads a plain file of ratings in columns, and lays them out as the rows that COPY takes.

Most files hold nothing but digits, three commas a line, and a rating such as 4.5 or 4; their rows
are made here, a few hundred thousand at a time, and never pass through a table of staging. A file
with anything else in it is not for here: `NotPlain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# Read at once: some 300,000 lines. Larger pieces leave the cache of the processor, and smaller ones
# leave more pages half empty: each begins new ones.
PIECE = 8 << 20
# Movies are looked up by their place: keys beyond this are none of MovieLens.
KEYS = 10_000_000
# As staging.is_rating has it: the end of the year 2099.
_LATEST = 4102444800
# PostgreSQL counts microseconds from the year 2000.
_EPOCH = 946684800
# Of a number: eight digits in one word. Of a time: two words.
_WORD = 8
_COMMA, _DOT, _LF, _CR, _ZERO, _NINE = b",.\n\r09"

# What COPY's binary format begins and ends with.
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
# A row: the number of its fields, and each field behind its length.
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("rated_at_bytes", ">i4"), ("rated_at", ">i8"),
        ("user_id_bytes", ">i4"), ("user_id", ">i4"),
        ("movie_id_bytes", ">i4"), ("movie_id", ">i4"),
        ("half_stars_bytes", ">i4"), ("half_stars", ">i2"),
    ]
)  # fmt: skip
_BLANK = np.zeros((), _ROW)
for _name in ("rated_at", "user_id", "movie_id", "half_stars"):
    _BLANK[f"{_name}_bytes"] = _ROW[_name].itemsize
_BLANK["fields"] = 4

Numbers = NDArray[Any]


class NotPlain(Exception):
    """The file holds something that is not read here."""


@dataclass
class Piece:
    """Some lines of the file."""

    # how many, and of these how many whose time is unknown
    read: int
    without_time: int
    # raters of good ratings, in the file's order; the first may be the last one of the piece before
    user_keys: Numbers
    # rows that land, all but their rater, and which of user_keys that is
    rows: Numbers
    rater: Numbers
    timeless: Numbers
    # lines that do not, each behind its number, as CSV
    others: bytes

    def copied(self, user_ids: Sequence[int]) -> bytes:
        """Return the rows as COPY takes them, given the ids of user_keys."""
        self.rows["user_id"] = np.array(user_ids, np.int32)[self.rater]
        body = self.rows.view(np.uint8).reshape(len(self.rows), _ROW.itemsize)
        if self.timeless.any():
            # null: a length of -1, and no value
            self.rows["rated_at_bytes"][self.timeless] = -1
            kept = np.ones(body.shape, bool)
            start = _ROW.fields["rated_at"][1]  # type: ignore[index]
            kept[self.timeless, start : start + 8] = False
            body = body[kept]
        return COPY_HEAD + body.tobytes() + COPY_TAIL


class Columns:
    """The pieces of one file."""

    def __init__(
        self, stream: BinaryIO, movies: Sequence[tuple[int, int]], *, first_line: int = 1
    ) -> None:
        """Read from a stream whose header is behind it; movies are known by key and id."""
        self._stream = stream
        self._line = first_line
        self._ended_by_crlf: bool | None = None
        self._latest_user = 0
        movie_keys, movie_ids = np.array(movies, np.int64).reshape(-1, 2).T
        if len(movie_keys) and int(movie_keys.max()) >= KEYS:
            raise NotPlain
        # one place more, never known, which all larger keys share
        self._movie_ids = np.zeros(int(movie_keys.max(initial=0)) + 2, np.int32)
        self._movie_ids[movie_keys] = movie_ids
        # of each movie how often each number of half-stars was given
        self._given = np.zeros((len(self._movie_ids), 11), np.int64)

    def movies_seen(self) -> list[int]:
        """Return the keys of the movies of all rows so far that land."""
        return [int(key) for key in np.flatnonzero(self._given.any(axis=1))]

    def given(self) -> bytes:
        """Return how often each movie got each number of half-stars, as COPY takes it."""
        place, half_stars = np.nonzero(self._given)
        counted = zip(
            self._movie_ids[place].tolist(), half_stars.tolist(),
            self._given[place, half_stars].tolist(), strict=True,
        )  # fmt: skip
        return b"".join(b"%d\t%d\t%d\n" % row for row in counted)

    def pieces(self) -> Iterator[Piece]:
        """Yield the file piece by piece. Raises NotPlain."""
        rest = b""
        while chunk := self._stream.read(PIECE):
            cut = chunk.rfind(b"\n") + 1
            if cut == 0 and len(rest) > PIECE:
                raise NotPlain
            lines, rest = (rest + chunk[:cut], chunk[cut:]) if cut else (b"", rest + chunk)
            if lines:
                yield self._piece(lines)
        if rest:
            if rest.endswith(b"\r"):
                raise NotPlain
            yield self._piece(rest + (b"\r\n" if self._ended_by_crlf else b"\n"))

    def _piece(self, lines: bytes) -> Piece:
        # so that a word may be read that ends with the first number
        whole = bytes(2 * _WORD) + lines
        text = np.frombuffer(whole, np.uint8)
        starts, ends = self._cells(text)
        words = np.ndarray(len(whole) - _WORD + 1, "<u8", whole, strides=(1,))

        lengths = ends - starts
        if lengths[:2].min() < 1 or lengths[:2].max() > _WORD or lengths[3].max() > 2 * _WORD:
            raise NotPlain
        user, movie = (_number(words, ends[n], lengths[n]) for n in (0, 1))
        time = _number(words, ends[3], np.minimum(lengths[3], _WORD))
        if (more := lengths[3] > _WORD).any():
            high = _number(words, ends[3] - _WORD, np.maximum(lengths[3] - _WORD, 0))
            time += np.where(more, high, 0) * 10**_WORD
        tenths = _stars(text, starts[2], lengths[2])

        half_stars = tenths // 5
        good = (
            (user > 0) & (movie > 0) & (time <= _LATEST)
            & (half_stars >= 1) & (half_stars <= 10) & (half_stars * 5 == tenths)
        )  # fmt: skip
        place = np.minimum(movie, len(self._movie_ids) - 1)
        movie_id = self._movie_ids[place]
        landing = good & (movie_id != 0)

        first_line = self._line
        self._line += len(user)
        others = b""
        if not landing.all():
            at = np.flatnonzero(~landing)
            begins, finishes = starts[0][at] - 2 * _WORD, ends[3][at] - 2 * _WORD
            others = b"".join(
                b"%d,%b\n" % (first_line + n, lines[begin:end])
                for n, begin, end in zip(
                    at.tolist(), begins.tolist(), finishes.tolist(), strict=True
                )
            )
        raters = user[good]
        fresh = np.empty(len(raters), bool)
        fresh[:1] = True
        np.not_equal(raters[1:], raters[:-1], out=fresh[1:])
        user_keys = raters[fresh]
        if len(user_keys):
            if user_keys[0] < self._latest_user or (user_keys[1:] < user_keys[:-1]).any():
                # not in the order of its raters
                raise NotPlain
            self._latest_user = int(user_keys[-1])
        rater = np.cumsum(fresh, dtype=np.int32) - 1
        timeless = time == 0
        read, without_time = len(user), int(timeless.sum())
        if others:
            rater, place, movie_id = rater[landing[good]], place[landing], movie_id[landing]
            half_stars, time, timeless = half_stars[landing], time[landing], timeless[landing]
        np.add.at(self._given.reshape(-1), place * 11 + half_stars, 1)
        rows = np.full(len(rater), _BLANK, _ROW)
        rows["rated_at"] = (time.astype(np.int64) - _EPOCH) * 1_000_000
        rows["movie_id"] = movie_id
        rows["half_stars"] = half_stars
        return Piece(read, without_time, user_keys, rows, rater, timeless, others)

    def _cells(self, text: Numbers) -> tuple[Numbers, Numbers]:
        """Return where the four cells of each line begin, and where they end."""
        body = text[2 * _WORD :]
        at = np.flatnonzero(body < _DOT)
        at += 2 * _WORD
        marks = text[at]
        if self._ended_by_crlf is None:
            first = marks[: 4 + 1]
            self._ended_by_crlf = len(first) > 3 and first[3] == _CR
        each = 5 if self._ended_by_crlf else 4
        wanted = np.array([_COMMA] * 3 + [_CR] * (each - 4) + [_LF], np.uint8)
        if (
            len(at) % each
            or (marks.reshape(-1, each) != wanted).any()
            or (body > _NINE).any()
            or (body == _DOT + 1).any()
        ):
            raise NotPlain
        places = np.ascontiguousarray(at.reshape(-1, each).T)
        ends = places[:4]
        if each == 5 and (places[4] != places[3] + 1).any():
            raise NotPlain
        starts = np.empty_like(ends)
        starts[1:] = ends[:-1] + 1
        starts[0, 0] = 2 * _WORD
        starts[0, 1:] = places[-1, :-1] + 1
        # A dot has its place in the middle of a rating, and nowhere else.
        dots = np.count_nonzero(body == _DOT)
        rated = ends[2] - starts[2]
        dotted = rated == 3
        if dots != np.count_nonzero(dotted) or not (dotted | (rated == 1)).all():
            raise NotPlain
        if (text[starts[2][dotted] + 1] != _DOT).any():
            raise NotPlain
        return starts, ends


# By length: the bytes of a word, its last ones, that belong to a number of so many digits.
_KEPT = np.array(
    [0] + [(0x0F0F0F0F0F0F0F0F << 8 * (_WORD - n)) & (1 << 64) - 1 for n in range(1, _WORD + 1)],
    np.uint64,
)


def _number(words: Numbers, ends: Numbers, lengths: Numbers) -> Numbers:
    """Return the numbers of up to eight digits that end there: pairs, fours, and all eight."""
    word = words[ends - _WORD]
    word &= _KEPT[lengths]
    word = (word * np.uint64(10)) + (word >> np.uint64(8))
    pairs = np.uint64(0x000000FF000000FF)
    low = (word & pairs) * np.uint64(100 + (1_000_000 << 32))
    high = ((word >> np.uint64(16)) & pairs) * np.uint64(1 + (10_000 << 32))
    return ((low + high) >> np.uint64(32)).astype(np.int64)


def _stars(text: Numbers, starts: Numbers, lengths: Numbers) -> Numbers:
    """Return tenths of stars."""
    whole = text[starts].astype(np.int16) - _ZERO
    # the one digit of 4 once more, in place of a missing one
    part = text[starts + lengths - 1].astype(np.int16) - _ZERO
    return whole * 10 + np.where(lengths == 3, part, 0)
