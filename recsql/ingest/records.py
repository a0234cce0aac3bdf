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
# Lists of the known data sets hold dictionaries of plain values, and are two deep.
MAX_DEPTH = 50
_UNCLOSED = "a quote that is never closed"
# the second is what Python says of a quote that opens at the very end
_ENDLESS = {_UNCLOSED, "not CSV: unexpected end of data"}
_TOO_LONG = f"a line of more than {MAX_RECORD_BYTES >> 20} MiB"

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
    Raises EOFError where the file breaks off in the middle of a record.
    """
    lines = _Lines(stream)
    for number, raw in lines:
        if not raw.strip():
            continue
        if len(raw) >= MAX_RECORD_BYTES:
            yield Reject(number, _TOO_LONG, _shown(raw))
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
            outcome = Reject(number, _UNCLOSED, _shown(raw))
        else:
            if not whole:
                outcome = Reject(number, _UNCLOSED, _shown(raw))
            _check_end(outcome, record, width)
        yield outcome


def read_lines(
    stream: BinaryIO, *, width: int, separator: str, encoding: str = "utf-8"
) -> Iterator[Record | Reject]:
    """Yield one record a line, its cells parted by a separator that cannot be quoted.

    Raises EOFError where the file breaks off in the middle of a record.
    """
    for number, raw in _Lines(stream):
        if len(raw) >= MAX_RECORD_BYTES:
            yield Reject(number, _TOO_LONG, _shown(raw))
        elif raw.strip():
            outcome = _parsed(number, raw, encoding, lambda text: text.split(separator))
            _check_end(outcome, raw, width)
            yield outcome


def _check_end(outcome: Record | Reject, raw: bytes, width: int) -> None:
    """Refuse a file that was cut off: what is missing would be taken for gone."""
    if raw.endswith(b"\n"):
        return
    if isinstance(outcome, Reject):
        broken = outcome.reason in _ENDLESS
    else:
        broken = len(outcome.cells) != width
    if broken:
        raise EOFError(f"it breaks off in the middle of the record on line {outcome.line}")


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
        if self._again:
            raw = self._again.pop()
        else:
            raw = rest = self._stream.readline(MAX_RECORD_BYTES)
            # What is too long to be kept is still one line.
            while len(rest) == MAX_RECORD_BYTES and not rest.endswith(b"\n"):
                rest = self._stream.readline(MAX_RECORD_BYTES)
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
        # without Python's advice on how to open files
        return Reject(number, f"not CSV: {str(error).split(' - ')[0]}", _shown(raw))


def _split_csv(text: str) -> list[str]:
    return next(csv.reader([text], strict=True), [])


def _shown(raw: bytes) -> str:
    return raw[:200].decode("utf-8", "replace").replace("\0", "\\0").rstrip("\r\n")


_PYTHON_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\bNone\b|\bTrue\b|\bFalse\b""", re.DOTALL
)
_CONSTANT = re.compile(r"\b(?:None|True|False)\b")
_CONSTANTS = {"None": "null", "True": "true", "False": "false"}
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[][{}]")
# and not an escaped backslash before a plain u0000
_NUL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def python_to_json(text: str) -> str | None:
    """Return lists and dictionaries, written as Python or JSON, as JSON; None where it is neither.

    Python spells only strings and constants in its own way, so tokens are enough, and fifty times
    as fast as evaluating the literal. No code in it is ever run.
    """
    if text == "[]":
        return text
    return (
        _jsonb(_plainly_quoted(text))
        or _jsonb(_PYTHON_TOKEN.sub(_json_token, text))
        or _jsonb(text)
    )


def _plainly_quoted(text: str) -> str | None:
    """Return what the tokens would give, five times as fast; None where they are needed.

    Where nothing is escaped and all quotes are of one kind, every second piece between them is
    text, and what stands in it stays.
    """
    if '"' in text or "\\" in text:
        return None
    pieces = text.split("'")
    if "None" in text or "True" in text or "False" in text:
        pieces[::2] = [_CONSTANT.sub(_json_constant, piece) for piece in pieces[::2]]
    return '"'.join(pieces)


def _json_constant(match: re.Match[str]) -> str:
    return _CONSTANTS[match.group()]


def _jsonb(text: str | None) -> str | None:
    """Return JSON as PostgreSQL takes it for jsonb, which has less room than Python."""
    if text is None:
        return None
    try:
        value = _JSON.decode(text)
        said = json.dumps(value, ensure_ascii=False) if "\\u" in text else text
        # half a surrogate pair has no bytes
        said.encode()
    except (ValueError, RecursionError):
        return None
    return None if _has_nul(said) or _is_deep(said) else said


def _has_nul(said: str) -> bool:
    return "\\u0000" in said and _NUL_ESCAPE.search(said) is not None


def _is_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_JSON_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _bounded(number: str) -> float:
    exponent = number.lower().partition("e")[2]
    if len(number) > 300 or abs(int(exponent or 0)) > 300:
        raise ValueError("a number out of range")
    return float(number)


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


_JSON = json.JSONDecoder(parse_constant=_refused, parse_float=_bounded)
