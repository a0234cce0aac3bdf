"""Who somebody is: passwords are hashed and tokens made here; SQL keeps hashes and rules."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, exc, text

from recsql import db
from recsql.errors import BadInput, NotFound, RecsqlError

# OWASP's minimum: 19 MiB, two passes, one lane; 32 ms on a plain machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown user is checked against, so that the answer takes as long as for a known one.
_NOBODY = _HASHER.hash(secrets.token_hex(16))

# NIST 800-63B: length is what counts, and no rule of composition.
SHORTEST_PASSWORD = 8
# Long enough for a sentence, short enough not to be a way to keep the server busy.
LONGEST_PASSWORD = 200


class TooOften(RecsqlError):
    """Somebody tries something more often than it may be tried."""

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            "Too many tries. Nothing is lost: your account is as it was.",
            hint=f"Wait {minutes} minute{'' if minutes == 1 else 's'}, and try again.",
        )
        self.retry_after = max(1, retry_after)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    user_id: int
    name: str
    since: datetime | None = None
    due: bool = False
    hides: bool = False


@dataclass(frozen=True)
class Attempt:
    """A try that is counted until it has succeeded."""

    what: str
    account: str | None
    address: str | None
    tried_at: datetime


def call(conn: Connection, function: str, **params: object) -> list[dict[str, Any]]:
    """Call a function of schema api by the names of its parameters; return its rows."""
    named = ", ".join(f"{name} => :{name}" for name in params)
    with db.translated():
        try:
            result = conn.execute(text(f"SELECT * FROM api.{function}({named})"), params)
        except exc.IntegrityError as error:
            if getattr(error.orig, "pgcode", None) != "23503":
                raise
            # the rater went between two requests
            raise NotFound("this account does not exist any more") from error
        return [dict(row) for row in result.mappings()]


def _one(conn: Connection, function: str, **params: object) -> dict[str, Any] | None:
    found = call(conn, function, **params)
    return found[0] if found else None


# Passwords ------------------------------------------------------------------------------------


def _folded(password: str) -> str:
    """Return a password as it is hashed: what one keyboard composes, another one may not."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> None:
    """Raise BadInput unless this can be somebody's password."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"a password has at least {SHORTEST_PASSWORD} characters",
            hint="three or four words are easy to remember",
        )
    if len(password) > LONGEST_PASSWORD:
        raise BadInput(f"a password has at most {LONGEST_PASSWORD} characters")
    if _folded(password).lower() == _folded(name).lower():
        raise BadInput("the password may not be the name", hint="choose another one")
    if len(set(password)) < 3:
        raise BadInput("that password is the same over and over", hint="choose another one")


def _hash(password: str) -> str:
    return _HASHER.hash(_folded(password).encode("utf-8", "surrogatepass"))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, _folded(password).encode("utf-8", "surrogatepass"))
    except (Argon2Error, InvalidHashError):
        return False


def knows_password(conn: Connection, name: str, password: str) -> Person | None:
    """Return whose name and password these are, or None, in the same time for any mistake."""
    found = _one(conn, "account", p_name=name)
    right = _matches(found["password_hash"] if found else _NOBODY, password[: LONGEST_PASSWORD + 1])
    if found is None or not right:
        return None
    if _HASHER.check_needs_rehash(found["password_hash"]):
        call(
            conn,
            "set_password",
            p_user_id=found["user_id"],
            p_password_hash=_hash(password),
            p_keep_sessions=True,
        )
    return Person(found["user_id"], found["name"])


# Accounts -------------------------------------------------------------------------------------


def register(conn: Connection, name: str, password: str) -> Person:
    """Make an account. Raises BadInput where name or password will not do."""
    check_password(password, name)
    made = _one(conn, "register", p_name=name, p_password_hash=_hash(password))
    assert made is not None
    return Person(made["user_id"], made["name"])


def set_password(conn: Connection, person: Person, password: str) -> None:
    """Give an account another password; it is signed out everywhere."""
    check_password(password, person.name)
    call(conn, "set_password", p_user_id=person.user_id, p_password_hash=_hash(password))


def forget(conn: Connection, user_id: int) -> int:
    """Delete a rater as if they had never been; return how many ratings went."""
    gone = _one(conn, "forget_user", p_user_id=user_id)
    assert gone is not None
    return int(gone["ratings"])


def import_ratings(
    conn: Connection, user_id: int, lines: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Take over ratings given elsewhere; return what became of each line."""
    return call(conn, "import_ratings", p_user_id=user_id, p_lines=json.dumps(lines))


# Sessions -------------------------------------------------------------------------------------


def _token() -> tuple[str, bytes]:
    token = secrets.token_urlsafe(32)
    return token, _digest(token)


def _digest(token: str) -> bytes:
    # Here and not in SQL: a token that came to the server might come into its log.
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def open_session(conn: Connection, person: Person) -> str:
    """Sign a browser in; return the token that it has to show."""
    token, digest = _token()
    call(conn, "open_session", p_user_id=person.user_id, p_token_hash=digest)
    return token


def session(conn: Connection, token: str) -> Person | None:
    """Return who holds this token, if it is alive."""
    found = _one(conn, "session", p_token_hash=_digest(token))
    if found is None:
        return None
    return Person(
        found["user_id"], found["name"], found["started_at"], found["due"], found["hides"]
    )


def renew_session(conn: Connection, token: str) -> str | None:
    """Return a fresh token in place of this one, or None where another request has got it."""
    fresh, digest = _token()
    held = _one(conn, "renew_session", p_token_hash=_digest(token), p_new_token_hash=digest)
    return fresh if held else None


def close_session(conn: Connection, token: str) -> None:
    """Sign a browser out."""
    call(conn, "close_session", p_token_hash=_digest(token))


# Limits ---------------------------------------------------------------------------------------


def may_try(
    conn: Connection, what: str, account: str | None, address: str | None, **limits: object
) -> Attempt:
    """Count a try, or raise TooOften. Commit before what is tried, so that it stays counted."""
    said = _one(conn, "allow_attempt", p_what=what, p_account=account, p_address=address, **limits)
    assert said is not None
    if not said["allowed"]:
        raise TooOften(said["retry_after"])
    return Attempt(what, account, address, said["tried_at"])


def succeeded(conn: Connection, attempt: Attempt) -> None:
    """Count only failures."""
    call(
        conn,
        "forgive_attempt",
        p_what=attempt.what,
        p_account=attempt.account,
        p_address=attempt.address,
        p_tried_at=attempt.tried_at,
    )
