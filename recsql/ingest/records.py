"""Records out of files as they really are: every one either whole, or turned away by its line.

The careful reader never stops at a bad record: what it cannot use becomes a `Reject`, and the
rest goes on. It keeps one record in memory.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

# No record of the known data sets comes near; beyond it a quote was never closed.
MAX_RECORD_BYTES = 4 << 20
MAX_RECORD_LINES = 500

csv.field_size_limit(MAX_RECORD_BYTES)


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, and the line of the file on which it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Reject:
    """What could not be used, and why."""

    line: int
    reason: str
    text: str


Split = Callable[[str], list[str]]


def read_csv(stream: BinaryIO, *, width: int, encoding: str = "utf-8") -> Iterator[Record | Reject]:
    """Yield the records of a CSV file as RFC 4180 has it: quotes, "" and line breaks in cells.

    A record that runs over several lines and then has not `width` cells was more likely opened
    by a stray quote: its first line is turned away alone, and reading resumes behind it.
    """
    lines = _Lines(stream)
    for number, raw in lines:
        if not raw.strip():
            continue
        record = raw
        taken: list[bytes] = []
        while record.count(b'"') % 2 and len(taken) < MAX_RECORD_LINES:
            following = lines.next_raw()
            if following is None or len(record) + len(following) > MAX_RECORD_BYTES:
                if following is not None:
                    taken.append(following)
                break
            taken.append(following)
            record += following
        outcome = _parsed(number, record, encoding, _split_csv)
        whole = record.count(b'"') % 2 == 0
        if taken and (not whole or isinstance(outcome, Reject) or len(outcome.cells) != width):
            lines.push_back(taken)
            yield Reject(number, "a quote that is never closed", _shown(raw))
        elif not whole:
            yield Reject(number, "a quote that is never closed", _shown(raw))
        else:
            yield outcome


def read_lines(
    stream: BinaryIO, *, separator: str, encoding: str = "utf-8"
) -> Iterator[Record | Reject]:
    """Yield one record a line, its cells parted by a separator that cannot be quoted."""
    for number, raw in _Lines(stream):
        if raw.strip():
            yield _parsed(number, raw, encoding, lambda text: text.split(separator))


class _Lines:
    """Numbered lines, some of which can be given back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._again: list[bytes] = []
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while (raw := self.next_raw()) is not None:
            yield self._number, raw

    def next_raw(self) -> bytes | None:
        raw = self._again.pop() if self._again else self._stream.readline(MAX_RECORD_BYTES)
        if not raw:
            return None
        self._number += 1
        if self._number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        return raw

    def push_back(self, taken: list[bytes]) -> None:
        self._again.extend(reversed(taken))
        self._number -= len(taken)


def _parsed(number: int, raw: bytes, encoding: str, split: Split) -> Record | Reject:
    if b"\0" in raw:
        return Reject(number, "a NUL byte", _shown(raw))
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return Reject(number, f"not {encoding.upper()} text", _shown(raw))
    try:
        return Record(number, split(text.rstrip("\r\n")))
    except csv.Error as error:
        return Reject(number, f"not CSV: {error}", _shown(raw))


def _split_csv(text: str) -> list[str]:
    return next(csv.reader([text], strict=True), [])


def _shown(raw: bytes) -> str:
    return raw[:200].decode("utf-8", "replace").replace("\0", "\\0").rstrip("\r\n")


_PYTHON_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\bNone\b|\bTrue\b|\bFalse\b""", re.DOTALL
)
_CONSTANTS = {"None": "null", "True": "true", "False": "false"}


def python_to_json(text: str) -> str | None:
    """Return a Python literal of lists and dictionaries as JSON; None where it is neither.

    Only strings and constants are spelt differently, so tokens are enough, and fifty times as
    fast as evaluating the literal.
    """
    if text == "[]":
        return text
    candidate = _PYTHON_TOKEN.sub(_json_token, text)
    try:
        json.loads(candidate)
    except ValueError:
        return None
    # PostgreSQL's jsonb has no room for this character.
    return None if "\\u0000" in candidate else candidate


def _json_token(match: re.Match[str]) -> str:
    token = match.group()
    if token in _CONSTANTS:
        return _CONSTANTS[token]
    body = token[1:-1]
    if "\\" in body:
        try:
            body = ast.literal_eval(token)
        except (ValueError, SyntaxError):
            return token
    return json.dumps(body, ensure_ascii=False)
