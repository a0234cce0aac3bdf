"""Charts as plain SVG: small, readable in the dark, and the same for the same figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH = 860
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.small { font-size: 11px; fill: #59636e; }
.grid { stroke: #d1d9e0; stroke-width: 1; }
.back { fill: #ffffff; }
.c0 { stroke: #0b6bcb; fill: #0b6bcb; } .c1 { stroke: #b35900; fill: #b35900; }
.c2 { stroke: #8a2ea8; fill: #8a2ea8; } .c3 { stroke: #1a7f37; fill: #1a7f37; }
.c4 { stroke: #c0264b; fill: #c0264b; } .c5 { stroke: #4d5561; fill: #4d5561; }
text.c0, text.c1, text.c2, text.c3, text.c4, text.c5 { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .small { fill: #9198a1; } .grid { stroke: #3d444d; }
  .back { fill: #0d1117; }
  .c0 { stroke: #58a6ff; fill: #58a6ff; } .c1 { stroke: #f0a050; fill: #f0a050; }
  .c2 { stroke: #d08bf0; fill: #d08bf0; } .c3 { stroke: #56d364; fill: #56d364; }
  .c4 { stroke: #ff7b92; fill: #ff7b92; } .c5 { stroke: #b6bdc6; fill: #b6bdc6; }
}
"""
COLOURS = 6


@dataclass(frozen=True)
class Range:
    """One measured thing at one size: from p50 over p95 and p99 to the worst."""

    series: str
    values: tuple[float, float, float, float]


@dataclass
class Drawing:
    """Collects elements; text() and line() know what has to be escaped."""

    title: str
    described: str
    height: int
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> None:
        """Write a word."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(said)}</text>"
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, thick: float = 1) -> None:
        """Draw a line."""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"'
            f' stroke-width="{thick:g}"/>'
        )

    def dot(self, x: float, y: float, kind: str, radius: float = 4) -> None:
        """Draw a dot."""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{kind}"/>')

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a bar."""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}"'
            f' class="{kind}" stroke="none"/>'
        )

    def svg(self) -> str:
        """Return the picture."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}"'
            f' width="{WIDTH}" height="{self.height}" role="img" aria-labelledby="t d">\n'
            f'<title id="t">{escape(self.title)}</title>\n'
            f'<desc id="d">{escape(self.described)}</desc>\n<style>{STYLE}</style>\n'
            f'<rect class="back" width="{WIDTH}" height="{self.height}"/>\n'
        )
        return head + "\n".join(self.parts) + "\n</svg>\n"


class Scale:
    """A logarithmic axis, from one power of ten to another."""

    def __init__(self, values: Iterable[float], start: float, end: float) -> None:
        known = [math.log10(value) for value in values if value > 0] or [0.0]
        self.low, self.high = math.floor(min(known)), math.ceil(max(known))
        if self.low == self.high:
            self.high += 1
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        """Return where a value is; what is too small is at the beginning."""
        share = (math.log10(max(value, 10.0**self.low)) - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        """Return the powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def _legend(drawing: Drawing, names: Sequence[str], x: float) -> None:
    for number, name in enumerate(names):
        drawing.dot(x, 45, f"c{number % COLOURS}", 5)
        drawing.text(x + 10, 49, name)
        x += 28 + 8 * len(name)


