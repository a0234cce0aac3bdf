"""The commands: the pages' answers in a terminal, and errors that say what to do next."""

from __future__ import annotations

import gc
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from recsql import __version__, db, schema, sqlfiles
from recsql.cli import cli
from tests.conftest import database_of_its_own
from tests.support import environment, libpq_url, psql_rows, recsql

Run = Callable[..., Result]


def commands() -> dict[str, click.Command]:
    """Return all commands under the words that call them."""
    found: dict[str, click.Command] = {}

    def walk(command: click.Command, words: tuple[str, ...]) -> None:
        found[" ".join(words)] = command
        if isinstance(command, click.Group):
            for name in command.list_commands(click.Context(command)):
                walk(command.commands[name], (*words, name))

    walk(cli, ("recsql",))
    return found


COMMANDS = commands()


@pytest.fixture
def run(tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on the tiny catalogue."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(tiny_engine.url))
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    yield lambda *args, **more: CliRunner().invoke(cli, [str(arg) for arg in args], **more)
    gc.collect()  # each command leaves an engine, whose connection goes with it


def one_line_and_a_hint(result: Result | subprocess.CompletedProcess[str]) -> str:
    """Hold an error against the house's rule, and return what it says."""
    code = result.exit_code if isinstance(result, Result) else result.returncode
    assert code == 1, result.stderr
    assert result.stdout == ""
    assert re.fullmatch(r"Error: \S[^\n]*\nHint: \S[^\n]*\n", result.stderr), result.stderr
    return result.stderr


# Help -----------------------------------------------------------------------------------------


def test_the_commands_are_those_that_were_promised():
    promised = {
        "demo", "up", "down", "status", "psql", "db", "load", "search", "similar", "also-liked",
        "home", "serve",
    }  # fmt: skip
    assert promised <= set(cli.commands)
    assert set(cli.commands["db"].commands) >= {"upgrade", "status"}
    assert set(cli.commands["load"].commands) >= {"kaggle", "movielens", "demo", "repair"}


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_has_help(words: str):
    command = COMMANDS[words]
    assert command.help and command.help.split("\n")[0].rstrip().endswith("."), words
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{words} {parameter.opts[0]} says nothing"
    asked = words.split()[1:]
    for flag in ("--help", "-h"):
        shown = CliRunner().invoke(cli, [*asked, flag])
        assert shown.exit_code == 0
        assert shown.stdout.startswith("Usage: ")
        assert shown.stderr == ""
        assert max(map(len, shown.stdout.splitlines())) <= 100


@pytest.mark.parametrize("words", [w for w in COMMANDS if "json" in str(COMMANDS[w].params)])
def test_json_is_spelt_alike(words: str):
    [option] = [p for p in COMMANDS[words].params if "--json" in p.opts]
    assert option.is_flag and option.name == "as_json"


@pytest.mark.parametrize(
    "words", ["search", "similar", "also-liked", "home", "status", "db status", "load kaggle",
              "load movielens", "load demo", "load repair"],
)  # fmt: skip
def test_every_command_that_reads_offers_json(words: str):
    assert "--json" in [flag for p in COMMANDS[f"recsql {words}"].params for flag in p.opts]


def test_version():
    shown = CliRunner().invoke(cli, ["--version"])
    assert (shown.exit_code, shown.stdout) == (0, f"recsql, version {__version__}\n")


def test_help_needs_no_database():
    shown = recsql("load", "kaggle", "--help", RECSQL_DATABASE_URL="postgresql://127.0.0.1:1/no")
    assert shown.returncode == 0 and "Usage:" in shown.stdout and shown.stderr == ""


# One answer through three doors ---------------------------------------------------------------

# command, the api function that answers it, the query that pages use, its binds
SAME = [
    (
        ["search", "al", "--limit", "3"],
        "SELECT * FROM api.search_movies('al', 3) ORDER BY rank",
        "search", {"p_query": "al", "p_limit": 3, "p_offset": 0},
    ),
    (
        ["similar", "1"],
        "SELECT * FROM api.similar_movies(1) ORDER BY rank",
        "similar_movies",
        {"p_movie_id": 1, "p_limit": 10, "p_offset": 0, "p_method": "overlap"},
    ),
    (
        ["similar", "1", "--method", "rarity", "--limit", "2", "--offset", "1"],
        "SELECT * FROM api.similar_movies(1, 2, 1, 'rarity') ORDER BY rank",
        "similar_movies",
        {"p_movie_id": 1, "p_limit": 2, "p_offset": 1, "p_method": "rarity"},
    ),
    (
        ["similar", "1", "--why", "Aliens"],
        "SELECT * FROM api.explain_similar_movies(1, 2)",
        "explain_similar_movies",
        {"p_movie_id": 1, "p_other_movie_id": 2, "p_method": "overlap"},
    ),
    (
        ["also-liked", "1"],
        "SELECT * FROM api.also_liked(1) ORDER BY rank",
        "also_liked",
        {"p_movie_id": 1, "p_limit": 10, "p_offset": 0, "p_method": "damped"},
    ),
    (
        ["also-liked", "1", "--method", "average"],
        "SELECT * FROM api.also_liked(1, p_method => 'average') ORDER BY rank",
        "also_liked",
        {"p_movie_id": 1, "p_limit": 10, "p_offset": 0, "p_method": "average"},
    ),
    (
        ["also-liked", "1", "--why", "2", "--method", "damped"],
        "SELECT * FROM api.explain_also_liked(1, 2)",
        "explain_also_liked",
        {"p_movie_id": 1, "p_other_movie_id": 2, "p_method": "damped"},
    ),
    (
        ["home", "--seed", "7", "--header"],
        "SELECT * FROM api.home_header(7)",
        "home_header", {"p_seed": 7},
    ),
    (
        ["home", "--seed", "7", "--shelves", "3", "--per-shelf", "2"],
        # what a card shows, and no more: it is asked for at every visit
        "SELECT shelf, place, slug, category, movie_id, title, year, poster_path, mean_stars"
        " FROM api.home_shelves(7, 3, 2) ORDER BY shelf, place",
        "home_shelves", {"p_seed": 7, "p_shelves": 3, "p_per_shelf": 2},
    ),
    (
        ["home", "--user", "ada", "--seed", "7", "--shelves", "3"],
        "SELECT * FROM api.home_rows(4, 7, 3) ORDER BY shelf, place",
        "home_rows", {"p_user_id": 4, "p_seed": 7, "p_shelves": 3, "p_per_shelf": 10},
    ),
    (
        ["next", "--user", "Ada", "--seed", "7"],
        "SELECT * FROM api.next_movie(4, 7)",
        "next_movie", {"p_user_id": 4, "p_seed": 7},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "statement", "query", "binds"), SAME, ids=[" ".join(c[0]) for c in SAME]
)
def test_b1_b9_the_answer_is_the_same_through_every_door(
    command: list[str], statement: str, query: str, binds: dict, run: Run, tiny_engine: Engine
):
    """B1, B9: psql, the api function and the command give the same rows, columns in order."""
    result = run(*command, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    in_psql = psql_rows(tiny_engine, statement)
    assert found and found == in_psql
    assert [list(row) for row in found] == [list(row) for row in in_psql]
    assert found == psql_rows(tiny_engine, sqlfiles.literal(query, binds))
    with tiny_engine.connect() as conn:
        bound = db.rows(conn, query, **binds)
    assert len(bound) == len(found)
    for one, other in zip(bound, found, strict=True):
        assert list(one) == list(other)
        for column, value in one.items():
            if isinstance(value, int | str | list | None):
                assert other[column] == value


def test_b9_the_same_seed_gives_the_same_page(run: Run):
    """B9: a seed that was drawn is told, and brings the page back."""
    first = run("home")
    assert first.exit_code == 0
    again = re.search(r"recsql (home --seed \d+)", first.stderr)
    assert again
    assert run(*again[1].split()).stdout == first.stdout
    drawn = {run("home", "--header").stdout for _ in range(12)}
    assert len(drawn) > 1


def test_numbers_and_dates_in_json(run: Run):
    [alien] = json.loads(run("search", "1", "--limit", "1", "--json").stdout)
    assert alien["release_date"] == "1979-05-25"
    assert alien["genres"] == ["Horror", "Science Fiction"]
    assert alien["mean_stars"] == 4.88
    [amelie] = json.loads(run("search", "Amelie", "--json").stdout)
    assert amelie["title"] == "Amélie", "JSON keeps letters as they are"


def test_db_status_as_json(run: Run, tiny_engine: Engine):
    result = run("db", "status", "--json")
    assert result.exit_code == 0
    [row] = json.loads(result.stdout)
    with tiny_engine.connect() as conn:
        found = schema.status(conn)
    assert row == {
        "server_version": found.server_version,
        "tables_at": found.tables_at,
        "tables_wanted": found.tables_wanted,
        "api_at": sqlfiles.fingerprint(),
        "api_wanted": sqlfiles.fingerprint(),
        "current": True,
    }


def test_db_status_of_a_database_without_a_schema(run: Run, new_database, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(new_database().url))
    result = run("db", "status", "--json")
    assert result.exit_code == 1
    [row] = json.loads(result.stdout)
    assert (row["tables_at"], row["api_at"], row["current"]) == (None, None, False)
    plain = run("db", "status")
    assert plain.exit_code == 1
    assert "none (wanted:" in plain.stdout
    assert "recsql db upgrade" in plain.stderr


def test_db_upgrade_twice(run: Run, new_database, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(new_database().url))
    first, second = run("db", "upgrade"), run("db", "upgrade")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.startswith("Upgraded: tables at 0")
    assert second.stdout == "Up to date.\n"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["search", "nothing like it"], "No movie has such a title."),
        (["similar", "7"], "No other movie shares a feature with it."),
        (["also-liked", "6"], "Nobody gave it five stars and rated another movie."),
        (["similar", "1", "--offset", "100"], "No more."),
        (["similar", "1", "--why", "Untold"], "Nothing speaks for it."),
        (["similar", "1", "--limit", "0"], None),
    ],
)
def test_an_empty_answer_is_no_error(command: list[str], expected: str | None, run: Run):
    """An empty list is an answer: exit 0, said on stderr, and [] in JSON."""
    plain, as_json = run(*command), run(*command, "--json")
    assert (plain.exit_code, plain.stdout) == (0, "")
    if expected:
        assert plain.stderr == expected + "\n"
    assert (as_json.exit_code, json.loads(as_json.stdout), as_json.stderr) == (0, [], "")


