"""Typographic posters: an SVG out of a film's title, year and genres, and nothing else.

The genre chooses motif and palette (recsql.web.art), the decade chooses the lettering, a hash of
the film chooses everything else. Same film, same poster: in every process and on every machine.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from recsql.web import art
from recsql.web.art import Dice, Palette, Stage

# Part of the address and of the ETag: a change of the drawing shows at once, everywhere.
EDITION = "3"

WIDTH, HEIGHT = 400, 600
WIDE, WIDE_HEIGHT = 1600, 900
_LONGEST = 14  # letters of a word before it is broken
MARGIN = 28

SANS = "'Helvetica Neue',Helvetica,Arial,sans-serif"
NARROW = (
    "'Avenir Next Condensed','Roboto Condensed','Arial Narrow',"
    "'Liberation Sans Narrow',Arial,sans-serif"
)
SERIF = "Georgia,'Times New Roman','Liberation Serif',serif"
ROUND = "Futura,'Century Gothic','Avenir Next','Helvetica Neue',Arial,sans-serif"

# How wide the letters of a bold grotesque are, in thousandths of the type size. Every line of a
# poster is set to the width reckoned here (textLength), so another font cannot overflow.
_WIDTHS = {
    letter: width
    for letters, width in (
        ("ijlI.,:;|!'’‘ ", 278),
        ("ft-()[]·“”", 333),
        ("r*", 389),
        ("z", 500),
        ("acekvxysJ0123456789$#", 556),
        ("FTZLbdghnopqu?", 611),
        ("EPSVXY+=", 667),
        ("ABCDHKNRU&", 722),
        ("GOQ", 778),
        ("wM—…", 830),
        ("mW%@", 920),
    )
    for letter in letters
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Genres that say little about a film are drawn only where it has no other.
_VAGUE = {"Drama", "Foreign", "TV Movie", "Comedy", "Thriller"}


@dataclass(frozen=True)
class Face:
    """A way of lettering: the fonts, how wide they run, and their weight."""

    family: str
    run: float
    more: str
    tracking: float = 0.0
    upper: bool = False


@dataclass(frozen=True)
class Film:
    """What a poster is made from."""

    title: str
    year: int | None
    genres: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return what all choices hang on."""
        return f"{self.title}|{self.year}"


def _clean(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _letter_width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known / 1000
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if _is_wide(letter):
        return 1.0
    base = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(base, 720 if letter.isupper() else 600) / 1000


def _run(text: str, face: Face) -> float:
    """Return how long a text is at type size 1."""
    tracking = face.tracking if _latin(text) else 0
    return sum(_letter_width(c) for c in text) * face.run + tracking * max(0, len(text) - 1)


def _latin(text: str) -> bool:
    return all(ord(c) < 0x250 or not c.isalpha() for c in text)


def _words(title: str) -> list[str]:
    words = [
        word[start : start + most]
        for word in title.split()
        # a name like Llanfairpwllgwyngyllgogerychwyrndrobwll on one line would be a hair
        for most in [_LONGEST if len(word) > 1.5 * _LONGEST else len(word)]
        for start in range(0, len(word), most)
    ]
    if len(words) == 1 and len(title) > 5 and sum(map(_is_wide, title)) > len(title) / 2:
        return list(title)  # Chinese and Japanese break anywhere
    return words


def _join(words: Sequence[str]) -> str:
    glue = "" if all(len(w) == 1 and _is_wide(w) for w in words) else " "
    return glue.join(words)


def _balanced(words: Sequence[str], count: int, face: Face) -> list[str]:
    """Break words into this many lines so that the longest is as short as can be."""
    best: dict[tuple[int, int], tuple[float, list[str]]] = {}

    def rest(start: int, lines: int) -> tuple[float, list[str]]:
        if (start, lines) not in best:
            if lines == 1:
                line = _join(words[start:])
                best[start, lines] = (_run(line, face), [line])
            else:
                options = []
                for end in range(start + 1, len(words) - lines + 2):
                    line = _join(words[start:end])
                    longest, following = rest(end, lines - 1)
                    options.append((max(_run(line, face), longest), [line, *following]))
                best[start, lines] = min(options, key=lambda option: option[0])
        return best[start, lines]

    return rest(0, count)[1]


def _fit(
    title: str, face: Face, width: float, height: float, largest: float, leading: float
) -> tuple[float, list[str]]:
    """Return the largest type size, and the lines, at which a title fills a box."""
    text = title.upper() if face.upper else title
    words = _words(text)[:24] or ["?"]
    found: tuple[float, list[str]] = (0.0, [])
    for count in range(1, min(len(words), 8) + 1):
        lines = _balanced(words, count, face)
        longest = max(_run(line, face) for line in lines) or 1
        size = min(largest, width / longest, height / (count * leading))
        if size > found[0] * 1.04:  # an extra line has to earn its place
            found = (size, lines)
    return found


def _text(
    x: float, y: float, size: float, fill: str, face: Face, line: str, anchor: str = "start"
) -> str:
    tracking = face.tracking if _latin(line) else 0
    spacing = f' letter-spacing="{tracking * size:.1f}"' if tracking else ""
    long = _run(line, face) * size
    fixed = f' textLength="{long:.0f}" lengthAdjust="spacingAndGlyphs"' if len(line) > 1 else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:.1f}" fill="{fill}"'
        f' font-family="{face.family}"{face.more}{spacing}{where}{fixed}>{_clean(line)}</text>'
    )


