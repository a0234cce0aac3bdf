"""Kernel locks on files: they tell the living from the dead.

A process id proves nothing: it stays in a file after kill -9, and is given to another program
later. An flock is dropped by the kernel when the last process that inherited it is gone, however
it died, and never outlives a reboot.
"""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows; Embedded says so before any of this is called
    fcntl = None  # type: ignore[assignment]


def open_file(path: Path) -> int:
    """Open, and if needed create, a file to lock. Never through a link: root does this too."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def take(fd: int, *, shared: bool = False) -> bool:
    """Try to lock; say whether it worked. Never waits."""
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def drop(fd: int) -> None:
    """Unlock for everybody who inherited this file, and close it here."""
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def held(path: Path) -> bool:
    """Say whether a living process holds the lock on this file."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who only look never see each other.
        return not take(fd, shared=True)
    finally:
        os.close(fd)
