"""How values are written on a page: filters and helpers of the templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, g, request
from markupsafe import Markup, escape

from recsql.web import poster

TMDB = "https://image.tmdb.org/t/p/"
TMDB_SENTENCE = "This product uses the TMDB API but is not endorsed or certified by TMDB."
# Whatever the data says: a path on TMDB's host is letters, digits and a picture's ending.
_PICTURE = re.compile(r"/[\w.-]+\.(jpg|png|svg)", re.ASCII)
# What TMDB calls Cantonese, no language, and Serbo-Croatian, by their names of today.
_LANGUAGES = {"cn": "yue", "xx": "zxx", "sh": "hbs"}
_NOTHING = Markup("")
_HIDDEN = Markup(' <small class="gone">Hidden from your lists</small>')
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def tmdb(path: str | None, size: str = "w342") -> str:
    """Return the address of TMDB's picture, or "" where there is none that may be shown."""
    if not path or not current_app.config["POSTERS"] or not _PICTURE.fullmatch(path):
        return ""
    g.tmdb_shown = True
    return f"{TMDB}{size}{path}"


def drawn(movie_id: int, kind: str = "poster") -> str:
    """Return the address of the picture that we draw."""
    return f"{request.script_root}/{kind}/{movie_id}.svg?v={poster.EDITION}"


def link(path: str, **query: object) -> str:
    """Return an address on this site; empty and absent values of the query are left out."""
    root = request.script_root
    if not query:
        return str(root + path)
    kept = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in query.items()
        if value not in (None, "", [])
    )
    return str(root + path + _encoded(kept))


@lru_cache(maxsize=1024)  # a page has a dozen, most of them those of all pages of its kind
def _encoded(query: tuple[tuple[str, object], ...]) -> str:
    return "?" + urlencode(query, doseq=True) if query else ""


def outside(url: str | None) -> str:
    """Return a link to elsewhere if it is one of the web's, else ""."""
    if not url:
        return ""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.hostname else ""


def spoken(movie: Mapping[str, object], title: str | None) -> Markup:
    """Return the language of a title as an attribute, where it is the original and not English."""
    code = movie.get("original_language")
    if not code or code == "en" or not title or title != movie.get("original_title"):
        return _NOTHING
    return _spoken(str(code))


@lru_cache(maxsize=256)
def _spoken(code: str) -> Markup:
    code = _LANGUAGES.get(code, code)
    return Markup(f' lang="{code}"') if re.fullmatch("[a-z]{2,3}", code) else _NOTHING


def hidden(movie: Mapping[str, object]) -> Markup:
    """Return that the visitor hides a film; it is said where a film can be met all the same."""
    return _HIDDEN if movie.get("hidden") else _NOTHING


def number(value: int | Decimal | None) -> str:
    """Return a number with its thousands apart."""
    return "" if value is None else f"{value:,}"


def points(value: Decimal | float | int) -> str:
    """Return a score: as many digits as it has, three at most behind the point."""
    text = f"{Decimal(str(value)).quantize(Decimal('0.001'), ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".")


@lru_cache(maxsize=1024)  # there are not many means of two digits
def stars(value: Decimal | float | None) -> str:
    """Return a mean of stars with one digit, halves up as Postgres rounds them."""
    if value is None:
        return ""
    return str(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return "1 film", "2 films"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(value: date | None) -> str:
    """Return a date as people write it."""
    return "" if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def duration(minutes: int | None) -> str:
    """Return a running time in hours and minutes."""
    if not minutes:
        return ""
    hours, rest = divmod(minutes, 60)
    return " ".join(([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest else []))


def money(value: int | None) -> str:
    """Return dollars."""
    return f"${value:,}" if value else ""


def shorten(text: str | None, limit: int) -> str:
    """Return a text cut between two words."""
    text = " ".join((text or "").split())
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(",;:.–- ") + "…"


def histogram(counts: Iterable[int]) -> Markup:
    """Return ten bars as SVG: presentation attributes, since the policy forbids inline styles."""
    counts = list(counts)
    top = max([*counts, 1])
    bars = []
    for i, count in enumerate(counts):
        tall = max(2.0, 60 * count / top)
        bars.append(
            f'<rect x="{i * 20 + 2}" y="{64 - tall:.1f}" width="16" height="{tall:.1f}" rx="2">'
            f"<title>{(i + 1) / 2} stars: {count:,}</title></rect>"
        )
    said = ", ".join(f"{(i + 1) / 2}: {count:,}" for i, count in enumerate(counts))
    return Markup(
        f'<svg class="bars" viewBox="0 0 200 64" role="img" aria-label="How many gave how many'
        f' stars: {escape(said)}">{"".join(bars)}</svg>'
    )


def interval(row: Mapping[str, object], said: str) -> Markup:
    """Return a track with the stretch from low to high on it: short is sure, long is thin."""
    if row["low"] is None or row["high"] is None:
        return Markup("")
    low, high = float(str(row["low"])) * 100, float(str(row["high"])) * 100
    ends = 'height="6" rx="1.2" ry="3"'  # round, once the track is stretched
    return Markup(
        '<svg class="span" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(said)}: {low:.0f} to {high:.0f} per cent">'
        f"<title>{escape(said)}: {low:.0f} to {high:.0f} per cent, with 95% certainty</title>"
        f'<rect width="100" {ends}/>'
        f'<rect class="on" x="{low:.1f}" width="{max(1.5, high - low):.1f}" {ends}/></svg>'
    )


def register(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters.update(
        number=number,
        points=points,
        stars=stars,
        day=day,
        duration=duration,
        money=money,
        shorten=shorten,
        histogram=histogram,
        outside=outside,
    )
    app.jinja_env.globals.update(
        tmdb=tmdb,
        drawn=drawn,
        link=link,
        plural=plural,
        spoken=spoken,
        hidden=hidden,
        interval=interval,
        TMDB_SENTENCE=TMDB_SENTENCE,
    )
