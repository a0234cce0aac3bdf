"""T3, T5: IMDb, Metacritic and Rotten Tomatoes as pseudo-users, out of OMDb's answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text

from recsql import db
from recsql.cli import cli
from recsql.errors import BadInput
from recsql.ingest import omdb
from recsql.ingest.records import Record, Reject
from recsql.suggest import suggest
from tests import datasets
from tests.conftest import Databases
from tests.support import libpq_url

ALIEN, ALIENS, BLADE = 1, 2, 3


def answer(imdb_id: str, imdb: str = "N/A", metascore: str = "N/A", **more: Any) -> dict[str, Any]:
    """Return what OMDb answers to ?i=…, as far as it matters."""
    return {
        "Title": "…", "imdbRating": imdb, "imdbVotes": "1,000", "Metascore": metascore,
        "imdbID": imdb_id, "Response": "True", **more,
    }  # fmt: skip


def lines(folder: Path, *answers: object) -> Path:
    """Write JSON lines."""
    path = folder / "omdb.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in answers), "utf-8")
    return path


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for all tests that commit, emptied before each."""
    with datasets.database(databases) as engine:
        yield engine


@pytest.fixture
def films(shared_engine: Engine) -> Engine:
    """Three movies with IMDb ids, and nobody who has rated them."""
    datasets.empty(shared_engine)
    with shared_engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, source) VALUES"
                " (1, 'Alien', 'test'), (2, 'Aliens', 'test'), (3, 'Blade', 'test');"
                "INSERT INTO core.movie_key VALUES ('imdb', 'tt0078748', 1),"
                " ('imdb', 'tt0090605', 2), ('imdb', 'tt0120611', 3)"
            )
        )
    return shared_engine


def given(engine: Engine) -> list[tuple]:
    """Return what critics give, in half-stars."""
    return datasets.rows(
        engine, "SELECT movie_id, critic, half_stars FROM api.critic_rating ORDER BY 1, 2"
    )


# Scales ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"imdbRating": "8.7"}, [("IMDb", 9)]),
        ({"imdbRating": "8.4"}, [("IMDb", 8)]),
        ({"imdbRating": "8.5"}, [("IMDb", 9)]),
        ({"imdbRating": 7}, [("IMDb", 7)]),
        ({"imdbRating": "10"}, [("IMDb", 10)]),
        # no stars is no rating here: the lowest is half a star
        ({"imdbRating": "0.3"}, [("IMDb", 1)]),
        ({"Metascore": "3"}, [("Metacritic", 1)]),
        ({"Metascore": "73"}, [("Metacritic", 7)]),
        ({"Metascore": "75"}, [("Metacritic", 8)]),
        ({"Metascore": "100"}, [("Metacritic", 10)]),
        ({"Ratings": [{"Source": "Rotten Tomatoes", "Value": "88%"}]}, [("Rotten Tomatoes", 9)]),
        ({"imdbRating": "N/A", "Metascore": "NA", "Ratings": []}, []),
        ({"imdbRating": "", "Metascore": None}, []),
        ({}, []),
        # the list stands in for a field that is not there, and adds nothing to one that is
        (
            {"Metascore": "N/A", "imdbRating": "6.1", "Ratings": [
                {"Source": "Internet Movie Database", "Value": "9.9/10"},
                {"Source": "Metacritic", "Value": "55/100"},
                {"Source": "A blog", "Value": "1/2"}]},
            [("IMDb", 6), ("Metacritic", 6)],
        ),
    ],
)  # fmt: skip
def test_t3_scores_come_to_our_scale(said: dict[str, Any], wanted: list, tiny: Connection):
    """A tenth of the critic's scale is half a star; N/A is none."""
    found = tiny.execute(
        text("SELECT critic, half_stars, fault FROM api._critic_scores(CAST(:said AS jsonb))"),
        {"said": json.dumps(said)},
    ).all()
    assert [tuple(row) for row in found] == [(*one, None) for one in wanted]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"imdbRating": "87"}, "imdbRating is not a number from 0 to 10"),
        ({"imdbRating": "-1"}, "imdbRating is not a number from 0 to 10"),
        ({"imdbRating": "8,7"}, "imdbRating is not a number from 0 to 10"),
        ({"imdbRating": {"a": 1}}, "imdbRating is not a number from 0 to 10"),
        ({"Metascore": "101"}, "Metascore is not a number from 0 to 100"),
        (
            {"Ratings": [{"Source": "Rotten Tomatoes", "Value": "rotten"}]},
            "Ratings, Rotten Tomatoes is not a number from 0 to 100",
        ),
    ],
)
def test_t3_a_score_off_its_scale_is_none(said: dict[str, Any], fault: str, tiny: Connection):
    [row] = tiny.execute(
        text("SELECT half_stars, fault FROM api._critic_scores(CAST(:said AS jsonb))"),
        {"said": json.dumps(said)},
    ).all()
    assert tuple(row) == (None, fault)


