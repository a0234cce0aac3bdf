"""Dockerfile, .dockerignore and docker-compose.yml agree with each other and with the program.

No engine is needed here: what containers do was tried by hand (docs/deploy.md).
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from tests import conftest

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

Instruction = tuple[str, str]


def instructions() -> list[Instruction]:
    """Return the Dockerfile as (word, rest), with its continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", "").splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def copied() -> list[str]:
    """Return the paths that the image takes from the checkout."""
    return [
        path
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for path in rest.split()[:-1]
    ]


def last(word: str) -> str:
    """Return the last instruction of this kind, which is the image's."""
    return [rest for found, rest in instructions() if found == word][-1]


def let_in(path: str) -> bool:
    """Whether .dockerignore lets a path in: of the lines that match it or a parent, the last."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        whole = [str(PurePosixPath(path)), *map(str, PurePosixPath(path).parents)]
        names = PurePosixPath(path).parts if "**/" in line else whole
        if any(fnmatch.fnmatchcase(name, pattern) for name in names if name != "."):
            kept = line.startswith("!")
    return kept


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


class TestCompose:
    def test_database_is_the_one_that_the_tests_know(self, compose: dict[str, Any]) -> None:
        assert compose["services"]["db"]["image"] == conftest.PGVECTOR_IMAGE

    def test_every_service_is_checked_and_comes_back(self, compose: dict[str, Any]) -> None:
        for name, service in compose["services"].items():
            assert service["healthcheck"]["test"][0] == "CMD", name
            assert service["restart"] == "unless-stopped", name

    def test_web_waits_for_a_healthy_database(self, compose: dict[str, Any]) -> None:
        web = compose["services"]["web"]
        assert web["depends_on"] == {"db": {"condition": "service_healthy"}}
        assert "/readyz" in web["healthcheck"]["test"][-1]

    def test_web_cannot_write_or_gain_privileges(self, compose: dict[str, Any]) -> None:
        web = compose["services"]["web"]
        assert web["read_only"] is True
        assert web["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in web["security_opt"]

    def test_data_are_in_a_named_volume(self, compose: dict[str, Any]) -> None:
        volume, _, path = compose["services"]["db"]["volumes"][0].partition(":")
        assert volume in compose["volumes"]
        assert path == "/var/lib/postgresql/data"

    def test_nothing_but_the_site_is_reachable_and_only_from_this_machine(
        self, compose: dict[str, Any]
    ) -> None:
        assert "ports" not in compose["services"]["db"]
        assert compose["services"]["web"]["ports"] == ["${RECSQL_LISTEN:-127.0.0.1:8000}:8000"]

    def test_both_services_are_given_the_same_password(self, compose: dict[str, Any]) -> None:
        db, web = (compose["services"][name]["environment"] for name in ("db", "web"))
        assert web["PGPASSWORD"] == db["POSTGRES_PASSWORD"]
        # an address with a password in it breaks on the first / or @
        assert "PASSWORD" not in web["RECSQL_DATABASE_URL"]

    def test_every_setting_is_documented(self) -> None:
        text = (ROOT / "docker-compose.yml").read_text("utf-8")
        manual = (ROOT / "docs" / "deploy.md").read_text("utf-8")
        for name, default in set(re.findall(r"\$\{(\w+):-([^}]*)\}", text)):
            assert f"| `{name}` | `{default}` |" in manual


class TestDockerfile:
    def test_both_stages_are_the_same_python_with_its_version_named(self) -> None:
        bases = {rest.split()[0] for word, rest in instructions() if word == "FROM"}
        assert len(bases) == 1
        version = re.fullmatch(r"python:(3\.\d+)-slim-\w+", bases.pop())
        assert version
        at_least = PROJECT["project"]["requires-python"].removeprefix(">=")
        assert [*map(int, version[1].split("."))] >= [*map(int, at_least.split("."))]

    def test_runs_as_nobody_in_particular(self) -> None:
        stage = [word for word, _ in instructions()]
        assert "USER" in stage[len(stage) - stage[::-1].index("FROM") :]
        assert int(last("USER")) > 0

    def test_dependencies_come_before_the_sources(self) -> None:
        """A changed source does not fetch every dependency again."""
        words = [word if word != "COPY" else rest for word, rest in instructions()]
        fetched = next(i for i, (_, rest) in enumerate(instructions()) if "requirements" in rest)
        assert words[fetched - 1] == "pyproject.toml ./"
        assert words.index("recsql recsql") > fetched

    def test_the_embedded_server_stays_out_by_its_right_name(self) -> None:
        left_out = re.search(r"grep -v '\^([\w-]+)'", (ROOT / "Dockerfile").read_text("utf-8"))
        assert left_out
        named = [one for one in PROJECT["project"]["dependencies"] if one.startswith(left_out[1])]
        assert len(named) == 1

    def test_all_that_the_wheel_takes_along_is_copied(self) -> None:
        wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
        project = PROJECT["project"]
        wanted = {*wheel["packages"], *wheel["force-include"], "pyproject.toml"}
        wanted |= {project["readme"], *project["license-files"]}
        assert set(copied()) == wanted

    def test_server_takes_its_options_and_finds_the_site(self) -> None:
        """gunicorn's own check of the very command line, against a database that is away."""
        shell = json.loads(last("CMD"))
        assert shell[:2] == ["sh", "-c"]
        upgrade, _, serve = shell[2].rpartition("&& exec ")
        assert "recsql db upgrade" in upgrade
        program, *options = shlex.split(serve)
        found = subprocess.run(
            [sys.executable, "-m", program, "--check-config", *options],
            cwd=ROOT,
            env={**os.environ, "RECSQL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert found.returncode == 0, found.stderr


class TestContext:
    def test_what_is_copied_is_there_and_let_in(self) -> None:
        for path in copied():
            assert (ROOT / path).exists(), path
            assert let_in(path), path

    def test_nothing_else_is_let_in(self) -> None:
        here = {path.name for path in ROOT.iterdir()}
        assert {name for name in here if let_in(name)} == set(copied())

    @pytest.mark.parametrize(
        "path", [".git", ".env", "tests/conftest.py", "recsql/__pycache__/db.cpython-311.pyc"]
    )
    def test_stays_out(self, path: str) -> None:
        assert not let_in(path)

    @pytest.mark.parametrize("path", ["recsql/web/__init__.py", "sql/api/all.sql"])
    def test_what_is_inside_comes_along(self, path: str) -> None:
        assert let_in(path)
