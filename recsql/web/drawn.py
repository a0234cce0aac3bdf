"""Home pages drawn at random, shared between visitors when many come at once.

A process draws a new page for everybody, unless it began to draw one just now: then one of those
that it drew lately does as well, already written and compressed. So visitors who come one by one
get a page that nobody has seen, and a crowd costs no more than a few drawings.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

# Fifty drawings a second and process are some 40% of one core, whoever asks.
PAUSE_S = 0.02
# A rating may be missing on a page this long, and no longer.
KEPT_S = 2.0
# Ten kilobytes each; more do not come together but by strange means.
MOST = 128


class _Drawing(NamedTuple):
    when: float  # its rows were asked for: a page is as old as they are
    root: str  # of the site's addresses, which a page is full of
    packed: bytes  # gzip


class Drawn:
    """The pages that this process has drawn in the last two seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._drawings: list[_Drawing] = []
        self._last = float("-inf")

    def share(self, root: str) -> bytes | None:
        """Return a page drawn lately, in gzip; None where the visitor shall have a new one."""
        with self._lock:
            now = self.clock()
            self._drawings = [d for d in self._drawings if now - d.when < KEPT_S]
            if now - self._last < PAUSE_S:
                known = [drawing.packed for drawing in self._drawings if drawing.root == root]
                if known:
                    return random.choice(known)
            # Said before it is drawn: whoever comes meanwhile need not draw one too.
            self._last = now
            return None

    def keep(self, root: str, began: float, packed: bytes) -> None:
        """Keep a page for others; began is when its rows were asked for."""
        with self._lock:
            if len(self._drawings) < MOST:
                self._drawings.append(_Drawing(began, root, packed))