def latencies(title: str, rows: Sequence[tuple[str, Sequence[Range]]]) -> str:
    """Draw quantiles: a dot at p50, a line to p99, a thin one to the worst."""
    left, right, step = 250, WIDTH - 30, 16
    names = list(dict.fromkeys(one.series for _, found in rows for one in found))
    tall = sum(step * len(found) + 10 for _, found in rows)
    drawing = Drawing(title, "Milliseconds on a logarithmic axis, for each function and size.",
                      110 + tall)  # fmt: skip
    drawing.text(20, 25, title, "title")
    _legend(drawing, names, left)
    drawing.text(20, 49, "● p50 ━ p99 ─ worst, ms", "small")
    scale = Scale((v for _, found in rows for one in found for v in one.values), left, right)
    for tick in scale.ticks():
        drawing.line(scale.at(tick), 62, scale.at(tick), 70 + tall, "grid")
        drawing.text(scale.at(tick), 88 + tall, f"{tick:g}", "small", "middle")
    y = 76.0
    for label, found in rows:
        drawing.text(left - 12, y + step * (len(found) - 1) / 2 + 4, label, anchor="end")
        for one in found:
            colour = f"c{names.index(one.series) % COLOURS}"
            p50, _, p99, worst = (scale.at(value) for value in one.values)
            drawing.line(p50, y, worst, y, colour, 1)
            drawing.line(p50, y, p99, y, colour, 4)
            drawing.dot(p50, y, colour, 5)
            drawing.line(worst, y - 4, worst, y + 4, colour, 1)
            y += step
        y += 10
    return drawing.svg()


def growth(title: str, lines: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> str:
    """Draw seconds over ratings, both logarithmic: a cost in proportion rises by one to one."""
    left, right, top, bottom = 70, WIDTH - 290, 50, 400
    lines = [(name, points) for name, points in lines if points]
    across = Scale((x for _, points in lines for x, _ in points), left, right)
    up = Scale((y for _, points in lines for _, y in points), bottom, top)
    drawing = Drawing(title, "Seconds over number of ratings, both on logarithmic axes.", 450)
    drawing.text(20, 25, title, "title")
    for tick in up.ticks():
        drawing.line(left, up.at(tick), right, up.at(tick), "grid")
        drawing.text(left - 8, up.at(tick) + 4, f"{tick:g} s", "small", "end")
    for tick in across.ticks():
        drawing.line(across.at(tick), top, across.at(tick), bottom, "grid")
        drawing.text(across.at(tick), bottom + 18, f"{tick:,.0f}", "small", "middle")
    drawing.text((left + right) / 2, bottom + 38, "ratings", "small", "middle")
    # names at the ends of their lines, moved apart where they would cover each other
    taken = bottom + 30.0
    for number, (name, points) in sorted(enumerate(lines), key=lambda item: item[1][1][-1][1]):
        colour = f"c{number % COLOURS}"
        places = [(across.at(x), up.at(y)) for x, y in sorted(points)]
        for (x1, y1), (x2, y2) in pairwise(places):
            drawing.line(x1, y1, x2, y2, colour, 2)
        for x, y in places:
            drawing.dot(x, y, colour)
        taken = min(places[-1][1], taken - 17)
        drawing.line(*places[-1], right + 14, taken, colour, 0.5)
        drawing.text(right + 18, taken + 4, name, colour)
    return drawing.svg()


def bars(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> str:
    """Draw seconds as bars on a logarithmic axis, in groups."""
    left, right, step = 290, WIDTH - 80, 20
    names = list(dict.fromkeys(name for _, found in groups for name, _ in found))
    tall = sum(step * len(found) + 34 for _, found in groups)
    drawing = Drawing(title, "Seconds on a logarithmic axis, in groups by size.", 90 + tall)
    drawing.text(20, 25, title, "title")
    scale = Scale((value for _, found in groups for _, value in found), left, right)
    for tick in scale.ticks():
        drawing.line(scale.at(tick), 40, scale.at(tick), 50 + tall, "grid")
        drawing.text(scale.at(tick), 68 + tall, f"{tick:g} s", "small", "middle")
    y = 50.0
    for group, found in groups:
        drawing.text(20, y + 14, group, "title")
        y += 24
        for name, value in found:
            colour = f"c{names.index(name) % COLOURS}"
            drawing.text(left - 10, y + 12, name, anchor="end")
            drawing.bar(left, y + 2, scale.at(value) - left, step - 6, colour)
            drawing.text(scale.at(value) + 6, y + 12, f"{value:.3g} s", "small")
            y += step
        y += 10
    return drawing.svg()
