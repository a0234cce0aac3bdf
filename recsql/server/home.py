"""The folder of one embedded server, and what lies in it.

server.lock    the gate: held to start or stop the server, and to come as a user
running.lock   inherited by the server and its children: held = one of them is alive
keeper.lock    inherited by the keeper: held = it is alive
users/         one file a user, locked while that user lives
stay.json      there = the server stays after its last user (`recsql up`), with its TCP port
pgpass         the random password, in libpq's own format
recsql.conf    settings sized to the machine, included by data/postgresql.conf
server.log     what the server says
run/           its socket (elsewhere when the path is too long for one)
bin/           a copy of its programs, where root's server cannot run the original
data/          the database itself, owned by the user who runs the server
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from recsql.errors import RecsqlError
from recsql.server import locks
from recsql.server.binaries import Account

LOG_KEPT = 10 * 1024 * 1024

# sockaddr_un.sun_path without its closing NUL
_SOCKET_PATH_MAX = 107 if sys.platform == "linux" else 103
_GATE = "server.lock"
# A key may be there before the server is.
_NOT_STRANGE = {"lost+found", ".DS_Store", "tmdb.key", "omdb.key"}


class Home:
    """The folder of one embedded server."""

    def __init__(self, path: Path) -> None:
        # Resolved, so that two spellings of one folder are one server.
        self.path = Path(path).expanduser().resolve()
        self.gate = self.path / _GATE
        self.running = self.path / "running.lock"
        self.keeper = self.path / "keeper.lock"
        self.users = self.path / "users"
        self.pgpass = self.path / "pgpass"
        self.conf = self.path / "recsql.conf"
        self.log = self.path / "server.log"
        self.data = self.path / "data"
        self._stay = self.path / "stay.json"

    # --- whose it is -----------------------------------------------------------------------------

    def claim(self) -> None:
        """Make the folder, or make sure that the one we find is ours to use."""
        home, root = self.path, os.geteuid() == 0
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

    def let_in(self, runner: Account) -> None:
        """Make sure that the server's user can come here. Parents are never touched."""
        if not runner.switch:
            return
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if not mode & stat.S_IXOTH:
            self.path.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
        if runner.can_enter(self.path):
            return
        closed = [folder for folder in self.path.parents if not runner.can_enter(folder)]
        raise RecsqlError(
            f"the user {runner.name}, who runs root's server, may not enter {closed[-1]}",
            hint="set RECSQL_HOME to a folder outside it, such as /var/lib/recsql",
        )

    @contextlib.contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn what the system refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            hint = "set RECSQL_HOME to a folder that you may write to"
            if error.errno == errno.ENOSPC:
                hint = "free some space; nothing was lost"
            where = error.filename or self.path
            raise RecsqlError(f"cannot use {where}: {error.strerror}", hint=hint) from error

    # --- users -----------------------------------------------------------------------------------

    def add_user(self) -> int:
        """Add a user: a locked file, which the kernel unlocks when the process is gone."""
        self.users.mkdir(exist_ok=True, mode=0o700)
        user = locks.open_file(self.users / f"{os.getpid()}-{secrets.token_hex(4)}")
        locks.take(user)
        return user

    def count_users(self, *, forget_dead: bool = False) -> int:
        """Count the living users; forgetting the dead is for who holds the gate."""
        living = 0
        with contextlib.suppress(FileNotFoundError):
            for path in self.users.iterdir():
                if locks.held(path):
                    living += 1
                elif forget_dead:
                    path.unlink(missing_ok=True)
        return living

    def stays(self) -> bool:
        """Say whether `recsql up` asked the server to stay after its last user."""
        return self._stay.exists()

    def tcp_port(self) -> int | None:
        """Return the port on 127.0.0.1 that `recsql up` asked for."""
        try:
            return json.loads(self._stay.read_text(encoding="ascii"))["port"]
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def ask_to_stay(self, port: int | None) -> None:
        """Let the server stay, until it is told otherwise."""
        self.replace(self._stay, json.dumps({"port": port}))

    def ask_no_more(self) -> None:
        """Let the server stop with its last user."""
        self._stay.unlink(missing_ok=True)

    # --- files -----------------------------------------------------------------------------------

    def replace(self, path: Path, text: str, mode: int = 0o600) -> None:
        """Write a file here so that it is whole at any moment, also after a power cut."""
        new = path.with_name(path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)

    def written_pid(self) -> int | None:
        """Return the process id that a server wrote here: it may be dead, or another's by now."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def size(self) -> int:
        """Return the bytes of the data; files may vanish while they are counted."""
        total = 0
        for place, _, names in os.walk(self.data):
            for name in names:
                with contextlib.suppress(OSError):
                    total += Path(place, name).lstat().st_size
        return total

    def open_log(self) -> int:
        """Open the log to write at its end."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        return os.open(self.log, flags, 0o600)

    def end_of_log(self) -> int:
        """Return where the next words will be, after putting a long log aside."""
        size = self.log.stat().st_size if self.log.exists() else 0
        if size > LOG_KEPT:
            self.log.rename(self.log.with_name("server.log.1"))
            return 0
        return size

    def said_since(self, begin: int) -> str:
        """Return what was logged from there on."""
        with self.log.open("rb") as file:
            file.seek(begin)
            return file.read().decode(errors="replace")

    # --- the socket ------------------------------------------------------------------------------

    def socket_dir(self) -> Path:
        """Return the folder of the socket: in the home, where its path is not too long for one."""
        inside = self.path / "run"
        fits = len(os.fsencode(inside / ".s.PGSQL.65535")) <= _SOCKET_PATH_MAX
        # libpq reads a comma in a host as two hosts; SQLAlchemy a colon as a port.
        if fits and not set(",:") & set(str(inside)):
            return inside
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        if os.geteuid() == 0 and Path("/run").is_dir():
            return Path("/run", f"recsql-{name}")
        # Not $TMPDIR: every process of this user must come to the same folder.
        return Path("/tmp", f"recsql-{os.geteuid()}-{name}")

    def clear_socket_dir(self, runner: Account) -> None:
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

    def remove_socket_dir(self) -> None:
        """Leave nothing of ours outside the home."""
        if self.socket_dir().parent != self.path:
            with contextlib.suppress(OSError):
                shutil.rmtree(self.socket_dir())