# Loading --------------------------------------------------------------------------------------


def test_t3_critics_rate_the_movies_that_their_imdb_id_names(films: Engine, tmp_path: Path):
    file = lines(
        tmp_path,
        answer("tt0078748", "8.5", "89"),
        answer("tt0090605", "8.4"),
        answer("tt0120611"),
        answer("tt9999999", "7.0"),
    )
    report = omdb.load_omdb(films, file)
    assert given(films) == [(1, "IMDb", 9), (1, "Metacritic", 9), (2, "IMDb", 8)]
    assert datasets.rejects(films, "omdb") == [
        ("omdb.jsonl", 4, "no movie of the catalogue has this IMDb id")
    ]
    said = report.lines()
    assert [line.split(maxsplit=1) for line in said[1:7]] == [
        ["4", "read"], ["3", "landed"],
        ["1", "rejected: no movie of the catalogue has this IMDb id"],
        ["2", "scores of IMDb, from 0 to 10"], ["1", "scores of Metacritic, from 0 to 100"],
        ["1", "without a score"],
    ]  # fmt: skip
    assert datasets.rows(films, "SELECT DISTINCT kind, user_id < 0 FROM core.rater") == [
        ("critic", True)
    ]


def test_t3_a_second_load_changes_nothing_and_a_newer_answer_speaks(films: Engine, tmp_path: Path):
    """What one file says of other movies stays: answers may come in many files."""
    omdb.load_omdb(films, lines(tmp_path, answer("tt0078748", "8.5", "89")))
    before = datasets.state(films, runs=False)
    assert omdb.load_omdb(films, lines(tmp_path, answer("tt0078748", "8.5", "89"))).changed == 0
    assert datasets.state(films, runs=False) == before
    omdb.load_omdb(films, lines(tmp_path, answer("tt0090605", "8.4")))
    report = omdb.load_omdb(films, lines(tmp_path, answer("tt0078748", "7.9")))
    assert given(films) == [(1, "IMDb", 8), (2, "IMDb", 8)]
    [tally] = report.tables
    assert (tally["inserted"], tally["updated"], tally["deleted"]) == (0, 1, 1)


def test_t3_a_dry_run_and_too_many_rejects_change_nothing(films: Engine, tmp_path: Path):
    file = lines(tmp_path, answer("tt0078748", "8.5"), answer("tt0000007", "1"))
    before = datasets.state(films)
    assert omdb.load_omdb(films, file, dry_run=True).landed("omdb.jsonl") == 1
    with pytest.raises(BadInput, match="more than --max-rejects 0"):
        omdb.load_omdb(films, file, max_rejects=0)
    assert datasets.state(films) == before


