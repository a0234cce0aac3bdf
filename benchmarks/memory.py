"""Peak memory of process trees, sampled from /proc.

A page that several processes share counts once: each has its part of it (PSS). A server's shared
buffers are as large as its settings say and no cost of a command, so they are told apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

# Reading a process's memory map takes its time where there are gigabytes of it.
EVERY_S, SHARE = 0.1, 0.05
_PROC = Path("/proc")


def available() -> bool:
    """Say whether this system tells."""
    return (_PROC / "self" / "smaps_rollup").exists()


class Watch:
    """Samples the trees of some processes until it ends; then `peak` holds bytes by name.

    `client` is all of that tree. `server` is without memory that is shared under no file's name,
    which is to say without shared buffers; `server.whole` is with it. `sum` is client and server.
    """

    def __init__(self, *, client: int | None = None, server: int | None = None) -> None:
        self.peak: dict[str, float] = {}
        self._client, self._server = client, server
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        if available():
            self._sample()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            self._sample()
            took = time.monotonic() - began
            if self._end.wait(max(EVERY_S, took / SHARE)):
                return

    def _sample(self) -> None:
        children = _children()
        found: dict[str, float] = {}
        if self._client is not None:
            found["client"] = sum(map(sum, map(of_process, _tree(self._client, children))))
        if self._server is not None:
            sizes = [of_process(pid) for pid in _tree(self._server, children)]
            found["server"] = sum(own for own, _ in sizes)
            found["server.whole"] = sum(map(sum, sizes))
        found["sum"] = found.get("client", 0.0) + found.get("server", 0.0)
        for name, size in found.items():
            self.peak[name] = max(self.peak.get(name, 0.0), size)


def of_process(pid: int) -> tuple[int, int]:
    """Return the bytes of a process, and its part of shared memory; zeros once it is gone."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text("ascii").splitlines()
    except PermissionError:
        return _private_only(pid), 0
    except OSError:
        return 0, 0
    sizes = {
        line.split(":")[0]: int(line.split()[1]) * 1024
        for line in lines[1:]
        if line.endswith(" kB")
    }
    shared = sizes.get("Pss_Shmem", 0)
    return sizes.get("Pss", 0) - shared, shared


def _private_only(pid: int) -> int:
    """Return what anybody may know of somebody else's process."""
    try:
        for line in (_PROC / str(pid) / "status").read_text("utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                # the name, in parentheses, may hold anything
                after = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            found.setdefault(int(after[1]), []).append(int(entry.name))
    return found


def _tree(root: int, children: Mapping[int, list[int]]) -> list[int]:
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found
