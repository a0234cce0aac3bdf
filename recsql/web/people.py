"""Who is signed in, what they may see, and that a form comes from a page of ours.

signed_in() is the one place that knows; visitors without a cookie cost no look at the database,
and get no cookie before they open a page with a form.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from sqlalchemy import Connection
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.urls import iri_to_uri

from recsql import accounts, db, settings
from recsql.accounts import Person
from recsql.errors import RecsqlError
from recsql.web import errors
from recsql.web.wording import link

LIMITS = "SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '1s'"
# An import of many thousand ratings, and the deletion of as many.
LONG_LIMITS = "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s'"
# A cookie may outlast the session that it names: the database decides.
_COOKIE_SECONDS = 90 * 86_400
_FORM_COOKIE = "recsql_form"
_FIELD = "csrf_token"
# Pictures and such, which are the same for everybody.
_IMPERSONAL = frozenset(
    {"static_file", "favicon", "movie_poster", "movie_backdrop", "category_picture",
     "error_poster", "healthz", "readyz"}
)  # fmt: skip
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

P = ParamSpec("P")


# Transactions ---------------------------------------------------------------------------------


@contextmanager
def writing(*, long: bool = False) -> Iterator[Connection]:
    """Open a transaction that may write."""
    with db.begin(current_app.extensions["recsql.engine"]) as conn:
        conn.exec_driver_sql(LONG_LIMITS if long else LIMITS)
        yield conn


@contextmanager
def _looking() -> Iterator[Connection]:
    with db.reading(current_app.extensions["recsql.engine"]) as conn:
        yield conn


# Who is here ----------------------------------------------------------------------------------


def has_session() -> bool:
    """Return whether the browser brings a session, be it a good one or not."""
    return _token() is not None


def signed_in() -> Person | None:
    """Return who is signed in; asked once a request, and only where a cookie says so."""
    if "person" not in g:
        # If the database fails now, its error page must not ask it again.
        g.person = None
        if token := _token():
            with _looking() as conn:
                g.person = accounts.session(conn, token)
    return g.person


def whoever() -> Person | None:
    """Return who is signed in, for pages that have to come out in any case."""
    try:
        return signed_in()
    except RecsqlError:
        return None


def personal(view: Any) -> Any:
    """Send visitors to the login page, and back here afterwards."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if signed_in() is None:
            asked = here() if request.method == "GET" else None
            return sent_to(link("/login", next=asked))
        return view(*args, **kwargs)

    return checked


def me() -> Person:
    """Return who is signed in, on a personal page."""
    person = signed_in()
    assert person is not None
    return person


