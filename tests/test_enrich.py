"""Q6, T9, T3: TMDB and OMDb asked politely, over real sockets, by a key that nobody ever sees."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, text

from recsql import enrich, settings, web
from recsql.cli import cli
from recsql.enrich import OMDB, TMDB, Client, Key, Trouble, Unusable, client
from recsql.errors import BadInput, RecsqlError
from tests.conftest import Databases, fill_tiny
from tests.datasets import database, one, rows
from tests.services import (
    KEY,
    Clock,
    Services,
    breaking_off,
    hanging,
    omdb_film,
    running,
    sending,
    tmdb_film,
    video,
)
from tests.support import libpq_url

ALIEN, AMELIE = 1, 6


@pytest.fixture(scope="module")
def served() -> Iterator[Services]:
    with running() as services:
        yield services


@pytest.fixture
def services(served: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Services:
    """Both services on this machine, with a key for each."""
    served.reset()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for service in ("TMDB", "OMDB"):
        monkeypatch.setenv(f"RECSQL_{service}_KEY", KEY)
    monkeypatch.setenv("RECSQL_TMDB_URL", served.tmdb)
    monkeypatch.setenv("RECSQL_OMDB_URL", served.omdb)
    return served


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(client, "SYSTEM", made.system())
    return made


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Engine]:
    with database(databases, databases.template("tiny", fill_tiny)) as engine:
        yield engine


@pytest.fixture
def engine(filled: Engine) -> Engine:
    """The tiny catalogue, to commit to: as if nobody had been asked yet."""
    with filled.begin() as conn:
        conn.execute(
            text(
                "DELETE FROM core.fetched; DELETE FROM core.trailer;"
                "DELETE FROM core.rater WHERE source = 'omdb';"
                "DELETE FROM core.movie WHERE movie_id > 7;"
                "UPDATE core.movie SET poster_path = NULL, backdrop_path = NULL;"
                "UPDATE core.movie SET overview = NULL WHERE movie_id > 4"
            )
        )
        conn.execute(text("CALL api.refresh_shelves()"))
    return filled


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    return lambda *args: CliRunner().invoke(cli, [str(arg) for arg in args])


def asking(service: enrich.Service = TMDB, **more: Any) -> Client:
    return Client(service, Key(KEY), **more)


# Keys -----------------------------------------------------------------------------------------


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A place for keys, and none anywhere."""
    monkeypatch.setenv("RECSQL_HOME", str(tmp_path))
    for name in ("RECSQL_TMDB_KEY", "RECSQL_TMDB_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_t9_a_key_comes_from_the_environment_or_a_file(home: Path, monkeypatch) -> None:
    """T9: RECSQL_TMDB_KEY before RECSQL_TMDB_KEY_FILE before tmdb.key in RECSQL_HOME."""
    assert enrich.key_of(TMDB) is None
    for path, value in ((home / "tmdb.key", "of-home"), (home / "other", "of-file")):
        path.write_text(f"\ufeff{value}\n", "utf-8")
        path.chmod(0o600)
    assert enrich.wanted_key(TMDB).value() == "of-home"
    monkeypatch.setenv("RECSQL_TMDB_KEY_FILE", str(home / "other"))
    assert enrich.wanted_key(TMDB).value() == "of-file"
    monkeypatch.setenv("RECSQL_TMDB_KEY", " of-environment ")
    key = enrich.wanted_key(TMDB)
    assert key.value() == "of-environment" and "of-env" not in f"{key} {key!r}"
    assert enrich.key_of(OMDB) is None, "each service has its own"


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (KEY, 0o644, "everybody on this machine can read"),
        (KEY, 0o604, "everybody on this machine can read"),
        ("two words", 0o600, "holds is no key"),
        ("", 0o600, "holds is no key"),
        (KEY + "\n" + KEY, 0o600, "holds is no key"),
        ("\x00" * 9, 0o600, "holds is no key"),
        ("k" * 5_000, 0o600, "holds is no key"),
        (None, 0o600, "is not there"),
    ],
)
def test_t9_a_key_file_that_will_not_do_is_refused(
    content: str | None, mode: int, said: str, home: Path, monkeypatch
) -> None:
    """T9: and the message does not hold what the file holds."""
    path = home / "a key"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    monkeypatch.setenv("RECSQL_TMDB_KEY_FILE", str(path))
    with pytest.raises(BadInput, match=said) as caught:
        enrich.key_of(TMDB)
    assert KEY not in f"{caught.value} {caught.value.hint}"


