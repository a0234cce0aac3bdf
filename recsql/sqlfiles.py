"""Reads sql/: the manifest of the api schema, and the named queries of pages and commands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from recsql import paths
from recsql.errors import BadInput

_INCLUDE = re.compile(r"^\\ir\s+(\S+)\s*$", re.MULTILINE)
# A bind is :p_name, and not the :: of a cast.
_BIND = re.compile(r"(?<![:\w]):(p_\w+)")


def manifest() -> list[Path]:
    """Return the files of sql/api in the order of all.sql, each of which psql would include."""
    listing = paths.SQL / "api" / "all.sql"
    names = _INCLUDE.findall(listing.read_text("utf-8"))
    return [listing.parent / name for name in names]


def bundle() -> Iterator[tuple[Path, str]]:
    """Yield each file of the manifest with its text."""
    for path in manifest():
        yield path, path.read_text("utf-8")


@cache
def fingerprint() -> str:
    """Return a hash of everything that `recsql db upgrade` replays into the api schema."""
    digest = hashlib.sha256()
    for path, text in bundle():
        digest.update(path.name.encode() + b"\0" + text.encode() + b"\0")
    return digest.hexdigest()[:16]


@cache
def query(name: str) -> str:
    """Return the text of sql/queries/<name>.sql without its header, binds as :p_name."""
    return _body(paths.SQL / "queries" / f"{name}.sql")


@cache
def numbered(name: str) -> tuple[str, list[str]]:
    """Return a named query with its binds as $1, $2 …, as PREPARE takes it, and their names."""
    names = list(dict.fromkeys(_BIND.findall(query(name))))
    places = {bind: f"${place}" for place, bind in enumerate(names, 1)}
    return _BIND.sub(lambda match: places[match.group(1)], query(name)), names


@cache
def step(name: str, of: str = "load") -> str:
    """Return the text of sql/<of>/<name>.sql, one step of a loader or of an evaluation."""
    return _body(paths.SQL / of / f"{name}.sql")


def literal(name: str, params: Mapping[str, object] | None = None) -> str:
    """Return a named query with its values filled in, ready to be pasted into psql."""
    values = params or {}

    def fill(match: re.Match[str]) -> str:
        return quote(values[match.group(1)])

    return _BIND.sub(fill, query(name)).rstrip().rstrip(";") + ";"


def quote(value: object) -> str:
    """Return a Python value as a SQL literal (standard_conforming_strings is on)."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, list | tuple):
        return "ARRAY[" + ", ".join(quote(item) for item in value) + "]"
    text = str(value)
    if "\0" in text:
        raise BadInput("a text may not hold a NUL byte")
    return "'" + text.replace("'", "''") + "'"


def _body(path: Path) -> str:
    lines = path.read_text("utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.strip() and not line.startswith("--"))
    return "".join(lines[start:])