def _readable(ground: str, *inks: str) -> str:
    return max(inks, key=lambda ink: art.contrast(ground, ink))


def _split_title(title: str) -> tuple[str, str]:
    """Part a title from its subtitle."""
    for mark in (": ", " - ", " – ", " — "):
        head, found, tail = title.partition(mark)
        if found and len(head) > 2 and len(tail) > 2:
            return head, tail
    return title, ""


@dataclass(frozen=True)
class Sheet:
    """One poster being lettered: where its title may stand, and in which colours."""

    film: Film
    head: str
    tail: str
    palette: Palette
    dice: Dice
    top: float
    height: float
    at_top: bool


def _tail(sheet: Sheet, face: Face, y: float, anchor: str, fill: str) -> tuple[str, float]:
    """Letter the subtitle below y; return it and its height."""
    if not sheet.tail:
        return "", 0.0
    small = Face(face.family, face.run, face.more, min(face.tracking, 0.06), face.upper)
    size, lines = _fit(sheet.tail, small, WIDTH - 2 * MARGIN, 66, 27, 1.12)
    x = {"start": MARGIN, "middle": WIDTH / 2, "end": WIDTH - MARGIN}[anchor]
    out = "".join(
        _text(x, y + size * (1.0 + 1.12 * i), size, fill, small, line, anchor)
        for i, line in enumerate(lines)
    )
    return out, size * 1.12 * len(lines) + 8


def _room(sheet: Sheet) -> float:
    return sheet.height - (66 if sheet.tail else 0)


def _start(sheet: Sheet, block: float) -> float:
    """Return where a block of this height begins: titles hug the picture's far side."""
    return sheet.top if sheet.at_top else sheet.top + max(0.0, sheet.height - block)


def _deco(sheet: Sheet) -> str:
    face = Face(ROUND, 1.04, ' font-weight="700"', 0.09, upper=True)
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 16, _room(sheet) - 30, 58, 1.14)
    block = size * 1.14 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "middle", sheet.palette.third)
    y = _start(sheet, block + tail_height + 24) + 12
    p = sheet.palette
    out = ""
    for edge in (y - 8, y + block + tail_height + 10):
        out += (
            f'<path d="M{MARGIN + 24} {edge:.0f}H{WIDTH - MARGIN - 24}M{MARGIN + 54} {edge + 5:.0f}'
            f'H{WIDTH - MARGIN - 54}" stroke="{p.ink}" stroke-width="1.6" fill="none"/>'
        )
    for i, line in enumerate(lines):
        out += _text(WIDTH / 2, y + size * (0.92 + 1.14 * i), size, p.ink, face, line, "middle")
    tail, _ = _tail(sheet, face, y + block, "middle", p.ink)
    return out + tail


def _noir(sheet: Sheet) -> str:
    face = Face(SERIF, 0.92, ' font-weight="700" font-style="italic"')
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 6, _room(sheet) - 24, 84, 0.98)
    block = size * 0.98 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, block + tail_height + 18) + 12
    tail, _ = _tail(sheet, face, y + block + 4, "start", p.ink)
    out = ""
    for i, line in enumerate(lines):
        base = y + size * (0.82 + 0.98 * i)
        out += _text(MARGIN + 3, base + 3, size, p.first, face, line)
        out += _text(MARGIN, base, size, p.ink, face, line)
    return f'<g transform="rotate(-4 200 {y + block / 2:.0f})">{out}{tail}</g>'