def test_tables_for_people(run: Run):
    """Data goes to stdout: a heading, aligned columns, the reason whole in a pipe."""
    lines = run("similar", "Alien", "--limit", "2").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["#", "id", "movie"], ["1", "2", "Aliens"], ["2", "3", "Blade"],
    ]  # fmt: skip
    assert re.search(r"Aliens \(1986\)  5 +5 features in common: .+ and 1 more$", lines[1])
    shown = run("also-liked", "Alien").stdout
    assert "3 of 3 fans rated it, 4.5 on average" in shown
    home = run("home", "--seed", "7", "--shelves", "2")
    assert home.exit_code == 0 and "(" in home.stdout


# Movies by name -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_heats(databases, tiny_engine: Engine) -> Iterator[str]:
    """The tiny catalogue with two movies of one title, and a title that is hard to type."""
    engine = db.engine_on(databases.make("recsql_template_tiny"))
    with engine.begin() as conn:
        for number, title, year in (
            (101, "Heat", 1986), (102, "Heat", 1995), (103, "Heatwave", 2022),
            (104, "Ocean's 100% \\ \"Eleven\"", 2001),
        ):  # fmt: skip
            conn.execute(
                text(
                    "INSERT INTO core.movie (movie_id, title, original_title, year, source)"
                    " VALUES (:id, :title, :title, :year, 'test')"
                ),
                {"id": number, "title": title, "year": year},
            )
            conn.execute(text("INSERT INTO core.movie_feature SELECT :id, 1"), {"id": number})
    engine.dispose()
    yield libpq_url(engine.url)
    databases.drop(engine.url)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("1", 1), ("tt0078748", 1), ("Alien", 1), ("alien", 1), ("  ALIEN ", 1),
        ("Aliens", 2), ("Alien (1979)", 1), ("casa", 4), ("amelie", 6), ("Amélie", 6),
        ("Le fabuleux destin d'Amélie Poulain", 6), ("Amélie (2001)", 6),
        ("Heat (1995)", 102), ("Heat (1986)", 101), ("heat  (1995)", 102), ("heat 1986", 101),
        ("Heatwave", 103), ("102", 102), ("Ocean's 100% \\ \"Eleven\"", 104), ("oceans", 104),
    ],
)  # fmt: skip
def test_a_movie_is_named_by_id_or_title(name: str, asked: int, run: Run, two_heats, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", two_heats)
    by_name = run("similar", "--json", "--", name)
    assert by_name.exit_code == 0, by_name.stderr
    assert by_name.stdout == run("similar", str(asked), "--json").stdout


def test_an_ambiguous_title_lists_the_candidates(run: Run, two_heats, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", two_heats)
    for command in ("similar", "also-liked"):
        said = one_line_and_a_hint(run(command, "Heat"))
        assert "101 Heat (1986)" in said and "102 Heat (1995)" in said
        assert "Heatwave" not in said
        assert "id" in said.splitlines()[1] and "year" in said.splitlines()[1]
    said = one_line_and_a_hint(run("similar", "1", "--why", "heat"))
    assert "101 Heat (1986)" in said


@pytest.mark.parametrize("words", ["\udcff", "a\udc80b"])
def test_words_that_nobody_can_look_up(words: str, run: Run):
    """Bad input: bytes that are no text."""
    for command in ("search", "similar"):
        said = one_line_and_a_hint(run(command, "--", words))
        assert len(said) < 500


def test_a_word_longer_than_any_title_finds_nothing(run: Run):
    """Bad input: longer than any index takes."""
    found = run("search", "--json", "x" * 5000)
    assert found.exit_code == 0
    assert json.loads(found.stdout) == []
    assert len(one_line_and_a_hint(run("similar", "x" * 5000))) < 500


@pytest.mark.parametrize(
    "name", ["nowhere to be found", "999999", "2147483648", "9223372036854775808",
             "9" * 40, "tt9999999", "Alien (1980)", "", " ", "%", "\\", "'", "💥", "١", "(1979)"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["similar", "also-liked"])
def test_an_unknown_movie_is_one_line_and_a_hint(command: str, name: str, run: Run):
    """Bad input: an unknown id exits 1 and says how to look for it."""
    said = one_line_and_a_hint(run(command, "--json", "--", name))
    assert "no movie is called" in said
    assert "recsql search" in said


# Usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["nonsense"], ["similar"], ["search"], ["similar", "1", "2"], ["similar", "1", "--nope"],
        ["similar", "1", "--limit", "-1"], ["similar", "1", "--limit", "many"],
        ["similar", "1", "--limit", "99999999999999999999"], ["similar", "1", "--offset", "-1"],
        ["also-liked", "1", "--limit", "-1"], ["also-liked", "1", "--limit", "10001"],
        ["search", "alien", "--limit", "-1"], ["search", "alien", "--offset", str(2**31)],
        ["home", "--seed", "-1"], ["home", "--seed", str(2**63)], ["home", "--shelves", "-1"],
        ["home", "--per-shelf", "100000"], ["load"], ["load", "kaggle"], ["load", "nonsense", "x"],
        ["load", "kaggle", "x", "--max-rejects", "-1"], ["db"], ["db", "sideways"],
        ["serve", "--port", "70000"], ["demo", "--port", "-1"], [],
    ],
    ids=" ".join,
)  # fmt: skip
def test_usage_errors_exit_2(command: list[str], run: Run):
    result = run(*command)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["similar", "1", "--limit", "10000"], ["also-liked", "1", "--offset", "2000000000"],
        ["search", "alien", "--limit", "10000"], ["home", "--seed", str(2**63 - 1)],
        ["home", "--seed", "0", "--shelves", "1000", "--per-shelf", "1000"],
        ["similar", "1", "--limit", "0"], ["home", "--shelves", "0"], ["home", "--per-shelf", "0"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_ends_of_the_ranges_work(command: list[str], run: Run):
    result = run(*command, "--json")
    assert result.exit_code == 0, result.stderr
    assert isinstance(json.loads(result.stdout), list)


@pytest.mark.parametrize("method", ["nonsense", "", "'; DROP SCHEMA api; --", "damped "])
def test_an_unknown_method_names_the_known_ones(method: str, run: Run):
    assert "overlap, rarity" in one_line_and_a_hint(run("similar", "1", "--method", method))
    said = one_line_and_a_hint(run("also-liked", "1", "--method", method))
    assert "average, damped, support, likes, lift" in said


def test_debug_shows_the_traceback(run: Run):
    plain = recsql("similar", "nowhere", RECSQL_DATABASE_URL=_url(run))
    assert "Traceback" not in plain.stderr
    debug = recsql("--debug", "similar", "nowhere", RECSQL_DATABASE_URL=_url(run))
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr and "NotFound: no movie is called" in debug.stderr


def _url(_: Run) -> str:
    """Return the address that the fixture has set."""
    return os.environ["RECSQL_DATABASE_URL"]


# A terminal, a pipe, a signal -----------------------------------------------------------------


def _on_a_terminal(*args: str, **env: str) -> str:
    """Run the program on a terminal of its own; return what is shown there."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "recsql", *args],
        stdin=terminal, stdout=terminal, stderr=terminal,
        env=environment(TERM="xterm", COLUMNS="80", **env),
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(controller, 4096):
            shown += chunk
    except OSError:
        pass  # the other end is closed
    finally:
        os.close(controller)
        process.wait(30)
    return shown.decode()


def test_colour_only_on_a_terminal_that_wants_it(run: Run):
    """NO_COLOR is heard; a pipe never gets an escape."""
    colour = re.compile(r"\x1b\[\d+m")
    url = _url(run)
    for args in (("similar", "nowhere"), ("similar", "1")):
        assert colour.search(_on_a_terminal(*args, RECSQL_DATABASE_URL=url))
        assert not colour.search(_on_a_terminal(*args, RECSQL_DATABASE_URL=url, NO_COLOR="1"))
        piped = recsql(*args, RECSQL_DATABASE_URL=url)
        assert "\x1b" not in piped.stdout + piped.stderr


def test_a_terminal_gets_lines_that_fit(run: Run):
    shown = _on_a_terminal("similar", "1", RECSQL_DATABASE_URL=_url(run), NO_COLOR="1")
    lines = shown.replace("\r", "").splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    "command", ["home --seed 1", "similar 1 --json", "similar --help"]
)  # fmt: skip
def test_a_reader_who_has_had_enough_is_no_error(command: str, run: Run):
    """`recsql … | head -1`, and a reader who is gone before the first line."""
    for reader in ("head -1", "true"):
        shell = f'"{sys.executable}" -m recsql {command} | {reader}'
        ran = subprocess.run(
            ["bash", "-c", shell],
            capture_output=True,
            text=True,
            env=environment(RECSQL_DATABASE_URL=_url(run)),
            timeout=30,
        )
        assert "Traceback" not in ran.stderr and "BrokenPipe" not in ran.stderr, ran.stderr
        assert "Exception ignored" not in ran.stderr
        assert "Error" not in ran.stderr


def test_a_full_disk_behind_stdout_is_said(run: Run):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    ran = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m recsql similar 1 --json > /dev/full'],
        capture_output=True,
        text=True,
        env=environment(RECSQL_DATABASE_URL=_url(run)),
    )
    assert ran.returncode != 0
    assert "No space left on device" in ran.stderr


WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def _eventually(look: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ctrl_c_stops_a_command_that_waits_for_the_server(run: Run, tiny_engine: Engine):
    """130 when interrupted, at once: also while the server is at work, which goes on no more."""
    with tiny_engine.connect() as conn:
        conn.execute(text("LOCK TABLE core.movie IN ACCESS EXCLUSIVE MODE"))
        process = subprocess.Popen(
            [sys.executable, "-m", "recsql", "similar", "1"],
            env=environment(RECSQL_DATABASE_URL=_url(run)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        _eventually(lambda: conn.scalar(WAITING) == 1)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - begun < 10
        assert (process.returncode, out, err) == (130, "", "Interrupted.\n")
        _eventually(lambda: conn.scalar(WAITING) == 0)


def test_ctrl_c_while_it_starts_is_one_line():
    """130 and a line, no traceback of whatever was just being imported."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "recsql", "search", "alien"],
        env=environment(RECSQL_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    # the first of the libraries is there, the others are to come
    while "click" not in (line := process.stderr.readline()):
        assert line, "it ended before it could be interrupted"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    said = [line for line in err.splitlines() if not line.startswith("import time:")]
    assert (process.returncode, out, said) == (130, "", ["Interrupted."])


def test_commands_that_read_start_without_what_only_upgrades_need(run: Run):
    """Whoever asks for a version or a list does not wait for the tool of migrations."""
    code = (
        "import sys, atexit;"
        " atexit.register(lambda: print('alembic' in sys.modules, file=sys.stderr));"
        " from recsql.cli import main; main()"
    )
    for words in (["--version"], ["similar", "1"]):
        ran = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=environment(RECSQL_DATABASE_URL=_url(run)), capture_output=True, text=True,
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "False\n")


def test_ctrl_c_in_a_load_leaves_the_old_state(empty_engine: Engine):
    """An interrupted load exits 130, and nothing of it has landed."""
    url = libpq_url(empty_engine.url)
    with empty_engine.connect() as conn:
        # the load is at its first statement until we let go, so it is certainly in the midst
        conn.execute(text("LOCK TABLE core.movie_key IN ACCESS EXCLUSIVE MODE"))
        process = subprocess.Popen(
            [sys.executable, "-m", "recsql", "load", "demo"],
            env=environment(RECSQL_DATABASE_URL=url),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        _eventually(lambda: conn.scalar(WAITING) == 1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (130, "Interrupted.\n")
    with empty_engine.connect() as conn:
        assert conn.scalar(text("SELECT movies FROM api.about")) == 0
        assert conn.scalar(text("SELECT to_regnamespace('staging')")) is None


# Servers that are not there, or not ours ------------------------------------------------------


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


SECRET = "opensesame"
READERS = [["search", "alien"], ["similar", "1"], ["home"], ["db", "status"], ["db", "upgrade"],
           ["load", "demo"], ["demo"], ["serve"]]  # fmt: skip


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_server_that_is_not_there(command: list[str], monkeypatch):
    port = _closed_port()
    monkeypatch.setenv("RECSQL_DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:{port}/movies")
    result = CliRunner().invoke(cli, command)
    said = one_line_and_a_hint(result)
    assert str(port) in said and "RECSQL_DATABASE_URL" in said
    assert SECRET not in result.output


@pytest.mark.parametrize(
    "url",
    [f"http://me:{SECRET}@localhost/movies", f"mysql://me:{SECRET}@localhost/movies",
     f"movies {SECRET}", f"postgresql://me:{SECRET}@localhost:port/movies",
     f"sqlite:///{SECRET}.db", f"//me:{SECRET}@localhost", f"postgresql:{SECRET}"],
)  # fmt: skip
@pytest.mark.parametrize("command", [["search", "alien"], ["db", "upgrade"]], ids=" ".join)
def test_a_wrong_address(url: str, command: list[str], monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", url)
    result = CliRunner().invoke(cli, command)
    said = one_line_and_a_hint(result)
    assert "RECSQL_DATABASE_URL is not a PostgreSQL address" in said
    assert "postgresql://user:password@host:5432/database" in said
    assert SECRET not in result.output


@pytest.mark.parametrize("command", [["search", "alien"], ["db", "upgrade"], ["psql", "-c", ""]],
                         ids=" ".join)  # fmt: skip
def test_an_address_with_settings_that_nobody_knows(command: list[str], monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:1/x?colour=red")
    if command[0] == "psql":
        ran = recsql(*command, RECSQL_DATABASE_URL=os.environ["RECSQL_DATABASE_URL"])
        assert ran.returncode != 0 and SECRET not in ran.stderr
        return
    result = CliRunner().invoke(cli, command)
    one_line_and_a_hint(result)
    assert SECRET not in result.output


@pytest.mark.parametrize(
    "command",
    [["search", "alien"], ["similar", "1"], ["home"], ["serve"], ["load", "demo"],
     ["load", "repair"]],
    ids=" ".join,
)  # fmt: skip
def test_a_database_without_a_schema(command: list[str], new_database, monkeypatch):
    """A given server is changed by `recsql db upgrade` alone."""
    engine = new_database()
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    said = one_line_and_a_hint(CliRunner().invoke(cli, command))
    assert "no recsql schema yet" in said and "recsql db upgrade" in said
    with engine.connect() as conn:
        assert conn.scalar(text("SELECT to_regnamespace('core')")) is None


def test_a_database_of_an_older_version(run: Run, empty_engine: Engine, monkeypatch):
    with empty_engine.begin() as conn:
        conn.execute(text("COMMENT ON SCHEMA api IS 'recsql api 0123456789abcdef: older'"))
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(empty_engine.url))
    said = one_line_and_a_hint(run("search", "alien"))
    assert "another version of recsql" in said and "recsql db upgrade" in said
    assert run("db", "status").exit_code == 1
    assert run("db", "upgrade").exit_code == 0
    assert run("search", "alien").exit_code == 0


def test_a_database_of_another_application(run: Run, new_database, monkeypatch):
    engine = new_database()
    with engine.begin() as conn:
        db.run_script(conn, "CREATE SCHEMA core; CREATE TABLE core.orders (id integer)")
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    assert "another application" in one_line_and_a_hint(run("db", "upgrade"))
    assert "another application" in one_line_and_a_hint(run("demo", "--port", "0"))


def test_a_wrong_password(run: Run, tiny_engine: Engine, databases, monkeypatch):
    """Wrong credentials are said to be wrong, and are not repeated."""
    role = f"recsql_locked_{os.getpid()}"
    with databases._autocommit() as conn:
        conn.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'another one'"))
    query = {k: v for k, v in tiny_engine.url.query.items() if k != "passfile"}
    url = tiny_engine.url.set(username=role, password=SECRET, query=query)
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(url))
    try:
        if databases.url.query.get("host", "").startswith("/var/run"):
            pytest.skip("this server asks its own machine for no password")
        for flags in ([], ["--debug"]):
            result = run(*flags, "search", "alien")
            assert SECRET not in result.output + str(result.exception)
        said = one_line_and_a_hint(run("search", "alien"))
        assert "authentication failed" in said
        assert "does not answer" not in said, "it did"
        assert "password" in said.splitlines()[1]
        shown = run("status")
        assert SECRET not in shown.output
    finally:
        with databases._autocommit() as conn:
            conn.execute(text(f"DROP ROLE {role}"))


@pytest.mark.parametrize("form", ["postgresql://me:{}@127.0.0.1:1/x",
                                  "postgresql://me@127.0.0.1:1/x?password={}"])  # fmt: skip
def test_status_tells_no_password(form: str, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", form.format(SECRET))
    for command in (["status"], ["status", "--json"]):
        result = CliRunner().invoke(cli, command)
        assert "127.0.0.1:1" in result.output
        assert SECRET not in result.output


def test_two_passwords_in_the_environment_reach_no_output(run: Run):
    """No secrets in output: not in a traceback either."""
    port = _closed_port()
    ran = recsql(
        "--debug", "search", "alien",
        RECSQL_DATABASE_URL=f"postgresql://me:{SECRET}@127.0.0.1:{port}/movies",
        PGPASSWORD="another" + SECRET,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Traceback" in ran.stderr
    assert SECRET not in ran.stdout + ran.stderr


# Loads that cannot be -------------------------------------------------------------------------

METADATA = (
    "adult,belongs_to_collection,budget,genres,homepage,id,imdb_id,original_language,"
    "original_title,overview,popularity,poster_path,production_companies,production_countries,"
    "release_date,revenue,runtime,spoken_languages,status,tagline,title,video,vote_average,"
    "vote_count\n"
    "False,,0,\"[{'id': 18, 'name': 'Drama'}]\",,900,tt0000900,en,Nine,Words.,1.0,,[],[],"
    "1999-01-01,0,90.0,[],Released,,Nine,False,5.0,1\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Data sets of one movie each, and folders that are none."""
    kaggle, movielens = tmp_path / "kaggle", tmp_path / "movielens"
    for folder in (kaggle, movielens, tmp_path / "empty"):
        folder.mkdir()
    (kaggle / "movies_metadata.csv").write_text(METADATA)
    (movielens / "movies.csv").write_text("movieId,title,genres\n1,Nine (1999),Drama\n")
    (movielens / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,964982703\n")
    (movielens / "links.csv").write_text("movieId,imdbId,tmdbId\n1,0000900,900\n")
    for folder in (kaggle, movielens):
        with zipfile.ZipFile(tmp_path / f"{folder.name}.zip", "w") as archive:
            for path in folder.iterdir():
                archive.write(path, f"{folder.name}/{path.name}")
    whole = (tmp_path / "movielens.zip").read_bytes()
    (tmp_path / "truncated.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.zip").write_text("not a zip")
    return tmp_path


@pytest.fixture(scope="module")
def untouched(databases) -> Iterator[Engine]:
    """A database with the schema and no rows, which nothing may change."""
    yield from database_of_its_own(databases, "empty", schema.upgrade)


@pytest.mark.parametrize(
    ("command", "path", "said"),
    [
        ("kaggle", "missing", "does not exist"),
        ("movielens", "missing", "does not exist"),
        ("kaggle", "empty", "has no movies_metadata.csv"),
        ("movielens", "empty", "holds no MovieLens data set"),
        ("kaggle", "movielens", "recsql load movielens"),
        ("movielens", "kaggle", "recsql load kaggle"),
        ("kaggle", "movielens.zip", "recsql load movielens"),
        ("movielens", "kaggle.zip", "recsql load kaggle"),
        ("kaggle", "truncated.zip", "is the download complete"),
        ("movielens", "truncated.zip", "is the download complete"),
        ("kaggle", "text.zip", "is the download complete"),
        ("kaggle", "kaggle/movies_metadata.csv", "neither a folder nor a zip"),
    ],
)
def test_a_load_that_cannot_be_is_one_line_and_a_hint(
    command: str, path: str, said: str, files: Path, untouched: Engine, monkeypatch
):
    """S5, Bad input: a missing or wrong path changes nothing and says what to give instead."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(untouched.url))
    result = CliRunner().invoke(cli, ["load", command, str(files / path)])
    assert said in one_line_and_a_hint(result)
    with untouched.connect() as conn:
        assert conn.scalar(text("SELECT count(*) FROM core.load_run")) == 0
        assert conn.scalar(text("SELECT count(*) FROM core.movie")) == 0


def test_loads_from_the_command_line(files: Path, empty_engine: Engine, run: Run, monkeypatch):
    """S5: from a folder or a zip; a dry run says the same and changes nothing; twice is once."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(empty_engine.url))
    dry = run("load", "movielens", files / "movielens", "--dry-run", "--json")
    assert dry.exit_code == 0, dry.output
    assert run("search", "nine", "--json").stdout == "[]\n"
    first = run("load", "movielens", files / "movielens.zip", "--json")
    assert first.exit_code == 0, first.output
    report, rehearsed = json.loads(first.stdout), json.loads(dry.stdout)
    assert rehearsed.pop("dry_run") is True and report.pop("dry_run") is False
    assert rehearsed.pop("path") != report.pop("path")
    assert rehearsed == report
    second = run("load", "movielens", files / "movielens")
    assert second.exit_code == 0
    assert "Nothing had to be changed." in second.stderr
    [nine] = json.loads(run("search", "nine", "--json").stdout)
    assert (nine["movie_id"], nine["raters"]) == (900, 1)
    assert run("load", "kaggle", files / "kaggle.zip").exit_code == 0
    [nine] = json.loads(run("search", "nine", "--json").stdout)
    assert (nine["overview"], nine["raters"]) == ("Words.", 1)
    assert run("load", "repair", "--json").exit_code == 0


def test_too_many_rejects_fail_the_load(files: Path, empty_engine: Engine, run: Run, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(empty_engine.url))
    (files / "movielens" / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,1,77,1\n2,1,nine,1\n"
    )
    said = one_line_and_a_hint(run("load", "movielens", files / "movielens", "--max-rejects", "1"))
    assert "2" in said
    assert run("search", "nine", "--json").stdout == "[]\n"
    assert run("load", "movielens", files / "movielens", "--max-rejects", "2").exit_code == 0


def test_removing_a_source_asks_first(files: Path, empty_engine: Engine, run: Run, monkeypatch):
    """Destructive needs --yes, or a yes."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(empty_engine.url))
    run("load", "movielens", files / "movielens")
    refused = run("load", "remove", "movielens", input="n\n")
    assert refused.exit_code == 1
    assert json.loads(run("search", "nine", "--json").stdout)[0]["raters"] == 1
    gone = run("load", "remove", "movielens", "--yes")
    assert (gone.exit_code, gone.stdout) == (
        0,
        "Removed 1 ratings of movielens. Its movies stay.\n",
    )
    said = one_line_and_a_hint(run("load", "remove", "movielens", "--yes"))
    assert "no raters come from movielens" in said


def test_progress_only_on_a_terminal(files: Path, empty_engine: Engine):
    url = libpq_url(empty_engine.url)
    shown = _on_a_terminal("load", "movielens", str(files / "movielens"), RECSQL_DATABASE_URL=url)
    assert "\r\x1b[K" in shown and "ratings.csv" in shown
    piped = recsql("load", "movielens", files / "movielens", RECSQL_DATABASE_URL=url)
    assert piped.returncode == 0
    assert "\r" not in piped.stdout + piped.stderr and "\x1b" not in piped.stdout + piped.stderr


def test_psql_is_there_to_be_run(run: Run):
    """`recsql psql -- ARGS` hands ARGS to psql, on the very same database."""
    ran = recsql("psql", "--", "-XAtc", "SELECT count(*) FROM core.movie",
                 RECSQL_DATABASE_URL=_url(run))  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "7\n"), ran.stderr
    failed = recsql("psql", "--", "-XAtc", "SELECT 1/0", RECSQL_DATABASE_URL=_url(run))
    assert failed.returncode == 1 and "division by zero" in failed.stderr


def test_the_console_script_is_the_program():
    script = Path(sys.executable).with_name("recsql")
    if not script.exists():
        assert shutil.which("recsql") is None
        pytest.skip("recsql is not installed in this environment")
    ran = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert ran.stdout == f"recsql, version {__version__}\n"