@pytest.mark.parametrize(
    ("content", "landed", "reasons"),
    [
        # one JSON object a line, whatever is between them
        ('\n{A}\n\n{B}\r\n', 2, []),
        ("\ufeff{A}\n{B}", 2, []),
        ("[{A},{B}]", 2, []),
        ("[\n  {A},\n  {B}\n]\n", 2, []),
        ("{A}{B}", 2, []),
        ('{A}\n{"imdbID": "tt0078748", oops}\n{B}\n', 2,
         [(2, "not JSON: Expecting property name")]),
        ('[{A},{"imdbID": oops},{B}]', 2, [(1, "not JSON: Expecting value")]),
        ('{A}\n"text"\n7\n{B}', 2,
         [(2, "not an object with imdbID"), (3, "not an object with imdbID")]),
        ('{A}\n{"imdbID": "tt0120611", "imdbRating": NaN}\n{B}', 2, [(2, "not JSON: NaN")]),
        ('{A}\n{"imdbID": "tt0120611", "imdbRating": 1e999}\n{B}', 2,
         [(2, "a number out of range")]),
        ('{A}\n{"imdbID": "tt0120611", "imdbRating": "\\u0000"}\n{B}', 2, [(2, "a NUL byte")]),
        ('{A}\n{"imdbID": "tt0120611", "imdbRating": "\\ud800"}\n{B}', 2,
         [(2, "not UTF-8 text")]),
        ('{A}\n{"Response": "False", "Error": "Movie not found!"}', 1, [(2, "OMDb had no answer")]),
        ('{A}\n{"imdbID": "Alien", "imdbRating": "8"}', 1, [(2, "imdbID is not tt and a number")]),
        ('{A}\n{"imdbRating": "8"}', 1, [(2, "imdbID is not tt and a number")]),
        ("{A}\n{A}\n{B}", 2, [(1, "given again further down: the later record counts")]),
        ('{A}\n{"imdbID": "tt0120611", "imdbRating": "11"}', 1,
         [(2, "imdbRating is not a number from 0 to 10")]),
        ('imdbID,Title,imdbRating,Metacritic\ntt0078748,"Alien, the ""first""",8.5,89\n'
         'tt0090605,Aliens,8.4,NA\n', 2, []),
        ('imdbID,imdbRating\ntt0078748,8.5\ntt0090605\ntt0090605,8.4\n', 2,
         [(3, "1 cells where 2 belong")]),
    ],
)  # fmt: skip
def test_t3_files_as_they_come(
    content: str, landed: int, reasons: list, films: Engine, tmp_path: Path
):
    """JSON lines, arrays and tables; a broken record costs nobody else."""
    content = content.replace("{A}", json.dumps(answer("tt0078748", "8.5"))).replace(
        "{B}", json.dumps(answer("tt0090605", "8.4"))
    )
    (tmp_path / "answers").write_text(content, "utf-8", newline="")
    report = omdb.load_omdb(films, tmp_path / "answers")
    assert report.landed("answers") == landed
    found = datasets.rejects(films, "omdb")
    assert [line for _, line, _ in found] == [line for line, _ in reasons]
    for (_, _, reason), (_, wanted) in zip(found, reasons, strict=True):
        assert reason.startswith(wanted)
    assert [row for row in given(films) if row[1] == "IMDb"] == [
        (1, "IMDb", 9), (2, "IMDb", 8)
    ][:landed]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ('{"imdbID": "tt0078748", "imdbRat', "breaks off in the middle of the record on line 1"),
        ('[{"imdbID": "tt0078748", "imdbRating": "8"},\n', "its array is never closed"),
        ("title,stars\nAlien,5\n", "holds no answers of OMDb"),
        ('{"a": 1}', "nothing in answers could be used"),
    ],
)
def test_t3_files_that_cannot_be_used_change_nothing(
    content: str, said: str, films: Engine, tmp_path: Path
):
    (tmp_path / "answers").write_text(content, "utf-8")
    before = datasets.state(films)
    with pytest.raises(BadInput, match=said):
        omdb.load_omdb(films, tmp_path / "answers")
    assert datasets.state(films) == before
    for missing in (tmp_path, tmp_path / "none", tmp_path / "no" / "ne"):
        with pytest.raises(BadInput):
            omdb.load_omdb(films, missing)


def test_t3_a_long_array_on_one_line_is_read_in_little_memory():
    """Whatever the size of the pieces that a file comes in, the records are the same."""
    wanted = [json.dumps({"imdbID": f"tt{n:07}", "imdbRating": "7.5"}) for n in range(5000)]

    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 1000))

    for stream in (io.BytesIO, Dripping):
        found = list(omdb.read_json(stream(f"[{','.join(wanted)}]".encode())))
        assert found == [Record(1, [one]) for one in wanted]
    broken = list(omdb.read_json(Dripping(("[{" + "x" * 5000 + "},{}]").encode())))
    assert [type(item) for item in broken] == [Reject, Record]


# Never a person -------------------------------------------------------------------------------


def test_t3_critics_are_never_fans_and_never_counted(tiny: Connection):
    """Five stars by every critic change no statistics and no list."""

    def face() -> list[Any]:
        return [
            tiny.execute(text(f"SELECT * FROM {asked}")).all()
            for asked in (
                "api.also_liked(1)", "api.also_liked(4)", "api.movie_card ORDER BY movie_id",
                "api.about",
                "derived.movie_stats WHERE raters > 0 ORDER BY movie_id",
                "api.home_header(7)", "api.kept_counts() WHERE rows_wrong > 0",
            )
        ]  # fmt: skip

    before = face()
    tiny.execute(
        text(
            "SELECT * FROM api.rate_by_critics(ARRAY[1, 3, 4, 6],"
            " array_fill(CAST(:said AS jsonb), ARRAY[4]))"
        ),
        {"said": '{"imdbRating": "10", "Metascore": "100"}'},
    )
    assert tiny.scalar(text("SELECT count(*) FROM api.critic_rating")) == 2 + 8
    assert face() == before


def test_t3_the_critics_of_a_movie_taken_together(tiny: Connection):
    """With no person there is something to predict by: 4.5 and 3.0 are 3.75."""
    assert tiny.execute(text("SELECT * FROM api.critic_stars(6)")).all() == []
    stored = tiny.execute(
        text("SELECT * FROM api.rate_by_critics('{6}', ARRAY[CAST(:said AS jsonb)])"),
        {"said": json.dumps(answer("tt0211915", "8.6", "60"))},
    ).one()
    assert tuple(stored) == (2, 0, 0, 0)
    [row] = tiny.execute(text("SELECT * FROM api.critic_stars(6)")).all()
    assert tuple(row) == (6, 2, 15, 3.75)