def test_t9_secrets_of_a_container_are_readable_for_all(home: Path, monkeypatch) -> None:
    """Docker makes them so; nobody else lives in that container."""
    (home / "tmdb").write_text(KEY)
    (home / "tmdb").chmod(0o444)
    monkeypatch.setenv("RECSQL_TMDB_KEY_FILE", str(home / "tmdb"))
    monkeypatch.setattr(enrich.keys, "_SECRETS", home)
    assert enrich.wanted_key(TMDB).value() == KEY


def test_t9_without_a_key_it_is_said_once_and_all_else_works(home: Path, run) -> None:
    for args in (("enrich", "tmdb"), ("enrich", "omdb"), ("add", "tt1"), ("search", "--omdb", "x")):
        said = run(*args)
        assert (said.exit_code, said.stdout) == (1, "")
        assert re.fullmatch(r"Error: .* none is set\nHint: get one at https://.*\n", said.stderr)
    assert run("search", "alien").exit_code == 0


@pytest.mark.parametrize(
    "address",
    ["http://example.org", "ftp://127.0.0.1", "127.0.0.1", "https://", "https://a@b.org",
     "https://a.org/?x=1", "https://a.org:port"],
)  # fmt: skip
def test_t9_a_key_goes_nowhere_without_tls_but_here(address: str, monkeypatch) -> None:
    monkeypatch.setenv("RECSQL_TMDB_URL", address)
    with pytest.raises(BadInput, match="RECSQL_TMDB_URL is no address"):
        asking()


def test_a_key_may_lie_in_the_home_of_a_server_to_be(tmp_path: Path) -> None:
    from recsql.server.home import Home

    (tmp_path / "omdb.key").write_text(KEY)
    Home(tmp_path).claim()
    assert settings.service_key_file("tmdb")[0].name == "tmdb.key"


