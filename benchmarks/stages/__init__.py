"""The stages, in their order; each takes a workshop and returns figures."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.figures import Figures
from benchmarks.stages import api, compare, load, pages, refresh
from benchmarks.workshop import Workshop

# Each needs what the two first have made.
STAGES: dict[str, Callable[[Workshop], Figures]] = {
    "load": load.run,
    "refresh": refresh.run,
    "api": api.run,
    "pages": pages.run,
    "compare": compare.run,
}
NEEDED = ("load", "refresh")
