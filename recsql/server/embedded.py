"""Start, join and stop the embedded PostgreSQL server of one home folder."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg2

from recsql import settings
from recsql.errors import DatabaseUnavailable, RecsqlError
from recsql.server import binaries, locks, tuning
from recsql.server.home import Home

USER = DATABASE = "recsql"
# Names the socket, also when TCP listens elsewhere: a user's URL outlives every restart.
SOCKET_PORT = 5432

# Crash recovery after a big load takes its time: 4 GB of WAL at 15 s a GB, tenfold.
PATIENCE_S = 600
QUIET_S = 3  # what takes longer than this is told on stderr
ATTEMPTS = 10  # of a start that failed for a reason that passes

# Nothing else is handed to the server: neither our secrets nor a PGDATA or PGPORT of the user's.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH")

T = TypeVar("T")


class Lease:
    """The right to a running server, until it is released or its process dies in any way."""

    def __init__(self, url: str, env: dict[str, str], fd: int) -> None:
        self.url = url
        self.env = env
        self._fd: int | None = fd

    def release(self) -> None:
        """Give the server back. It stops when nobody else uses it, unless it was told to stay."""
        # Closed, not unlocked: a forked worker that still holds a copy stays a user.
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)

    def hand_over(self) -> None:
        """Let the program that this process becomes, by exec, hold the lease."""
        if self._fd is not None:
            os.set_inheritable(self._fd, True)

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Embedded:
    """The embedded server of one home folder. Two homes are two independent servers."""

    def __init__(self, home: Path, bin_dir: Path | None = None) -> None:
        if locks.fcntl is None:
            raise RecsqlError(
                "the embedded server runs on Linux and macOS only",
                hint="set RECSQL_DATABASE_URL to a running PostgreSQL server",
            )
        self.files = Home(home)
        self.home = self.files.path
        self.data = self.files.data
        self._given_bin = bin_dir or settings.pg_bin()
        self._refusal = ""  # why the server did not take our last connection

    # --- what callers do -------------------------------------------------------------------------

    def lease(self) -> Lease:
        """Start the server, or join the running one, and use it until the lease ends."""
        with self.files.plain_errors():
            self.files.claim()
            with self.alone():
                user = self.files.add_user()
                try:
                    self._ensure_running()
                except BaseException:
                    os.close(user)
                    raise
            return Lease(self.url, self.env, user)

    def up(self, tcp_port: int | None = None) -> None:
        """Start the server, or join the running one, and let it stay after its last user.

        With a port it listens on 127.0.0.1 as well; a server that runs without cannot be told
        to: its users would lose their connections.
        """
        with self.files.plain_errors():
            self.files.claim()
            with self.alone():
                stayed, listens = self.files.stays(), self.files.tcp_port()
                if self.running():
                    if tcp_port not in (None, listens):
                        where = f"on port {listens}" if listens else "without TCP"
                        raise RecsqlError(
                            f"the server is already running, {where}",
                            hint=f"recsql down, then: recsql up --port {tcp_port}",
                        )
                    tcp_port = listens
                elif tcp_port is not None:
                    _check_free(tcp_port)
                self.files.ask_to_stay(tcp_port)
                try:
                    self._ensure_running()
                except BaseException:
                    # Not up: then it was not told to stay either.
                    self.files.ask_to_stay(listens) if stayed else self.files.ask_no_more()
                    raise

    def down(self) -> dict[str, Any]:
        """Stop the server, also under its users; return whether it ran and how many they were."""
        with self.files.plain_errors():
            if not self.files.gate.exists():
                return {"was_running": False, "users": 0}
            with self.alone():
                self.files.ask_no_more()
                found = {"was_running": self.running(), "users": self.users()}
                self.stop()
                return found

    def status(self) -> dict[str, Any]:
        """Return what can be seen from outside. Starts nothing, waits for nobody."""
        with self.files.plain_errors():
            alive = self.running()
            version = self._ask() if alive else None
            return {
                "running": version is not None,
                "pid": self._postmaster() if alive else None,
                "version": version,
                "home": str(self.home),
                "data_directory": str(self.data),
                "socket": str(self.files.socket_dir()),
                "port": self.files.tcp_port() if alive else None,
                "url": self.url,
                "users": self.users(),
                "stays": self.files.stays(),
                "size": self.files.size(),
                "bin": str(self.bin_dir or ""),
                "log": str(self.files.log),
            }

    @property
    def url(self) -> str:
        """Return SQLAlchemy's address of the server: it names the password's file, not it."""
        return (
            f"postgresql+psycopg2://{USER}@/{DATABASE}?host={quote(str(self.files.socket_dir()))}"
            f"&port={SOCKET_PORT}&passfile={quote(str(self.files.pgpass))}"
        )

    @property
    def env(self) -> dict[str, str]:
        """Return the environment that makes psql, or any libpq program, come here."""
        return {
            "PGHOST": str(self.files.socket_dir()),
            "PGPORT": str(SOCKET_PORT),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSFILE": str(self.files.pgpass),
        }

    @property
    def bin_dir(self) -> Path | None:
        """Return the folder of PostgreSQL's programs; who joins a running server needs none."""
        try:
            return binaries.find(self._given_bin)
        except RecsqlError:
            return None

    def users(self) -> int:
        """Count the living users."""
        return self.files.count_users()

    def running(self) -> bool:
        """Say whether any process of the server is alive."""
        return locks.held(self.files.running)

    def crashed(self) -> bool:
        """Say, of a server that does not run, whether it was killed rather than stopped."""
        return self.files.written_pid() is not None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the gate: only one process at a time starts or stops the server."""
        fd = locks.open_file(self.files.gate)
        try:
            self._wait("waiting for another recsql process", lambda: locks.take(fd))
            yield
        finally:
            locks.drop(fd)

    # --- start (all of it needs the gate) --------------------------------------------------------

    def _ensure_running(self) -> None:
        """Return when the server answers and has a keeper at its side."""
        # First the keeper: if we are killed on the way, it stops what we have begun.
        keeper = self._start_keeper()
        try:
            self.start()
        finally:
            looked_after = keeper is None or keeper.wait() == 0
        if not looked_after:
            raise DatabaseUnavailable(
                "the process that looks after the server did not start",
                hint=f"its reason is at the end of {self.files.log}",
            )

    def start(self) -> None:
        """Start the server unless it answers already."""
        failures = 0
        while not self._answers():
            begin = self.files.end_of_log()
            alive = locks.open_file(self.files.running)
            try:
                if not locks.take(alive):
                    continue  # somebody only looked at it
                self._launch(alive)
            finally:
                os.close(alive)  # the server holds its own copy, and from now on nobody else
            if self._answers():
                return
            said = self.files.said_since(begin)
            # Two reasons that pass: it was killed, and said nothing; or dying children of one
            # that was started by hand still hold its shared memory.
            failures += 1
            if failures == ATTEMPTS or (_reasons(said) and "shared memory block" not in said):
                raise self._did_not_start(said)
            time.sleep(0.2)

    def _launch(self, alive: int) -> None:
        """Let a server begin, after initdb if there are no data yet. It inherits `alive`."""
        bin_dir = binaries.find(self._given_bin)
        runner = binaries.account(self.data)
        self.files.let_in(runner)
        bin_dir = binaries.runnable(bin_dir, runner, self.home)
        if self._is_new(bin_dir):
            self._initdb(bin_dir, runner, alive)
        self.files.replace(self.files.conf, tuning.text(self.home), mode=0o644)
        self._clear_stale_pid()
        self.files.clear_socket_dir(runner)
        port, folder = self.files.tcp_port(), self.files.socket_dir()
        # On the command line, so that no settings file can lead users astray.
        quoted = str(folder).replace('"', '""')
        options = ["-D", str(self.data), "-c", f'unix_socket_directories="{quoted}"']
        options += ["-c", f"listen_addresses={'127.0.0.1' if port else ''}"]
        options += ["-c", f"port={port or SOCKET_PORT}"]
        if port not in (None, SOCKET_PORT):
            (folder / f".s.PGSQL.{SOCKET_PORT}").symlink_to(f".s.PGSQL.{port}")
        # Not waiting (-W): what pg_ctl waits for is a line in a file, what we wait for an answer.
        # The folder goes by PGDATA: pg_ctl would paste its own -D into a shell unquoted.
        command = [bin_dir / "pg_ctl", "start", "-W", "-s", "-o", shlex.join(options)]
        self._run(command, runner, alive)

    def _is_new(self, bin_dir: Path) -> bool:
        """Say whether there are no data yet; refuse data of another version, or of another kind."""
        try:
            theirs = int((self.data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
        except FileNotFoundError:
            if self.data.exists() and any(self.data.iterdir()):
                raise RecsqlError(
                    f"{self.data} is no PostgreSQL data directory",
                    hint="move it away, or set RECSQL_HOME to another folder",
                ) from None
            return True
        ours = binaries.major(bin_dir)
        if theirs != ours:
            fits = [folder for folder in binaries.installed() if binaries.major(folder) == theirs]
            where = f", here {fits[0]}" if fits else ""
            raise RecsqlError(
                f"the data in {self.data} are of PostgreSQL {theirs},"
                f" the programs in {bin_dir} of PostgreSQL {ours}",
                hint=f"set RECSQL_PG_BIN to the programs of PostgreSQL {theirs}{where};"
                f" to move to {ours}, pg_dump there and restore into a new RECSQL_HOME",
            )
        return False

    def _initdb(self, bin_dir: Path, runner: binaries.Account, alive: int) -> None:
        """Make the data directory: beside its place first, so that half a one is never taken."""
        fresh = self.home / "data.new"
        # A leftover is dead: its initdb would hold the lock that we hold.
        if fresh.exists():
            shutil.rmtree(fresh)
        password = secrets.token_hex(24)
        self.files.replace(self.files.pgpass, f"*:*:*:{USER}:{password}\n")
        handed = self.home / "initdb.password"  # the server's user cannot read root's pgpass
        self.files.replace(handed, password)
        runner.own(handed)
        fresh.mkdir(mode=0o700)
        runner.own(fresh)
        # Order by code point and Unicode's rules for letters: the same on every machine.
        if binaries.major(bin_dir) >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            locale = ["--locale=C.UTF-8"]
        command = [bin_dir / "initdb", "-D", fresh, "-U", USER, f"--pwfile={handed}", *locale]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"]
        try:
            self._run(command, runner, alive)
        finally:
            handed.unlink()
        conf = os.open(fresh / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
        with os.fdopen(conf, "w", encoding="utf-8") as file:
            file.write(tuning.INCLUDE)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.data)

    def _run(self, command: list[str | Path], runner: binaries.Account, alive: int) -> None:
        """Run a program of PostgreSQL as the server's user; it inherits the lock of the living."""
        env = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        env |= {"LC_ALL": "C", "PGDATA": str(self.data)}
        begin = self.files.end_of_log()
        ran = self._spawn(command, env, (alive,), **runner.switch)
        try:
            code = ran.wait()
        except BaseException:
            ran.kill()
            ran.wait()
            raise
        if code != 0:
            raise self._did_not_start(self.files.said_since(begin))

    def _start_keeper(self) -> subprocess.Popen[bytes] | None:
        """Start the keeper unless there is one. It inherits its lock: there is never a second."""
        fd = locks.open_file(self.files.keeper)
        try:
            if not locks.take(fd):
                return None
            # It finds recsql where we did, from whatever folder that was.
            path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
            env = {**os.environ, "PYTHONPATH": path}
            if self._given_bin:
                env["RECSQL_PG_BIN"] = str(self._given_bin)
            command = [sys.executable, "-m", "recsql.server.keeper", self.home, str(fd)]
            return self._spawn(command, env, (fd,))
        finally:
            os.close(fd)

    def _spawn(
        self, command: list[str | Path], env: dict[str, str], fds: tuple[int, ...], **account: Any
    ) -> subprocess.Popen[bytes]:
        """Start a program that has nothing of ours but the log and these files."""
        log = self.files.open_log()
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                cwd="/",
                pass_fds=fds,
                start_new_session=True,  # Ctrl-C is for us
                **account,
            )
        finally:
            os.close(log)

    def _clear_stale_pid(self) -> None:
        """Take away a postmaster.pid whose number another program has got since.

        PostgreSQL copes with one that is free, but takes any live process of its user for a
        server, and refuses to start.
        """
        pid = self.files.written_pid()
        command = _command(pid) if pid else None
        if command is None:
            return
        # A server's child is titled "postgres: checkpointer"; a server of ours names its data.
        if Path(command[0]).name in ("postgres", "postmaster"):
            folder = Path(dict(itertools.pairwise(command)).get("-D", ""))
            if not folder.is_absolute() or folder == self.data:
                raise DatabaseUnavailable(
                    f"a PostgreSQL server that recsql did not start (process {pid}) may be"
                    f" using {self.data}",
                    hint=f"stop it: pg_ctl stop -D {shlex.quote(str(self.data))}",
                )
        (self.data / "postmaster.pid").unlink()

    # --- stop (needs the gate) -------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the server cleanly, without waiting for its clients, and see it gone."""
        told = set()

        def gone() -> bool:
            if not self.running():
                return True
            # None while one that was killed in the middle of its start has no file yet.
            pid = self._postmaster()
            if pid is not None and pid not in told:
                os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
                told.add(pid)
            return False

        self._wait("PostgreSQL is stopping", gone)
        self.files.remove_socket_dir()

    # --- signs of life ---------------------------------------------------------------------------

    def _answers(self) -> bool:
        """Wait until the server answers, or none is alive; say which."""

        def look() -> str | None:
            if not self.running():
                return "gone"
            return "answers" if self._ask(make_database=True) else None

        self._refusal = ""
        return self._wait("PostgreSQL is starting", look, lambda: self._refusal) == "answers"

    def _ask(self, *, make_database: bool = False) -> str | None:
        """Return the version of the server that answers on our socket, if it is ours."""
        folder, passfile = self.files.socket_dir(), self.files.pgpass
        try:
            conn = psycopg2.connect(
                host=str(folder),
                port=SOCKET_PORT,
                user=USER,
                dbname="postgres",
                passfile=str(passfile),
                connect_timeout=5,
            )
        except psycopg2.OperationalError as error:
            self._refusal = " ".join(str(error).split())
            if re.search("password authentication failed|no password supplied", self._refusal):
                raise DatabaseUnavailable(
                    f"the server does not take the password in {passfile}",
                    hint="put the file back as it was (mode 0600)",
                ) from error
            return None  # not yet, or not any more
        try:
            conn.autocommit = True
            with conn.cursor() as cursor:
                cursor.execute(
                    "SELECT 1, current_setting('data_directory'),"
                    " current_setting('server_version'), EXISTS"
                    " (SELECT FROM pg_catalog.pg_database WHERE datname = %s)",
                    (DATABASE,),
                )
                _, served, version, there = cursor.fetchone()
                if Path(served).resolve() != self.data:
                    raise DatabaseUnavailable(
                        f"the server in {folder} serves {served}, not {self.data}",
                        hint="stop that server, or set RECSQL_HOME to another folder",
                    )
                if make_database and not there:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
                return version
        except psycopg2.OperationalError:
            return None  # it was just stopped
        finally:
            conn.close()

    def _postmaster(self) -> int | None:
        """Return the process id of our server; a number that another program has got is none."""
        pid = self.files.written_pid()
        command = _command(pid) if pid else None
        return pid if command and any(str(self.data) in part for part in command) else None

    # --- telling ---------------------------------------------------------------------------------

    def _wait(self, what: str, look: Callable[[], T], why: Callable[[], str] = str) -> T:
        """Look until there is something to see; tell on stderr what takes so long."""
        begin = time.monotonic()
        tell = begin + QUIET_S
        while not (seen := look()):
            now = time.monotonic()
            so_far = f"{what} ({now - begin:.0f} s) {why()}".strip()
            if now > begin + PATIENCE_S:
                raise DatabaseUnavailable(f"gave up: {so_far}", hint=f"see {self.files.log}")
            if now > tell:
                print(f"recsql: {so_far}", file=sys.stderr, flush=True)
                tell = now + 5
            time.sleep(0.02)
        return seen

    def _did_not_start(self, said: str) -> DatabaseUnavailable:
        """Return an error with PostgreSQL's own reason out of what it said."""
        reason = (_reasons(said) or said.split("\n")[-2:])[-1].strip()
        hint = f"the whole story is at the end of {self.files.log}"
        if "No space left on device" in said:
            hint = f"free some space where {self.home} is; nothing was lost"
        elif "Address already in use" in said:
            hint = "another program has that port: recsql up --port with another one"
        return DatabaseUnavailable(f"PostgreSQL did not start: {reason}", hint=hint)


def _reasons(said: str) -> list[str]:
    return re.findall(r"(?:FATAL|PANIC|error):\s+(.+)", said)


def _command(pid: int) -> list[str] | None:
    """Return the command line of a process; None if there is no such process."""
    if Path("/proc/self/cmdline").exists():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return [os.fsdecode(part) for part in line.rstrip(b"\0").split(b"\0")]
    found = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
    )
    return found.stdout.strip().split(" ") if found.returncode == 0 else None


def _check_free(port: int) -> None:
    """Refuse a port that another program listens on, before anything is started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RecsqlError(
                f"port {port} on 127.0.0.1 cannot be used: {error.strerror}",
                hint="choose another one: recsql up --port N",
            ) from error