def test_other_commands_do_not_load_the_client() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import sys, recsql.cli, recsql.web; print('httpx' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout == "False\n"


# One answer -----------------------------------------------------------------------------------


def test_q6_tmdb_is_asked_by_key_or_by_token(services: Services, clock: Clock) -> None:
    """A plain key stands in the address, a read token in a header."""
    services.films["movie/1"] = {"id": 1}
    with asking() as plain, Client(TMDB, Key(f"{KEY}.x.y")) as token:
        assert plain.get("movie/1", append_to_response="videos") == {"id": 1}
        assert token.get("movie/1") == {"id": 1}
    assert services.asked[0] == ("movie/1", {"append_to_response": "videos"})
    assert "Authorization" not in services.headers[0]
    assert services.headers[1]["Authorization"] == f"Bearer {KEY}.x.y"
    assert services.headers[0]["User-Agent"].startswith("recsql/")


def test_q6_no_more_often_than_agreed(services: Services, clock: Clock) -> None:
    services.films["movie/1"] = {}
    with asking(per_second=4) as asked:
        for _ in range(4):
            asked.get("movie/1")
        clock.now += 100
        asked.get("movie/1")
    assert clock.slept == [0.25] * 3


@pytest.mark.parametrize(
    ("pranks", "slept"),
    [
        ([sending({}, 500), sending({}, 502)], [1, 2]),
        ([sending(b"busy", 503)] * 4, [1, 2, 4, 8]),
        ([sending({}, 429, Retry_After="7")], [7]),
        ([sending({}, 503, Retry_After="90")], [90]),
        ([sending({}, 429, Retry_After="Sun, 06 Nov 1994 09:06:47 GMT")], [30]),
        ([sending({}, 429, Retry_After="Sun, 06 Nov 1994 08:00:00 GMT")], [0]),
        ([sending({}, 429, Retry_After="soon")], [1]),
        ([sending({}, 429, Retry_After="-5")], [1]),
        ([breaking_off], [1]),
    ],
)  # fmt: skip
def test_q6_what_may_be_over_soon_is_tried_again(
    pranks: list, slept: list, services: Services, clock: Clock
) -> None:
    """429, 5xx and broken connections: with back-off, or as long as Retry-After says."""
    services.films["movie/1"] = {"id": 1}
    services.pranks = list(pranks)
    with asking(per_second=1e9) as asked:
        assert asked.get("movie/1") == {"id": 1}
    assert [wait for wait in clock.slept if wait] == [wait for wait in slept if wait]
    assert len(services.asked) == len(pranks) + 1


def test_q6_jitter_and_a_longest_wait(services: Services, monkeypatch) -> None:
    """Not all who were turned away come back at one moment."""
    made = Clock()
    fallen = client.Time(made.system().clock, made.system().date, made.sleep, lambda: 0.0)
    services.pranks = [sending({}, 500)] * 9
    with pytest.raises(Unusable), asking(system=fallen, tries=9, per_second=1e9) as asked:
        asked.get("movie/1")
    assert made.slept == [0.5, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(
    ("prank", "said"),
    [
        (sending({}, 429, Retry_After="3600"), "asks us to wait 60 minutes"),
        (sending({"Error": "Invalid API key!"}, 401), "does not accept the key"),
        (sending({}, 403), "does not accept the key"),
        (sending({"Error": "Request limit reached!"}, 401), "used up for today"),
    ],
)
def test_t9_where_going_on_is_useless_it_stops_at_once(
    prank: Callable, said: str, services: Services, clock: Clock
) -> None:
    services.pranks = [prank]
    with pytest.raises(Trouble, match=said) as caught, asking(OMDB) as asked:
        asked.get("", i="tt1")
    assert len(services.asked) == 1 and clock.slept == [] and caught.value.hint


@pytest.mark.parametrize(
    ("prank", "said"),
    [
        (sending(b'{"id": 1'), "is no JSON$"),
        (sending(b""), "is no JSON$"),
        (sending(b"<html>"), "is no JSON$"),
        (sending(b"\xff\xfe"), "is no JSON$"),
        (sending(b'{"id": NaN}'), "is no JSON$"),
        (sending(b'{"id": 1e999}'), "is no JSON$"),
        (sending(b'{"id": ' + b"9" * 5_000 + b"}"), "is no JSON$"),
        (sending(b'{"title": "\\ud800"}'), "is no JSON$"),
        (sending(b"[" * 100_000), "is no JSON$"),
        (sending(b'{"title": "\\u0000"}'), "holds a NUL"),
        (sending([1]), "is no JSON object"),
        (sending(b"null"), "is no JSON object"),
        (sending(b" " * (2 << 20)), "larger than 1 MiB"),
        (sending(b"\x1f\x8b", Content_Encoding="gzip"), "packed"),
        (sending({}, 418), "status 418"),
        (sending({}, 204), "status 204"),
    ],
)
def test_q6_what_cannot_be_used_is_said_and_not_tried_again(
    prank: Callable, said: str, services: Services, clock: Clock
) -> None:
    services.pranks = [prank]
    with pytest.raises(Unusable, match=said), asking() as asked:
        asked.get("movie/1")
    assert len(services.asked) == 1 and clock.slept == []


def test_t9_a_redirect_does_not_carry_the_key_elsewhere(services: Services, clock: Clock) -> None:
    for status in (301, 302, 307, 308):
        services.pranks = [sending({}, status, Location=f"{services.omdb}/stolen")]
        with pytest.raises(Unusable, match="sends us elsewhere"), asking() as asked:
            asked.get("movie/1")
    assert services.paths() == ["movie/1"] * 4


def test_q6_silence_has_an_end(services: Services, clock: Clock) -> None:
    """Time-outs, and a server that is not there: tried again, then given up."""
    services.pranks = [hanging(services)] * 2
    late = pytest.raises(Trouble, match="does not answer in time")
    with late, asking(read_s=0.1, tries=2) as asked:
        asked.get("movie/1")
    assert clock.slept[0] == 1 and len(services.asked) == 2


def test_q6_an_answer_that_drips_has_an_end(services: Services, clock: Clock) -> None:
    def drip(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        for _ in range(100):
            clock.now += 10
            request.wfile.write(b" ")
            request.wfile.flush()

    services.pranks = [drip]
    with pytest.raises(Trouble, match="answers too slowly"), asking(tries=1) as asked:
        asked.get("movie/1")


def test_q6_nobody_there(services: Services, clock: Clock, monkeypatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("RECSQL_TMDB_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    refused = pytest.raises(Trouble, match="cannot be reached: Connection refused")
    with refused, asking() as asked:
        asked.get("movie/1")
    assert len([wait for wait in clock.slept if wait >= 1]) == 4


# All movies -----------------------------------------------------------------------------------


def movie(engine: Engine, movie_id: int) -> tuple:
    [found] = rows(
        engine,
        "SELECT poster_path, backdrop_path, overview, trailer_key, services FROM api.movie_page"
        " WHERE movie_id = :id",
        id=movie_id,
    )
    return found


def test_q6_pictures_overviews_and_trailers_come_from_tmdb(
    engine: Engine, services: Services, clock: Clock
) -> None:
    """Q6: what we have said stays; of trailers the earliest official one."""
    services.films = {"movie/1": tmdb_film(1), "movie/6": tmdb_film(6, videos={"results": []})}
    outcome = enrich.enrich(engine, TMDB)
    assert (outcome.fetched, outcome.updated, outcome.not_found, outcome.failed) == (7, 2, 5, 0)
    assert outcome.stopped is None
    assert movie(engine, ALIEN) == (
        "/p1.jpg", "/b1.jpg", "A crew brings a guest aboard.", "trailer0000", ["tmdb"]
    )  # fmt: skip
    assert movie(engine, AMELIE) == ("/p6.jpg", "/b6.jpg", "From TMDB.", None, ["tmdb"])
    assert [path for path in services.paths() if path.startswith("movie/")] == [
        f"movie/{number}" for number in (1, 2, 4, 5, 3, 6, 7)
    ], "the most rated first"
    assert one(engine, "SELECT count(*) FROM api.kept_counts() WHERE rows_wrong > 0") == 0
    # Amélie has an overview now: fit to be shown
    assert one(engine, "SELECT count(*) FROM derived.shelf WHERE movie_id = 6") > 0


def test_q6_a_second_run_asks_nothing_until_answers_are_old(
    engine: Engine, services: Services, clock: Clock
) -> None:
    """Kept with their date: five months, or one where TMDB knew no such movie."""
    services.films = {"movie/1": tmdb_film(1)}
    enrich.enrich(engine, TMDB)
    services.reset()
    outcome = enrich.enrich(engine, TMDB)
    assert (outcome.fetched, services.asked) == (0, [])
    for days, asked in ((29, 0), (31, 6), (149, 6), (151, 7)):
        with engine.begin() as conn:
            conn.execute(text(f"UPDATE core.fetched SET fetched_at = now() - interval '{days} d'"))
            due = "SELECT count(*) FROM api.enrichment_due('tmdb')"
            assert conn.scalar(text(due)) == asked
    services.films = {"movie/1": tmdb_film(1, poster_path="/new.jpg")}
    outcome = enrich.enrich(engine, TMDB, older_than=10, limit=1)
    assert (outcome.fetched, outcome.updated) == (1, 1)
    assert movie(engine, ALIEN)[0] == "/new.jpg"
    with pytest.raises(BadInput, match="six months"):
        enrich.enrich(engine, TMDB, older_than=181)
    with pytest.raises(BadInput, match="knows nothing of critics"):
        enrich.enrich(engine, TMDB, missing="critics")


def test_q6_nothing_new_is_unchanged_and_what_is_gone_goes(
    engine: Engine, services: Services, clock: Clock
) -> None:
    services.films = {"movie/1": tmdb_film(1)}
    enrich.enrich(engine, TMDB, limit=1)
    again = enrich.enrich(engine, TMDB, limit=1, older_than=0)
    assert (again.unchanged, again.updated) == (1, 0)
    services.films = {"movie/1": tmdb_film(1, videos={"results": []}, poster_path=None)}
    assert enrich.enrich(engine, TMDB, limit=1, older_than=0).updated == 1
    assert movie(engine, ALIEN)[:4:3] == ("/p1.jpg", None), "no trailer, but a picture stays"


def test_q6_only_what_is_missing(engine: Engine, services: Services, clock: Clock) -> None:
    with engine.begin() as conn:
        conn.execute(text("UPDATE core.movie SET poster_path = '/x.jpg' WHERE movie_id < 6"))
        conn.execute(text("INSERT INTO core.trailer VALUES (1, 'trailer0000')"))
    for missing, wanted in (("posters", {6, 7}), ("overviews", {5, 6, 7}),
                            ("trailers", {2, 3, 4, 5, 6, 7})):  # fmt: skip
        found = rows(engine, "SELECT movie_id FROM api.enrichment_due('tmdb', :m)", m=missing)
        assert {row[0] for row in found} == wanted
    assert rows(engine, "SELECT movie_id FROM api.enrichment_due('omdb', 'critics')") == [(1,)]
    assert enrich.enrich(engine, TMDB, missing="posters", limit=5).not_found == 2


def test_q6_a_movie_without_a_tmdb_id_is_found_by_its_imdb_id(
    engine: Engine, services: Services, clock: Clock
) -> None:
    """And so is one whose TMDB id is gone, since TMDB has joined it with another."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, source)"
                " VALUES (1000000001, 'Heat', 'movielens');"
                "INSERT INTO core.movie_key VALUES ('imdb', 'tt0113277', 1000000001)"
            )
        )
    services.films = {
        "find/tt0113277": {"movie_results": [None, {"id": "x"}, {"id": 949}]},
        "movie/949": tmdb_film(949, "tt0113277"),
        "find/tt0078748": {"movie_results": [{"id": 348}]},
        "movie/348": tmdb_film(348, "tt0078748"),
    }
    assert enrich.enrich(engine, TMDB).updated == 2
    assert movie(engine, 1_000_000_001)[3] == movie(engine, ALIEN)[3] == "trailer0000"
    services.reset()
    services.films["movie/949"] = tmdb_film(949, "tt0113277")
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.fetched WHERE movie_id = 1000000001"))
    enrich.enrich(engine, TMDB)
    assert services.paths() == ["movie/949"], "known by then"


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 2}, {"id": "1"}, {"id": None}, {}, {"id": 1.5}, {"id": [1]}, {"id": True},
        {"id": 10**30}, {"id": -1},
    ],
)  # fmt: skip
def test_q6_an_answer_about_another_movie_is_refused(
    answer: dict, engine: Engine, services: Services, clock: Clock
) -> None:
    services.films["movie/1"] = tmdb_film(1) | {"id": None} | answer
    outcome = enrich.enrich(engine, TMDB, limit=1)
    assert (outcome.failed, outcome.fetched) == (1, 0)
    assert "not about this movie" in outcome.failures[0]
    assert movie(engine, ALIEN)[0] is None


def test_q6_wrong_types_are_taken_for_nothing(
    engine: Engine, services: Services, clock: Clock
) -> None:
    """And what is text stays text, whatever it looks like."""
    services.films["movie/1"] = tmdb_film(
        1, poster_path="https://evil.example/x.jpg", backdrop_path={"a": 1}, overview=["x"],
        videos=[video("onclick=alert"), video("<script>"), video("x" * 11, site=7), 7, None,
                {"key": "trailer0000"}],
    )  # fmt: skip
    services.films["movie/2"] = tmdb_film(2, videos=7, poster_path=" /p.jpg", backdrop_path=5)
    services.films["movie/6"] = tmdb_film(
        6, overview="<script>alert(1)</script>\u202e\x07 N/A", poster_path="N/A",
        videos={"results": [video("ok_key-1234", official="yes", published_at=7, name=None)]},
    )  # fmt: skip
    outcome = enrich.enrich(engine, TMDB)
    assert outcome.failed == 0
    assert movie(engine, 1)[:2] == movie(engine, 2)[:2] == (None, None)
    assert movie(engine, 1)[3] is None
    assert movie(engine, 6)[2:4] == ("<script>alert(1)</script> N/A", "ok_key-1234")


def test_t3_critics_come_from_omdb(engine: Engine, services: Services, clock: Clock) -> None:
    """T3: only what is of use is kept; its poster is somebody else's."""
    services.films["tt0078748"] = omdb_film("tt0078748", imdbRating="8.5", Metascore="89")
    outcome = enrich.enrich(engine, OMDB)
    assert (outcome.fetched, outcome.updated) == (1, 1)
    assert one(engine, "SELECT critics FROM api.movie_page WHERE movie_id = 1") == [
        {"critic": "IMDb", "stars": 4.5}, {"critic": "Metacritic", "stars": 4.5},
        {"critic": "Rotten Tomatoes", "stars": 4.0},
    ]  # fmt: skip
    kept = one(engine, "SELECT answer FROM core.fetched WHERE service = 'omdb'")
    assert kept["imdbRating"] == "8.5" and "Poster" not in kept
    services.films["tt0078748"] = {"Response": "False", "Error": "Error getting data."}
    assert enrich.enrich(engine, OMDB, older_than=0).not_found == 1
    assert one(engine, "SELECT count(*) FROM api.critic_rating WHERE critic = 'IMDb'") >= 1


def test_q6_a_run_that_stops_is_taken_up_where_it_stopped(
    engine: Engine, services: Services, clock: Clock, run
) -> None:
    """Each answer is committed; one failure does not stop a run, five in a row do."""
    services.films = {f"movie/{number}": tmdb_film(number) for number in range(1, 8)}
    services.pranks = [sending({"id": 1, **tmdb_film(1)}), sending(b"{"), sending({}, 401)]
    said = run("enrich", "tmdb")
    assert said.exit_code == 1
    assert "answered about 1 movies" in said.stdout and "1 failed" in said.stdout
    assert "no JSON" in said.stderr and "Error: TMDB does not accept the key" in said.stderr
    assert one(engine, "SELECT count(*) FROM core.fetched") == 1
    services.reset()
    services.pranks = [sending([])] * 5
    said = run("enrich", "tmdb", "--json")
    assert said.exit_code == 1 and "5 answers in a row were of no use" in said.stderr
    [report] = json.loads(said.stdout)
    assert (report["failed"], report["fetched"], len(services.asked)) == (5, 0, 5)
    assert report["stopped"].startswith("5 answers in a row")
    services.films = {f"movie/{number}": tmdb_film(number) for number in range(1, 8)}
    said = run("enrich", "tmdb", "--json")
    assert (said.exit_code, said.stderr) == (0, ""), "no progress where there is no terminal"
    assert json.loads(said.stdout)[0]["fetched"] == 6
    assert "No movie is due" in run("enrich", "tmdb").stderr


def test_q6_ctrl_c_leaves_a_good_state(
    engine: Engine, services: Services, clock: Clock, run, monkeypatch
) -> None:
    """130, what was answered is kept and reported, and a rerun goes on."""
    services.films = {f"movie/{number}": tmdb_film(number) for number in range(1, 8)}

    def interrupted(seconds: float) -> None:
        if len(services.asked) == 3:
            raise KeyboardInterrupt
        clock.sleep(seconds)

    system = client.SYSTEM
    monkeypatch.setattr(
        client, "SYSTEM", client.Time(system.clock, system.date, interrupted, system.dice)
    )
    said = run("enrich", "tmdb")
    assert (said.exit_code, said.stderr) == (130, "Interrupted.\n")
    assert "answered about 3 movies" in said.stdout
    monkeypatch.setattr(client, "SYSTEM", system)
    assert "answered about 4 movies" in run("enrich", "tmdb").stdout


def test_q6_one_at_a_time(engine: Engine, services: Services, clock: Clock) -> None:
    with engine.connect() as conn:
        conn.execute(text("SELECT pg_advisory_lock(hashtext('recsql.enrich tmdb'))"))
        with pytest.raises(RecsqlError, match="being asked already"):
            enrich.enrich(engine, TMDB)
        conn.execute(text("SELECT pg_advisory_unlock(hashtext('recsql.enrich tmdb'))"))


def test_t9_the_key_is_nowhere(
    engine: Engine, services: Services, clock: Clock, run, caplog, monkeypatch
) -> None:
    """T9: not in what is printed, with --debug neither, not in a log, not in the database."""
    caplog.set_level(logging.DEBUG)
    said = ""
    for prank in (sending({}, 401), sending(b"{"), sending({}, 302, Location="http://x.example/"),
                  sending({}, 418), breaking_off, sending(b" " * (2 << 20)), None):  # fmt: skip
        services.reset()
        services.films = {
            "movie/1": tmdb_film(1),
            "tt0078748": omdb_film("tt0078748"),
            "find/tt0078748": {"movie_results": 7},
        }
        for service in ("tmdb", "omdb"):
            services.pranks = [prank] * 7 if prank else []
            ran = run("--debug", "enrich", service)
            said += ran.output + repr(ran.exception) + str(ran.exc_info)
    monkeypatch.setenv("RECSQL_OMDB_URL", "http://127.0.0.1:1")
    ran = run("--debug", "enrich", "omdb", "--older-than", 0)
    said += ran.output + repr(ran.exception)
    assert "does not accept the key" in said and "cannot be reached" in said
    dumped = str(rows(engine, "SELECT f::text FROM core.fetched AS f"))
    assert "trailer" in str(rows(engine, "SELECT t::text FROM core.trailer AS t"))
    for place in (said, caplog.text, dumped):
        assert KEY not in place and KEY[:12] not in place


def test_s5_what_was_fetched_follows_a_movie_to_its_new_key(tiny: Connection) -> None:
    """And of two movies that become one, the new key's own word counts."""
    tiny.execute(
        text(
            "INSERT INTO core.movie (movie_id, title, source) VALUES (1000000001, 'X', 'omdb');"
            "INSERT INTO core.trailer VALUES (1000000001, 'old_key'), (1, 'own_key');"
            "INSERT INTO core.fetched (service, movie_id, resource, status)"
            " VALUES ('omdb', 1000000001, 'tt1', 404), ('tmdb', 1, 'movie/1', 404)"
        )
    )
    tiny.execute(text("CALL api.rekey_movies('{1000000001}', '{1}')"))
    assert tiny.execute(text("SELECT movie_id, youtube_key FROM core.trailer")).all() == [
        (1, "own_key")
    ]
    found = tiny.execute(text("SELECT service, movie_id, resource FROM core.fetched ORDER BY 1"))
    assert found.all() == [("omdb", 1, "tt1"), ("tmdb", 1, "movie/1")]


# The page -------------------------------------------------------------------------------------


def test_q6_t3_the_page_links_to_the_trailer_and_names_its_sources(
    engine: Engine, services: Services, clock: Clock
) -> None:
    """Q6: no frame, no script and no request to YouTube before the click; attribution shown."""
    page = web.create_app(engine).test_client()
    before = page.get(f"/movie/{ALIEN}")
    assert "youtube" not in before.text and "OMDb" not in before.text and "TMDB API" not in (
        before.text
    )  # fmt: skip
    services.films = {
        "movie/1": tmdb_film(1, poster_path=None, backdrop_path=None),
        "tt0078748": omdb_film("tt0078748"),
    }
    enrich.enrich(engine, TMDB)
    enrich.enrich(engine, OMDB)
    after = page.get(f"/movie/{ALIEN}")
    assert 'href="https://www.youtube.com/watch?v=trailer0000" target="_blank"' in after.text
    assert "<iframe" not in after.text and "youtube" not in after.headers["Content-Security-Policy"]
    assert "endorsed or certified by TMDB" in after.text
    assert "OMDb API" in after.text and "CC BY-NC 4.0" in after.text
    said = " ".join(re.sub(r"<[^>]+>", " ", after.text).split())
    assert "Critics, on our scale of five: IMDb ★ 4.0, Metacritic ★ 4.0, Rotten Tomatoes" in said
    assert "CC BY-NC" not in page.get("/movie/2").text
