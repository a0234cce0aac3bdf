"""Pages that are the same for every visitor, written once for as long as they are right.

A page is made of rows and of nothing else. While the database's snapshot is the one that it was
written from, no row can be another, and the page that was written is the page that would be. That
is asked at every request, a tenth of a millisecond; so a rating shows at once, and a site that
nobody writes to answers from memory. Where ratings come all the time and visitors crowd, a page
may be a few seconds old instead: better than a queue.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NamedTuple, ParamSpec

from flask import Flask, Response, current_app, request

from recsql import db
from recsql.web import compress, people

# A visitor without an account may see a rating missing this long, and only in a crowd.
CROWDED_S = 10.0
# So many pages being written at a time, by one process of several, are a crowd: all cores are busy.
CROWD = 2
# Of one process; some five thousand pages.
MOST_BYTES = 64 * 1024 * 1024

P = ParamSpec("P")
Key = tuple[str, str]


class Page(NamedTuple):
    """A page as it was written."""

    packed: bytes  # gzip
    etag: str
    cache_control: str


class _Written(NamedTuple):
    snapshot: str
    when: float
    page: Page


class Kept:
    """The pages that this process has written, those used last kept longest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._written: OrderedDict[Key, _Written] = OrderedDict()
        self._bytes = 0
        self._in_work = 0

    def find(self, key: Key, snapshot: str) -> Page | None:
        """Return the page of an address; None where it has to be written (again)."""
        with self._lock:
            found = self._written.get(key)
            if found is None:
                return None
            if found.snapshot != snapshot and not (
                self._in_work >= CROWD and self.clock() - found.when < CROWDED_S
            ):
                return None
            self._written.move_to_end(key)
            return found.page

    def keep(self, key: Key, snapshot: str, began: float, page: Page) -> None:
        """Keep a page; the snapshot and began are of before its rows were asked for."""
        with self._lock:
            self._drop(key)
            self._written[key] = _Written(snapshot, began, page)
            self._bytes += len(page.packed)
            while self._bytes > MOST_BYTES:
                self._drop(next(iter(self._written)))

    def _drop(self, key: Key) -> None:
        if (old := self._written.pop(key, None)) is not None:
            self._bytes -= len(old.page.packed)

    @contextmanager
    def in_work(self) -> Iterator[None]:
        """Count a page as being written."""
        with self._lock:
            self._in_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_work -= 1


def while_unchanged(view: Callable[P, Response]) -> Callable[P, Response]:
    """Write the page of a view once, for all visitors without a session."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        # With one, a page is that person's own; and HEAD is not worth a case.
        if people.has_session() or request.method != "GET":
            return view(*args, **kwargs)
        pages: Kept = current_app.extensions["recsql.kept"]
        key = (request.script_root, request.full_path)
        # Before the rows: should one change in between, the page is newer than it says, and goes.
        began, snapshot = pages.clock(), db.snapshot(current_app.extensions["recsql.engine"])
        page = pages.find(key, snapshot)
        if page is not None:
            return _response(page)
        with pages.in_work():
            response = view(*args, **kwargs)
        if response.status_code != 200 or people.has_form():
            return response
        page = Page(
            compress.at_once(response.get_data()),
            response.headers["ETag"],
            response.headers["Cache-Control"],
        )
        pages.keep(key, snapshot, began, page)
        return _response(page)

    return answer


def _response(page: Page) -> Response:
    response = compress.answer(page.packed)
    response.headers["Cache-Control"] = page.cache_control
    response.headers["ETag"] = page.etag
    return response.make_conditional(request)


def register(app: Flask) -> None:
    """Give the site a place to keep pages in."""
    app.extensions["recsql.kept"] = Kept()
