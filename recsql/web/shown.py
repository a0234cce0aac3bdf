"""Notes which suggestions somebody was shown, when the page is already on its way.

A page that is asked for is read only: it comes out of a standby, and as quickly as without a note.
What is lost with a note that fails is the note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from recsql import accounts, db
from recsql.errors import RecsqlError
from recsql.web.errors import log

# As a session is renewed: a write a day and film, however often the page is reloaded.
AGAIN_AFTER = timedelta(days=1)
# Nobody waits for it, but the thread that does it has others to serve.
LIMITS = "SET LOCAL statement_timeout = '250ms'; SET LOCAL lock_timeout = '100ms'"


def note_afterwards(response: Response, user_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note, once the response is sent, the stored suggestions among these rows."""
    before = datetime.now(UTC) - AGAIN_AFTER
    movies = [
        row["movie_id"]
        for row in rows
        if row["is_stored"] and (row["shown_at"] is None or row["shown_at"] < before)
    ]
    if not movies or request.method != "GET":
        return
    engine = current_app.extensions["recsql.engine"]

    def note() -> None:
        try:
            with db.begin(engine) as conn:
                conn.exec_driver_sql(LIMITS)
                accounts.call(conn, "note_shown", p_user_id=user_id, p_movie_ids=movies)
        except (RecsqlError, SQLAlchemyError) as error:
            log.info("what was shown is not noted: %s", error)

    response.call_on_close(note)
