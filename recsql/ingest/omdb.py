"""Critics out of OMDb's answers: JSON lines, a JSON array, or a table made of such answers."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine

from recsql.errors import BadInput
from recsql.ingest import records
from recsql.ingest.load import _Load
from recsql.ingest.records import MAX_RECORD_BYTES, Record, Reject
from recsql.ingest.report import Report
from recsql.ingest.sources import Source

# All of an answer that is of use; the rest is left where it is.
FIELDS = ("imdbID", "imdbRating", "Metascore", "Metacritic", "tomatoMeter", "Ratings", "Response")
_CHUNK = 1 << 18
# What a value that is cut off may end with.
_HALF = re.compile(r"|tr?u?|fa?l?s?|nu?l?|[-.eE]|[eE][-+]")


def load_omdb(engine: Engine, path: Path, **options: object) -> Report:
    """Load the scores of critics from a file of OMDb's answers; options as of other loads."""
    if path.is_dir():
        raise BadInput(
            f"{path} is a folder", hint="give a file of OMDb's answers: JSON lines, JSON or CSV"
        )
    with (
        Source(path.parent) as source,
        _Critics(engine, "omdb", "imdb", str(path), **options) as load,  # type: ignore[arg-type]
    ):
        load.answers(source, path.name)
        load.step("critics", omdb_file=path.name)
        load.must_land(path.name)
    return load.report


class _Critics(_Load):
    # Nothing derived counts a critic, so nothing has to be reckoned anew.
    finishing = "critics_finish"

    def answers(self, source: Source, file: str) -> None:
        """Copy the answers of a file into staging, whichever way it is written."""
        self._stars_are_counted = True
        self._run("CREATE UNLOGGED TABLE staging.omdb (line bigint, answer jsonb NOT NULL)")
        with source.open(file) as stream:
            start = stream.read(1000).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
        if not start:
            raise BadInput(f"{file} is empty", hint="is the download complete?")
        if start in b"[{":
            with source.open(file) as stream:
                self._copy_answers(file, read_json(stream))
            return
        with source.open(file) as stream:
            header = _header(stream, file)
        with source.open(file) as stream:
            found = records.read_csv(stream, width=len(header))
            next(found)
            self._copy_answers(file, _as_answers(found, header))

    def _copy_answers(self, file: str, found: Iterator[Record | Reject]) -> None:
        columns = ["line", "answer"]
        self._copy(
            file, "staging.omdb", columns, found, lambda record: [str(record.line), *record.cells]
        )


def read_json(stream: BinaryIO) -> Iterator[Record | Reject]:
    """Yield the objects of a JSON array, or of any number of JSON texts one after the other.

    One object and the chunk that it lies in are kept in memory. A broken object is turned away
    by the line on which it begins, and reading resumes behind it.
    Raises EOFError where the file breaks off in the middle.
    """
    decoder = json.JSONDecoder(parse_constant=_refused)
    texts = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape")
    held, at, line = "", 0, 1
    ended = False
    open_array = False

    def more() -> None:
        nonlocal held, at, ended
        chunk = stream.read(max(_CHUNK, len(held) - at))
        ended = not chunk
        held, at = held[at:] + texts.decode(chunk, final=ended), 0

    while True:
        while at < len(held) and held[at] in " \t\r\n,[]":
            line += held[at] == "\n"
            open_array = held[at] == "[" or (open_array and held[at] != "]")
            at += 1
        if at == len(held):
            if ended:
                break
            more()
            continue
        try:
            value, end = decoder.raw_decode(held, at)
        except (ValueError, RecursionError) as error:
            reason, end, cut_off = _fault(error, held, at)
            # more may complete it, or show where to go on behind it
            if (cut_off or end == len(held)) and not ended and len(held) - at < MAX_RECORD_BYTES:
                more()
                continue
            if cut_off and ended:
                raise EOFError(
                    f"it breaks off in the middle of the record on line {line}"
                ) from None
            yield Reject(line, reason, _shown(held[at:]))
        else:
            yield _answer(line, value, held[at:end])
        line += held.count("\n", at, end)
        at = end
    if open_array:
        raise EOFError("its array is never closed")


def _fault(error: Exception, held: str, at: int) -> tuple[str, int, bool]:
    """Return what is wrong, where to go on, and whether the text only ends too early."""
    if isinstance(error, json.JSONDecodeError):
        rest = held[error.pos :].strip()
        cut_off = error.msg.startswith("Unterminated string") or _HALF.fullmatch(rest) is not None
        reason = f"not JSON: {error.msg}"
        behind = max(error.pos, at + 1)
    else:
        cut_off, reason, behind = False, f"not JSON: {error}", at + 1
    # the next line, or the next object of an array that is all on one line
    ends = [place for mark in ("\n", "},") if (place := held.find(mark, behind)) >= 0]
    return reason, min(ends) + 1 if ends else len(held), cut_off


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _answer(line: int, value: Any, said: str) -> Record | Reject:
    if not isinstance(value, dict):
        return Reject(line, "not an object with imdbID and scores", _shown(said))
    return _kept(line, value, said)


def _kept(line: int, answer: dict[str, Any], said: str) -> Record | Reject:
    of_use = {name: answer[name] for name in FIELDS if name in answer}
    try:
        cell = json.dumps(of_use, ensure_ascii=False, allow_nan=False)
        cell.encode()
    except UnicodeEncodeError:
        return Reject(line, "not UTF-8 text", _shown(said))
    except ValueError:
        return Reject(line, "a number out of range", _shown(said))
    if "\\u0000" in cell:
        return Reject(line, "a NUL byte", _shown(said))
    return Record(line, [cell])


def _shown(said: str) -> str:
    return said[:200].encode("utf-8", "replace").decode().replace("\0", "\\0").strip()


def _header(stream: BinaryIO, file: str) -> list[str]:
    first = next(records.read_csv(stream, width=1), None)
    header = [cell.strip() for cell in first.cells] if isinstance(first, Record) else []
    if "imdbID" not in header or not {"imdbRating", "Metascore", "Metacritic"} & set(header):
        raise BadInput(
            f"{file} holds no answers of OMDb",
            hint="it should be JSON lines, a JSON array, or CSV with the columns imdbID and"
            " imdbRating, Metascore or Metacritic",
        )
    return header


def _as_answers(found: Iterator[Record | Reject], header: list[str]) -> Iterator[Record | Reject]:
    for item in found:
        if isinstance(item, Reject):
            yield item
        elif len(item.cells) != len(header):
            said = ",".join(item.cells)
            reason = f"{len(item.cells)} cells where {len(header)} belong"
            yield Reject(item.line, reason, _shown(said))
        else:
            yield _kept(item.line, dict(zip(header, item.cells, strict=True)), ",".join(item.cells))
