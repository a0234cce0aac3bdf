"""The keeper: stops the server when its last user is gone, and restarts it after a crash.

Started by the first user as `python -m recsql.server.keeper HOME FD`; FD is the open, locked
keeper.lock, which it holds for as long as it lives. It asks only the kernel's locks: a user who
was killed with kill -9 is gone like any other.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from recsql.errors import RecsqlError
from recsql.server.embedded import Embedded

LOOK_S = 0.2  # how long the server outlives its last user, or stays away after a crash
REST_S = 30  # between two attempts to restart a server that cannot start, at most


def main() -> None:
    """Detach from the user who started us, and look after the server of a home."""
    server = Embedded(Path(sys.argv[1]))
    if os.fork():
        os._exit(0)  # that user waits for this, and never has us for a child
    look_after(server, lock=int(sys.argv[2]))


def look_after(server: Embedded, lock: int) -> None:
    """Look from time to time; return when there is nothing left to look after."""
    failures = 0
    while True:
        time.sleep(min(LOOK_S * 2 ** min(failures, 10), REST_S))
        # A look without the gate may be wrong about who comes and goes, so it decides nothing.
        if server.running() and (server.files.stays() or server.users()):
            continue
        try:
            with server.alone():
                if not keep(server):
                    # Within the gate: the next user starts another keeper.
                    os.close(lock)
                    return
            failures = 0
        except FileNotFoundError:
            return  # the home was removed
        except RecsqlError as error:
            print(f"recsql: {error.message}", file=sys.stderr, flush=True)
            failures += 1


def keep(server: Embedded) -> bool:
    """Do what is needed now; say whether the server is still to be looked after."""
    if not server.files.count_users(forget_dead=True) and not server.files.stays():
        server.stop()
        return False
    if not server.running():
        if not server.crashed():
            return False  # stopped on purpose, under its users
        server.start()
    return True


if __name__ == "__main__":
    main()