def as_seen(name: str, params: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Return the query of a list in the form for a visitor who hides films: lists to choose from
    leave them out; what one has asked for by name keeps them, and says so.
    """
    if name not in _LISTS:
        return name, params
    person = signed_in()
    if person is None or not person.hides:
        return name, params
    return f"my_{name}", {**params, "p_user_id": person.user_id}


_LISTS = frozenset(
    {"similar_movies", "also_liked", "category_page", "browse_movies", "feature_movies",
     "search", "person_movies", "collection_movies"}
)  # fmt: skip


def address() -> str | None:
    """Return where a request comes from, as the database takes it."""
    try:
        return str(ipaddress.ip_address((request.remote_addr or "").partition("%")[0]))
    except ValueError:
        return None


# Cookies --------------------------------------------------------------------------------------


def _cookie() -> str:
    # The prefix makes browsers refuse the cookie from anybody but this very host.
    return "__Host-recsql" if request.is_secure and not request.script_root else "recsql_session"


def _token() -> str | None:
    return request.cookies.get(_cookie()) or None


def _set(response: Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=request.script_root or "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def sign_in(conn: Connection, person: Person, response: Response) -> Response:
    """Give the browser a session of its own; what it held before is worth nothing any more."""
    if token := _token():
        accounts.close_session(conn, token)
    _set(response, _cookie(), accounts.open_session(conn, person), _COOKIE_SECONDS)
    g.person, g.keeps_token = person, True
    return response


def sign_out(response: Response) -> Response:
    """Take the session's cookie away."""
    response.delete_cookie(_cookie(), path=request.script_root or "/", httponly=True)
    g.person, g.keeps_token = None, True
    return response


def close_this_session(conn: Connection) -> None:
    """End the session of this browser in the database."""
    if token := _token():
        accounts.close_session(conn, token)


# Ways back ------------------------------------------------------------------------------------


def own_path(asked: str | None) -> str | None:
    """Return a path on this site, or None where it might lead anywhere else."""
    if not asked or len(asked) > 2_000 or not re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", asked):
        return None
    if "\\" in asked:
        return None
    parts = urlsplit(asked)
    return None if parts.scheme or parts.netloc else asked


def here() -> str:
    """Return the path of this page, as own_path takes it."""
    return iri_to_uri(request.full_path).rstrip("?")


def sent_to(address: str) -> Response:
    """Send the browser to another page of ours, to be asked for by GET."""
    response = redirect(address, 303)
    assert isinstance(response, Response)
    return response


def back(default: str) -> Response:
    """Return to where the form stood: a path of our own, with this site's prefix before it."""
    path = own_path(request.form.get("next")) or default
    return sent_to(request.script_root + path)


# Forms ----------------------------------------------------------------------------------------


class _FormSession(SessionInterface):
    """What Flask calls a session is here only the secret that tokens of forms are bound to.

    A visitor gets one in a cookie of its own, on the first page with a form. Signed in, it follows
    from when and as whom (see _bind): forms outlive the daily renewal of the session's token, and
    die with the session.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        held = SecureCookieSession()
        if kept := request.cookies.get(_FORM_COOKIE):
            held[_FIELD] = kept[:100]
            held.modified = False
        return held

    def save_session(self, app: Flask, held: SessionMixin, response: Response) -> None:
        if held.modified and g.get("person") is None and _FIELD in held:
            _set(response, _FORM_COOKIE, held[_FIELD], None)


def _key() -> str:
    """Return the key that signs tokens, read once a process."""
    if current_app.config["WTF_CSRF_SECRET_KEY"] is None:
        with _looking() as conn:
            found = accounts.call(conn, "secret", p_name="forms")
        current_app.config["WTF_CSRF_SECRET_KEY"] = found[0]["value"]
    return str(current_app.config["WTF_CSRF_SECRET_KEY"])


def _bind(person: Person) -> None:
    """Bind the forms of this request to who is signed in, and since when."""
    said = f"{person.user_id} {person.since}".encode()
    session[_FIELD] = hmac.new(_key().encode(), said, hashlib.sha256).hexdigest()
    session.modified = False  # it is for no cookie


def form_token() -> str:
    """Return the token of the forms on this page."""
    _key()
    return generate_csrf()


def has_form() -> bool:
    """Return whether a form was written on this page: its token is the visitor's own."""
    return _FIELD in g


def register(app: Flask) -> None:
    """Guard every form, and tell the templates who is here."""
    app.session_interface = _FormSession()
    app.config.update(
        WTF_CSRF_SECRET_KEY=None,
        # As long as the session: a page may lie open overnight.
        WTF_CSRF_TIME_LIMIT=None,
        # Some browsers send no referrer; Sec-Fetch-Site tells more, and cannot be forged.
        WTF_CSRF_SSL_STRICT=False,
    )
    if proxies := settings.proxies():
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]

    @app.before_request
    def know() -> None:
        # Before a page takes a connection: no request ever holds two.
        if _token() and request.endpoint is not None and request.endpoint not in _IMPERSONAL:
            person = signed_in()
            if person is not None:
                _bind(person)

    @app.before_request
    def guard() -> Response | None:
        if request.method not in _WRITES or request.endpoint is None:
            return None
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return errors.error_page(
                400, "That form was sent by another site.", "Nothing was changed."
            )
        view = app.view_functions[request.endpoint]
        request.max_content_length = getattr(view, "largest", app.config["MAX_CONTENT_LENGTH"])
        _key()
        return None

    CSRFProtect(app)

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> Response:
        if whoever() is None:
            return errors.error_page(
                400,
                "You are not signed in any more, or this form was opened before you were.",
                "Nothing was changed. Log in, open the page again, and send it once more.",
            )
        return errors.error_page(
            400,
            "This form is out of date.",
            "Nothing was changed. Go back, reload the page, and send it once more.",
        )

    @app.errorhandler(accounts.TooOften)
    def too_often(error: accounts.TooOften) -> Response:
        return errors.error_page(429, error.message, error.hint, retry=str(error.retry_after))

    @app.after_request
    def keep_private(response: Response) -> Response:
        if response.mimetype != "text/html" and "person" not in g:
            return response
        response.vary.add("Cookie")
        if _token() or g.get("person") is not None:
            response.headers["Cache-Control"] = "private, no-store"
            response.headers.pop("ETag", None)
        return _renewed(response)

    app.jinja_env.globals.update(signed_in=whoever, form_token=form_token, here=here)


def _renewed(response: Response) -> Response:
    """Once a day give the browser a fresh token; a stolen one is worth no more than that."""
    person, token = g.get("person"), _token()
    if person is None or not person.due or not token or g.get("keeps_token"):
        return response
    try:
        with writing() as conn:
            fresh = accounts.renew_session(conn, token)
    except RecsqlError as error:
        errors.log.warning("a session was not renewed: %s", error.message)
        return response
    if fresh is not None:
        _set(response, _cookie(), fresh, _COOKIE_SECONDS)
    return response
