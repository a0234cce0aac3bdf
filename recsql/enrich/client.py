"""A polite client: not too often, not too long, and again where that may help.

One try reads an answer to its end or gives up; follows no redirect, which would carry the key
elsewhere; and says what went wrong without the address, which may hold the key.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from recsql import __version__
from recsql.enrich.keys import Key, Service, address_of
from recsql.errors import RecsqlError

if TYPE_CHECKING:
    import httpx

# A movie with all its videos is below 100 KB.
LARGEST_ANSWER = 1 << 20
TRIES = 5
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
# Whoever wants us to wait longer than this is asked again another time.
PATIENCE = 300.0
# Keys for one program: letters and digits. What is longer, or has dots, is TMDB's read token.
_LONGEST_PLAIN_KEY = 64


@dataclass(frozen=True)
class Time:
    """What time it is and how to wait, for tests to replace."""

    clock: Callable[[], float] = time.monotonic
    date: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random


SYSTEM = Time()


class Trouble(RecsqlError):
    """A service cannot be asked any more: whoever goes on would only fail again."""


class Unusable(RecsqlError):
    """One answer is of no use; others may be."""


class _Again(Exception):
    """A try failed in a way that may be over soon."""

    def __init__(self, failure: RecsqlError, wait: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.wait = wait


class Client:
    """Asks one service. Use it as a context manager."""

    def __init__(
        self,
        service: Service,
        key: Key,
        *,
        tries: int = TRIES,
        connect_s: float = 5.0,
        read_s: float = 15.0,
        whole_s: float = 30.0,
        per_second: float | None = None,
        system: Time | None = None,
    ) -> None:
        """Make a client.

        connect_s, read_s: how long one step of a try may take; whole_s: all of a try.
        """
        import httpx  # not at the top: most commands ask nobody

        # They log every address at INFO, and OMDb has the key in its addresses.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.service = service
        self._key = key
        self._tries = tries
        self._whole_s = whole_s
        self._time = system or SYSTEM
        self._gap = 1 / (per_second or service.per_second)
        self._free_at = 0.0
        self._address = address_of(service)
        self._http = httpx.Client(
            timeout=httpx.Timeout(read_s, connect=connect_s),
            # On this machine (address_of) there is no TLS to prepare for, and no proxy between.
            transport=None
            if self._address.startswith("https:")
            else httpx.HTTPTransport(verify=False),
            follow_redirects=False,
            headers={
                "User-Agent": f"recsql/{__version__}",
                "Accept": "application/json",
                # as it comes: what is packed may unpack to anything
                "Accept-Encoding": "identity",
            },
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **query: str) -> dict[str, Any] | None:
        """Return what the service answers, or None where it knows of no such thing (404).

        Raises Unusable where this answer is of no use, and Trouble where no other will be.
        """
        for tried in range(1, self._tries + 1):
            try:
                return self._try(path, query)
            except _Again as again:
                if tried == self._tries:
                    raise again.failure from None
                wait = again.wait
                if wait is None:
                    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tried - 1))
                    # not all at the same moment
                    wait *= 0.5 + self._time.dice() / 2
                if wait > PATIENCE:
                    raise Trouble(
                        f"{self.service.title} asks us to wait {round(wait / 60)} minutes",
                        hint="what it has answered is kept: run this again then",
                    ) from None
                self._time.sleep(wait)
        raise AssertionError("unreachable")

    def _try(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        import httpx

        pause = self._free_at - self._time.clock()
        if pause > 0:
            self._time.sleep(pause)
        began = self._time.clock()
        self._free_at = began + self._gap
        name = self.service.title
        address, headers = self._address + "/" + path, {}
        secret = self._key.value()
        if self.service.name == "omdb":
            query = {**query, "apikey": secret}
        elif len(secret) > _LONGEST_PLAIN_KEY or "." in secret:
            headers = {"Authorization": f"Bearer {secret}"}
        else:
            query = {**query, "api_key": secret}
        # `from None` below: the library's errors know the address.
        try:
            with self._http.stream("GET", address, params=query, headers=headers) as response:
                body = self._body(response, began)
        except httpx.TimeoutException:
            raise _Again(Trouble(f"{name} does not answer in time", hint=_LATER)) from None
        except httpx.TransportError as error:
            said = _reason(error)
            raise _Again(Trouble(f"{name} cannot be reached{said}", hint=_NET)) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Unusable(f"{name}'s answer cannot be read") from None
        return self._judged(response, body)

    def _body(self, response: httpx.Response, began: float) -> bytes:
        held = bytearray()
        for piece in response.iter_raw():
            held += piece
            if len(held) > LARGEST_ANSWER:
                raise Unusable(
                    f"{self.service.title}'s answer is larger than {LARGEST_ANSWER >> 20} MiB"
                )
            if self._time.clock() - began > self._whole_s:
                raise _Again(Trouble(f"{self.service.title} answers too slowly", hint=_LATER))
        return bytes(held)

    def _judged(self, response: httpx.Response, body: bytes) -> dict[str, Any] | None:
        name, code = self.service.title, response.status_code
        if code == 404:
            return None
        if code in (401, 403):
            # OMDb says this of a key that has been used up for today, too.
            if b"limit" in body[:1000].lower():
                raise Trouble(
                    f"the key of {name} is used up for today",
                    hint="what it has answered is kept: run this again tomorrow",
                )
            raise Trouble(
                f"{name} does not accept the key ({code})",
                hint=f"see {self.service.key_page}; a new key may have to be activated first",
            )
        if code == 429 or code >= 500:
            said = "is asked too often" if code == 429 else f"is in trouble ({code})"
            # One thing that a service breaks over must not end a run: so no Trouble.
            raise _Again(
                Unusable(f"{name} {said}", hint=_LATER),
                self._told_to_wait(response.headers.get("Retry-After")),
            )
        if 300 <= code < 400:
            raise Unusable(
                f"{name} sends us elsewhere ({code}), where the key will not go",
                hint=f"is RECSQL_{self.service.name.upper()}_URL right?",
            )
        if code != 200:
            raise Unusable(f"{name} answers with the status {code}")
        return self._read(body, packed=response.headers.get("Content-Encoding"))

    def _read(self, body: bytes, *, packed: str | None) -> dict[str, Any]:
        name = self.service.title
        if packed not in (None, "", "identity"):
            raise Unusable(f"{name}'s answer is packed, though nobody asked for that")
        try:
            answer = json.loads(body.decode("utf-8"), parse_constant=_refused)
            # as the database will have it: no NUL, no half characters
            json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise Unusable(f"{name}'s answer is no JSON") from None
        if not isinstance(answer, dict):
            raise Unusable(f"{name}'s answer is no JSON object")
        if b"\\u0000" in body:
            raise Unusable(f"{name}'s answer holds a NUL")
        return answer

    def _told_to_wait(self, said: str | None) -> float | None:
        """Return the seconds of a Retry-After, which may be a number or a date."""
        if not said:
            return None
        said = said.strip()
        if said.isascii() and said.isdigit() and len(said) < 10:
            return float(said)
        try:
            until = parsedate_to_datetime(said)
            if until.tzinfo is None:
                until = until.replace(tzinfo=UTC)
            return max(0.0, until.timestamp() - self._time.date())
        except (ValueError, TypeError, OverflowError):
            return None


_LATER = "try again later; what it has answered is kept"
_NET = "is this machine on the net? What was answered is kept: run this again then"


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _reason(error: Exception) -> str:
    """Return the system's own words for an error, which hold no address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return f": {cause.strerror}"
        cause = cause.__cause__ or cause.__context__
    return ""
