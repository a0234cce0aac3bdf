"""Start, join and stop the embedded PostgreSQL server of one home folder.

What lies in a home, and who trusts it for what:

    server.lock    taken to start or stop the server, or to come as a user; never waits for long
    running.lock   inherited by the server and its children: taken = one of them is alive
    keeper.lock    inherited by the keeper: taken = it is alive
    users/         one file a user, locked while that user lives
    stay.json      there = the server stays after its last user (`recsql up`), with its TCP port
    pgpass         the random password, in libpq's own format
    recsql.conf    settings sized to the machine, included by data/postgresql.conf
    server.log     what the server says
    run/           its socket (elsewhere when the path is too long for one)
    data/          the database itself, owned by the user who runs the server
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import stat
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

USER = DATABASE = "recsql"
# Names the socket, also when TCP listens elsewhere: a user's URL outlives every restart.
SOCKET_PORT = 5432

# Crash recovery after a big load takes its time: 4 GB of WAL at 15 s a GB, tenfold.
PATIENCE_S = 600
QUIET_S = 3  # what takes longer than this is told on stderr
LOG_KEPT = 10 * tuning.MB

# sockaddr_un.sun_path, with its closing NUL
_SOCKET_PATH_MAX = 107 if sys.platform == "linux" else 103
_GATE = "server.lock"
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_NOT_STRANGE = {"lost+found", ".DS_Store"}

T = TypeVar("T")


class Lease:
    """The right to a running server, until it is released or its process dies in any way."""

    def __init__(self, url: str, env: dict[str, str], bin_dir: Path | None, fd: int) -> None:
        self.url = url
        self.env = env
        self.bin_dir = bin_dir
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
        # Resolved, so that two spellings of one folder are one server.
        self.home = Path(home).expanduser().resolve()
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.pgpass = self.home / "pgpass"
        self._given_bin = bin_dir or settings.pg_bin()
        self._gate = self.home / _GATE
        self._running = self.home / "running.lock"
        self._keeper = self.home / "keeper.lock"
        self._users = self.home / "users"
        self._stay = self.home / "stay.json"

    # --- what callers do -------------------------------------------------------------------------

    def lease(self) -> Lease:
        """Start the server, or join the running one, and use it until the lease ends."""
        with self._plain_errors():
            self._claim_home()
            with self.alone():
                user = self._new_user()
                try:
                    self._ensure_running()
                except BaseException:
                    os.close(user)
                    raise
            return Lease(self.url, self.env, self.bin_dir, user)

    def up(self, tcp_port: int | None = None) -> None:
        """Start the server, or join the running one, and let it stay after its last user.

        With a port it listens on 127.0.0.1 as well; a server that runs without cannot be told
        to: its users would lose their connections.
        """
        with self._plain_errors():
            self._claim_home()
            with self.alone():
                before = self._stay.read_bytes() if self._stay.exists() else None
                if locks.held(self._running):
                    listens = self.tcp_port()
                    if tcp_port not in (None, listens):
                        raise RecsqlError(
                            f"the server is already running, {_on_port(listens)}",
                            hint=f"recsql down, then: recsql up --port {tcp_port}",
                        )
                    tcp_port = listens
                elif tcp_port is not None:
                    _check_free(tcp_port)
                self._replace(self._stay, json.dumps({"port": tcp_port}))
                try:
                    self._ensure_running()
                except BaseException:
                    # Not up: then it was not told to stay either.
                    if before is None:
                        self._stay.unlink(missing_ok=True)
                    else:
                        self._stay.write_bytes(before)
                    raise

    def down(self) -> dict[str, Any]:
        """Stop the server, also under its users; return whether it ran and how many they were."""
        with self._plain_errors():
            if not self._gate.exists():
                return {"was_running": False, "users": 0}
            with self.alone():
                self._stay.unlink(missing_ok=True)
                found = {"was_running": locks.held(self._running), "users": self.users()}
                self.stop()
                return found

    def status(self) -> dict[str, Any]:
        """Return what can be seen from outside. Starts nothing, waits for nobody."""
        with self._plain_errors():
            alive = locks.held(self._running)
            version = self._ask() if alive else None
            return {
                "running": version is not None,
                "pid": self._postmaster() if alive else None,
                "version": version,
                "home": str(self.home),
                "data_directory": str(self.data),
                "socket": str(self.socket_dir()),
                "port": self.tcp_port() if alive else None,
                "url": self.url,
                "users": self.users(),
                "stays": self._stay.exists(),
                "size": _size(self.data),
                "bin": str(self.bin_dir or ""),
                "log": str(self.log),
            }

    @property
    def url(self) -> str:
        """Return SQLAlchemy's address of the server: it names the password's file, not it."""
        return (
            f"postgresql+psycopg2://{USER}@/{DATABASE}?host={quote(str(self.socket_dir()))}"
            f"&port={SOCKET_PORT}&passfile={quote(str(self.pgpass))}"
        )

    @property
    def env(self) -> dict[str, str]:
        """Return the environment that makes psql, or any libpq program, come here."""
        return {
            "PGHOST": str(self.socket_dir()),
            "PGPORT": str(SOCKET_PORT),
            "PGUSER": USER,
            "PGDATABASE": DATABASE,
            "PGPASSFILE": str(self.pgpass),
        }

    @property
    def bin_dir(self) -> Path | None:
        """Return the folder of PostgreSQL's programs; who joins a running server needs none."""
        try:
            return binaries.find(self._given_bin)
        except RecsqlError:
            return None

    # --- what callers and the keeper see ---------------------------------------------------------

    def users(self, *, forget_dead: bool = False) -> int:
        """Count the living users; forgetting the dead is for who holds the gate."""
        living = 0
        with contextlib.suppress(FileNotFoundError):
            for path in self._users.iterdir():
                if locks.held(path):
                    living += 1
                elif forget_dead:
                    path.unlink(missing_ok=True)
        return living

    def running(self) -> bool:
        """Say whether any process of the server is alive."""
        return locks.held(self._running)

    def stays(self) -> bool:
        """Say whether `recsql up` asked the server to stay after its last user."""
        return self._stay.exists()

    def crashed(self) -> bool:
        """Say, of a server that does not run, whether it was killed rather than stopped."""
        return (self.data / "postmaster.pid").exists()

    def tcp_port(self) -> int | None:
        """Return the port on 127.0.0.1 that `recsql up` asked for."""
        try:
            return json.loads(self._stay.read_text(encoding="ascii"))["port"]
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def socket_dir(self) -> Path:
        """Return the folder of the socket: in the home, where its path is not too long for one."""
        inside = self.home / "run"
        fits = len(os.fsencode(inside / ".s.PGSQL.65535")) <= _SOCKET_PATH_MAX
        # libpq reads a comma in a host as two hosts; SQLAlchemy a colon as a port.
        if fits and not set(",:") & set(str(inside)):
            return inside
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        if os.geteuid() == 0 and Path("/run").is_dir():
            return Path("/run", f"recsql-{name}")
        # Not $TMPDIR: every user of this home must come to the same folder.
        return Path("/tmp", f"recsql-{os.geteuid()}-{name}")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the gate: only one process at a time starts or stops the server."""
        fd = locks.open_file(self._gate)
        try:
            self._wait("waiting for another recsql process", lambda: locks.take(fd))
            yield
        finally:
            locks.drop(fd)

    # --- the home --------------------------------------------------------------------------------

    def _claim_home(self) -> None:
        """Make the home folder, or make sure that the one we find is ours to use."""
        home, root = self.home, os.geteuid() == 0
        for folder in reversed([home, *home.parents]):
            if not folder.exists():
                # One that another process makes at the same moment is as good.
                folder.mkdir(exist_ok=True, mode=0o700 if folder == home else 0o777)
                if root:  # the server's user has to come through, whatever our umask is
                    folder.chmod(0o711 if folder == home else 0o755)
        if not home.is_dir():
            raise RecsqlError(
                f"{home} is a file, not a folder", hint="set RECSQL_HOME to a folder of its own"
            )
        owner = home.stat().st_uid
        if owner != os.geteuid():
            raise RecsqlError(
                f"{home} belongs to another user (uid {owner})",
                hint="run recsql as that user, or set RECSQL_HOME to a folder of your own",
            )
        found = {path.name for path in home.iterdir()} - _NOT_STRANGE
        if found and _GATE not in found:
            raise RecsqlError(
                f"{home} holds other things ({', '.join(sorted(found)[:3])}), no recsql server",
                hint="set RECSQL_HOME to a new or an empty folder",
            )

    def _let_in(self, runner: binaries.Account) -> None:
        """Make sure that the server's user can come to the home. Parents are never touched."""
        mode = self.home.stat().st_mode
        if runner.switch and not mode & 0o001:
            self.home.chmod(mode | 0o011)
        if not runner.switch or runner.can_enter(self.home):
            return
        for folder in reversed([self.home, *self.home.parents]):
            if not runner.can_enter(folder):
                raise RecsqlError(
                    f"the user {runner.name}, who runs root's server, may not enter {folder}",
                    hint="set RECSQL_HOME to a folder outside it, such as /var/lib/recsql",
                )

    def _new_user(self) -> int:
        """Add a user: a locked file that the kernel unlocks when the process is gone."""
        self._users.mkdir(exist_ok=True, mode=0o700)
        user = locks.open_file(self._users / f"{os.getpid()}-{secrets.token_hex(4)}")
        locks.take(user)
        return user

    def _replace(self, path: Path, text: str, mode: int = 0o600) -> None:
        """Write a file of the home so that it is whole at any moment, also after a power cut."""
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)

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
                hint=f"its reason is at the end of {self.log}",
            )

    def start(self) -> None:
        """Start the server unless it answers already."""
        end = time.monotonic() + PATIENCE_S
        while not self._answers("PostgreSQL is starting"):
            begin = self._trim_log()
            alive = locks.open_file(self._running)
            try:
                if not locks.take(alive):
                    continue  # somebody only looked at it
                self._launch(alive)
            finally:
                os.close(alive)  # the server holds its own copy: from now on it tells of that alone
            if self._answers("PostgreSQL is starting"):
                return
            said = self._said_since(begin)
            # After kill -9 of a server started by hand its children may hold the shared memory.
            if "shared memory block" not in said or time.monotonic() > end:
                raise self._did_not_start(said)
            time.sleep(0.2)

    def _launch(self, alive: int) -> None:
        """Let a server begin, after initdb if there are no data yet. It inherits `alive`."""
        bin_dir = binaries.find(self._given_bin)
        runner = binaries.account(self.data)
        self._let_in(runner)
        bin_dir = binaries.runnable(bin_dir, runner, self.home)
        if self._is_new(bin_dir):
            self._initdb(bin_dir, runner, alive)
        self._replace(self.home / "recsql.conf", tuning.text(self.home), mode=0o644)
        self._clear_stale_pid()
        self._clear_socket_dir(runner)
        port = self.tcp_port()
        folder = str(self.socket_dir()).replace('"', '""')
        # On the command line, so that no settings file can lead users astray.
        options = ["-D", str(self.data), "-c", f'unix_socket_directories="{folder}"']
        options += ["-c", f"listen_addresses={'127.0.0.1' if port else ''}"]
        options += ["-c", f"port={port or SOCKET_PORT}"]
        if port not in (None, SOCKET_PORT):
            (self.socket_dir() / f".s.PGSQL.{SOCKET_PORT}").symlink_to(f".s.PGSQL.{port}")
        # Not waiting (-W): what pg_ctl waits for is a line in a file, what we wait for an answer.
        # The folder goes by PGDATA: pg_ctl would paste its own -D into a shell unquoted.
        self._run(
            [bin_dir / "pg_ctl", "start", "-W", "-s", "-o", shlex.join(options)], runner, alive
        )

    def _is_new(self, bin_dir: Path) -> bool:
        """Say whether there are no data yet; refuse data of another version, or of another kind."""
        try:
            theirs = int((self.data / "PG_VERSION").read_text(encoding="ascii"))
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
        self._replace(self.pgpass, f"*:*:*:{USER}:{password}\n")
        handed = self.home / "initdb.password"  # the server's user cannot read root's pgpass
        self._replace(handed, password)
        runner.own(handed)
        fresh.mkdir(mode=0o700)
        runner.own(fresh)
        # Collation "C" and UTF-8 rules for letters: the same order and case on every machine.
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
        # Nothing else is passed on: neither our secrets nor a PGDATA or PGPORT of the user's own.
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        env |= {"LC_ALL": "C", "PGDATA": str(self.data)}
        log = self._open_log()
        try:
            begin = os.fstat(log).st_size
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=env,
                cwd="/",
                pass_fds=(alive,),
                start_new_session=True,  # Ctrl-C is for us
                **runner.switch,
            ).returncode
        finally:
            os.close(log)
        if code != 0:
            raise self._did_not_start(self._said_since(begin))

    def _clear_stale_pid(self) -> None:
        """Take away a postmaster.pid whose number another program has got since.

        PostgreSQL copes with one that is free, but takes any live process of its user for a
        server, and refuses to start.
        """
        pid = self._written_pid()
        command = _command(pid) if pid else None
        if command is None:
            return
        # A server's child is titled "postgres: checkpointer"; a server of ours names its data.
        if Path(command[0]).name in ("postgres", "postmaster"):
            folder = dict(itertools.pairwise(command)).get("-D", "")
            if not Path(folder).is_absolute() or Path(folder) == self.data:
                raise DatabaseUnavailable(
                    f"a PostgreSQL server that recsql did not start (process {pid}) may be"
                    f" using {self.data}",
                    hint=f"stop it: pg_ctl stop -D {shlex.quote(str(self.data))}",
                )
        (self.data / "postmaster.pid").unlink()

    def _clear_socket_dir(self, runner: binaries.Account) -> None:
        """Make the private folder of the socket, or make sure that it is private, and empty it."""
        folder = self.socket_dir()
        folder.mkdir(exist_ok=True, mode=0o700)
        found = folder.lstat()
        # In the temporary folder somebody else may have been first.
        if found.st_uid not in (os.geteuid(), runner.uid) or stat.S_IMODE(found.st_mode) != 0o700:
            raise RecsqlError(
                f"{folder}, for the server's socket, is not a private folder of {runner.name}",
                hint="remove it, or set RECSQL_HOME to a shorter path",
            )
        runner.own(folder)
        for left in folder.glob(".s.PGSQL.*"):
            left.unlink()

    def _start_keeper(self) -> subprocess.Popen[bytes] | None:
        """Start the keeper unless there is one. It inherits its lock: there is never a second."""
        fd = locks.open_file(self._keeper)
        try:
            if not locks.take(fd):
                return None
            log = self._open_log()
            env = dict(os.environ)
            # It finds recsql where we did, from whatever folder that was.
            env["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
            if self._given_bin:
                env["RECSQL_PG_BIN"] = str(self._given_bin)
            try:
                return subprocess.Popen(
                    [sys.executable, "-m", "recsql.server.keeper", self.home, str(fd)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=env,
                    cwd="/",
                    pass_fds=(fd,),
                    start_new_session=True,
                )
            finally:
                os.close(log)
        finally:
            os.close(fd)

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
        if self.socket_dir().parent != self.home:
            with contextlib.suppress(OSError):
                shutil.rmtree(self.socket_dir())

    # --- signs of life ---------------------------------------------------------------------------

    def _answers(self, what: str) -> bool:
        """Wait until the server answers, or none is alive; say which."""

        def look() -> str | None:
            if not self.running():
                return "gone"
            return "answers" if self._ask(make_database=True) else None

        return self._wait(what, look) == "answers"

    def _ask(self, *, make_database: bool = False) -> str | None:
        """Return the version of the server that answers on our socket, if it is ours."""
        try:
            conn = psycopg2.connect(
                host=str(self.socket_dir()),
                port=SOCKET_PORT,
                user=USER,
                dbname="postgres",
                passfile=str(self.pgpass),
                connect_timeout=5,
            )
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error) or "no password" in str(error):
                raise DatabaseUnavailable(
                    f"the server does not take the password in {self.pgpass}",
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
                _, folder, version, there = cursor.fetchone()
                if Path(folder).resolve() != self.data:
                    raise DatabaseUnavailable(
                        f"the server on {self.socket_dir()} serves {folder}, not {self.data}",
                        hint="stop that server, or set RECSQL_HOME to another folder",
                    )
                if make_database and not there:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
                return version
        except psycopg2.OperationalError:
            return None  # it was just stopped
        finally:
            conn.close()

    def _written_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _postmaster(self) -> int | None:
        """Return the process id of our server; a number that another program has got is none."""
        pid = self._written_pid()
        command = _command(pid) if pid else None
        return pid if command and any(str(self.data) in part for part in command) else None

    # --- telling ---------------------------------------------------------------------------------

    def _wait(self, what: str, look: Callable[[], T]) -> T:
        """Look until there is something to see; tell on stderr what takes so long."""
        begin = time.monotonic()
        tell = begin + QUIET_S
        while not (seen := look()):
            now = time.monotonic()
            if now > begin + PATIENCE_S:
                raise DatabaseUnavailable(
                    f"{what}: given up after {PATIENCE_S} s", hint=f"what it says is in {self.log}"
                )
            if now > tell:
                print(f"recsql: {what} ({now - begin:.0f} s)", file=sys.stderr, flush=True)
                tell = now + 5
            time.sleep(0.02)
        return seen

    def _open_log(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        return os.open(self.log, flags, 0o600)

    def _trim_log(self) -> int:
        """Put a long log aside; return where the next words in it begin."""
        size = self.log.stat().st_size if self.log.exists() else 0
        if size > LOG_KEPT:
            self.log.rename(self.log.with_name("server.log.1"))
            return 0
        return size

    def _said_since(self, begin: int) -> str:
        with self.log.open("rb") as file:
            file.seek(begin)
            return file.read().decode(errors="replace")

    def _did_not_start(self, said: str) -> DatabaseUnavailable:
        """Return an error with PostgreSQL's own reason out of what it said."""
        reasons = re.findall(r"(?:FATAL|PANIC|error):\s+(.+)", said) or said.split("\n")[-2:]
        hint = f"the whole story is at the end of {self.log}"
        if "No space left on device" in said:
            hint = f"free some space where {self.home} is; nothing was lost"
        elif "Address already in use" in said:
            hint = "another program has that port: recsql up --port with another one"
        return DatabaseUnavailable(f"PostgreSQL did not start: {reasons[-1].strip()}", hint=hint)

    @contextlib.contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn what the system refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            hint = "set RECSQL_HOME to a folder that you may write to"
            if error.errno == errno.ENOSPC:
                hint = "free some space; nothing was lost"
            where = error.filename or self.home
            raise RecsqlError(f"cannot use {where}: {error.strerror}", hint=hint) from error


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


def _on_port(port: int | None) -> str:
    return f"on port {port}" if port else "without TCP"


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder; files may vanish meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118
    return total
