"""Generated data: the shape of the real, the same bytes from the same seed, whole or not at all."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from recsql.cli import cli
from recsql.errors import BadInput, RecsqlError
from recsql.ingest import generate as generating
from recsql.ingest.generate import Size, generate
from tests.support import environment, libpq_url

SMALL = Size(users=300, movies=400, ratings=20_000, seed=7)
FILES = ["generated.json", "keywords.csv", "links.csv", "movies_metadata.csv", "ratings.csv"]


@dataclass
class Data:
    """What was generated, as its files say it."""

    size: Size
    report: dict[str, Any]
    users: np.ndarray
    movielens_ids: np.ndarray
    half_stars: np.ndarray
    times: np.ndarray
    movies: list[dict[str, str]]
    keywords: dict[str, list[str]]
    links: dict[int, str]

    def by_movie(self, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Count ratings of each movie in links."""
        places = np.searchsorted(sorted(self.links), self.movielens_ids[chosen])
        return np.bincount(places, minlength=self.size.movies)

    def column(self, name: str, key: str) -> list[list[str]]:
        """Return a list column, item by item."""
        return [[item[key] for item in ast.literal_eval(movie[name])] for movie in self.movies]


def read(folder: Path, size: Size, report: dict[str, Any]) -> Data:
    """Read the files with what Python has, not with our loader."""
    raw = np.loadtxt(folder / "ratings.csv", delimiter=",", skiprows=1, ndmin=2)
    with (folder / "movies_metadata.csv").open(encoding="utf-8", newline="") as file:
        movies = list(csv.DictReader(file))
    with (folder / "keywords.csv").open(encoding="utf-8", newline="") as file:
        keywords = {
            row["id"]: [item["name"] for item in ast.literal_eval(row["keywords"])]
            for row in csv.DictReader(file)
        }
    with (folder / "links.csv").open(encoding="utf-8", newline="") as file:
        links = {int(row["movieId"]): row["tmdbId"] for row in csv.DictReader(file)}
    users, ids, stars, times = raw.T
    return Data(
        size, report, users.astype(int), ids.astype(int), (stars * 2).astype(int),
        times.astype(int), movies, keywords, links,
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A data set of a hundredth of the full size, as many ratings a user as there."""
    folder = tmp_path_factory.mktemp("generated") / "data"
    size = Size(users=2000, movies=4000, ratings=380_000, seed=1)
    return read(folder, size, generate(size, folder))


def digest(folder: Path) -> dict[str, str]:
    """Return the fingerprints of all files of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


# Ratings --------------------------------------------------------------------------------------


def test_there_are_exactly_as_many_as_asked_for(data: Data):
    assert len(data.users) == data.size.ratings
    assert set(data.users) == set(range(1, data.size.users + 1))
    assert data.report["ratings"] == data.size.ratings
    assert [file["name"] for file in data.report["files"]] == FILES


def test_each_pair_is_there_once_and_in_order(data: Data):
    assert (np.diff(data.users << 32 | data.movielens_ids) > 0).all()


def test_activity_is_as_skewed_as_it_should_be(data: Data):
    activity = np.bincount(data.users)[1:]
    assert activity.mean() == 190
    assert (activity**2.0).mean() == pytest.approx(91_000, rel=0.1)
    # lognormal: the logarithm leans to no side
    logarithm = np.log(activity)
    assert np.mean(logarithm) == pytest.approx(np.median(logarithm), abs=0.05)


def test_popularity_is_as_skewed_as_it_should_be(data: Data):
    """At full size these shares are 96,000 ratings, and 42,000 fans."""
    ratings, fans = data.by_movie(), data.by_movie(data.half_stars == 10)
    top = ratings.argmax()
    assert ratings[top] / data.size.users == pytest.approx(0.48, abs=0.03)
    assert fans[top] / ratings[top] == pytest.approx(0.4375, abs=0.03)
    assert fans.argmax() == top
    assert 5 <= np.median(fans) <= 11
    ranked = np.sort(ratings)[::-1] / len(data.users)
    assert ranked[:40].sum() > 0.05
    assert ranked[:400].sum() > 0.3
    assert ranked[2000:].sum() < 0.2


def test_popularity_at_full_size():
    """Known before the first rating is drawn: the plan of 38 million."""
    random = np.random.default_rng(0)
    size = Size(200_000, 77_000, 38_000_000, 1)
    activity = generating._activity(random, size, 38_500)
    assert activity.sum() == 38_000_000
    assert (activity**2.0).mean() == pytest.approx(91_000, rel=0.01)
    weight, spread = generating._popularity(77_000, activity)
    assert 1.4 < spread < 1.8
    # the most popular saturate, so others get more than their weight: 128 as measured
    assert 38_000_000 * np.median(weight) == pytest.approx(128, rel=0.2)


def test_stars_come_in_the_shares_of_real_ones(data: Data):
    counts = np.bincount(data.half_stars, minlength=11)[1:]
    shares = 100 * counts / counts.sum()
    assert shares == pytest.approx(generating.STARS_SHARES, abs=0.6)
    assert data.half_stars.mean() / 2 == pytest.approx(3.5, abs=0.05)
    assert counts.argmax() + 1 == 8  # 4.0
    assert shares[9] == pytest.approx(14, abs=0.6)


def test_times_are_in_sittings_over_twenty_years(data: Data):
    years = (data.times.max() - data.times.min()) / (365.25 * 86_400)
    assert 19.5 < years <= 20
    order = np.lexsort((data.times, data.users))
    gap = np.diff(data.times[order])[np.diff(data.users[order]) == 0]
    assert np.median(gap) < 60
    assert (gap < 1800).mean() > 0.9
    later = np.unique(data.users[order][1:][np.diff(data.users[order]) == 0][gap > 86_400])
    assert 0.5 < len(later) / data.size.users < 0.95


def test_nothing_is_rated_before_its_release(data: Data):
    release = {
        movie["id"]: np.datetime64(movie["release_date"], "s").astype(int) for movie in data.movies
    }
    by_id = {number: release[tmdb] for number, tmdb in data.links.items()}
    numbers = np.array(sorted(by_id))
    released = np.array([by_id[number] for number in numbers])
    assert (data.times >= released[np.searchsorted(numbers, data.movielens_ids)]).all()


def test_tastes_show_in_what_people_rate_and_in_their_stars(data: Data):
    """Genres agree with taste a little: raters differ in them by more than chance would."""
    genres = dict(zip((m["id"] for m in data.movies), data.column("genres", "name"), strict=True))
    numbers = np.array(sorted(data.links))
    for name in ("Thriller", "Action", "Drama"):
        of_it = np.array([name in genres[data.links[number]] for number in numbers])
        rated = of_it[np.searchsorted(numbers, data.movielens_ids)]
        activity = np.bincount(data.users)[1:]
        avid = activity > 100
        share = np.bincount(data.users, weights=rated)[1:][avid] / activity[avid]
        by_chance = (share.mean() * (1 - share.mean()) / activity[avid]).mean()
        assert share.var() > 1.25 * by_chance

    # and a movie that one rates high, somebody of the same taste rates high as well
    taste = np.bincount(data.users, weights=rated)[1:] / activity
    mean = np.bincount(data.users, weights=data.half_stars)[1:] / activity
    above = data.half_stars - mean[data.users - 1]
    likes = taste[data.users - 1] > np.quantile(taste, 0.8)
    shuns = taste[data.users - 1] < np.quantile(taste, 0.2)
    assert above[rated & likes].mean() > above[rated & shuns].mean() + 0.1


# Catalogue ------------------------------------------------------------------------------------


def test_features_are_as_many_and_as_common_as_in_the_real_one(data: Data):
    genres, countries = data.column("genres", "name"), data.column("production_countries", "name")
    companies = data.column("production_companies", "name")
    keywords = [data.keywords[movie["id"]] for movie in data.movies]
    features = [
        1 + sum(map(len, lists))
        for lists in zip(genres, countries, companies, keywords, strict=True)
    ]
    assert min(features) >= 10
    assert max(features) <= 40
    # 1.5 million of 77,000 movies
    assert np.mean(features) == pytest.approx(1_500_000 / 77_000, rel=0.03)
    assert {len(listed) for listed in genres} <= {1, 2, 3, 4}

    def share(lists: list[list[str]], name: str) -> float:
        return sum(name in listed for listed in lists) / len(lists)

    assert len({name for listed in genres for name in listed}) == 20
    for name, (_, percent) in generating.GENRES.items():
        assert 100 * share(genres, name) == pytest.approx(percent, abs=1)
    assert share([[m["original_language"]] for m in data.movies], "en") == pytest.approx(
        0.71, abs=0.01
    )
    assert share(countries, "United States of America") == pytest.approx(0.47, abs=0.03)

    for lists, kinds in ((keywords, 2180), (companies, 2720)):
        assert all(len(set(listed)) == len(listed) for listed in lists)
        df = np.array(sorted(Counter(name for listed in lists for name in listed).values()))
        assert len(df) == pytest.approx(kinds, rel=0.1)
        assert (df <= 10).mean() > 0.5
        # the most common hundredth has a tenth of all at least
        assert df[-len(df) // 100 :].sum() > 0.1 * df.sum()


def test_the_catalogue_is_laid_out_as_the_real_one(data: Data):
    from recsql.ingest.load import METADATA_COLUMNS

    assert list(data.movies[0]) == METADATA_COLUMNS
    assert len({movie["id"] for movie in data.movies}) == data.size.movies
    assert len({movie["imdb_id"] for movie in data.movies}) == data.size.movies
    assert set(data.links.values()) == {movie["id"] for movie in data.movies}
    assert list(data.links) == sorted(data.links)
    # MovieLens ids taken for TMDB ids match nothing
    assert {str(number) for number in data.links}.isdisjoint(data.links.values())
    for movie in data.movies:
        assert movie["title"]
        assert not movie["overview"] or movie["overview"].count("\n") == 0
        assert "1905" < movie["release_date"] < "2023"
    said = sum(bool(movie["overview"]) for movie in data.movies)
    assert 0.8 < said / data.size.movies < 1
    collections = [m["belongs_to_collection"] for m in data.movies if m["belongs_to_collection"]]
    assert 0.05 < len(collections) / data.size.movies < 0.12
    assert all(ast.literal_eval(one)["name"].endswith(" Collection") for one in collections)


def test_no_two_made_up_names_are_the_same():
    """The loader knows keywords and companies by name: two of one name would be one."""
    for name in (generating._word, generating._keyword, generating._company):
        assert len({name(number).lower() for number in range(60_000)}) == 60_000


# Seeds and sizes ------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """And so does another number of processes; another seed does not."""
    monkeypatch.setattr(generating, "CHUNK", 3000)  # seven chunks
    generate(SMALL, tmp_path / "alone", workers=1)
    generate(SMALL, tmp_path / "shared", workers=2)
    assert digest(tmp_path / "alone") == digest(tmp_path / "shared")
    generate(Size(300, 400, 20_000, seed=8), tmp_path / "other", workers=1)
    same = digest(tmp_path / "alone").items() & digest(tmp_path / "other").items()
    assert same == set()


@pytest.mark.parametrize(
    ("users", "movies", "ratings"),
    [(1, 4, 1), (4, 4, 4), (1, 400, 100), (50, 8, 100), (3, 1000, 750), (2000, 4, 2000),
     (2000, 5, 2500), (7, 1000, 7), (40, 300, 3000)],
)  # fmt: skip
def test_small_and_crowded_sizes(users: int, movies: int, ratings: int, tmp_path: Path):
    """Up to a quarter of all pairs, where drawing until something new comes would not end."""
    size = Size(users, movies, ratings, 0)
    found = read(tmp_path / "data", size, generate(size, tmp_path / "data"))
    assert len(found.users) == ratings
    assert set(found.users) == set(range(1, users + 1))
    assert len(set(zip(found.users, found.movielens_ids, strict=True))) == ratings
    assert len(found.movies) == movies
    assert set(found.half_stars) <= set(range(1, 11))


def test_urns_favour_what_weighs_more_and_hold_to_what_is_known():
    urns = generating.Urns(np.array([[4.0, 1.0, 1.0, 0.0, 2.0], [0.0, 0.0, 1.0, 1.0, 0.0]]))
    random = np.random.default_rng(3)
    count = 20_000
    alone = np.tile([1.0, 0.0], (count, 1))
    _, columns = urns.draw(random, np.full(count, 1), alone)
    assert np.bincount(columns, minlength=5) / count == pytest.approx(
        [0.5, 0.125, 0.125, 0, 0.25], abs=0.02
    )
    # all four that have a weight, however seldom the last of them comes
    rows, columns = urns.draw(random, np.full(count, 4), alone)
    assert (columns.reshape(count, 4) == [0, 1, 2, 4]).all()
    assert (rows == np.arange(count).repeat(4)).all()
    # the first is known from 10 only
    known_from = np.array([10, 0, 0, 0, 0])
    until = np.arange(count) % 2 * 10
    rows, columns = urns.draw(random, np.full(count, 2), alone, known_from, until)
    assert set(rows[columns == 0] % 2) == {1}


def test_a_race_has_the_outcome_of_drawing_without_putting_back():
    """What few rows end with, where all that is wanted is hard to come by."""
    weights = np.array([[1.0, 1e-7, 2e-7]])
    random = np.random.default_rng(5)
    _, columns = generating.Urns(weights).draw(random, np.full(3000, 2), np.ones((3000, 1)))
    second = columns.reshape(3000, 2)[:, 1]
    assert (second == 2).mean() == pytest.approx(2 / 3, abs=0.04)


# Whole or not at all --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"users": 0}, "--users 0 is not above zero"),
        ({"movies": -5}, "--movies -5 is not above zero"),
        ({"ratings": 0}, "--ratings 0 is not above zero"),
        ({"seed": -1}, "--seed -1 is below zero"),
        ({"ratings": 30_001}, "too few for 30001 ratings"),
        ({"ratings": 299}, "299 ratings are too few for 300 users"),
        ({"users": 10**9, "ratings": 10**9}, "more than this makes"),
        ({"movies": 10**9}, "more than this makes"),
    ],
)
def test_sizes_that_cannot_be(wrong: dict[str, int], said: str, tmp_path: Path):
    with pytest.raises(BadInput, match=said) as caught:
        generate(Size(**{**SMALL.__dict__, **wrong}), tmp_path / "data")
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_quarter_of_all_pairs_is_still_possible():
    Size(300, 400, 30_000, 1).check()


