"""Looks films up at OMDb that our own catalogue lacks, and adds them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from recsql import db
from recsql.enrich.client import Client, Unusable
from recsql.errors import BadInput, NotFound

_ID = re.compile(r"tt[0-9]{1,9}", re.IGNORECASE)
_WITH_YEAR = re.compile(r"(.*\S)[\s(]+((?:18|19|20)[0-9]{2})\)?")


@dataclass(frozen=True)
class Found:
    """What a search found, as OMDb said it."""

    answer: dict[str, Any]
    # of how many that OMDb knows these are the first
    total: int = 0
    note: str | None = None

    def as_json(self) -> str:
        """The answer as api.found_at_omdb takes it."""
        return json.dumps(self.answer, ensure_ascii=False)


def look_up(client: Client, words: str) -> Found:
    """Ask for films by an IMDb id, or by a title and perhaps a year."""
    words = " ".join(words.split())
    if _ID.fullmatch(words):
        return _found(client.get("", i=words.lower()))
    dated = _WITH_YEAR.fullmatch(words)
    if dated:
        found = _found(client.get("", s=dated[1], y=dated[2], type="movie"))
        if found.answer:
            return found
        # Blade Runner 2049
    return _found(client.get("", s=words, type="movie"))


def _found(answer: dict[str, Any] | None) -> Found:
    if answer is None or str(answer.get("Response")).lower() == "false":
        said = str((answer or {}).get("Error", ""))
        many = "too many" in said.lower()
        return Found({}, note="Too many films match: add a word, or the year." if many else None)
    total = str(answer.get("totalResults", ""))
    return Found(answer, int(total) if re.fullmatch(r"[0-9]{1,6}", total) else 1)


def add(
    client: Client, writing: Callable[[], AbstractContextManager[Connection]], imdb_id: str
) -> dict[str, Any]:
    """Ask for one film by its IMDb id, and add what OMDb says; return the row of ours.

    writing opens the transaction, once OMDb has answered.
    """
    return store(writing, ask(client, imdb_id))


def ask(client: Client, imdb_id: str) -> dict[str, Any]:
    """Return OMDb's answer to an IMDb id."""
    imdb_id = imdb_id.strip().lower()
    if not _ID.fullmatch(imdb_id):
        raise BadInput("that is no IMDb id", hint="it looks like tt0133093")
    answer = client.get("", i=imdb_id)
    if answer is None or str(answer.get("Response")).lower() == "false":
        raise NotFound(f"OMDb knows no film with the id {imdb_id}", hint="is it copied whole?")
    said = str(answer.get("imdbID", "")).lower()
    if said.lstrip("t0") != imdb_id.lstrip("t0"):
        raise Unusable("OMDb answered about another film than it was asked for")
    return answer


def store(
    writing: Callable[[], AbstractContextManager[Connection]], answer: dict[str, Any]
) -> dict[str, Any]:
    """Hand an answer to api.add_omdb_movie; return its row."""
    with writing() as conn, db.translated():
        rows = conn.execute(
            text("SELECT * FROM api.add_omdb_movie(CAST(:answer AS jsonb))"),
            {"answer": json.dumps(answer, ensure_ascii=False)},
        ).mappings()
        return dict(rows.one())