def _banner(sheet: Sheet) -> str:
    face = Face(NARROW, 0.84, ' font-weight="700"', 0.01, upper=True)
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 30, _room(sheet), 78, 1.22)
    step = size * 1.22
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, step * len(lines) + tail_height)
    colours = sorted((p.first, p.second, p.third), key=lambda c: -art.contrast(c, p.ground))[:2]
    out = ""
    for i, line in enumerate(lines):
        wide = _run(line, face) * size + 28
        x = MARGIN - 8 if i % 2 == 0 else min(WIDTH - MARGIN - wide + 8, MARGIN + 10)
        band = colours[i % 2]
        turn = sheet.dice.span(-2.2, 2.2)
        top = y + i * step
        out += (
            f'<g transform="rotate({turn:.1f} 200 {top + step / 2:.0f})">'
            f'<path d="M{x:.0f} {top + 2:.0f}h{wide:.0f}l-5 {step * 0.92:.0f}h{2 - wide:.0f}z"'
            f' fill="{band}"/>'
            + _text(
                x + 13,
                top + size * 0.98,
                size,
                _readable(band, p.ink, p.ground, "#fff", "#111"),
                face,
                line,
            )
            + "</g>"
        )
    tail, _ = _tail(sheet, face, y + step * len(lines), "start", p.ink)
    return out + tail


def _cut_paper(sheet: Sheet) -> str:
    """Words on scraps cut with scissors."""
    face = Face(SANS, 1.0, ' font-weight="800"', -0.01, upper=True)
    p, d = sheet.palette, sheet.dice
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 40, _room(sheet), 70, 1.2)
    step = size * 1.2
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, step * len(lines) + tail_height)
    paper = max((p.first, p.third, p.ink), key=lambda c: art.contrast(c, p.ground))
    out = ""
    for i, line in enumerate(lines):
        wide = _run(line, face) * size + 30
        x = MARGIN - 6 + d.unit() * max(0.0, WIDTH - 2 * MARGIN + 12 - wide)
        top = y + i * step
        a, b, c, e = (d.span(-5, 4) for _ in range(4))
        foot = top + step * 0.96
        scrap = (
            f"{x:.0f},{top + a:.0f} {x + wide + b:.0f},{top + c:.0f} "
            f"{x + wide + c:.0f},{foot + e:.0f} {x + b:.0f},{foot + a:.0f}"
        )
        out += (
            f'<polygon points="{scrap}" fill="{paper}"/>'
            + f'<g transform="rotate({d.span(-1.6, 1.6):.1f} 200 {top + step / 2:.0f})">'
            + _text(x + 15, top + size * 0.95, size, _readable(paper, p.ground, p.ink), face, line)
            + "</g>"
        )
    tail, _ = _tail(sheet, face, y + step * len(lines), "start", p.ink)
    return out + tail


def _stripes(sheet: Sheet) -> str:
    face = Face(SERIF, 0.94, ' font-weight="700"', -0.02)
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN, _room(sheet) - 34, 88, 0.9)
    block = size * 0.9 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, block + tail_height + 34)
    out = "".join(
        f'<rect x="0" y="{y + 6 * i:.0f}" width="{WIDTH}" height="4" fill="{colour}"/>'
        for i, colour in enumerate((p.first, p.third, p.second))
    )
    y += 30
    for i, line in enumerate(lines):
        out += _text(MARGIN - 2, y + size * (0.76 + 0.9 * i), size, p.ink, face, line)
    tail, _ = _tail(sheet, face, y + block, "start", p.ink)
    return out + tail


def _chrome(sheet: Sheet) -> str:
    face = Face(SANS, 1.0, ' font-weight="900" font-style="italic"', -0.02, upper=True)
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 8, _room(sheet) - 10, 92, 0.96)
    block = size * 0.96 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, block + tail_height)
    out = ""
    for i, line in enumerate(lines):
        base = y + size * (0.8 + 0.96 * i)
        out += _text(MARGIN + 5, base + 5, size, p.first, face, line)
        out += _text(MARGIN, base, size, p.ink, face, line)
        out += "".join(
            f'<rect x="0" y="{base - size * k:.1f}" width="{WIDTH}" height="{size * t:.1f}"'
            f' fill="{p.ground}"/>'
            for k, t in ((0.12, 0.035), (0.22, 0.025), (0.32, 0.016))
        )
    tail, _ = _tail(sheet, face, y + block, "start", p.ink)
    return out + tail


