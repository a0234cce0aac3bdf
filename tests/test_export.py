"""S7: movies and ratings as CSV and Parquet, whole or not at all, and back again."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from recsql import export
from recsql.cli import cli
from recsql.errors import BadInput, RecsqlError
from recsql.ingest import load
from tests import datasets
from tests.conftest import Databases
from tests.datasets import film
from tests.support import environment, libpq_url

Run = Callable[..., Result]

FILMS = [
    film(862, "Toy Story", release_date="1995-10-30", genres="[{'id': 16, 'name': 'Animation'},"
         " {'id': 35, 'name': 'Comedy'}]"),
    film(15602, 'Grumpier, "Old" Men\nagain', release_date="1995-12-22", overview="Two\nlines, “é”"),  # noqa: E501
    film(31357, "Nobody's", release_date="", genres="[]", overview=""),
]  # fmt: skip
LINKS = [(1, "0114709", 862), (3, "0113228", 15602)]
RATINGS = [(1, 1, 4.0, 964982703), (1, 3, 0.5, 0), (7, 1, 5.0, 964981247)]


@pytest.fixture(scope="module")
def engine(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Three films, two of them with MovieLens ids, and three ratings, as Kaggle's files have them;
    and a critic and a generated user, who are no people."""
    folder = tmp_path_factory.mktemp("files")
    datasets.kaggle(folder, FILMS, links=LINKS, ratings=RATINGS)
    with datasets.database(databases) as made:
        load.load_kaggle(made, folder)
        with made.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO core.rater VALUES (-1, 'critic', 'omdb', 'IMDb'),"
                    " (-2, 'fake', 'fake', '1');"
                    "INSERT INTO core.rating VALUES (NULL, -1, 862, 8), (NULL, -2, 862, 1)"
                )
            )
        yield made


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run recsql export …"""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    return lambda *args: CliRunner().invoke(cli, ["export", *map(str, args)])


def table(said: str) -> list[dict[str, str]]:
    """Read a CSV text."""
    return list(csv.DictReader(io.StringIO(said, newline="")))


def test_s7_ratings_name_movies_by_tmdb_id_and_say_so(run: Run, engine: Engine):
    """A file of TMDB ids cannot be taken for one of MovieLens ids: its header differs."""
    ran = run("ratings")
    assert ran.exit_code == 0
    first, second = (
        str(key) for (key,) in datasets.rows(engine, "SELECT user_id FROM core.rater"
                                             " WHERE user_id > 0 ORDER BY source_key")
    )  # fmt: skip
    assert ran.stdout.splitlines() == [
        "userId,tmdbId,rating,timestamp",
        f"{first},862,4.0,964982703",
        f"{first},15602,0.5,",  # time 0 is unknown
        f"{second},862,5.0,964981247",
    ]
    assert ran.stderr == "Exported 3 ratings.\n"


def test_s7_movies_carry_all_their_ids(run: Run):
    rows = table(run("movies").stdout)
    assert [(row["tmdbId"], row["imdbId"], row["movielensId"]) for row in rows] == [
        ("862", "tt0114709", "1"), ("15602", "tt0113228", "3"), ("31357", "", "")
    ]  # fmt: skip
    toy, grumpy, nobody = rows
    assert (toy["title"], toy["year"], toy["releaseDate"]) == ("Toy Story", "1995", "1995-10-30")
    assert (toy["genres"], toy["raters"], toy["meanStars"]) == ("Animation|Comedy", "2", "4.500")
    assert (grumpy["title"], grumpy["overview"]) == (FILMS[1][20], "Two\nlines, “é”")
    assert (nobody["genres"], nobody["raters"], nobody["meanStars"]) == ("", "0", "")


def test_s7_the_help_names_every_column(run: Run):
    for what in ("movies", "ratings", "links"):
        said = run(what, "--help").stdout
        for ids in ("tmdb", "movielens") if what != "links" else ("movielens",):
            shown = run(what, *(("--ids", ids) if what != "links" else ())).stdout
            for column in shown.splitlines()[0].split(","):
                assert column in said


def test_s7_movielens_layout_goes_round(
    run: Run, engine: Engine, empty_engine: Engine, tmp_path: Path
):
    """What was exported loads into another database, and the export of that one is the same."""
    for what in ("movies", "ratings", "links"):
        ids = () if what == "links" else ("--ids", "movielens")
        assert run(what, *ids, "--out", tmp_path / f"{what}.csv").exit_code == 0
    report = load.load_movielens(empty_engine, tmp_path)
    assert report.rejected == 0
    given = "SELECT movie_id, half_stars, rated_at FROM core.rating WHERE user_id > 0 ORDER BY 1, 2"
    assert datasets.rows(empty_engine, given) == datasets.rows(engine, given)
    again = tmp_path / "again.csv"
    export.export(empty_engine, "movies", again, ids="movielens")
    assert again.read_text("utf-8") == (tmp_path / "movies.csv").read_text("utf-8")


def test_s7_a_file_of_tmdb_ids_is_refused_as_movielens(run: Run, engine: Engine, tmp_path: Path):
    """Joining one id space to the other would work silently, and be wrong for every rating."""
    run("movies", "--ids", "movielens", "--out", tmp_path / "movies.csv")
    run("links", "--out", tmp_path / "links.csv")
    run("ratings", "--ids", "tmdb", "--out", tmp_path / "ratings.csv")
    with pytest.raises(BadInput, match=r"ratings\.csv has not the columns"):
        load.load_movielens(engine, tmp_path)


def test_s7_critics_and_generated_users_only_where_asked_for(run: Run):
    assert {row["userId"] for row in table(run("ratings", "--source", "omdb").stdout)} == {"-1"}
    assert len(table(run("ratings", "--source", "kaggle").stdout)) == 3
    ran = run("ratings", "--source", "netflix")
    assert ran.exit_code == 1
    assert "no ratings come from netflix" in ran.stderr
    assert "there are some from: fake, kaggle, omdb" in ran.stderr


@pytest.mark.parametrize("what", ["movies", "ratings", "links"])
def test_s7_parquet_holds_what_csv_holds(what: str, engine: Engine, tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    ids = "movielens" if what == "links" else "tmdb"
    export.export(engine, what, tmp_path / "it.csv", ids=ids)
    rows = export.export(engine, what, tmp_path / "it.parquet", ids=ids, format="parquet")
    read = parquet.read_table(tmp_path / "it.parquet")
    wanted = table((tmp_path / "it.csv").read_text("utf-8"))
    assert rows == read.num_rows == len(wanted)
    assert read.column_names == list(wanted[0])
    for got, said in zip(read.to_pylist(), wanted, strict=True):
        for name, cell in said.items():
            value = got[name]
            assert (value is None) == (cell == ""), name
            assert value is None or str(value) == cell or float(value) == float(cell)
    types = {field.name: str(field.type) for field in read.schema}
    assert {"int32"} == {kind for name, kind in types.items() if name in ("tmdbId", "userId")}
    assert types.get("timestamp", "int64") == "int64"
    assert types.get("imdbId", "string") == "string"


def test_s7_parquet_without_its_library_says_what_to_install(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(RecsqlError, match="need the library pyarrow") as caught:
        export.export(engine, "movies", tmp_path / "it", format="parquet")
    assert "recsql[parquet]" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_s7_a_file_that_is_there_is_kept(run: Run, tmp_path: Path):
    kept = tmp_path / "ratings.csv"
    kept.write_text("mine")
    ran = run("ratings", "--out", kept)
    assert (ran.exit_code, kept.read_text()) == (1, "mine")
    assert "exists already" in ran.stderr and "--force" in ran.stderr
    assert run("ratings", "--out", kept, "--force").exit_code == 0
    assert kept.read_text().startswith("userId,")


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_s7_a_file_is_never_half_written(format: str, engine: Engine, tmp_path: Path, monkeypatch):
    """A row fails in the midst: the old file stays, and nothing lies beside it."""
    if format == "parquet":
        pytest.importorskip("pyarrow")
    kept = tmp_path / "ratings"
    kept.write_text("mine")
    broken = "SELECT 1 / (5000 - place) AS rating FROM generate_series(1, 9000) AS place"
    monkeypatch.setattr(export.sqlfiles, "literal", lambda *_: broken)
    with pytest.raises(Exception, match="division by zero"):
        export.export(engine, "ratings", kept, format=format, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["ratings"]
    assert kept.read_text() == "mine"


def test_s7_a_place_that_cannot_be_written(run: Run, tmp_path: Path):
    ran = run("movies", "--out", tmp_path / "nowhere" / "movies.csv")
    assert ran.exit_code == 1
    assert "cannot be written: No such file or directory" in ran.stderr


def test_s7_a_reader_who_has_had_enough_and_a_full_disk(engine: Engine):
    """A closed pipe is no error to speak of; a full disk is."""
    program = [sys.executable, "-m", "recsql", "export", "movies"]
    env = environment(RECSQL_DATABASE_URL=libpq_url(engine.url))
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(program, stdout=writing, stderr=subprocess.PIPE, text=True, env=env)
    os.close(writing)
    assert "Traceback" not in ran.stderr and "Exported" not in ran.stderr
    if Path("/dev/full").exists():
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, env=env)
        assert ran.returncode != 0
        assert ran.stderr.startswith("Error: stdout cannot be written: No space left")
