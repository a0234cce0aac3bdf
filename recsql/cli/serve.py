"""`recsql serve`: the site on this machine."""

from __future__ import annotations

import errno
import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import click
from sqlalchemy import Engine

from recsql.cli.shared import ready_engine
from recsql.errors import RecsqlError

PORT = 8000
# How far to look for a free port before giving up: a machine with more sites than this has an
# owner who knows which port to name.
PORTS_TRIED = 50
_TAKEN = {errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEACCES", errno.EACCES)}


def run_site(
    engine: Engine,
    host: str,
    port: int,
    threads: int,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the site until it is interrupted.

    A taken port gives way to the next free one, which is said. on_ready is called with the
    address as soon as connections are accepted; the default prints it.
    """
    # Imported here: every other command starts faster without the web's libraries.
    import waitress

    from recsql.web import create_app

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a burst of posters is no news
    app = create_app(engine)
    server = None
    found = port
    for found in range(port, min(port + PORTS_TRIED, 65536)):
        try:
            server = waitress.create_server(
                app, host=host, port=found, threads=threads, ident="recsql"
            )
            break
        except OSError as error:
            if error.errno in _TAKEN and port:
                continue
            raise RecsqlError(
                f"cannot listen on {host}: {error.strerror or error}",
                hint="give an address of this machine with --host, such as 127.0.0.1",
            ) from error
    if server is None:
        raise RecsqlError(
            f"no free port from {port} to {found}", hint="name a free one with --port"
        )
    found = int(getattr(server, "effective_port", found))
    if port and found != port:
        click.echo(f"Port {port} is taken; using {found}.", err=True)
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else host
    address = f"http://{shown}:{found}"
    try:
        # Before the address is known to anybody: whoever reads it may stop us at once.
        with _stopped_by_signal():
            (on_ready or _say)(address)
            server.run()
    except KeyboardInterrupt:
        pass  # the usual way to end a server, and no failure
    finally:
        server.close()
        engine.dispose()


def _say(address: str) -> None:
    click.echo(f"Serving {address} (Ctrl-C stops it)")
    sys.stdout.flush()


class _stopped_by_signal:
    """Let SIGTERM end the server as Ctrl-C does, so that leases are given back."""

    def __enter__(self) -> None:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._stop)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    @staticmethod
    def _stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; the next free one if it is taken, 0 for any.",
)
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Requests answered at the same time.",
)
def serve(host: str, port: int, threads: int) -> None:
    """Serve the site until Ctrl-C."""
    run_site(ready_engine(pool_size=threads), host, port, threads)


commands = [serve]