def _engraved(sheet: Sheet) -> str:
    face = Face(SERIF, 0.94, "", 0.14, upper=True)
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN, _room(sheet) - 30, 56, 1.2)
    block = size * 1.2 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "middle", p.ink)
    y = _start(sheet, block + tail_height + 26) + 8
    out = "".join(
        _text(WIDTH / 2, y + size * (0.9 + 1.2 * i), size, p.ink, face, line, "middle")
        for i, line in enumerate(lines)
    )
    tail, tail_height = _tail(sheet, face, y + block, "middle", p.ink)
    rule = y + block + tail_height + 10
    return out + tail + f'<path d="M160 {rule:.0f}h80" stroke="{p.third}" stroke-width="3"/>'


def _tall(sheet: Sheet) -> str:
    face = Face(NARROW, 0.8, ' font-weight="700"', 0.02, upper=True)
    p = sheet.palette
    size, lines = _fit(sheet.head, face, WIDTH - 2 * MARGIN - 14, _room(sheet), 96, 1.0)
    block = size * 1.0 * len(lines)
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, block + tail_height)
    out = (
        f'<rect x="{MARGIN - 4}" y="{y + 4:.0f}" width="5" height="{block - 4:.0f}"'
        f' fill="{p.first}"/>'
    )
    for i, line in enumerate(lines):
        out += _text(MARGIN + 14, y + size * (0.84 + i), size, p.ink, face, line)
    tail, _ = _tail(sheet, face, y + block, "start", p.ink)
    return out + tail


def _stacked(sheet: Sheet) -> str:
    """Each line as wide as the sheet: the title is the picture's foundation."""
    face = Face(SANS, 1.0, ' font-weight="900"', -0.03, upper=True)
    p, width = sheet.palette, WIDTH - 2 * MARGIN
    room = _room(sheet)
    words = _words(sheet.head.upper())[:24] or ["?"]
    best: tuple[float, float, list[tuple[str, float]]] = (-1.0, 0.0, [])
    for count in range(1, min(len(words), 7) + 1):
        lines = _balanced(words, count, face)
        sizes = [min(118.0, width / (_run(line, face) or 1)) for line in lines]
        tall = sum(size * 0.82 for size in sizes)
        scale = min(1.0, room / tall)
        area = sum(_run(t, face) * s * s for t, s in zip(lines, sizes, strict=True)) * scale**2
        if area > best[0] * 1.02:
            set_lines = [(t, s * scale) for t, s in zip(lines, sizes, strict=True)]
            best = (area, tall * scale, set_lines)
    tail, tail_height = _tail(sheet, face, 0, "start", p.ink)
    y = _start(sheet, best[1] + tail_height)
    out = ""
    for line, size in best[2]:
        y += size * 0.82
        out += _text(MARGIN - 1, y - size * 0.06, size, p.ink, face, line)
    tail, _ = _tail(sheet, face, y + 2, "start", p.ink)
    return out + tail


Lettering = Callable[[Sheet], str]

# How titles were set, roughly, when the film came out.
_DECADES: tuple[tuple[int, tuple[Lettering, ...]], ...] = (
    (1940, (_deco,)),
    (1950, (_noir, _deco)),
    (1960, (_banner, _noir)),
    (1970, (_cut_paper, _banner)),
    (1980, (_stripes,)),
    (1990, (_chrome, _stripes)),
    (2000, (_engraved, _tall)),
    (2010, (_tall, _stacked)),
    (9999, (_stacked, _stacked, _tall)),
)


def _lettering(year: int | None, dice: Dice) -> Lettering:
    if year is None:
        return dice.pick((_tall, _stacked, _stripes))
    return dice.pick(next(options for before, options in _DECADES if year < before))


def _frame(year: int | None, p: Palette) -> str:
    """Return the edge of the sheet, as its time would have printed it."""
    edge = ' fill="none" stroke-width='
    if year is None or year >= 1980:
        return ""
    if year < 1950:
        return (
            f'<rect x="9" y="9" width="382" height="582"{edge}"2.4" stroke="{p.ink}"/>'
            f'<rect x="15" y="15" width="370" height="570"{edge}"1" stroke="{p.ink}"/>'
        )
    if year < 1960:
        return f'<rect x="5" y="5" width="390" height="590"{edge}"10" stroke="{p.ink}"/>'
    if year < 1970:
        return ""
    return f'<rect x="8" y="8" width="384" height="584" rx="26"{edge}"3" stroke="{p.third}"/>'


