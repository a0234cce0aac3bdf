"""Films that we lack: looked up at OMDb where somebody asks for that, added, and then rated here.

Only with a key, only for who is signed in, only at the push of a button: no page asks by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from recsql import accounts, enrich
from recsql.errors import BadInput, NotFound, RecsqlError
from recsql.web import errors, inputs, people
from recsql.web.pages import ask, page, reading, totals
from recsql.web.people import me, personal, sent_to, writing
from recsql.web.wording import link

# Per account and address within a quarter of an hour; OMDb gives away 1,000 a day.
LOOK_UPS = 30
# A page that takes longer is worth less than an honest "try again".
PATIENCE_S = 3.0
_AWAY = "OMDb gave no usable answer. Our own catalogue works as ever; try again in a moment."
# Threads that wait for OMDb; beyond it somebody else's slowness would become ours.
_waiting = threading.BoundedSemaphore(4)

T = TypeVar("T")


def offered() -> bool:
    """Return whether this site can look films up elsewhere."""
    return current_app.config["OMDB_KEY"] is not None


def credit(services: Iterable[str]) -> str:
    """Have the foot of this page name those whose data it shows."""
    for service in services:
        setattr(g, f"{service}_shown", True)
    return ""


def _in_time(work: Callable[[], T]) -> T:
    """Do what asks the net, and stop waiting for it: a name server has time-outs of its own."""
    if not _waiting.acquire(blocking=False):
        raise enrich.Trouble("too many look-ups wait for OMDb already")
    done: dict[str, Any] = {}

    def run() -> None:
        try:
            done["found"] = work()
        except BaseException as error:
            done["error"] = error
        finally:
            _waiting.release()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if "error" in done:
        raise done["error"]
    if "found" not in done:
        raise enrich.Trouble("OMDb does not answer in time")
    return done["found"]  # type: ignore[no-any-return]


def _must_be_offered() -> None:
    if not offered():
        raise NotFound(
            "This site does not look films up elsewhere.", hint="Search its own catalogue instead."
        )


def _asked(work: Callable[[enrich.Client], T]) -> T:
    """Count the look-up, and do it. Raises Trouble or Unusable where OMDb is of no help."""
    with writing() as conn:
        accounts.may_try(conn, "look up", me().name, people.address(), p_limit=LOOK_UPS)
    key = current_app.config["OMDB_KEY"]

    def run() -> T:
        # One try: whoever waits can press the button again.
        with enrich.Client(
            enrich.OMDB, key, tries=1, connect_s=1.5, read_s=2.5, whole_s=PATIENCE_S
        ) as client:
            return work(client)

    try:
        return _in_time(run)
    except (enrich.Trouble, enrich.Unusable) as error:
        # What is wrong with our key is for the log, and no visitor's business.
        errors.log.warning("%s", error.message)
        raise


@personal
def elsewhere() -> Response:
    """Show what OMDb finds, and which of it we have."""
    _must_be_offered()
    words = inputs.search_text(request.values.get("q", ""))
    if request.method == "GET" or not words:
        # the address of an answer is none that could be opened again
        return sent_to(link("/search", q=words))
    try:
        found = _asked(lambda client: enrich.look_up(client, words))
    except (enrich.Trouble, enrich.Unusable):
        return _shown(words, wrong=_AWAY)
    return _shown(words, found)


def _shown(words: str, found: enrich.Found | None = None, wrong: str | None = None) -> Response:
    with reading() as conn:
        movies = ask(conn, "found_at_omdb", p_answer=found.as_json()) if found else []
        about = totals(conn)
    credit(["omdb"] if movies else [])
    return page(
        "elsewhere.html",
        kept=False,
        q=words,
        movies=movies,
        more=found is not None and found.total > len(movies),
        total=found.total if found else 0,
        note=found.note if found else None,
        wrong=wrong,
        about=about,
    )


@personal
def add_movie() -> Response:
    """Add a film by its IMDb id, as OMDb describes it this moment, and show it."""
    _must_be_offered()
    imdb_id = request.form.get("imdb_id", "").strip()
    words = inputs.search_text(request.form.get("q", ""))
    try:
        answer = _asked(lambda client: enrich.ask(client, imdb_id))
    except (enrich.Trouble, enrich.Unusable):
        return _shown(words or imdb_id[:20], wrong="The film was not added. " + _AWAY)
    except (BadInput, NotFound) as error:
        raise _sentence(error) from None
    try:
        row = enrich.store(writing, answer)
    except BadInput as error:
        raise _sentence(error) from None
    return sent_to(link(f"/movie/{row['movie_id']}") + "#mine")


def _sentence(error: RecsqlError) -> RecsqlError:
    """Return an error in whole sentences, as error pages say them."""
    said = [
        part[:1].upper() + part[1:].rstrip(".") + "." if part else None
        for part in (error.message, error.hint)
    ]
    return type(error)(said[0] or "", hint=said[1])


def register(app: Flask) -> None:
    """Give each page its address; without a key there is nothing that leads to them."""
    try:
        app.config["OMDB_KEY"] = enrich.key_of(enrich.OMDB)
        enrich.address_of(enrich.OMDB)
    except BadInput as error:
        errors.log.warning("films are not looked up at OMDb: %s", error.message)
        app.config["OMDB_KEY"] = None
    app.jinja_env.globals.update(elsewhere_offered=offered, credit=credit)
    app.add_url_rule("/elsewhere", view_func=elsewhere, methods=["GET", "POST"])
    app.add_url_rule("/elsewhere/add", view_func=add_movie, methods=["POST"])
