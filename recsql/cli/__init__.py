"""Commands. Data goes to stdout, all else to stderr; 0 done, 1 failed, 2 usage, 130 interrupted."""

# ruff: noqa: E402

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any, NoReturn


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave at Ctrl-C at once, without a traceback of whatever is just being imported."""
    os.write(2, b"Interrupted.\n")
    os._exit(130)


# What is imported below takes a while, and nothing has begun yet. Whoever shall not hear Ctrl-C
# (nohup, a thread of another program) goes on not hearing it.
_heard = (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
)
if _heard:
    signal.signal(signal.SIGINT, _leave)

import click

from recsql import __version__, db
from recsql.cli import (
    data,
    demo,
    enrich,
    evaluate,
    export,
    finding,
    generate,
    movies,
    quiz,
    refresh,
    serve,
    server,
    suggest,
    train,
    users,
)
from recsql.errors import RecsqlError


class _Recsql(click.Group):
    """The one place where errors become words."""

    def invoke(self, ctx: click.Context) -> Any:
        if signal.getsignal(signal.SIGINT) is _leave:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except RecsqlError as error:
            if ctx.params.get("debug"):
                raise
            click.secho(f"Error: {error.message}", fg="red", err=True)
            if error.hint:
                click.echo(f"Hint: {error.hint}", err=True)
            ctx.exit(1)
        except BrokenPipeError:
            # The reader has had enough (| head): nothing is wrong, and nothing can be said.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)

    def list_commands(self, ctx: click.Context) -> list[str]:
        # As they are added: what a newcomer needs first, first.
        return list(self.commands)


@click.group(
    cls=_Recsql,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="recsql")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """A movie recommender that lives inside PostgreSQL.

    Start with `recsql demo`. Without RECSQL_DATABASE_URL, recsql runs a PostgreSQL of its own
    in RECSQL_HOME.
    """


for module in (
    demo, movies, finding, quiz, train, suggest, data, enrich, export, users, refresh, evaluate,
    generate, server, serve,
):  # fmt: skip
    for added in module.commands:
        cli.add_command(added)


if _heard:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _let_interrupts_through() -> None:
    """Make Ctrl-C stop a statement that the server is still at.

    The driver waits in C, where Python's own handler does not come: it would be heard only when
    the statement is done.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach(), warn_on_full_buffer=False)

    def listen() -> None:
        while number := heard.recv(1):
            if number[0] == signal.SIGINT:
                db.cancel_running()

    threading.Thread(target=listen, daemon=True).start()


def main() -> NoReturn:
    """Run the command line."""
    if _heard:
        signal.signal(signal.SIGINT, _leave)
    _let_interrupts_through()
    sys.exit(cli(standalone_mode=True))