def _choose(film: Film) -> tuple[str, art.Motif, Palette, Dice]:
    """Return the genre that the film is drawn as, its motif, a palette of any of its genres."""
    dice = Dice(film.key)
    genres = sorted(g for g in film.genres if g in art.MOTIFS)
    if not genres:
        genre = film.genres[0] if film.genres else "Film"
        return genre, dice.pick(art.PLAIN), dice.pick(art.NEUTRAL), dice
    genre = dice.pick([g for g in genres if g not in _VAGUE] or genres)
    return genre, dice.pick(art.MOTIFS[genre]), dice.pick(art.PALETTES[dice.pick(genres)]), dice


def _shade(height: int) -> str:
    """Return a breath of light from above: flat colour looks printed, not filled in."""
    return (
        '<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1">'
        '<stop offset="0" stop-color="#fff" stop-opacity=".09"/>'
        '<stop offset=".5" stop-color="#fff" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#000" stop-opacity=".2"/></linearGradient></defs>'
        f'<rect width="100%" height="{height}" fill="url(#g)"/>'
    )


@lru_cache(maxsize=2048)
def poster(film: Film) -> str:
    """Return a film's poster as an SVG document."""
    genre, motif, p, dice = _choose(film)
    land = motif in art.LANDSCAPES
    stage = Stage(WIDTH, HEIGHT, WIDTH / 2, 216, 150, 262)
    picture = motif(stage, dice, p)
    head, tail = _split_title(film.title.strip() or "Untitled")
    sheet = Sheet(film, head, tail, p, dice, 66 if land else 388, 176 if land else 160, land)
    lettering = _lettering(film.year, dice)(sheet)
    label = Face(SANS, 1.0, ' font-weight="700"', 0.1, upper=True)
    year = str(film.year) if film.year is not None else ""
    strip = _text(MARGIN, 44, 15, p.ink, label, year) if year else ""
    strip += _text(WIDTH - MARGIN, 44, 15, p.ink, label, genre.upper(), "end")
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{p.ground}"/>'
    if not land:  # letters never stand on a shape: head and foot of the sheet are bare ground
        picture += f'<path d="M0 0H{WIDTH}V58H0ZM0 378H{WIDTH}V600H0Z" fill="{p.ground}"/>'
    alt = _clean(f"{film.title} ({year})" if year else film.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{alt}</title>{ground}{picture}{_shade(HEIGHT)}{lettering}{strip}"
        f"{_frame(film.year, p)}</svg>"
    )


@lru_cache(maxsize=64)
def tile(genre: str) -> str:
    """Return a genre's wide picture, for lists of genres."""
    dice = Dice(genre)
    motif = art.MOTIFS.get(genre, art.PLAIN)[0]
    p = art.PALETTES.get(genre, art.NEUTRAL)[0 if dice.unit() < 0.5 else 2]
    stage = Stage(640, 360, 320, 180, 132, 130)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">'
        f'<rect width="640" height="360" fill="{p.ground}"/>{motif(stage, dice, p)}'
        f"{_shade(360)}</svg>"
    )


@lru_cache(maxsize=512)
def backdrop(film: Film) -> str:
    """Return a film's wide picture without letters, its focus to the right."""
    _, motif, p, dice = _choose(film)
    stage = Stage(WIDE, WIDE_HEIGHT, WIDE * 0.7, WIDE_HEIGHT * 0.47, 330, WIDE_HEIGHT * 0.3)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {WIDE_HEIGHT}"'
        ' preserveAspectRatio="xMidYMid slice" role="img">'
        f'<title>{_clean(film.title)}</title><rect width="{WIDE}" height="{WIDE_HEIGHT}"'
        f' fill="{p.ground}"/>{motif(stage, dice, p)}{_shade(WIDE_HEIGHT)}</svg>'
    )


def stamp(film: Film) -> str:
    """Return what an ETag of the film's pictures may be: it changes when they do."""
    said = "|".join((EDITION, film.key, *film.genres))
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).hexdigest()
