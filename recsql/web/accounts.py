"""Accounts: register, log in, log out, another password, data to take along, deletion."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, request

from recsql import accounts
from recsql.accounts import Attempt, Person
from recsql.errors import BadInput, RecsqlError
from recsql.web import people
from recsql.web.pages import ask, page, reading, totals
from recsql.web.people import back, me, own_path, personal, sent_to, sign_in, sign_out, writing
from recsql.web.wording import link

# One sentence for every mistake: whoever guesses learns nothing of who has an account.
WRONG = "Name and password do not go together."
# A class at school registers from one address.
REGISTRATIONS = 30
LONGEST_NAME = 100
DONE = {
    "password": "Your password is changed, and every other browser is signed out.",
    "deleted": "Your account is deleted, with all that belonged to it.",
    "out": "You are signed out.",
    "everywhere": "You are signed out everywhere.",
}


def _sentence(error: RecsqlError) -> str:
    """Return what went wrong as a sentence on a page."""
    said = error.message[:1].upper() + error.message[1:] + "."
    if error.hint:
        said += " " + error.hint[:1].upper() + error.hint[1:] + "."
    return said.replace("..", ".")


def _form(template: str, code: int = 200, **context: Any) -> Response:
    with reading() as conn:
        about = totals(conn)
    response = page(
        template,
        kept=False,
        about=about,
        done=DONE.get(request.args.get("done", "")),
        next=own_path(request.values.get("next")),
        **context,
    )
    response.status_code = code
    return response


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _check(name: str, password: str) -> tuple[Person | None, Attempt]:
    """Return whose these are; the try is counted before, and committed."""
    # A NUL is in no name, and the database cannot even be asked for it.
    name = name.replace("\0", "\N{REPLACEMENT CHARACTER}").strip()[: LONGEST_NAME + 1]
    with writing() as conn:
        attempt = accounts.may_try(conn, "log in", name, people.address())
    with writing() as conn:
        person = accounts.knows_password(conn, name, password)
        if person is not None:
            accounts.succeeded(conn, attempt)
    return person, attempt


def register_page() -> Response:
    """Make an account."""
    if request.method == "GET":
        return _form("register.html", name="", wrong=None)
    name = " ".join(_typed("name").split())
    try:
        if "\0" in name:
            raise BadInput("a name is of letters and digits")
        accounts.check_password(_typed("password"), name)
        with writing() as conn:
            accounts.may_try(conn, "register", None, people.address(), p_limit=REGISTRATIONS)
        with writing() as conn:
            person = accounts.register(conn, name, _typed("password"))
            return sign_in(conn, person, back("/"))
    except BadInput as error:
        return _form("register.html", 400, name=name[:LONGEST_NAME], wrong=_sentence(error))


def login_page() -> Response:
    """Log in."""
    if request.method == "GET":
        return _form("login.html", name="", wrong=None)
    person, _ = _check(_typed("name"), _typed("password"))
    if person is None:
        return _form("login.html", 403, name=_typed("name")[:LONGEST_NAME], wrong=WRONG)
    with writing() as conn:
        return sign_in(conn, person, back("/"))


def logout() -> Response:
    """End the session of this browser."""
    with writing() as conn:
        people.close_this_session(conn)
    return sign_out(sent_to(link("/login", done="out")))


@personal
def account_page() -> Response:
    """Show what can be done with an account."""
    return _account()


def _account(code: int = 200, **wrong: str) -> Response:
    with reading() as conn:
        [account] = accounts.call(conn, "account", p_name=me().name)
        data = ask(conn, "my_data", p_user_id=me().user_id)
    counts = {
        kind: sum(row["list"] == kind for row in data) for kind in ("rating", "watchlist", "hidden")
    }
    return _form("account.html", code, account=account, counts=counts, wrong=wrong)


@personal
def change_password() -> Response:
    """Set another password; all other browsers are signed out."""
    person, _ = _check(me().name, _typed("password"))
    if person is None:
        return _account(403, password="That is not your present password.")
    try:
        with writing() as conn:
            accounts.set_password(conn, person, _typed("new_password"))
            return sign_in(conn, person, sent_to(link("/account", done="password")))
    except BadInput as error:
        return _account(400, password=_sentence(error))


@personal
def log_out_everywhere() -> Response:
    """End all sessions of the account."""
    with writing() as conn:
        accounts.call(conn, "close_sessions", p_user_id=me().user_id)
    return sign_out(sent_to(link("/login", done="everywhere")))


@personal
def delete_account() -> Response:
    """Delete the account and all that belongs to it."""
    person, _ = _check(me().name, _typed("password"))
    if person is None:
        return _account(403, delete="That is not your password. Nothing was deleted.")
    try:
        with writing(long=True) as conn:
            accounts.forget(conn, person.user_id)
    except BadInput as error:
        return _account(503, delete=_sentence(error))
    return sign_out(sent_to(link("/login", done="deleted")))


def _download(body: str, kind: str, name: str) -> Response:
    response = make_response(body)
    response.content_type = f"{kind}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@personal
def export_json() -> Response:
    """Give out all data of the account as JSON."""
    with reading() as conn:
        [account] = accounts.call(conn, "account", p_name=me().name)
        rows = ask(conn, "my_data", p_user_id=me().user_id)
    return _download(accounts.export_json(account, rows) + "\n", "application/json", "recsql.json")


@personal
def export_csv() -> Response:
    """Give out all movies of the account as CSV."""
    with reading() as conn:
        rows = ask(conn, "my_data", p_user_id=me().user_id)
    return _download(accounts.export_csv(rows), "text/csv", "recsql-ratings.csv")


def register(app: Flask) -> None:
    """Give each page its address."""
    for rule, view, methods in (
        ("/register", register_page, ["GET", "POST"]),
        ("/login", login_page, ["GET", "POST"]),
        ("/logout", logout, ["POST"]),
        ("/account", account_page, ["GET"]),
        ("/account/password", change_password, ["POST"]),
        ("/account/sessions", log_out_everywhere, ["POST"]),
        ("/account/delete", delete_account, ["POST"]),
        ("/account/export.json", export_json, ["GET"]),
        ("/account/export.csv", export_csv, ["GET"]),
    ):
        app.add_url_rule(rule, view_func=view, methods=methods)
