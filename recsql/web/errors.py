"""Error pages in the look of the site, which need no database."""

from __future__ import annotations

import logging
from typing import NamedTuple

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from recsql.errors import BadInput, DatabaseUnavailable, NotFound, RecsqlError, SchemaMismatch

log = logging.getLogger("recsql.web")


class Wording(NamedTuple):
    """What an error page says, and the film on its poster."""

    heading: str
    message: str
    hint: str
    film: str
    genre: str


WORDING = {
    400: Wording(
        "That address does not work",
        "Something in it is not what this page expects.",
        "Follow a link instead of editing the address.",
        "The Wrong Turn",
        "Comedy",
    ),
    404: Wording(
        "Nothing is playing here",
        "No page, movie or category has this address.",
        "Search for it, or start again from the home page.",
        "The Vanishing Reel",
        "Mystery",
    ),
    405: Wording(
        "That cannot be done here",
        "This page can be read, and nothing else.",
        "Open it as a plain link.",
        "No Entry",
        "Crime",
    ),
    413: Wording(
        "That is too much at once",
        "The request is larger than this site accepts.",
        "Send less.",
        "Overload",
        "Action",
    ),
    429: Wording(
        "Once more, slowly",
        "That was tried too often in a short time.",
        "Wait a few minutes, and try again.",
        "The Waiting Room",
        "Drama",
    ),
    500: Wording(
        "The film snapped",
        "Something broke on our side; it was written to the log.",
        "Try again, or try another page.",
        "The Broken Projector",
        "Horror",
    ),
    503: Wording(
        "Intermission",
        "The database cannot be reached at the moment.",
        "This page works again as soon as it is back; try in a few seconds.",
        "Intermission",
        "Drama",
    ),
}
# A restarted server is back within a second or two; an upgrade takes somebody to type it.
_RETRY_SOON, _RETRY_LATER = "2", "30"


def error_page(
    code: int, message: str | None = None, hint: str | None = None, retry: str | None = None
) -> Response:
    """Render the page of a status code."""
    said = WORDING.get(code, WORDING[500] if code >= 500 else WORDING[400])
    response = make_response(
        render_template(
            "error.html",
            code=code,
            heading=said.heading,
            message=message or said.message,
            hint=hint or said.hint,
        ),
        code,
    )
    response.headers["Cache-Control"] = "no-store"
    if retry is not None:
        response.headers["Retry-After"] = retry
    return response


def register(app: Flask) -> None:
    """Turn what can go wrong into pages."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.response is not None or error.code is None or error.code < 400:
            return error.get_response()  # a redirect is no error
        response = error_page(error.code, retry=_RETRY_SOON if error.code == 503 else None)
        allowed = getattr(error, "valid_methods", None)
        if error.code == 405 and allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(RecsqlError)
    def known_error(error: RecsqlError) -> Response:
        if isinstance(error, NotFound):
            return error_page(404, error.message, error.hint)
        if isinstance(error, BadInput):
            return error_page(400, error.message, error.hint)
        # Names of hosts and roles are for the log; visitors get our own words.
        log.error("%s (%s)", error.message, error.hint)
        if isinstance(error, SchemaMismatch):
            return error_page(
                503,
                "The database is not set up for this version of the site yet.",
                "Whoever runs it: recsql db upgrade",
                retry=_RETRY_LATER,
            )
        retry = _RETRY_SOON if isinstance(error, DatabaseUnavailable) else _RETRY_LATER
        return error_page(503, retry=retry)

    @app.errorhandler(Exception)
    def unknown_error(error: Exception) -> Response:
        log.exception("an unexpected error", exc_info=error)
        return error_page(500)
