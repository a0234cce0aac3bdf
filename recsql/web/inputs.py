"""What visitors may write in an address, and a clear refusal of all else."""

from __future__ import annotations

import re
import unicodedata

from flask import request
from werkzeug.routing import BaseConverter

from recsql.errors import BadInput, NotFound

LARGEST_ID = 2**31 - 1
LARGEST_SEED = 2**63 - 1
LONGEST_SEARCH = 200
# [0-9] and not \d: other scripts' digits are digits to Python.
_WHOLE = re.compile(r"[0-9]{1,18}")
_SEED = re.compile(r"-?[0-9]{1,19}")


class IdConverter(BaseConverter):
    """A movie's key in a path: ASCII digits, as Postgres would write it."""

    regex = r"0|[1-9][0-9]{0,19}"

    def to_python(self, value: str) -> int:
        """Return the number, even one that no movie can have (that is a 404)."""
        return int(value)


class SlugConverter(BaseConverter):
    """The name of a category in a path."""

    regex = r"[a-z0-9][a-z0-9-]{0,79}"


def movie_id(value: int) -> int:
    """Return an id that the database can look up."""
    if value > LARGEST_ID:
        raise NotFound("There is no movie with that number.")
    return value


def whole(name: str, default: int, *, low: int = 1, high: int) -> int:
    """Return a whole number from the query string."""
    raw = request.args.get(name)
    if raw is None:
        return default
    if not _WHOLE.fullmatch(raw) or not low <= int(raw) <= high:
        raise BadInput(
            f"“{name}” has to be a whole number from {low} to {high:,}.",
            hint="Follow a link of the page instead of editing the address.",
        )
    return int(raw)


def seed() -> int | None:
    """Return the seed of a permalink, or None where the page may throw its own dice."""
    raw = request.args.get("seed")
    if raw is None:
        return None
    if not _SEED.fullmatch(raw) or not -LARGEST_SEED - 1 <= int(raw) <= LARGEST_SEED:
        raise BadInput(
            "“seed” has to be a whole number that fits a bigint.",
            hint="Leave it out for a page that nobody has seen before.",
        )
    return int(raw)


def choice(name: str, options: tuple[str, ...]) -> str:
    """Return one of the options, the first where none is asked for."""
    raw = request.args.get(name)
    if raw is None:
        return options[0]
    if raw not in options:
        raise BadInput(f"“{name}” has to be one of: {', '.join(options)}.")
    return raw


def search_text(given: str | None = None) -> str:
    """Return what is searched for, without the characters that no title has.

    given: what a form says; without it, the query string.
    """
    raw = request.args.get("q", "") if given is None else given
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in raw)
    text = " ".join(text.split())
    if len(text) > LONGEST_SEARCH:
        raise BadInput(
            f"A search may be {LONGEST_SEARCH} characters long.", hint="Try a word or two of it."
        )
    return text