def test_nothing_is_overwritten(tmp_path: Path):
    kept = tmp_path / "kept" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    for there in (kept.parent, kept):
        with pytest.raises(BadInput, match="is there already") as caught:
            generate(SMALL, there)
        assert caught.value.hint
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    assert kept.read_text() == "mine"


def test_an_empty_folder_is_filled_and_a_missing_one_made(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "deep" / "down"):
        generate(SMALL, folder)
        assert sorted(path.name for path in folder.iterdir()) == FILES
        # others may read it, as any folder that one makes
        made = tmp_path / "as any"
        made.mkdir()
        assert folder.stat().st_mode == made.stat().st_mode
        made.rmdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty"]


def test_a_folder_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written") as caught:
        generate(SMALL, tmp_path / "file" / "data")
    assert caught.value.hint


def test_a_disk_that_is_too_small_is_told_beforehand(tmp_path: Path):
    began = time.monotonic()
    with pytest.raises(BadInput, match=r"GB left, [\d.]+ GB or so are needed") as caught:
        generate(Size(20_000_000, 2_000_000, 10**13, 1), tmp_path / "data")
    assert caught.value.hint
    assert time.monotonic() - began < 5, "so many ratings take hours"
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(generating, "CHUNK", 3000)

    def interrupt(file: str, rows: int) -> None:
        if file == "ratings.csv" and rows:
            assert list(tmp_path.glob(".data-*/ratings.csv"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(SMALL, tmp_path / "data", workers=2, progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_an_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(generating, "CHUNK", 1000)

    def kill(file: str, rows: int) -> None:
        if file == "ratings.csv" and rows:
            for process in multiprocessing.active_children():
                process.kill()
                process.join()

    with pytest.raises(RecsqlError, match="ended before it was done") as caught:
        generate(SMALL, tmp_path / "data", workers=2, progress=kill)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found in /proc")
def test_no_process_outlives_one_that_is_killed(tmp_path: Path):
    script = (
        "import time; from pathlib import Path\n"
        "from recsql.ingest import generate as g\n"
        "def wait(file, rows):\n"
        "    if rows:\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    g.CHUNK = 3000\n"
        "    g.generate(g.Size(300, 400, 20_000, 7), Path('data'), workers=2, progress=wait)\n"
    )
    (tmp_path / "made.py").write_text(script)
    with subprocess.Popen(
        [sys.executable, "made.py"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) >= 2
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(_lives(int(child)) for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        # a zombie waits for its parent alone
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# The command ----------------------------------------------------------------------------------

Run = Callable[..., Result]
SIZES = ["--users", "300", "--movies", "400", "--ratings", "20000", "--seed", "7"]


@pytest.fixture
def run(empty_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on an empty database."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(empty_engine.url))
    return lambda *args: CliRunner().invoke(cli, ["generate", *SIZES, *map(str, args)])


def test_writing_is_all_it_does_where_a_folder_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It needs no database, and shows no progress where nobody looks."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    out = tmp_path / "data"
    result = CliRunner().invoke(cli, ["generate", *SIZES, "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    report = json.loads(result.stdout)
    assert report["seconds"] > 0
    assert {key: report[key] for key in ("users", "movies", "ratings", "path")} == {
        "users": 300, "movies": 400, "ratings": 20_000, "path": str(out),
    }  # fmt: skip
    assert report["files"] == [
        {"name": name, "bytes": (out / name).stat().st_size} for name in FILES
    ]
    assert report["bytes"] == sum(file["bytes"] for file in report["files"])


def test_the_ordinary_loader_takes_all_of_it(run: Run, empty_engine: Engine, tmp_path: Path):
    out = tmp_path / "data"
    result = run("--out", out, "--load", "--json")
    assert result.exit_code == 0, result.output
    loaded = json.loads(result.stdout)["load"]
    outcomes = {(row["file"], row["outcome"]): row["rows"] for row in loaded["files"]}
    assert outcomes[("ratings.csv", "landed")] == 20_000
    assert outcomes[("movies_metadata.csv", "landed")] == 400
    assert [row for row in loaded["files"] if row["outcome"] == "rejected"] == []
    # under a name of its own, which no data set of people's ratings has
    assert loaded["source"] == "generated"

    found = read(out, SMALL, {})
    by_user = np.bincount(found.users)[1:]
    features = sum(
        len(listed)
        for name, key in (
            ("genres", "name"), ("production_companies", "name"),
            ("production_countries", "iso_3166_1"),
        )
        for listed in found.column(name, key)
    )  # fmt: skip
    features += 400 + sum(map(len, found.keywords.values()))
    with empty_engine.connect() as conn:

        def scalar(statement: str) -> Any:
            return conn.scalar(text(statement))

        assert scalar("SELECT count(*) FROM core.rating") == 20_000
        assert scalar("SELECT sum(half_stars) FROM core.rating") == found.half_stars.sum()
        assert scalar("SELECT count(*) FROM core.movie_feature") == features
        assert scalar("SELECT count(*) FROM core.load_reject") == 0
        for table in ("movie", "rater", "load_run"):
            assert scalar(f"SELECT array_agg(DISTINCT source) FROM core.{table}") == ["generated"]
        assert conn.execute(
            text(
                "SELECT rater.source_key::integer, count(*) FROM core.rating"
                " JOIN core.rater USING (user_id) GROUP BY 1 ORDER BY 1"
            )
        ).all() == list(enumerate(by_user.tolist(), 1))
        # ratings are where links.csv says
        counted = conn.execute(text("SELECT movie_id, count(*) FROM core.rating GROUP BY 1"))
        assert {row[0]: row[1] for row in counted} == Counter(
            int(found.links[number]) for number in found.movielens_ids.tolist()
        )


def test_without_a_folder_it_loads_and_keeps_none(
    run: Run, empty_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = run()
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("20,000 ratings of 400 movies by 300 users made in ")
    assert "core.rating: 20,000 inserted" in result.stdout
    assert list(tmp_path.iterdir()) == []

    # what is there is not replaced unasked
    again = run("--seed", "8")
    assert again.exit_code == 1
    assert "would be replaced" in again.stderr
    assert "--yes" in again.stderr.partition("Hint: ")[2]
    assert list(tmp_path.iterdir()) == []
    asked = run("--seed", "8", "--yes")
    assert asked.exit_code == 0, asked.output
    with empty_engine.connect() as conn:
        assert conn.scalar(text("SELECT count(*) FROM core.rating")) == 20_000
    assert list(tmp_path.iterdir()) == []


def test_bad_sizes_are_told_before_the_database_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = CliRunner().invoke(cli, ["generate", "--users", "-1"])
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: \S[^\n]*\nHint: \S[^\n]*\n", result.stderr)


def test_help_starts_without_numpy():
    """Whoever asks for something else does not wait for it."""
    code = "import sys, recsql.cli.generate; print('numpy' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ), capture_output=True, text=True
    )
    assert said.stdout == "False\n", said.stderr
