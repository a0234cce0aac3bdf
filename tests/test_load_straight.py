"""L1, S5: a plain file of ratings goes straight to its table, and lands as by way of staging."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from recsql.ingest import load, straight
from tests import datasets
from tests.conftest import Databases
from tests.datasets import film

HEAD = b"userId,movieId,rating,timestamp\n"
# 1 to 9 are movies; 10 is in links alone, and 11 nowhere.
KNOWN = range(1, 10)


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for all files, emptied before each load."""
    with datasets.database(databases) as engine:
        yield engine


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def some(count: int) -> bytes:
    """Return ratings by raters in order, over many pieces."""
    chance = random.Random(1)
    rows = []
    for user in range(1, count):
        for movie in chance.sample(range(1, 12), 5):
            stars = chance.choice(["0.5", "3", "3.0", "4.5", "5.0"])
            rows.append(f"{user},{movie},{stars},{chance.choice(['', '0', '978300760'])}")
    return lines(*rows)


GOOD = lines("1,1,4.5,978300760", "1,2,4,978300761", "2,1,0.5,978300762", "9,9,5.0,1")
# name: the file behind its header, and whether it is plain
FILES = {
    "as it should be": (GOOD, True),
    "CRLF": (GOOD.replace(b"\n", b"\r\n"), True),
    "CRLF, no final newline": (GOOD.replace(b"\n", b"\r\n").rstrip(), True),
    "no final newline": (GOOD.rstrip(), True),
    "ends with CR": (GOOD.rstrip() + b"\r", False),
    "CRLF among LF": (GOOD + b"10,1,4.5,3\r\n", False),
    "time 0, and none": (GOOD + lines("10,1,1.0,0", "10,2,1,", "10,3,1,000", "10,4,2,5"), True),
    "unknown movies": (GOOD + lines("10,10,1,5", "11,1,1,5", "11,11,1,5", "11,99999999,1,5"), True),
    "a rater of unknown movies alone": (lines("5,11,1,5", "5,10,1,5") + GOOD[-10:], True),
    "faulty ratings": (
        GOOD + lines("10,1,0,5", "10,2,5.5,5", "10,3,4.7,5", "10,4,3,4102444801", "0,1,3,5",
                     "10,0,3,5", "10,1,3,4102444800"), True,
    ),
    "a movie of faulty ratings alone": (GOOD + lines("10,7,9.0,5"), True),
    "leading zeros": (GOOD + lines("010,01,3,005"), True),
    "keys of nine digits": (GOOD + lines("100000000,1,3,5"), False),
    "a time of sixteen digits": (GOOD + lines("10,1,3,0000000000000005"), True),
    "a time of seventeen digits": (GOOD + lines("10,1,3,00000000000000005"), False),
    "stars of two places": (GOOD + lines("10,1,3.50,5"), False),
    "stars that end with a dot": (GOOD + lines("10,1,3.,5"), False),
    "stars that begin with a dot": (GOOD + lines("10,1,.5,5"), False),
    "dots elsewhere": (GOOD + lines("10,1,3.5,5.0"), False),
    "a dot in place of a comma": (GOOD + lines("10.1,3,3.5,5"), False),
    "quotes": (GOOD + lines('"10",1,3.5,5'), False),
    "letters": (GOOD + lines("Ann,1,3.5,5"), False),
    "a slash": (GOOD + lines("10,1,3/5,5"), False),
    "an empty line": (GOOD + lines("", "10,1,3,5"), False),
    "a short line": (GOOD + lines("10,1,3"), False),
    "a long line": (GOOD + lines("10,1,3,5,"), False),
    "empty cells": (GOOD + lines(",1,3,5"), False),
    "rated twice": (GOOD + lines("9,9,1.0,2", "10,1,3,5"), False),
    "raters out of order": (GOOD + lines("3,1,3,5"), False),
    "many raters": (some(60), True),
}  # fmt: skip


