"""Asks a service about all movies that are due, one after the other; each answer is committed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, text

from recsql import db
from recsql.enrich.client import Client, Trouble, Unusable
from recsql.enrich.keys import OMDB, TMDB, Service, wanted_key
from recsql.errors import BadInput, NotFound, RecsqlError

# What a movie may lack, and who knows it.
MISSING = {TMDB.name: ("posters", "trailers", "overviews"), OMDB.name: ("critics", "overviews")}
# Answers that are older are asked for anew. TMDB's terms allow six months: with five, somebody who
# runs this monthly keeps them.
OLDEST = {TMDB.name: 150, OMDB.name: 90}
TERMS = {TMDB.name: 180}
# Who knows no such movie today may know it next month.
NOT_FOUND_OLDEST = 30
# So many in a row that are of no use, and it is not the movies.
MOST_IN_A_ROW = 5
_BATCH = 1_000
_EXAMPLES = 5

Progress = Callable[[str, int], None]


@dataclass
class Outcome:
    """What a run did: movies by what became of them."""

    service: str
    fetched: int = 0
    updated: int = 0
    unchanged: int = 0
    not_found: int = 0
    failed: int = 0
    seconds: float = 0.0
    # some of those that failed, with the reason
    failures: list[str] = field(default_factory=list)
    # why it ended before its end; None where it did not
    stopped: RecsqlError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON has it."""
        said = asdict(self)
        said["seconds"] = round(self.seconds, 1)
        said["stopped"] = self.stopped.message if self.stopped else None
        return said


def enrich(
    engine: Engine,
    service: Service,
    *,
    missing: str | None = None,
    limit: int | None = None,
    older_than: int | None = None,
    outcome: Outcome | None = None,
    progress: Progress = lambda what, rows: None,
) -> Outcome:
    """Ask about the movies that are due, the most rated first.

    missing     only movies without this (MISSING)
    limit       movies at most
    older_than  days after which an answer is asked for anew
    outcome     to be filled in, for who wants to know how far it came before an interrupt
    """
    if missing is not None and missing not in MISSING[service.name]:
        raise BadInput(
            f"{service.title} knows nothing of {missing}",
            hint=f"it knows: {', '.join(MISSING[service.name])}",
        )
    days = OLDEST[service.name] if older_than is None else older_than
    if days > TERMS.get(service.name, days):
        raise BadInput(
            f"{service.title}'s terms allow an answer to be kept for six months",
            hint=f"give at most {TERMS[service.name]} days",
        )
    outcome = outcome or Outcome(service.name)
    began = time.monotonic()
    asks = _ask_tmdb if service is TMDB else _ask_omdb
    asked: list[int] = []
    in_a_row = 0
    with Client(service, wanted_key(service)) as client, _alone(engine, service):
        try:
            for movie in _due(engine, service, missing, days, asked, limit):
                asked.append(movie["movie_id"])
                progress(service.title, len(asked))
                try:
                    resource, answer = asks(client, movie)
                    became = _keep(engine, service, movie["movie_id"], resource, answer)
                except (Unusable, BadInput) as error:
                    outcome.failed += 1
                    in_a_row += 1
                    if len(outcome.failures) < _EXAMPLES:
                        outcome.failures.append(f"{_named(movie)}: {error.message}")
                    if in_a_row == MOST_IN_A_ROW:
                        raise Trouble(
                            f"{MOST_IN_A_ROW} answers in a row were of no use; the last:"
                            f" {error.message}",
                            hint=error.hint or "what was answered before is kept; try again later",
                        ) from None
                    continue
                except NotFound:
                    # somebody removed the movie meanwhile
                    continue
                in_a_row = 0
                outcome.fetched += 1
                outcome.updated += became == "updated"
                outcome.unchanged += became == "unchanged"
                outcome.not_found += became == "not found"
        except Trouble as error:
            outcome.stopped = error
        finally:
            outcome.seconds = time.monotonic() - began
    if outcome.updated:
        # a movie that has got an overview may be fit to be shown now
        with db.begin(engine) as conn:
            conn.execute(text("CALL api.refresh_shelves()"))
    return outcome


