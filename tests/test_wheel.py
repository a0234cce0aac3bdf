"""The wheel: built from the checkout, installed alone, it serves the demo from any folder."""

from __future__ import annotations

import contextlib
import importlib.metadata
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsql import __version__
from tests.support import CHECKOUT, environment

BUNDLED = ("sql", "migrations", "templates")
LONGEST_START_S = 60


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the unprivileged user of root's server may enter, too."""
    folder = Path(tempfile.mkdtemp(prefix="recsql-wheel-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def wheel(place: Path) -> Path:
    """The wheel, built from the checkout as a release would be."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, CHECKOUT],
        check=True,
        capture_output=True,
        cwd=place,
    )
    [built] = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(place: Path, wheel: Path) -> Path:
    """A fresh environment with the wheel and what it declares, and nothing else.

    Offline as well as online: what it declares is linked out of the environment of the tests,
    and pip then confirms that nothing is missing and that every range holds.
    """
    home = place / "environment of its own"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    for name in _declared(wheel):
        _link(importlib.metadata.distribution(name), site)
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    install = ["install", "--quiet", "--no-index", "--no-deps", wheel]
    subprocess.run([*pip, *install], check=True, capture_output=True)
    checked = subprocess.run([*pip, "check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    return home / "bin" / "recsql"


def _declared(wheel: Path) -> set[str]:
    """Return the names of all that the wheel needs, and what those need in turn."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"recsql-{__version__}.dist-info/METADATA").decode()
    wanted = re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)
    found: set[str] = set()
    while wanted:
        requirement = wanted.pop()
        name = re.match(r"[\w.-]+", requirement)
        assert name
        if "extra ==" in requirement or name[0] in found:
            continue
        try:
            wanted += importlib.metadata.requires(name[0]) or []
        except importlib.metadata.PackageNotFoundError:
            assert ";" in requirement, f"{requirement} is not here"
            continue  # for another system or another Python
        found.add(name[0])
    return found


def _link(distribution: importlib.metadata.Distribution, site: Path) -> None:
    """Link an installed distribution into another environment."""
    source = Path(str(distribution.locate_file("")))
    tops = {file.parts[0] for file in distribution.files or [] if file.parts[0] != ".."}
    for top in tops - {"__pycache__"}:
        if not (site / top).exists():
            (site / top).symlink_to(source / top)


def test_the_wheel_carries_what_it_needs_and_nothing_else(wheel: Path):
    """N8: sql/, migrations/, templates/ and the demo's films are in it; tests and data are not."""
    with zipfile.ZipFile(wheel) as archive:
        carried = {info.filename: archive.read(info) for info in archive.infolist()}
    wanted = {}
    for folder, inside in [("recsql", "recsql"), *((f, f"recsql/_bundle/{f}") for f in BUNDLED)]:
        for path in (CHECKOUT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(CHECKOUT / folder).as_posix()
                wanted[f"{inside}/{name}"] = path.read_bytes()
    about = f"recsql-{__version__}.dist-info/"
    assert {name for name in carried if not name.startswith(about)} == set(wanted)
    assert {name for name, content in wanted.items() if carried[name] != content} == set()
    assert any(name.startswith("recsql/demo/") for name in carried)
    assert "recsql/_bundle/sql/api/all.sql" in carried
    assert f"{about}licenses/LICENSE" in carried
    allowed = {".py", ".sql", ".html", ".css", ".js", ".svg", ".csv", ".mako"}
    assert {Path(name).suffix for name in wanted} <= allowed
    assert max(map(len, carried.values())) < 1 << 20, "no data set belongs into a wheel"


def test_what_the_wheel_says_about_itself(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        about = f"recsql-{__version__}.dist-info/"
        metadata = archive.read(f"{about}METADATA").decode()
        entry_points = archive.read(f"{about}entry_points.txt").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: MIT" in metadata
    assert "recsql = recsql.cli:main" in entry_points


def test_installed_alone_it_brings_its_own_files(installed: Path, place: Path):
    """None of the checkout is seen from there: not by path, not by name."""
    shown = subprocess.run(
        [installed.with_name("python"), "-c",
         "import recsql, recsql.paths as p, importlib.util as u;"
         "print(p.SQL); print(p.MIGRATIONS); print(p.TEMPLATES); print(p.DEMO);"
         "print(u.find_spec('pytest'), u.find_spec('sqlfluff'))"],
        check=True, capture_output=True, text=True, cwd="/", env=_environment(place),
    ).stdout.splitlines()  # fmt: skip
    *folders, absent = shown
    assert absent == "None None"
    for folder in folders:
        assert Path(folder).is_dir()
        assert Path(folder).is_relative_to(installed.parents[1])
    said = subprocess.run([installed, "--version"], capture_output=True, text=True, cwd="/")
    assert said.stdout == f"recsql, version {__version__}\n"


def _environment(place: Path) -> dict[str, str]:
    env = environment(RECSQL_HOME=str(place / "home"))
    del env["PYTHONPATH"]
    return env


def _about(folder: Path) -> list[str]:
    """Return the command lines of living processes that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line:
                found.append(line)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_n8_s4_the_wheel_alone_serves_the_demo(installed: Path, place: Path):
    """N8, S4, L3: `recsql demo` from an empty folder: pages, a clean end, and a quick return."""
    elsewhere = place / "else where"
    elsewhere.mkdir()
    took = []
    for _ in range(2):
        begun = time.monotonic()
        demo = subprocess.Popen(
            [installed, "demo", "--port", "0"],
            cwd=elsewhere,
            env=_environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            address = _address(demo)
            home, movie = _get(address + "/"), _get(address + "/movie/603")
            took.append(time.monotonic() - begun)
            assert "<h1" in home and "generated" in home, "the site says what its ratings are"
            assert "The Matrix" in movie and "The Matrix Reloaded" in movie
            demo.send_signal(signal.SIGINT)
            _, err = demo.communicate(timeout=30)
        finally:
            demo.kill()
            demo.wait()
        assert demo.returncode == 0
        assert "Traceback" not in err, err
        end = time.monotonic() + 20
        while left := _about(place / "home"):
            assert time.monotonic() < end, left
            time.sleep(0.05)
    assert took[1] < took[0] < LONGEST_START_S
    assert list(elsewhere.iterdir()) == [], "it leaves nothing where it is called"


def _address(demo: subprocess.Popen[str]) -> str:
    """Return the address that the program prints once it serves."""
    assert demo.stdout
    said = demo.stdout.readline()
    found = re.match(r"Serving (http://127\.0\.0\.1:\d+) ", said)
    if found is None:
        demo.kill()
        pytest.fail(f"{said!r}\n{demo.communicate()[1]}")
    return found[1]


def _get(url: str) -> str:
    # not by way of a proxy of the developer's
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as response:
        assert response.status == 200
        return response.read().decode("utf-8")