def test_t3_with_only_critics_there_are_predictions(films: Engine, tmp_path: Path):
    """Nobody has rated anything: recommendations, predictions and suggestions are the critics'."""
    omdb.load_omdb(films, lines(
        tmp_path, answer("tt0078748", "8.5", "89"), answer("tt0090605", "8.4"),
        answer("tt0120611", "6.0"),
    ))  # fmt: skip
    with films.begin() as conn:
        conn.execute(text("INSERT INTO core.rater VALUES (7, 'account', 'test', 'new')"))
    recommended = datasets.rows(
        films,
        "SELECT rank, movie_id, predicted_stars, model, mean_stars, reason FROM api.recommend(7)",
    )
    assert [row[:5] for row in recommended] == [
        (1, ALIEN, 4.5, "popular", None), (2, ALIENS, 4, "popular", None)
    ]  # fmt: skip
    assert recommended[0][5] == "popular: liked by 2 of 2 critics; you have rated nothing yet"
    predicted = "SELECT predicted_stars, model, reason FROM api.predict_rating(7, :movie)"
    assert datasets.rows(films, predicted, movie=ALIEN) == [
        (4.5, "critics", "no person has rated it yet; from 2 critics")
    ]
    assert datasets.rows(films, predicted, movie=BLADE) == [
        (3, "critics", "no person has rated it yet; from 1 critic")
    ]
    assert suggest(films, active_days=0).suggestions == 2
    assert [row[:5] for row in datasets.rows(
        films,
        "SELECT rank, movie_id, predicted_stars, model, mean_stars FROM api.suggestions(7)",
    )] == [row[:5] for row in recommended]  # fmt: skip
    with films.begin() as conn:
        conn.execute(text("SELECT api.rate(7, 3, 4)"))
    best = "SELECT movie_id, score FROM api.recommend({})"
    assert datasets.rows(films, best.format(7)) == [(ALIEN, 0), (ALIENS, 0)]
    # what people like goes before, for somebody else
    assert datasets.rows(films, best.format(8)) == [(BLADE, 1), (ALIEN, 0), (ALIENS, 0)]
    assert datasets.rows(films, best.format("8, 1, 1")) == [(ALIEN, 0)]
    assert datasets.rows(films, predicted, movie=ALIEN)[0][1] == "critics"
    assert datasets.rows(films, "SELECT predicted_stars FROM api.predict_rating(8, 3)") == [
        (datasets.one(films, "SELECT round(api._damped_stars(8, 1), 2)"),)
    ]


def test_t5_one_answer_can_be_stored_again_and_taken_back(tiny: Connection):
    def store(said: dict[str, Any]) -> tuple:
        asked = text("SELECT * FROM api.rate_by_critics('{6}', ARRAY[CAST(:said AS jsonb)])")
        return tuple(tiny.execute(asked, {"said": json.dumps(said)}).one())

    assert store({"imdbRating": "8.6", "Metascore": "60"}) == (2, 0, 0, 0)
    assert store({"imdbRating": "8.6", "Metascore": "70"}) == (0, 1, 0, 1)
    assert store({"imdbRating": "N/A"}) == (0, 0, 2, 0)
    with pytest.raises(Exception, match="movie_stats_movie_id_fkey"):
        tiny.execute(
            text("SELECT * FROM api.rate_by_critics('{99}', ARRAY[CAST(:said AS jsonb)])"),
            {"said": '{"imdbRating": "8"}'},
        )


def test_t3_from_the_command_line(films: Engine, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(films.url))
    run: Callable[..., Any] = lambda *args: CliRunner().invoke(cli, [*map(str, args)])  # noqa: E731
    file = lines(tmp_path, answer("tt0078748", "8.5", "89"))
    ran = run("load", "omdb", file)
    assert ran.exit_code == 0, ran.stderr
    assert "core.rating: 2 inserted" in ran.stdout
    assert json.loads(run("load", "omdb", file, "--json").stdout)["source"] == "omdb"
    assert run("load", "remove", "omdb", "--yes").exit_code == 0
    assert given(films) == []
    assert run("verify").exit_code == 0
    missing = run("load", "omdb", tmp_path / "none.json")
    assert (missing.exit_code, missing.stdout) == (1, "")
    with db.begin(films) as conn:
        assert conn.scalar(text("SELECT count(*) FROM core.rating")) == 0