@contextmanager
def _alone(engine: Engine, service: Service) -> Iterator[None]:
    """See to it that a service is asked by one at a time."""
    with db.translated(), engine.connect() as conn:
        conn = conn.execution_options(isolation_level="AUTOCOMMIT")
        name = {"name": f"recsql.enrich {service.name}"}
        if not conn.scalar(text("SELECT pg_try_advisory_lock(hashtext(:name))"), name):
            raise RecsqlError(
                f"{service.title} is being asked already", hint="wait for that run to end"
            )
        try:
            yield
        finally:
            if not conn.invalidated:
                conn.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), name)


def _due(
    engine: Engine,
    service: Service,
    missing: str | None,
    days: int,
    asked: list[int],
    limit: int | None,
) -> Iterator[dict[str, Any]]:
    """Yield the movies to ask about, some at a time: there may be very many."""
    failed_before: set[int] = set()
    while limit is None or len(asked) < limit:
        with db.begin(engine, read_only=True) as conn:
            found = db.rows(
                conn,
                "enrichment_due",
                p_service=service.name,
                p_missing=missing,
                p_days=days,
                p_not_found_days=NOT_FOUND_OLDEST,
                p_except=sorted(failed_before),
                p_limit=_BATCH if limit is None else min(_BATCH, limit - len(asked)),
            )
        if not found:
            return
        yield from found
        # Those that were answered are due no more, the others must not come again.
        failed_before.update(row["movie_id"] for row in found)


def _keep(
    engine: Engine, service: Service, movie_id: int, resource: str, answer: dict[str, Any] | None
) -> str:
    """Commit an answer; return what became of it."""
    with db.begin(engine) as conn:
        return str(keep(conn, service, movie_id, resource, answer))


def keep(
    conn: Connection, service: Service, movie_id: int, resource: str, answer: dict[str, Any] | None
) -> str:
    """Hand an answer, or None for a 404, to api.enrich_movie; return what became of it."""
    with db.translated():
        return str(
            conn.scalar(
                text(
                    "SELECT outcome FROM api.enrich_movie(:service, :movie_id, :resource, :status,"
                    " CAST(:answer AS jsonb))"
                ),
                {
                    "service": service.name,
                    "movie_id": movie_id,
                    "resource": resource,
                    "status": 404 if answer is None else 200,
                    "answer": None if answer is None else json.dumps(answer, ensure_ascii=False),
                },
            )
        )


def _named(movie: dict[str, Any]) -> str:
    return f"{movie['movie_id']} {movie['title']}"


def _ask_tmdb(client: Client, movie: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Return what was asked for and the answer, by TMDB id or, failing that, by IMDb id."""
    resource, answer = "", None
    if movie["tmdb_id"] is not None:
        resource, answer = _movie(client, movie["tmdb_id"])
    if answer is None and movie["imdb_id"] is not None:
        # TMDB joins records that are one film: then the old id is gone.
        resource = f"find/{movie['imdb_id']}"
        found = client.get(resource, external_source="imdb_id")
        known = _first_id(found)
        if known is not None and known != movie["tmdb_id"]:
            resource, answer = _movie(client, known)
    return resource, answer


def _movie(client: Client, tmdb_id: int) -> tuple[str, dict[str, Any] | None]:
    resource = f"movie/{tmdb_id}"
    return resource, client.get(
        resource, append_to_response="videos", include_video_language="en,null"
    )


def _first_id(found: dict[str, Any] | None) -> int | None:
    listed = (found or {}).get("movie_results")
    if not isinstance(listed, list):
        if found is None:
            return None
        raise Unusable("TMDB's answer has no list of movies")
    for item in listed:
        known = item.get("id") if isinstance(item, dict) else None
        if type(known) is int and 0 < known < 1_000_000_000:
            return known
    return None


def _ask_omdb(client: Client, movie: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    resource = str(movie["imdb_id"])
    answer = client.get("", i=resource)
    if answer is not None and str(answer.get("Response")).lower() == "false":
        answer = None
    return resource, answer
