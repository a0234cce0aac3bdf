"""The work folder of one size: its files, its server, its subprocesses, its finished stages."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from benchmarks.figures import Figures
from benchmarks.memory import Watch
from recsql import settings
from recsql.errors import BadInput, RecsqlError
from recsql.server import Embedded, Lease

CHECKOUT = Path(__file__).parent.parent
# The full size, and what goes with it.
FULL_RATINGS, FULL_USERS, FULL_MOVIES = 38_000_000, 200_000, 77_000
FEWEST_MOVIES = 800
_UNITS = {"k": 1_000, "K": 1_000, "M": 1_000_000}


@dataclass(frozen=True)
class Size:
    """How many ratings, and users and movies in proportion."""

    name: str
    ratings: int
    users: int
    movies: int

    @classmethod
    def of(cls, name: str) -> Size:
        """Return the size that a name such as 1M or 50k means."""
        digits, unit = (name[:-1], _UNITS.get(name[-1:], 0)) if name[-1:] in _UNITS else (name, 1)
        try:
            ratings = round(float(digits) * unit)
        except ValueError:
            ratings = 0
        if ratings < 10_000:
            raise BadInput(f"{name!r} is no size", hint="write 1M or 50k; 10k at least")
        return cls(
            name,
            ratings,
            round(FULL_USERS * ratings / FULL_RATINGS),
            # a rater has 190 ratings on average, at any size: there must be enough to rate
            max(round(FULL_MOVIES * ratings / FULL_RATINGS), FEWEST_MOVIES),
        )


@dataclass(frozen=True)
class Settings:
    """How much is asked, and from which seed."""

    seed: int = 1
    asks: int = 1000
    # what is slow is asked fewer times: until so many seconds are over
    patience: float = 60.0
    page_seconds: float = 10.0
    full_sql: bool = False
    # up to so many ratings the SQL engine refreshes all lists, beyond that a sample
    sql_whole_up_to: int = 1_000_000
    sql_sample: int = 500


# What the first stages do not depend on.
OF_QUESTIONS = ("asks", "patience", "page_seconds")
OF_SQL = ("full_sql", "sql_whole_up_to", "sql_sample")


class Clock:
    """Says on stderr what is done, and when."""

    def __init__(self, quiet: bool = False) -> None:
        self._began = time.monotonic()
        self._quiet = quiet

    def say(self, what: str) -> None:
        """Print one line with the time since the start."""
        if not self._quiet:
            passed = int(time.monotonic() - self._began)
            print(f"[{passed // 60:3d}:{passed % 60:02d}] {what}", file=sys.stderr, flush=True)


@dataclass
class Ran:
    """What a subprocess cost, and what it printed."""

    seconds: float
    printed: str
    peak: dict[str, float] = field(default_factory=dict)


class Failed(RecsqlError):
    """A subprocess ended badly."""


class Workshop:
    """One size on its own server. Its parts: files/, pg/, stages/."""

    def __init__(self, folder: Path, size: Size, asked: Settings, clock: Clock) -> None:
        self.folder, self.size, self.settings = folder, size, asked
        self.files = folder / "files"
        self.home = folder / "pg"
        self.clock = clock
        self._stages = folder / "stages"
        self._server = Embedded(self.home, settings.pg_bin())
        self._lease: Lease | None = None
        # Root's server runs as another user, who must get in.
        self._stages.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)

    def say(self, what: str) -> None:
        """Print one line on this size."""
        self.clock.say(f"{self.size.name:>4}  {what}")

    # --- the server ------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server of this folder; it stops when this process ends in any way."""
        if self._lease is None:
            self._lease = self._server.lease()

    def stop(self) -> None:
        """Stop it and wait until it has stopped."""
        if self._lease is not None:
            self._lease.release()
            self._lease = None
        if self.home.exists():
            self._server.down()

    def remove(self) -> None:
        """Stop the server and remove its data and the files, but not what was found."""
        self.stop()
        for folder in (self.files, self.home, self.folder / "scratch"):
            # whoever watched over the server may still be writing its last line
            for _ in range(50):
                shutil.rmtree(folder, ignore_errors=True)
                if not folder.exists():
                    break
                time.sleep(0.1)

    @property
    def server_pid(self) -> int | None:
        """Return the server's first process."""
        return self._server.status()["pid"]

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of our subprocesses: this checkout, this folder's server."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RECSQL_", "PG")) or name == "RECSQL_PG_BIN"
        }
        found_by = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
        return {**kept, "RECSQL_HOME": str(self.home), "PYTHONPATH": found_by}

    @contextlib.contextmanager
    def connection(self, database: str | None = None) -> Iterator[Connection]:
        """Open a connection over the server's socket, each statement its own transaction."""
        self.start()
        assert self._lease is not None
        given = {name: self._lease.env[f"PG{name.upper()}"] for name in ("host", "port", "user")}
        conn = psycopg2.connect(
            **given,
            dbname=database or self._lease.env["PGDATABASE"],
            passfile=self._lease.env["PGPASSFILE"],
            application_name="recsql benchmark",
            # as the site's own connections
            options="-c search_path=pg_catalog -c client_encoding=UTF8",
        )
        try:
            conn.autocommit = True
            yield conn
        finally:
            conn.close()

    def rows(self, statement: str, *values: object, database: str | None = None) -> list[Any]:
        """Ask one question over a connection of its own."""
        with self.connection(database) as conn, conn.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    # --- subprocesses ----------------------------------------------------------------------------

    def recsql(self, *args: object) -> Ran:
        """Run a command of recsql as a user would, and watch its memory and the server's."""
        return self.run(sys.executable, "-m", "recsql", *args)

    def psql(self, *args: object) -> Ran:
        """Run psql on the server."""
        self.start()
        assert self._lease is not None
        folder = self._server.bin_dir
        program = (
            folder / "psql" if folder and (folder / "psql").is_file() else shutil.which("psql")
        )
        if program is None:
            raise Failed("psql was not found", hint="on Debian: apt-get install postgresql-client")
        quiet = ("-X", "-q", "-v", "ON_ERROR_STOP=1")
        return self.run(program, *quiet, *args, env=self._lease.env)

    def run(self, *command: object, env: Mapping[str, str] | None = None) -> Ran:
        """Run a program to its end."""
        words = [str(part) for part in command]
        server = self.server_pid if self._lease is not None else None
        began = time.monotonic()
        with (
            self.spawned(words, env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
            Watch(client=process.pid, server=server) as watch,
        ):
            printed, complaints = process.communicate()
            # before the last sample of memory is waited for
            seconds = time.monotonic() - began
        if process.returncode != 0:
            said = complaints.decode("utf-8", "replace").strip().splitlines()[-5:]
            raise Failed(
                f"{' '.join(words[1:4])} … ended with {process.returncode}: {' '.join(said)}",
                hint="see what is above, and try again: finished stages are kept with --work",
            )
        return Ran(seconds, printed.decode("utf-8"), watch.peak)

    @contextlib.contextmanager
    def spawned(
        self, command: list[str], env: Mapping[str, str] | None = None, **more: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a program that is gone, with its children, when the block ends."""
        process = subprocess.Popen(
            command,
            env={**self.environment, **(env or {})},
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **more,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                _end(process)

    # --- finished stages -------------------------------------------------------------------------

    def kept(self, stage: str) -> dict[str, Any] | None:
        """Return what a stage found earlier, if it was asked the same."""
        try:
            found = json.loads((self._stages / f"{stage}.json").read_text("utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found if found["asked"] == self._asked(stage) else None

    def keep(self, stage: str, figures: Figures, seconds: float) -> dict[str, Any]:
        """Write down what a stage found."""
        found = {
            "asked": self._asked(stage),
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
            "took_s": round(seconds, 1),
            **figures.as_dict(),
        }
        self._write(stage, found)
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """Return what was noted beside the figures: machine, version."""
        return json.loads((self._stages / "facts.json").read_text("utf-8"))

    def note(self, facts: dict[str, Any]) -> None:
        """Note it."""
        self._write("facts", facts)

    def _write(self, name: str, found: dict[str, Any]) -> None:
        part = self._stages / f".{name}.json"
        part.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        part.replace(self._stages / f"{name}.json")

    def forget(self, stage: str) -> None:
        """Let a stage be done again."""
        (self._stages / f"{stage}.json").unlink(missing_ok=True)

    def scratch(self, name: str) -> Path:
        """Return a path for a file that goes with the data."""
        folder = self.folder / "scratch"
        folder.mkdir(exist_ok=True)
        return folder / name

    def _asked(self, stage: str) -> dict[str, Any]:
        """Return what a stage's figures depend on."""
        given = {**asdict(self.size), **asdict(self.settings)}
        without = OF_QUESTIONS if stage in ("load", "refresh") else ()
        without += OF_SQL if stage == "load" else ()
        return {name: value for name, value in given.items() if name not in without}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children, kindly at first."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            # a group of its own: see spawned()
            os.killpg(process.pid, number)
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue
