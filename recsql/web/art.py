"""Genre motifs and palettes: the flat, cut-paper pictures on our posters and backdrops.

A motif draws around a focus (a circle in empty ground) or fills a landscape below a horizon.
Every choice comes out of a hash of the film, so that a film looks the same everywhere, for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, radians, sin, sqrt
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices that depend on nothing but the key, on any machine and any version of Python."""

    def __init__(self, key: str) -> None:
        self._key = key.encode("utf-8", "replace")
        self._throws = 0

    def unit(self) -> float:
        """Return the next number in [0, 1)."""
        self._throws += 1
        digest = hashlib.blake2b(self._key + b"#%d" % self._throws, digest_size=6).digest()
        return int.from_bytes(digest, "big") / (1 << 48)

    def span(self, low: float, high: float) -> float:
        """Return the next number between low and high."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Return the next whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[int(self.unit() * len(options))]

    def side(self) -> int:
        """Return -1 or 1."""
        return 1 if self.unit() < 0.5 else -1


@dataclass(frozen=True)
class Palette:
    """A ground, three colours to cut shapes from, and the ink of the letters."""

    ground: str
    first: str
    second: str
    third: str
    ink: str


@dataclass(frozen=True)
class Stage:
    """The space of a picture: its size, the circle of the focus, and the horizon."""

    width: float
    height: float
    x: float
    y: float
    radius: float
    horizon: float


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _d(*parts: str | float) -> str:
    """Return the data of a path: letters as they are, numbers short."""
    out = ""
    for part in parts:
        if isinstance(part, str):
            out += part
        else:
            out += _n(part) if out == "" or out[-1].isalpha() else " " + _n(part)
    return out


def _circle(x: float, y: float, r: float, fill: str, more: str = "") -> str:
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" fill="{fill}"{more}/>'


def _ring(x: float, y: float, r: float, stroke: str, width: float, more: str = "") -> str:
    return _circle(x, y, r, "none", f' stroke="{stroke}" stroke-width="{_n(width)}"{more}')


def _ellipse(x: float, y: float, rx: float, ry: float, fill: str, more: str = "") -> str:
    return f'<ellipse cx="{_n(x)}" cy="{_n(y)}" rx="{_n(rx)}" ry="{_n(ry)}" fill="{fill}"{more}/>'


def _rect(x: float, y: float, w: float, h: float, fill: str, more: str = "") -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" fill="{fill}"{more}/>'


def _poly(points: Sequence[tuple[float, float]], fill: str, more: str = "") -> str:
    joined = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return f'<polygon points="{joined}" fill="{fill}"{more}/>'


def _path(d: str, fill: str, more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}"{more}/>'


def _line(d: str, stroke: str, width: float, more: str = "") -> str:
    return _path(d, "none", f' stroke="{stroke}" stroke-width="{_n(width)}"{more}')


def _polar(x: float, y: float, r: float, degrees: float) -> tuple[float, float]:
    return x + r * cos(radians(degrees)), y + r * sin(radians(degrees))


def _star(
    x: float, y: float, outer: float, inner: float, points: int, turn: float = -90
) -> list[tuple[float, float]]:
    step = 180 / points
    return [_polar(x, y, inner if i % 2 else outer, turn + i * step) for i in range(points * 2)]


def _stars(s: Stage, d: Dice, colour: str, count: int, top: float, bottom: float) -> str:
    return "".join(
        _circle(
            d.span(0.04, 0.96) * s.width,
            d.span(top, bottom),
            d.pick((1.4, 1.4, 2, 3)) * s.radius / 150,
            colour,
        )
        for _ in range(count)
    )


# Action ------------------------------------------------------------------------------------


def _slashes(s: Stage, d: Dice, p: Palette) -> str:
    colours = (p.first, p.second, p.third)
    out, x = "", s.x - s.radius * 1.05
    i = d.whole(0, 2)
    while x < s.x + s.radius * 1.05:
        w = s.radius * d.span(0.09, 0.36)
        half = s.radius * d.span(0.5, 1.3)
        out += _rect(x, s.y - half + s.radius * d.span(-0.3, 0.3), w, half * 2, colours[i % 3])
        x += w + s.radius * d.span(0.04, 0.12)
        i += 1
    turn = d.pick((24, 32, 58)) * d.side()
    return (
        f'<clipPath id="c">{_circle(s.x, s.y, s.radius, "#000")}</clipPath><g clip-path="url(#c)">'
        f'<g transform="rotate({turn} {_n(s.x)} {_n(s.y)})">{out}</g></g>'
    )


def _burst(s: Stage, d: Dice, p: Palette) -> str:
    points = d.whole(9, 15)
    x, y = s.x + s.radius * d.span(-0.15, 0.15), s.y
    out = ""
    for scale, colour in ((0.93, p.first), (0.65, p.second), (0.38, p.third)):
        edge = []
        for i in range(points * 2):
            r = s.radius * scale * (d.span(0.86, 1.12) if i % 2 == 0 else d.span(0.52, 0.62))
            edge.append(_polar(x, y, r, i * 180 / points))
        out += _poly(edge, colour)
    return out + _circle(x, y, s.radius * 0.14, p.ground)


# Adventure ---------------------------------------------------------------------------------


def _peaks(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    sun = s.radius * d.span(0.42, 0.62)
    out = _circle(w * d.span(0.25, 0.75), s.horizon + depth * 0.2, sun, p.third)
    for layer, (colour, low) in enumerate(((p.second, 0.06), (p.first, 0.3), (p.ink, 0.66))):
        points = [(-10.0, s.height)]
        x = -0.12 * w
        while x < 1.2 * w:
            points.append((x, s.horizon + depth * (low + d.span(0.2, 0.34))))
            x += w * d.span(0.1, 0.2)
            points.append((x, s.horizon + depth * (low + d.span(-0.04, 0.1))))
            x += w * d.span(0.1, 0.2)
        points.append((w + 10, s.height))
        out += _poly(points, colour, ' opacity=".92"' if layer == 2 else "")
    return out


def _compass(s: Stage, d: Dice, p: Palette) -> str:
    out = _ring(s.x, s.y, s.radius * 0.98, p.second, s.radius * 0.03)
    out += _ring(s.x, s.y, s.radius * 0.84, p.second, s.radius * 0.012)
    turn = d.pick((0, 12, 45, -12))
    for reach, base, dark, light, offset in (
        (0.66, 0.2, p.third, p.second, 45),
        (1.03, 0.24, p.first, p.ink, 0),
    ):
        for i in range(4):
            angle = turn + offset + i * 90
            tip = _polar(s.x, s.y, s.radius * reach, angle)
            for hand, colour in ((-45, dark), (45, light)):
                wing = _polar(s.x, s.y, s.radius * base, angle + hand)
                out += _poly([(s.x, s.y), wing, tip], colour)
    return out


def _waves(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    r = s.radius * d.span(0.55, 0.8)
    out = _circle(w * d.span(0.3, 0.7), s.horizon + r * 0.78, r, p.third)
    for i, colour in enumerate((p.second, p.first, p.second, p.first)):
        y = s.horizon + depth * (0.3 + i * 0.17)
        size = w * d.span(0.13, 0.2)
        x = -size * d.span(0, 1.9)
        path = _d("M", x, s.height, "V", y)
        while x < w + size:
            path += _d("q", size / 2, -size * 0.55, size, 0)
            x += size
        out += _path(path + _d("V", s.height, "Z"), colour)
    return out


# Animation ---------------------------------------------------------------------------------


def _eyes(x: float, y: float, r: float, d: Dice, p: Palette) -> str:
    gaze = d.span(0, 360)
    out = ""
    for side in (-1, 1):
        ex = x + side * r * 0.36
        px, py = _polar(ex, y, r * 0.12, gaze)
        out += _circle(ex, y, r * 0.28, "#fff") + _circle(px, py, r * 0.14, "#14121a")
    return out


def _creature(s: Stage, d: Dice, p: Palette) -> str:
    out = ""
    for _ in range(7):
        x, y = _polar(s.x, s.y, s.radius * d.span(0.85, 1.15), d.span(0, 360))
        y = s.y + (y - s.y) * 0.78
        size, colour = s.radius * d.span(0.07, 0.16), d.pick((p.second, p.third))
        out += d.pick(
            (
                _circle(x, y, size, colour),
                _poly(_star(x, y, size * 1.3, size * 0.65, 3, d.span(0, 90)), colour),
                _ring(x, y, size * 0.8, colour, size * 0.5),
            )
        )
    bumps = d.whole(7, 12)
    turn = d.span(0, 90)
    if d.unit() < 0.5:
        for i in range(bumps):
            x, y = _polar(s.x, s.y, s.radius * 0.58, turn + i * 360 / bumps)
            out += _circle(x, y, s.radius * 0.24, p.first)
        out += _circle(s.x, s.y, s.radius * 0.62, p.first)
    else:
        r = s.radius * 0.72
        out += _path(
            _d("M", s.x - r, s.y + r, "V", s.y, "a", r, r, 0, 0, 1, 2 * r, 0, "V", s.y + r)
            + _d("q", -r / 4, -r * 0.42, -r / 2, 0) * 4
            + "Z",
            p.first,
        )
    out += _eyes(s.x, s.y - s.radius * 0.1, s.radius * d.span(0.6, 0.85), d, p)
    smile = s.radius * 0.2
    return out + _line(
        _d("M", s.x - smile, s.y + smile, "q", smile, smile, smile * 2, 0),
        "#14121a",
        s.radius * 0.05,
        ' stroke-linecap="round"',
    )


def _toys(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    out = _circle(s.x - r * 0.36, s.y + r * 0.3, r * 0.58, p.first)
    turn = d.span(5, 40)
    out += _rect(
        s.x - r * 0.02,
        s.y - r * 0.66,
        r * 0.86,
        r * 0.86,
        p.second,
        f' rx="{_n(r * 0.08)}" transform="rotate({_n(turn)} {_n(s.x + r * 0.4)}'
        f' {_n(s.y - r * 0.2)})"',
    )
    out += _poly(
        [(s.x + r * 0.05, s.y + r * 0.9), (s.x + r * 0.95, s.y + r * 0.9), (s.x + r * 0.5, s.y)],
        p.third,
    )
    wave = r * 0.16
    out += _line(
        _d("M", s.x - r, s.y - r * 0.55, "q", wave, -wave * 2, wave * 2, 0)
        + f"t{_n(wave * 2)} 0" * 2,
        p.ink,
        r * 0.07,
        ' stroke-linecap="round"',
    )
    return out + _eyes(s.x - r * 0.36, s.y + r * 0.18, r * 0.62, d, p)


# Comedy ------------------------------------------------------------------------------------


def _smile(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    tilt = d.span(-16, 16)
    out = _circle(s.x, s.y, r, p.first)
    m = r * 0.62
    out += _path(
        _d("M", s.x - m, s.y + r * 0.08, "h", m * 2, "a", m, m, 0, 0, 1, -m * 2, 0, "Z"),
        p.second,
    )
    if d.unit() < 0.6:
        out += _path(
            _d("M", s.x - m, s.y + r * 0.08, "h", m * 2, "v", r * 0.16, "h", -m * 2, "Z"), p.ink
        )
    for side in (-1, 1):
        ex, ey = s.x + side * r * 0.36, s.y - r * 0.3
        if side == 1 and d.unit() < 0.4:
            out += _line(
                _d("M", ex - r * 0.14, ey, "h", r * 0.28),
                p.ground,
                r * 0.09,
                ' stroke-linecap="round"',
            )
        else:
            out += _ellipse(ex, ey, r * 0.1, r * 0.16, p.ground)
    return f'<g transform="rotate({_n(tilt)} {_n(s.x)} {_n(s.y)})">{out}</g>'


def _awning(s: Stage, d: Dice, p: Palette) -> str:
    stripes = d.pick((7, 9, 11)) if s.width < s.height else 17
    w = s.width / stripes
    drop = s.y - s.radius * d.span(0.2, 0.4)
    top = max(0.0, s.y - s.radius * 1.04)
    out = _circle(s.x, s.y + s.radius * 0.25, s.radius * 0.78, p.third)
    for i in range(stripes):
        out += _path(
            _d("M", i * w, top, "h", w + 0.5, "V", drop, "a", w / 2, w / 2, 0, 0, 1, -w, 0, "Z"),
            p.first if i % 2 == 0 else p.second,
        )
    return out


def _pies(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    for i, colour in enumerate((p.first, p.second, p.third)):
        x = s.x + r * (-0.5, 0.5, 0)[i]
        y = s.y + r * (-0.42, -0.42, 0.46)[i]
        q = r * 0.52
        out += (
            f'<g transform="rotate({d.whole(0, 7) * 45} {_n(x)} {_n(y)})">'
            + _path(_d("M", x - q, y, "a", q, q, 0, 0, 1, q * 2, 0, "Z"), colour)
            + _circle(x, y + q * 0.46, q * 0.4, p.ink)
            + "</g>"
        )
    return out


# Crime -------------------------------------------------------------------------------------


def _fedora(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    out = _circle(s.x + r * 0.2 * d.side(), s.y - r * 0.1, r * 0.95, p.first)
    y = s.y + r * 0.3
    dark = p.second
    crown = _d(
        "M",
        s.x - r * 0.56,
        y,
        "C",
        s.x - r * 0.5,
        y - r * 0.5,
        s.x - r * 0.42,
        y - r * 0.82,
        s.x - r * 0.22,
        y - r * 0.8,
        "Q",
        s.x,
        y - r * 0.64,
        s.x + r * 0.22,
        y - r * 0.8,
        "C",
        s.x + r * 0.42,
        y - r * 0.82,
        s.x + r * 0.5,
        y - r * 0.5,
        s.x + r * 0.56,
        y,
        "Z",
    )
    out += _path(crown, dark)
    out += _path(
        _d(
            "M",
            s.x - r * 0.57,
            y - r * 0.03,
            "q",
            r * 0.57,
            r * 0.12,
            r * 1.14,
            0,
            "l",
            -r * 0.03,
            -r * 0.2,
            "q",
            -r * 0.54,
            r * 0.12,
            -r * 1.08,
            0,
            "Z",
        ),
        p.third,
    )
    out += _path(
        _d(
            "M",
            s.x - r * 1.08,
            y - r * 0.02,
            "Q",
            s.x,
            y + r * 0.2,
            s.x + r * 1.08,
            y - r * 0.02,
            "Q",
            s.x + r * 0.8,
            y + r * 0.3,
            s.x,
            y + r * 0.3,
            "Q",
            s.x - r * 0.8,
            y + r * 0.3,
            s.x - r * 1.08,
            y - r * 0.02,
            "Z",
        ),
        dark,
    )
    tilt = d.span(4, 12) * d.side()
    return f'<g transform="rotate({_n(tilt)} {_n(s.x)} {_n(s.y)})">{out}</g>'


def _blinds(s: Stage, d: Dice, p: Palette) -> str:
    bars = d.whole(7, 10)
    out = _circle(s.x, s.y, s.radius, p.first)
    out += _circle(s.x + s.radius * 0.3 * d.side(), s.y + s.radius * 0.2, s.radius * 0.5, p.third)
    step = s.radius * 2.1 / bars
    for i in range(bars):
        y = s.y - s.radius * 1.05 + i * step
        thick = step * (0.18 + 0.5 * i / bars)
        out += _rect(s.x - s.radius * 1.1, y, s.radius * 2.2, thick, p.ground)
    tilt = d.pick((0, -14, 14, -24))
    return f'<g transform="rotate({tilt} {_n(s.x)} {_n(s.y)})">{out}</g>'


def _skyline(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    out = _circle(
        w * d.span(0.2, 0.8), s.horizon + depth * 0.17, s.radius * d.span(0.3, 0.5), p.third
    )
    for colour, low, high, lit in ((p.second, 0.06, 0.34, ""), (p.first, 0.3, 0.62, p.third)):
        x = -8.0
        while x < w:
            b = w * d.span(0.1, 0.19) * (1 if w < s.height else 0.5)
            top = s.horizon + depth * d.span(low, high)
            out += _rect(x, top, b + 1, s.height - top, colour)
            if lit:
                cell = b / 4.2
                for column in range(3):
                    for line in range(7):
                        if d.unit() < 0.3:
                            out += _rect(
                                x + cell * (0.8 + column * 1.1),
                                top + cell * (0.9 + line * 1.5),
                                cell * 0.55,
                                cell * 0.8,
                                lit,
                            )
            x += b + (0 if d.unit() < 0.7 else w * 0.02)
    return out


# Documentary -------------------------------------------------------------------------------


def _aperture(s: Stage, d: Dice, p: Palette) -> str:
    blades, twist, inner = d.whole(6, 9), d.span(38, 70), d.span(0.22, 0.4)
    out = _circle(s.x, s.y, s.radius * 1.04, p.second)
    for i in range(blades):
        a, b = i * 360 / blades, (i + 1) * 360 / blades
        out += _poly(
            [
                _polar(s.x, s.y, s.radius * 0.98, a),
                _polar(s.x, s.y, s.radius * 0.98, b),
                _polar(s.x, s.y, s.radius * inner, b + twist),
                _polar(s.x, s.y, s.radius * inner, a + twist),
            ],
            (p.first, p.third)[i % 2] if blades % 2 == 0 else p.first,
            f' stroke="{p.ground}" stroke-width="{_n(s.radius * 0.02)}"',
        )
    return out


def _contact_sheet(s: Stage, d: Dice, p: Palette) -> str:
    columns, lines = d.pick(((3, 4), (4, 4), (3, 3)))
    size = s.radius * 2
    cw, ch = size / columns, size / lines
    chosen = d.whole(0, columns * lines - 1)
    out = ""
    for i in range(columns * lines):
        x = s.x - s.radius + (i % columns) * cw
        y = s.y - s.radius + (i // columns) * ch
        fill = p.third if i == chosen else d.pick((p.first, p.first, p.second))
        out += _rect(
            x + cw * 0.06, y + ch * 0.06, cw * 0.88, ch * 0.88, fill, f' rx="{_n(cw * 0.06)}"'
        )
        if d.unit() < 0.55:
            out += _circle(x + cw / 2, y + ch / 2, min(cw, ch) * d.span(0.14, 0.3), p.ground)
        else:
            out += _poly(
                [
                    (x + cw * 0.06, y + ch * 0.94),
                    (x + cw * d.span(0.3, 0.7), y + ch * 0.4),
                    (x + cw * 0.94, y + ch * 0.94),
                ],
                p.ground,
            )
    return out


# Drama -------------------------------------------------------------------------------------


def _band(x: float, y: float, r: float, top: float, bottom: float, fill: str) -> str:
    """Return the part of a disc between two heights, given as shares of its radius."""
    t, b = sqrt(max(0.0, 1 - top * top)) * r, sqrt(max(0.0, 1 - bottom * bottom)) * r
    return _path(
        _d(
            "M",
            x - t,
            y + top * r,
            "H",
            x + t,
            "A",
            r,
            r,
            0,
            0,
            1,
            x + b,
            y + bottom * r,
            "H",
            x - b,
            "A",
            r,
            r,
            0,
            0,
            1,
            x - t,
            y + top * r,
            "Z",
        ),
        fill,
    )


def _split(s: Stage, d: Dice, p: Palette) -> str:
    cuts = sorted(d.span(-0.6, 0.6) for _ in range(d.whole(1, 3)))
    edges = [-1.0, *cuts, 1.0]
    colours = (p.first, p.second, p.third)
    start = d.whole(0, 2)
    out = ""
    for i in range(len(edges) - 1):
        shift = s.radius * d.span(0.08, 0.24) * (1 if i % 2 else -1)
        out += _band(
            s.x + shift, s.y, s.radius * 0.96, edges[i], edges[i + 1], colours[(start + i) % 3]
        )
    turn = d.pick((0, 90, -32, 32))
    return f'<g transform="rotate({turn} {_n(s.x)} {_n(s.y)})">{out}</g>'


def _spotlight(s: Stage, d: Dice, p: Palette) -> str:
    side, r = d.side(), s.radius
    floor = s.y + r * 0.82
    lamp = s.x + side * r * d.span(0.5, 1.1)
    top = s.y - r * 1.05
    out = _poly(
        [
            (lamp - r * 0.08, top),
            (lamp + r * 0.08, top),
            (s.x + r * 0.8, floor),
            (s.x - r * 0.8, floor),
        ],
        p.first,
    )
    out += _ellipse(s.x, floor, r * 0.8, r * 0.2, p.second)
    tall = r * d.span(0.5, 0.62)
    out += _poly(
        [
            (s.x, floor - tall),
            (s.x + tall * 0.2, floor + r * 0.04),
            (s.x - tall * 0.2, floor + r * 0.04),
        ],
        p.ground,
    )
    out += _circle(s.x, floor - tall * 1.02, tall * 0.15, p.ground)
    return out + _path(
        _d(
            "M",
            s.x - tall * 0.2,
            floor + r * 0.04,
            "h",
            tall * 0.4,
            "l",
            -side * tall * 0.9,
            r * 0.12,
            "Z",
        ),
        p.third,
    )


def _window(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    w, h = r * 1.2, r * 1.8
    x, y = s.x - w / 2, s.y - h / 2
    out = _rect(x, y, w, h, p.first)
    out += _circle(s.x + w * d.span(-0.3, 0.3), y + h * d.span(0.28, 0.6), w * 0.24, p.third)
    out += _poly(
        [
            (x, y + h),
            (x, y + h * d.span(0.55, 0.75)),
            (x + w, y + h * d.span(0.62, 0.85)),
            (x + w, y + h),
        ],
        p.second,
    )
    bar = r * 0.07
    out += _rect(s.x - bar / 2, y, bar, h, p.ground) + _rect(x, y + h * 0.42, w, bar, p.ground)
    return out + _poly(
        [
            (x - r * 0.1, y + h),
            (x + w + r * 0.1, y + h),
            (x + w + r * 0.2, y + h + r * 0.12),
            (x - r * 0.2, y + h + r * 0.12),
        ],
        p.ink,
    )


# Family ------------------------------------------------------------------------------------


def _balloons(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    knot = (s.x + r * d.span(-0.1, 0.1), s.y + r * 1.1)
    spots = [(-0.55, -0.18), (0.5, -0.3), (0, 0.06), (-0.12, -0.66), (0.36, 0.3)]
    for i, (dx, dy) in enumerate(spots[: d.whole(3, 5)]):
        x, y = s.x + dx * r, s.y + dy * r
        size = r * d.span(0.3, 0.38)
        out += _line(
            _d("M", x, y + size, "Q", x, (y + knot[1]) / 2 + size, knot[0], knot[1]),
            p.ink,
            r * 0.014,
        )
        out += _ellipse(x, y, size * 0.86, size, (p.first, p.second, p.third)[i % 3])
        out += _ellipse(
            x - size * 0.3, y - size * 0.4, size * 0.12, size * 0.22, "#fff", ' opacity=".45"'
        )
    return out


def _hills(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    x, y = w * d.span(0.28, 0.72), s.horizon + depth * 0.29
    r = s.radius * 0.38
    out = "".join(
        _poly(
            [_polar(x, y, r * 2.1, a), _polar(x, y, r * 1.2, a - 7), _polar(x, y, r * 1.2, a + 7)],
            p.third,
        )
        for a in range(0, 360, 24)
    )
    out += _circle(x, y, r, p.third)
    out += _ellipse(w * d.span(0.1, 0.3), s.height, w * 0.75, depth * d.span(0.5, 0.62), p.second)
    out += _ellipse(w * d.span(0.75, 1), s.height + 10, w * 0.72, depth * d.span(0.4, 0.5), p.first)
    hx, hy, h = w * d.span(0.56, 0.7), s.height - depth * 0.36, s.radius * 0.3
    out += _rect(hx, hy, h, h * 0.8, p.ink)
    out += _poly(
        [(hx - h * 0.16, hy + 1), (hx + h / 2, hy - h * 0.6), (hx + h * 1.16, hy + 1)], p.third
    )
    return out + _rect(hx + h * 0.36, hy + h * 0.3, h * 0.28, h * 0.5, p.first)


# Fantasy -----------------------------------------------------------------------------------


def _sparkle(x: float, y: float, r: float, fill: str) -> str:
    return _poly(_star(x, y, r, r * 0.24, 4), fill)


def _crescent(s: Stage, d: Dice, p: Palette) -> str:
    side = d.side()
    out = _circle(s.x, s.y, s.radius, p.first)
    out += _circle(s.x + side * s.radius * 0.36, s.y - s.radius * 0.14, s.radius * 0.8, p.ground)
    for _ in range(d.whole(5, 8)):
        x, y = _polar(
            s.x + side * s.radius * 0.36,
            s.y - s.radius * 0.14,
            s.radius * d.span(0.1, 0.66),
            d.span(0, 360),
        )
        out += _sparkle(x, y, s.radius * d.span(0.05, 0.17), d.pick((p.second, p.third)))
    return out


def _castle(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    out = _circle(
        w * d.span(0.3, 0.7), s.horizon + depth * 0.32, s.radius * d.span(0.6, 0.8), p.third
    )
    out += _stars(s, d, p.ink, 14, s.horizon, s.horizon + depth * 0.5)
    middle = w * d.span(0.42, 0.58)
    unit = s.radius * 0.2
    for offset, tall, colour in (
        (-2.2, 2.4, p.second),
        (2.2, 2.9, p.second),
        (-1, 3.6, p.first),
        (1.1, 3.1, p.first),
        (0.05, 4.6, p.second),
    ):
        x, wide = middle + offset * unit, unit * d.span(0.8, 1)
        top = s.height - depth * 0.2 - tall * unit * d.span(0.9, 1.1)
        out += _rect(x - wide / 2, top, wide, s.height - top, colour)
        out += _poly(
            [(x - wide * 0.72, top), (x, top - wide * 1.9), (x + wide * 0.72, top)], p.first
        )
        out += _rect(x - wide * 0.1, top + wide * 0.4, wide * 0.2, wide * 0.5, p.third)
    return out + _ellipse(middle, s.height + depth * 0.1, w * 0.7, depth * 0.36, p.first)


# Foreign -----------------------------------------------------------------------------------


def _globe(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, _circle(s.x, s.y, s.radius, p.first)
    stroke = f' stroke="{p.ground}" stroke-width="{_n(r * 0.035)}"'
    for share in (0.34, 0.72):
        out += _ellipse(s.x, s.y, r * share, r, "none", stroke)
    out += _line(_d("M", s.x, s.y - r, "v", r * 2), p.ground, r * 0.035)
    for share in (-0.55, 0, 0.55):
        half = sqrt(1 - share * share) * r
        out += _line(_d("M", s.x - half, s.y + share * r, "h", half * 2), p.ground, r * 0.035)
    x, y = _polar(s.x, s.y, r * 0.5, d.span(0, 360))
    out = f'<g transform="rotate({d.whole(-24, 24)} {_n(s.x)} {_n(s.y)})">{out}</g>'
    return out + _circle(x, y, r * 0.2, p.third) + _circle(x, y, r * 0.08, p.ground)


def _postmark(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    w, h = r * 1.44, r * 1.84
    x, y = s.x - w / 2, s.y - h / 2
    out = _rect(x, y, w, h, p.ink)
    hole = w / 13
    for i in range(14):
        out += _circle(x + i * w / 13, y, hole * 0.33, p.ground) + _circle(
            x + i * w / 13, y + h, hole * 0.33, p.ground
        )
    for i in range(17):
        out += _circle(x, y + i * h / 16, hole * 0.33, p.ground) + _circle(
            x + w, y + i * h / 16, hole * 0.33, p.ground
        )
    m = w * 0.1
    out += _rect(x + m, y + m, w - 2 * m, h - 2 * m, p.second)
    out += _circle(s.x + w * d.span(-0.16, 0.16), s.y - h * 0.1, w * 0.22, p.third)
    low = y + h - m
    out += _poly(
        [
            (x + m, low),
            (x + m, low - h * d.span(0.15, 0.35)),
            (s.x, low - h * d.span(0.2, 0.42)),
            (x + w - m, low - h * d.span(0.15, 0.3)),
            (x + w - m, low),
        ],
        p.first,
    )
    return f'<g transform="rotate({_n(d.span(3, 9) * d.side())} {_n(s.x)} {_n(s.y)})">{out}</g>'


# History -----------------------------------------------------------------------------------


def _arches(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    layers = d.whole(4, 6)
    colours = (p.first, p.second, p.third, p.ground)
    base = s.y + r
    for i in range(layers):
        half = r * (1 - i / layers) * 0.92
        top = base - half - r * 0.98 * (1 - i / layers * 0.5)
        out += _path(
            _d(
                "M",
                s.x - half,
                base,
                "V",
                top + half,
                "a",
                half,
                half,
                0,
                0,
                1,
                half * 2,
                0,
                "V",
                base,
                "Z",
            ),
            colours[i % 3] if i < layers - 1 else colours[3],
        )
    return out


def _temple(s: Stage, d: Dice, p: Palette) -> str:
    r, columns = s.radius, d.pick((4, 5, 6))
    left, wide, base = s.x - r, r * 2, s.y + r * 0.86
    top = s.y - r * 0.3
    out = _circle(s.x + r * d.span(-0.4, 0.4), s.y - r * 0.5, r * 0.56, p.third)
    out += _poly(
        [(left, top - r * 0.16), (s.x, top - r * 0.66), (left + wide, top - r * 0.16)], p.first
    )
    out += _rect(left + r * 0.04, top - r * 0.12, wide - r * 0.08, r * 0.12, p.second)
    each = (wide - r * 0.2) / columns
    for i in range(columns):
        x = left + r * 0.1 + each * (i + 0.22)
        out += _rect(x, top + r * 0.04, each * 0.56, base - top - r * 0.08, p.first)
        for k in (0.2, 0.5, 0.8):
            out += _rect(
                x + each * 0.56 * k - 1, top + r * 0.08, r * 0.015, base - top - r * 0.16, p.ground
            )
    for i in range(3):
        out += _rect(
            left - r * 0.06 * i,
            base + r * 0.09 * i,
            wide + r * 0.12 * i,
            r * 0.075,
            (p.second, p.first)[i % 2],
        )
    return out


# Horror ------------------------------------------------------------------------------------


def _eye(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    out = _path(
        _d(
            "M",
            s.x - r * 1.1,
            s.y,
            "Q",
            s.x,
            s.y - r * 1.2,
            s.x + r * 1.1,
            s.y,
            "Q",
            s.x,
            s.y + r * 1.2,
            s.x - r * 1.1,
            s.y,
            "Z",
        ),
        p.ink,
    )
    gaze = r * d.span(-0.12, 0.12)
    out += _circle(s.x + gaze, s.y, r * 0.56, p.first)
    out += "".join(
        _line(
            "M{} {}L{} {}".format(
                *(
                    _n(v)
                    for v in (
                        *_polar(s.x + gaze, s.y, r * 0.26, a),
                        *_polar(s.x + gaze, s.y, r * 0.5, a),
                    )
                )
            ),
            p.second,
            r * 0.03,
        )
        for a in range(0, 360, 18)
    )
    out += _ellipse(s.x + gaze, s.y, r * d.pick((0.09, 0.26)), r * 0.42, "#0b090c")
    for _ in range(d.whole(2, 4)):
        x, long, w = s.x + r * d.span(-0.6, 0.6), r * d.span(0.2, 0.6), r * 0.05
        top = s.y + r * 0.34
        out += _rect(x - w, top, w * 2, long, p.first) + _circle(x, top + long, w * 1.25, p.first)
    return out


def _claws(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    count = d.whole(3, 5)
    for i in range(count):
        x = s.x + r * (i - (count - 1) / 2) * 1.5 / count
        long = r * d.span(0.92, 1.14)
        w, lean = r * d.span(0.09, 0.15), r * 0.3
        out += _path(
            _d(
                "M",
                x + lean,
                s.y - long,
                "Q",
                x + w,
                s.y,
                x - lean,
                s.y + long,
                "Q",
                x - w,
                s.y,
                x + lean,
                s.y - long,
                "Z",
            ),
            p.first if i % 2 == 0 else p.second,
        )
    flip = d.side()
    return (
        f'<g transform="translate({_n(s.x)} 0) scale({flip} 1) translate({_n(-s.x)} 0)">{out}</g>'
    )


def _dead_trees(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    out = _circle(
        w * d.span(0.35, 0.65), s.horizon + depth * 0.34, s.radius * d.span(0.74, 0.95), p.first
    )
    levels: list[str] = ["", "", "", "", ""]

    def grow(x: float, y: float, angle: float, long: float, level: int) -> None:
        nx, ny = _polar(x, y, long, angle)
        levels[level] += _d("M", x, y, "L", nx, ny)
        if level < 4:
            for side in (-1, 1):
                grow(nx, ny, angle + side * d.span(14, 42), long * d.span(0.6, 0.8), level + 1)

    for x in (w * d.span(0.1, 0.24), w * d.span(0.76, 0.92)):
        grow(x, s.height, -90 + d.span(-8, 8), depth * d.span(0.24, 0.29), 0)
    for level, d_attr in enumerate(levels):
        out += _line(
            d_attr,
            p.second,
            s.radius * (0.1, 0.06, 0.035, 0.022, 0.013)[level],
            ' stroke-linecap="round"',
        )
    return out + _ellipse(w / 2, s.height + depth * 0.12, w * 0.9, depth * 0.26, p.second)


def _teeth(s: Stage, d: Dice, p: Palette) -> str:
    w, out = s.width, _rect(0, s.y - s.radius * 1.06, s.width, s.radius * 2.12, p.first)
    teeth = max((p.ink, p.ground), key=lambda colour: contrast(colour, p.first))
    count = d.pick((6, 7, 9)) if w < s.height else 15
    each = w / count
    for i in range(count):
        for edge, way in ((s.y - s.radius * 1.07, 1), (s.y + s.radius * 1.07, -1)):
            long = s.radius * d.span(0.5, 0.88) * way
            out += _poly(
                [(i * each, edge), ((i + 1) * each, edge), ((i + 0.5) * each, edge + long)], teeth
            )
    return out


# Music -------------------------------------------------------------------------------------


def _vinyl(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    x = s.x + r * d.pick((0, 0, 0.34, -0.34))
    out = _circle(x, s.y, r, "#131116")
    for share in (0.92, 0.84, 0.76, 0.68, 0.6, 0.52):
        out += _ring(x, s.y, r * share, p.second, r * 0.008, ' opacity=".5"')
    start = d.span(0, 360)
    for offset in (0, 180):
        a, b = (
            _polar(x, s.y, r * 0.96, start + offset),
            _polar(x, s.y, r * 0.96, start + offset + 24),
        )
        out += _poly([(x, s.y), a, b], "#fff", ' opacity=".1"')
    out += _circle(x, s.y, r * 0.36, p.first)
    out += _path(
        _d("M", x - r * 0.36, s.y, "a", r * 0.36, r * 0.36, 0, 0, 0, r * 0.72, 0, "Z"),
        p.third,
    )
    return out + _circle(x, s.y, r * 0.045, p.ground)


def _equaliser(s: Stage, d: Dice, p: Palette) -> str:
    bars = d.whole(11, 17)
    each = s.radius * 2.1 / bars
    phase, waves = d.span(0, 6.28), d.span(1, 2.4)
    out = ""
    for i in range(bars):
        t = i / (bars - 1)
        tall = s.radius * (
            0.16 + 0.84 * abs(sin(phase + t * waves * pi)) * (0.55 + 0.45 * d.unit())
        )
        colour = (p.first, p.second, p.third)[int(t * 2.99)]
        x = s.x - s.radius * 1.05 + i * each
        out += _rect(
            x + each * 0.16, s.y - tall, each * 0.68, tall * 2, colour, f' rx="{_n(each * 0.34)}"'
        )
    return out


# Mystery -----------------------------------------------------------------------------------


def _keyhole(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    out = _circle(s.x, s.y, r, p.first) + _ring(s.x, s.y, r * 0.88, p.second, r * 0.02)
    hole, y = r * 0.26, s.y - r * 0.2
    base = s.y + r * 0.56
    out += _circle(s.x, y, hole, p.ground)
    out += _poly(
        [(s.x - hole * 0.42, y), (s.x + hole * 0.42, y), (s.x + hole, base), (s.x - hole, base)],
        p.ground,
    )
    side = d.side()
    out += _poly(
        [
            (s.x - hole, base),
            (s.x + hole, base),
            (s.x + hole + side * r * 0.7, s.y + r * 1.3),
            (s.x - hole + side * r * 0.5, s.y + r * 1.3),
        ],
        p.third,
        ' opacity=".85"',
    )
    return out + _circle(s.x, y, hole * 0.4, p.third)


def _maze(s: Stage, d: Dice, p: Palette) -> str:
    rings, out = d.whole(5, 6), ""
    for i in range(rings):
        r = s.radius * (1 - i * 0.9 / rings)
        gap, start = d.span(24, 60) * (1 + i * 0.24), d.span(0, 360)
        a, b = _polar(s.x, s.y, r, start), _polar(s.x, s.y, r, start - gap)
        out += _line(
            _d("M", a[0], a[1], "A", r, r, 0, 1, 1, b[0], b[1]),
            p.first if i % 2 == 0 else p.second,
            s.radius * 0.075,
        )
        if i < rings - 1:
            spoke = d.span(0, 360)
            c, e = _polar(s.x, s.y, r, spoke), _polar(s.x, s.y, r - s.radius * 0.9 / rings, spoke)
            out += _line(_d("M", c[0], c[1], "L", e[0], e[1]), p.first, s.radius * 0.075)
    return out + _circle(s.x, s.y, s.radius * 0.1, p.third)


# Romance -----------------------------------------------------------------------------------


def _pair(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius * 0.68
    off = r * d.span(0.42, 0.62)
    tall = sqrt(r * r - off * off)
    out = _circle(s.x - off, s.y, r, p.first) + _circle(s.x + off, s.y, r, p.second)
    out += _path(
        _d(
            "M",
            s.x,
            s.y - tall,
            "A",
            r,
            r,
            0,
            0,
            1,
            s.x,
            s.y + tall,
            "A",
            r,
            r,
            0,
            0,
            1,
            s.x,
            s.y - tall,
            "Z",
        ),
        p.third,
    )
    return f'<g transform="rotate({d.whole(0, 11) * 15} {_n(s.x)} {_n(s.y)})">{out}</g>'


def _rose(s: Stage, d: Dice, p: Palette) -> str:
    out, turn = "", d.span(0, 60)
    petals = d.whole(5, 8)
    for scale, colour in ((1, p.first), (0.7, p.second), (0.42, p.third)):
        r = s.radius * scale
        for i in range(petals):
            x, y = _polar(s.x, s.y, r * 0.52, turn + i * 360 / petals)
            angle = turn + i * 360 / petals
            out += _ellipse(
                x, y, r * 0.5, r * 0.34, colour, f' transform="rotate({_n(angle)} {_n(x)} {_n(y)})"'
            )
        turn += 180 / petals
    return out + _circle(s.x, s.y, s.radius * 0.12, p.ground)


def _heart(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    for scale, colour in ((1, p.first), (0.72, p.second), (0.44, p.third), (0.2, p.ground))[
        : d.whole(2, 4)
    ]:
        q, y = r * scale, s.y + r * 0.04 + r * (1 - scale) * 0.04
        out += _path(
            _d(
                "M",
                s.x,
                y + q * 0.95,
                "C",
                s.x - q * 1.7,
                y - q * 0.1,
                s.x - q * 0.8,
                y - q * 1.3,
                s.x,
                y - q * 0.5,
                "C",
                s.x + q * 0.8,
                y - q * 1.3,
                s.x + q * 1.7,
                y - q * 0.1,
                s.x,
                y + q * 0.95,
                "Z",
            ),
            colour,
        )
    return f'<g transform="rotate({_n(d.span(-14, 14))} {_n(s.x)} {_n(s.y)})">{out}</g>'


# Science Fiction ---------------------------------------------------------------------------


def _planet(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius * d.span(0.58, 0.74)
    out = _stars(s, d, p.ink, 26, 10, s.y + s.radius * 1.1)
    tilt = d.span(10, 34) * d.side()
    wide, flat = s.radius * 1.16, s.radius * 0.26
    back = _d("M", s.x - wide, s.y, "A", wide, flat, 0, 0, 1, s.x + wide, s.y)
    front = _d("M", s.x - wide, s.y, "A", wide, flat, 0, 0, 0, s.x + wide, s.y)
    body = _line(back, p.third, s.radius * 0.07) + _circle(s.x, s.y, r, p.first)
    for top, bottom in ((-0.45, -0.2), (0.3, 0.42), (0.6, 0.85)):
        body += _band(s.x, s.y, r, top, bottom, p.second)
    body += _line(front, p.third, s.radius * 0.07)
    mx, my = _polar(s.x, s.y, s.radius * 1.1, d.pick((-130, -50, 40, 140)))
    return (
        out
        + f'<g transform="rotate({_n(tilt)} {_n(s.x)} {_n(s.y)})">{body}</g>'
        + _circle(mx, my, s.radius * 0.1, p.ink)
    )


def _grid(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    floor = s.horizon + depth * 0.5
    r, x = s.radius * d.span(0.72, 0.9), w * d.span(0.42, 0.58)
    sky = s.horizon - 16 if s.width < s.height else 8.0  # no stars among the letters
    out = _stars(s, d, p.ink, 18, sky, floor - r * 0.6)
    out += _band(x, floor, r, -1, -0.02, p.first)
    for i in range(4):
        out += _rect(x - r, floor - r * (0.62 - i * 0.16), r * 2, r * (0.02 + i * 0.012), p.ground)
    out += _rect(0, floor, w, s.height - floor, p.second)
    lines = "".join(_d("M", x, floor, "L", x + i * w * 0.3, s.height) for i in range(-6, 7))
    y, step = floor, depth * 0.02
    while y < s.height:
        lines += _d("M", 0, y, "H", w)
        step *= 1.55
        y += step
    return out + _line(lines, p.third, s.radius * 0.014)


def _orbits(s: Stage, d: Dice, p: Palette) -> str:
    out = _stars(s, d, p.ink, 16, 10, s.y + s.radius * 1.1)
    for i, share in enumerate((0.4, 0.6, 0.8, 1.0)):
        out += _ring(s.x, s.y, s.radius * share, p.second, s.radius * 0.012)
        x, y = _polar(s.x, s.y, s.radius * share, d.span(0, 360))
        out += _circle(x, y, s.radius * d.span(0.05, 0.13), (p.third, p.second, p.ink)[i % 3])
    return out + _circle(s.x, s.y, s.radius * 0.26, p.first)


def _saucer(s: Stage, d: Dice, p: Palette) -> str:
    r, y = s.radius, s.y - s.radius * 0.4
    tilt = d.span(-10, 10)
    out = _stars(s, d, p.ink, 18, 10, s.y + s.radius)
    out += _poly(
        [
            (s.x - r * 0.3, y),
            (s.x + r * 0.3, y),
            (s.x + r * 0.86, s.y + r * 1.16),
            (s.x - r * 0.86, s.y + r * 1.16),
        ],
        p.third,
        ' opacity=".9"',
    )
    ship = _path(
        _d("M", s.x - r * 0.42, y, "a", r * 0.42, r * 0.44, 0, 0, 1, r * 0.84, 0, "Z"),
        p.second,
    )
    ship += _ellipse(s.x, y, r * 0.98, r * 0.22, p.first)
    for i in range(-2, 3):
        ship += _circle(s.x + i * r * 0.34, y + r * (0.06 - abs(i) * 0.022), r * 0.05, p.third)
    return out + f'<g transform="rotate({_n(tilt)} {_n(s.x)} {_n(y)})">{ship}</g>'


# TV Movie ----------------------------------------------------------------------------------


def _television(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    w, h = r * 2, r * 1.44
    x, y = s.x - r, s.y - h / 2 + r * 0.16
    out = _line(
        _d(
            "M",
            s.x,
            y,
            "l",
            -r * d.span(0.4, 0.6),
            -r * 0.6,
            "M",
            s.x,
            y,
            "l",
            r * d.span(0.4, 0.6),
            -r * 0.52,
        ),
        p.ink,
        r * 0.035,
        ' stroke-linecap="round"',
    )
    out += _rect(x, y, w, h, p.second, f' rx="{_n(r * 0.2)}"')
    sx, sy, sw, sh = x + r * 0.14, y + r * 0.14, w * 0.74, h - r * 0.28
    bars = [p.ink, p.third, p.first, p.ground, p.third, p.first, p.ink]
    start = d.whole(0, 6)
    for i in range(7):
        out += _rect(sx + sw * i / 7, sy, sw / 7 + 0.5, sh, bars[(start + i) % 7])
    for i in range(2):
        out += _circle(x + w * 0.9, y + h * (0.28 + i * 0.24), r * 0.085, p.first)
    return out + _rect(s.x - r * 0.5, y + h, r, r * 0.1, p.first)


# Thriller ----------------------------------------------------------------------------------


def _spiral(s: Stage, d: Dice, p: Palette) -> str:
    turns, start, way = d.span(3.4, 5), d.span(0, 360), d.side()
    outer: list[tuple[float, float]] = []
    inner: list[tuple[float, float]] = []
    steps = 130
    for i in range(steps + 1):
        t = i / steps
        angle, r = start + way * 360 * turns * t, s.radius * 1.12 * t
        thick = s.radius * 0.11 * t
        outer.append(_polar(s.x, s.y, r + thick / 2, angle))
        inner.append(_polar(s.x, s.y, max(0, r - thick / 2), angle))
    out = _poly(outer + inner[::-1], p.first)
    x, y = _polar(s.x, s.y, s.radius * d.span(0.5, 0.8), d.span(0, 360))
    return out + _circle(x, y, s.radius * 0.11, p.third)


def _tunnel(s: Stage, d: Dice, p: Palette) -> str:
    layers, turn = d.whole(6, 9), d.span(5, 11) * d.side()
    colours = (p.first, p.ground, p.second, p.ground)
    out = ""
    for i in range(layers):
        half = s.radius * (1 - i / layers) * 0.94
        out += _rect(
            s.x - half,
            s.y - half,
            half * 2,
            half * 2,
            colours[i % 4],
            f' transform="rotate({_n(turn * i)} {_n(s.x)} {_n(s.y)})"',
        )
    return out + _circle(s.x, s.y, s.radius * 0.07, p.third)


def _target(s: Stage, d: Dice, p: Palette) -> str:
    r, out = s.radius, ""
    x, y = s.x + r * d.span(-0.16, 0.16), s.y + r * d.span(-0.1, 0.1)
    for i, share in enumerate((1, 0.78, 0.56, 0.34)):
        out += _circle(x, y, r * share, (p.first, p.ground, p.second, p.ground)[i])
    out += _circle(x, y, r * 0.12, p.third)
    return out + _line(
        _d(
            "M",
            x - r * 1.3,
            y,
            "h",
            r * 1.1,
            "m",
            r * 0.4,
            0,
            "h",
            r * 1.1,
            "M",
            x,
            y - r * 1.25,
            "v",
            r * 1.05,
            "m",
            0,
            r * 0.4,
            "v",
            r * 1.05,
        ),
        p.ink,
        r * 0.022,
    )


# War ---------------------------------------------------------------------------------------


def _searchlights(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    base = s.height - depth * 0.2
    out = "<defs>"
    for name, colour in (("l0", p.first), ("l1", p.third)):
        out += (
            f'<linearGradient id="{name}" x1="0" y1="0" x2="0" y2="1"><stop offset="0"'
            f' stop-color="{colour}" stop-opacity="0"/><stop offset=".55" stop-color="{colour}"'
            ' stop-opacity=".75"/></linearGradient>'
        )
    out += "</defs>"
    beams = d.whole(3, 4) if w < s.height else 6
    for i in range(beams):
        x = w * ((i + 0.6) / (beams + 0.2) + d.span(-0.05, 0.05))
        lean = s.radius * d.span(-1.1, 1.1)
        wide = s.radius * d.span(0.2, 0.34)
        top = s.horizon + depth * d.span(-0.1, 0.1)
        out += _poly(
            [(x - 4, base), (x + 4, base), (x + lean + wide, top), (x + lean - wide, top)],
            f"url(#l{i % 2})",
        )
    points = [(-5.0, s.height), (-5.0, base)]
    x = 0.0
    while x < w:
        step = w * d.span(0.04, 0.12)
        points += [
            (x, base - depth * d.span(0, 0.14)),
            (x + step * 0.5, base - depth * d.span(0.02, 0.18)),
        ]
        x += step
    points += [(w + 5, base), (w + 5, s.height)]
    return out + _poly(points, p.second)


def _war_star(s: Stage, d: Dice, p: Palette) -> str:
    r = s.radius
    stripes = d.pick((5, 7))
    out = ""
    for i in range(stripes):
        h = r * 2.1 / stripes
        out += _rect(
            s.x - r * d.span(0.9, 1.15),
            s.y - r * 1.05 + i * h,
            r * d.span(1.9, 2.2),
            h * 0.56,
            (p.second, p.third)[i % 2],
        )
    return out + _poly(
        _star(s.x, s.y + r * 0.06, r * 0.96, r * 0.4, 5, -90 + d.span(-9, 9)), p.first
    )


# Western -----------------------------------------------------------------------------------


def _mesa(s: Stage, d: Dice, p: Palette) -> str:
    w, depth = s.width, s.height - s.horizon
    out = _circle(
        w * d.span(0.3, 0.7), s.horizon + depth * 0.36, s.radius * d.span(0.7, 0.95), p.third
    )
    floor = s.height - depth * 0.26
    for x, wide, tall in (
        (w * d.span(0, 0.12), 0.3, 0.42),
        (w * d.span(0.62, 0.78), 0.34, d.span(0.3, 0.5)),
        (w * d.span(0.4, 0.5), 0.12, 0.22),
    ):
        a, t = w * wide, depth * tall
        out += _poly(
            [
                (x - a * 0.2, floor + 1),
                (x, floor - t * 0.4),
                (x + a * 0.06, floor - t),
                (x + a * 0.8, floor - t),
                (x + a * 0.88, floor - t * 0.36),
                (x + a * 1.15, floor + 1),
            ],
            p.second,
        )
    out += _rect(0, floor, w, s.height - floor, p.first)
    x, u, side = w * d.span(0.2, 0.8), s.radius * 0.09, d.side()
    y = s.height - depth * 0.12
    trunk = _d("M", x, y, "V", y - u * 7)
    arms = _d(
        "M",
        x,
        y - u * 3,
        "h",
        side * u * 2,
        "v",
        -u * 2.2,
        "M",
        x,
        y - u * 4,
        "h",
        -side * u * 1.8,
        "v",
        -u * 1.6,
    )
    return out + _line(
        trunk + arms, p.ground, u * 1.1, ' stroke-linecap="round" stroke-linejoin="round"'
    )


def _badge(s: Stage, d: Dice, p: Palette) -> str:
    points, turn = d.pick((5, 5, 6)), -90 + d.span(-12, 12)
    r = s.radius * 0.92
    out = _ring(s.x, s.y, s.radius * 1.06, p.second, s.radius * 0.05) if d.unit() < 0.5 else ""
    for i in range(points):
        x, y = _polar(s.x, s.y, r, turn + i * 360 / points)
        out += _circle(x, y, s.radius * 0.1, p.first)
    out += _poly(_star(s.x, s.y, r, r * 0.46, points, turn), p.first)
    out += _circle(s.x, s.y, s.radius * 0.3, p.second)
    return out + _poly(_star(s.x, s.y, s.radius * 0.22, s.radius * 0.09, 5), p.third)


# Anything else -----------------------------------------------------------------------------


def _tiles(s: Stage, d: Dice, p: Palette) -> str:
    size, out = s.radius * 2 / 3, ""
    colours = (p.first, p.second, p.third)
    for i in range(9):
        x, y = s.x - s.radius + (i % 3) * size, s.y - s.radius + (i // 3) * size
        a, b = d.pick(colours), d.pick(colours)
        kind = d.whole(0, 3)
        corner = d.whole(0, 3) * 90
        if kind == 0:
            tile = _path(
                _d("M", x, y, "h", size, "a", size, size, 0, 0, 1, -size, size, "Z"),
                a,
            )
        elif kind == 1:
            tile = _rect(x, y, size, size, a) + _circle(
                x + size / 2, y + size / 2, size * 0.3, p.ground if a == b else b
            )
        elif kind == 2:
            tile = _poly([(x, y), (x + size, y), (x, y + size)], a)
        else:
            tile = _path(
                _d("M", x, y + size / 2, "a", size / 2, size / 2, 0, 0, 1, size, 0, "Z"), a
            )
            tile += _path(_d("M", x, y + size, "a", size / 2, size / 2, 0, 0, 1, size, 0, "Z"), b)
        out += f'<g transform="rotate({corner} {_n(x + size / 2)} {_n(y + size / 2)})">{tile}</g>'
    return out


Motif = Callable[[Stage, Dice, Palette], str]

# A landscape fills the foot of the poster, so that its title stands in the sky.
LANDSCAPES: frozenset[Motif] = frozenset(
    (_peaks, _waves, _skyline, _hills, _castle, _dead_trees, _grid, _searchlights, _mesa)
)

MOTIFS: dict[str, tuple[Motif, ...]] = {
    "Action": (_slashes, _burst, _target),
    "Adventure": (_peaks, _compass, _waves),
    "Animation": (_creature, _toys),
    "Comedy": (_smile, _awning, _pies),
    "Crime": (_fedora, _blinds, _skyline),
    "Documentary": (_aperture, _contact_sheet),
    "Drama": (_split, _spotlight, _window),
    "Family": (_balloons, _hills),
    "Fantasy": (_crescent, _castle),
    "Foreign": (_globe, _postmark),
    "History": (_arches, _temple),
    "Horror": (_eye, _claws, _dead_trees, _teeth),
    "Music": (_vinyl, _equaliser),
    "Mystery": (_keyhole, _maze),
    "Romance": (_pair, _rose, _heart),
    "Science Fiction": (_planet, _grid, _orbits, _saucer),
    "TV Movie": (_television,),
    "Thriller": (_spiral, _tunnel, _target),
    "War": (_searchlights, _war_star),
    "Western": (_mesa, _badge),
}
PLAIN: tuple[Motif, ...] = (_tiles,)

# ground, first, second, third, ink: a dark, a light and a saturated ground for each genre, so
# that a shelf of one genre is a family and not a uniform.
PALETTES: dict[str, tuple[Palette, ...]] = {
    genre: tuple(Palette(*row.split()) for row in rows)
    for genre, rows in {
        "Action": (
            "#17110f #e4572e #f2a541 #a8201a #fbf1e4",
            "#f4e9d8 #c8281e #17110f #ef8a17 #17110f",
            "#a11a17 #17110f #f6c445 #f4e9d8 #fff6e9",
        ),
        "Adventure": (
            "#0f2a35 #2f7a6f #5fb49c #f2c14e #f6efdd",
            "#f3e6c8 #2a6f6b #d98e32 #d1462f #1c2b2e",
            "#e0a32e #1f4e57 #2e8277 #f7ead0 #1a1a18",
        ),
        "Animation": (
            "#22184c #ff6b6b #ffd93d #4dd4c4 #fff7ea",
            "#fff1d6 #ef476f #118ab2 #ffb703 #2a1b3d",
            "#5bc8e6 #ff5d8f #ffe45e #3d348b #1a1440",
        ),
        "Comedy": (
            "#2b1b3a #ffc53a #ff6f59 #6ed3cf #fff5e1",
            "#fff0c9 #ff5a36 #1b998b #f7b32b #2d1e2f",
            "#ffc93c #e63946 #1d3557 #fff3d1 #1f1a24",
        ),
        "Crime": (
            "#121417 #c9a24b #2f3a45 #b3261e #efe6d2",
            "#e9e0cc #20252b #7b8a8b #b3261e #15181c",
            "#27333d #e0b95a #0e1317 #d9522f #f4ead4",
        ),
        "Documentary": (
            "#10201d #4d8f7e #2c5d55 #f0b94d #eef2e6",
            "#edece4 #33658a #86a5b5 #f26419 #1a2329",
            "#235b7d #f1efe6 #0f3042 #ffc857 #ffffff",
        ),
        "Drama": (
            "#1b1a2b #c7684f #6c5a7d #e9b872 #f6ecdf",
            "#efe6da #8d3b3b #3c4f65 #d9a05b #221f26",
            "#7a2e3a #efc9a0 #3a1822 #e58f65 #fff1e0",
        ),
        "Family": (
            "#16324f #ff8552 #7ac74f #ffd166 #fdf8ea",
            "#e9f5ec #f4743b #3a8f63 #ffc145 #17332b",
            "#86c9e8 #e4572e #2f6f4f #ffe07d #10283a",
        ),
        "Fantasy": (
            "#1a1140 #7b4bd0 #4427a0 #f3c969 #f5eefb",
            "#efe7f6 #6a3fa0 #2e7f86 #e8a13a #241a3a",
            "#123c47 #38a39a #1f6673 #f2cd7c #f2f7ef",
        ),
        "Foreign": (
            "#1d2430 #d65f4c #4a7c8c #f0c06b #f4ecdd",
            "#f2eadb #1f6f78 #c44536 #e9a23b #1c2328",
            "#943323 #f6dfb8 #4d1710 #f4b860 #fff3e0",
        ),
        "History": (
            "#231a12 #b98a4a #7a4f2a #e3c78a #f5ead4",
            "#f0e4cb #9c4a24 #5b6236 #d3973a #2a1f14",
            "#5d2a1c #d9a566 #8a4a2c #f0d9a8 #fbeed6",
        ),
        "Horror": (
            "#0d0a0c #b1121b #45222a #e8502f #efe4dc",
            "#e6dccb #8e0f16 #1a1214 #c9472b #16100f",
            "#6d0c12 #0f0a0b #2a0507 #f0a24a #fbe9d9",
        ),
        "Music": (
            "#1a1030 #ff4f79 #38c3d1 #ffc247 #fdf2ff",
            "#fdeedd #e2435a #2b5d8c #f6ae2d #241a2b",
            "#f37551 #1b1430 #ffd98a #fff1dc #140f22",
        ),
        "Mystery": (
            "#0f1b2a #3f6c8f #1f3c55 #f2c86b #ecf0ea",
            "#e7e4d6 #2f4858 #86957f #c9822b #17212a",
            "#1f4a46 #d9c68f #0e2523 #f0a650 #f5efda",
        ),
        "Romance": (
            "#2a1024 #e8577e #a12f5e #ffb88a #ffeef0",
            "#fde9e4 #d64562 #8e3b63 #f3a683 #361522",
            "#a62445 #ffd6c9 #6a1230 #ffb45e #fff4ee",
        ),
        "Science Fiction": (
            "#090d20 #ff6a3d #2b3a7a #37d0d6 #eef3ff",
            "#e8e9ee #e4572e #27356b #17a2a8 #12162b",
            "#101f4a #f25f8b #4b2a88 #ffc85a #f3f1ff",
        ),
        "TV Movie": (
            "#17202e #e2725b #4b5d7a #f0c05a #f1ede2",
            "#efe9db #2f7f86 #8c5a3c #e8963a #1e2228",
            "#e59145 #23445a #6b3a1c #fbe3b4 #16120e",
        ),
        "Thriller": (
            "#101314 #d7402b #3d4a4c #f0b13f #eef0ea",
            "#ece7d9 #c7311f #1d2b2d #e08a2c #161a1a",
            "#ec6b3c #141414 #86230f #ffe6c2 #120d0b",
        ),
        "War": (
            "#1b1f16 #8c8f5a #4a4f33 #d96c3a #efebd8",
            "#e6e0c8 #a13d2b #4d5433 #c9963f #1f2117",
            "#4c5230 #e3d9a8 #25291a #e0673c #f8f3dc",
        ),
        "Western": (
            "#2a140c #c2541f #7d3014 #f3a83b #fbe9cd",
            "#f6dfb4 #a63d17 #d4803a #e4572e #2c1509",
            "#e39a3b #6e2a12 #a5461b #fbe3ae #24110a",
        ),
    }.items()
}
NEUTRAL: tuple[Palette, ...] = (
    Palette("#1c1b22", "#c9785d", "#4f6d7a", "#e8c07d", "#f4eee4"),
    Palette("#ece5d8", "#4f6d7a", "#c0533f", "#dca54c", "#1f1f24"),
    Palette("#2f4858", "#f2a65a", "#86bbd8", "#e4572e", "#f8f4ea"),
)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb or #rgb, as WCAG defines it."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(c * 2 for c in digits)
    total = 0.0
    for weight, at in ((0.2126, 0), (0.7152, 2), (0.0722, 4)):
        share = int(digits[at : at + 2], 16) / 255
        total += weight * (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)
    return total


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