def landed(engine: Engine, folder: Path, *, by_staging: bool, kaggle: bool) -> dict[str, object]:
    """Load a folder into an emptied database, and return all that the load left there."""
    datasets.empty(engine)
    with engine.begin() as conn:
        conn.execute(text("ALTER SEQUENCE core.person_rater_id RESTART"))
        conn.execute(text("ALTER SEQUENCE core.local_id RESTART"))
    how = load.load_kaggle if kaggle else load.load_movielens
    report = how(engine, folder, by_staging=by_staging)
    with engine.connect() as conn:
        assert datasets.stale(conn) == {}
    found: dict[str, object] = {
        table: datasets.rows(engine, f"SELECT * FROM {table} AS it ORDER BY it::text")
        for table in ("core.rater", "core.rating", "core.movie_key", "derived.movie_stats")
    }
    return found | {
        "rejects": datasets.rows(
            engine, "SELECT file, line, reason, record FROM core.load_reject ORDER BY 1, 2, 3, 4"
        ),
        "report": report.as_dict(),
        "next rater": datasets.one(engine, "SELECT nextval('core.person_rater_id')"),
        "triggers that are off": datasets.rows(
            engine, "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'"
        ),
    }


def write(folder: Path, ratings: bytes, *, kaggle: bool) -> None:
    if kaggle:
        links = [(n, f"{n:07}", 100 + n) for n in range(1, 11)]
        datasets.kaggle(folder, [film(100 + n, f"Film {n}") for n in KNOWN], links=links)
    else:
        movies = [(n, f"Film {n} (2000)", "Drama") for n in KNOWN]
        datasets.movielens(folder, movies, ratings=())
    (folder / "ratings.csv").write_bytes(ratings)


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Read a line or two at once, and return the files of ratings that come to staging."""
    monkeypatch.setattr(straight, "PIECE", 64)
    files: list[str] = []
    way = load._Load._ratings_to_staging

    def told(self: load._Load, source: object, file: str, layout: object) -> None:
        files.append(file)
        way(self, source, file, layout)  # type: ignore[arg-type]

    monkeypatch.setattr(load._Load, "_ratings_to_staging", told)
    return files


@pytest.mark.parametrize("name", FILES)
def test_both_ways_leave_the_same(
    shared_engine: Engine, tmp_path: Path, staged: list[str], name: str
) -> None:
    """L1, S5: rows, ids of raters, rejects with their lines, and the report."""
    ratings, plain = FILES[name]
    kaggle = len(name) % 2 == 0
    bom = b"\xef\xbb\xbf" if kaggle else b""
    write(tmp_path, bom + HEAD + ratings, kaggle=kaggle)
    found = landed(shared_engine, tmp_path, by_staging=False, kaggle=kaggle)
    assert bool(staged) is not plain
    wanted = landed(shared_engine, tmp_path, by_staging=True, kaggle=kaggle)
    if not plain:
        # ids that were taken before the file proved not to be plain are not given again
        for state in (found, wanted):
            keys = {user_id: key for user_id, _, _, key in state["core.rater"]}  # type: ignore[attr-defined]
            state["core.rating"] = {(at, keys[u], *rest) for at, u, *rest in state["core.rating"]}  # type: ignore[attr-defined]
            state["core.rater"] = set(keys.values())
            del state["next rater"]
    assert found == wanted


@pytest.mark.parametrize("name", ["many raters", "rated twice"])
def test_beside_the_ratings_of_others(
    shared_engine: Engine, tmp_path: Path, staged: list[str], name: str
) -> None:
    """L1: as well where another data set is there; its ratings stay."""
    write(tmp_path / "kaggle", HEAD + GOOD, kaggle=True)
    landed(shared_engine, tmp_path / "kaggle", by_staging=False, kaggle=True)
    ratings, plain = FILES[name]
    (tmp_path / "ml").mkdir()
    write(tmp_path / "ml", HEAD + ratings, kaggle=False)
    report = load.load_movielens(shared_engine, tmp_path / "ml")
    assert bool(staged) is not plain
    counts = (
        "SELECT source, count(*)::int FROM core.rating JOIN core.rater USING (user_id) GROUP BY 1"
    )
    assert dict(datasets.rows(shared_engine, counts)) == {
        "kaggle": GOOD.count(b"\n"),
        "movielens": report.landed("ratings.csv"),
    }
    with shared_engine.connect() as conn:
        assert datasets.stale(conn) == {}
    # and once more, when there is something to merge with
    staged.clear()
    load.load_movielens(shared_engine, tmp_path / "ml")
    assert staged


def test_pages_are_all_visible_at_once(
    shared_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, staged: list[str]
) -> None:
    """N2: index-only scans need no VACUUM, which would write every page once more."""
    monkeypatch.setattr(load, "_vacuum", lambda _engine: None)
    write(tmp_path, HEAD + some(400), kaggle=False)
    landed(shared_engine, tmp_path, by_staging=False, kaggle=False)
    assert not staged
    with shared_engine.begin() as conn:
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        plan = conn.scalar(
            text(
                "EXPLAIN (ANALYZE, FORMAT json) SELECT user_id, movie_id, half_stars"
                " FROM core.rating WHERE user_id BETWEEN 1 AND 300"
            )
        )
    assert plan[0]["Plan"]["Node Type"] == "Index Only Scan"
    assert plan[0]["Plan"]["Heap Fetches"] == 0


# cells: such as a file holds, and such as it may not
users = st.integers(0, 30).map(str) | st.sampled_from(["007", "99999999"])
films = st.integers(0, 12).map(str)
stars = st.sampled_from(["0", "0.5", "1", "1.0", "3.7", "4.5", "5", "5.0", "5.5", "9"])
times = st.integers(0, 5_000_000_000).map(str) | st.sampled_from(["", "0", "0000000000000001"])
odd = st.sampled_from(
    ["1,1,1", "", "1,1,1,1,1", "1.5,1,1,1", "1,1,,1", "x,1,1,1", "1,1,1.,1", "1,1,1,1 ", "\r"]
)


@given(
    rows=st.lists(st.tuples(users, films, stars, times), min_size=1, max_size=60),
    strange=st.lists(st.tuples(st.integers(0, 60), odd), max_size=1),
    newline=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    size=st.integers(48, 400),
    in_order=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_columns_say_what_the_lines_say(
    rows: list[tuple[str, ...]],
    strange: list[tuple[int, str]],
    newline: str,
    final: bool,
    size: int,
    in_order: bool,
) -> None:
    """S5: every row is read as a reader of lines reads it, wherever a piece ends."""
    if in_order:
        rows = sorted(rows, key=lambda row: int(row[0]))
    said = [",".join(row) for row in rows]
    for place, line in strange:
        said.insert(place, line)
    whole = newline.join(said) + (newline if final else "")
    wanted, others, timeless = [], [], 0
    for number, (user, movie, given_stars, at) in enumerate(rows, 1):
        half, second = float(given_stars) * 2, int(at or 0)
        timeless += second == 0
        good = int(user) > 0 and int(movie) > 0 and half in range(1, 11) and second <= 4102444800
        if good and int(movie) in KNOWN:
            wanted.append((int(user), int(movie) + 100, int(half), second))
        else:
            others.append(f"{number},{','.join((user, movie, given_stars, at))}\n")
    raters = [int(row[0]) for row in rows if _is_good(row)]
    movies = [(key, key + 100) for key in KNOWN]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(straight, "PIECE", size)
        columns = straight.Columns(io.BytesIO(whole.encode()), movies)
        try:
            pieces = list(columns.pieces())
        except straight.NotPlain:
            assert strange or raters != sorted(raters)
            return
    assert not strange or strange[0][1] == ""
    assert raters == sorted(raters)
    found = [
        (
            int(piece.user_keys[rater]), int(row["movie_id"]), int(row["half_stars"]),
            int(row["rated_at"]) // 1_000_000 + 946684800,
        )
        for piece in pieces
        for row, rater in zip(piece.rows, piece.rater, strict=True)
    ]  # fmt: skip
    assert found == wanted
    assert b"".join(piece.others for piece in pieces).decode() == "".join(others)
    assert sum(piece.read for piece in pieces) == len(rows)
    assert sum(piece.without_time for piece in pieces) == timeless
    assert columns.movies_seen() == sorted({movie - 100 for _, movie, _, _ in wanted})


def _is_good(row: tuple[str, ...]) -> bool:
    user, movie, given_stars, at = row
    return (
        int(user) > 0 and int(movie) > 0
        and float(given_stars) * 2 in range(1, 11) and int(at or 0) <= 4102444800
    )  # fmt: skip
