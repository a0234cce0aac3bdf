"""L1: MovieLens in all its layouts: by itself, and linked to Kaggle's catalogue in any order."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from recsql.errors import BadInput
from recsql.ingest import load
from recsql.ingest.report import Report
from tests import datasets
from tests.conftest import Databases
from tests.datasets import film

OWN = 1_000_000_000
KAGGLE_TEMPLATE = "recsql_template_kaggle"
CUT = 100_000


# its long fixtures are made on one worker alone
one_worker = pytest.mark.xdist_group("movielens_1m")


def counts(report: Report) -> dict[tuple[str, str, str | None], int]:
    return {(row["file"], row["outcome"], row["reason"]): row["rows"] for row in report.files}


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for the small folders, emptied before each test."""
    with datasets.database(databases) as engine:
        yield engine


@pytest.fixture
def engine(shared_engine: Engine) -> Iterator[Engine]:
    datasets.empty(shared_engine)
    yield shared_engine
    with shared_engine.connect() as conn:
        assert datasets.stale(conn) == {}


# MovieLens 1M, by itself


@pytest.fixture(scope="module")
def alone(databases: Databases, data: Path) -> Iterator[tuple[Engine, Report]]:
    """MovieLens 1M in a database that holds nothing else."""
    with datasets.database(databases) as engine:
        yield engine, load.load_movielens(engine, data / "ml-1m")


@one_worker
def test_1m_lands_whole(alone: tuple[Engine, Report]) -> None:
    """L1: 1,000,209 ratings of 3,883 movies by 6,040 users; the report tells what is odd."""
    engine, report = alone
    assert report.source == "movielens-1m"
    assert counts(report) == {
        ("movies.dat", "read", None): 3_883,
        ("movies.dat", "landed", None): 3_883,
        ("movies.dat", "noted", "ids left out in the numbering"): 69,
        ("movies.dat", "noted", "titles outside ASCII"): 50,
        ("movies.dat", "noted", "titles with their article at the end, put in front"): 898,
        ("ratings.dat", "read", None): 1_000_209,
        ("ratings.dat", "landed", None): 1_000_209,
        ("ratings.dat", "noted", "movies rated"): 3_706,
        ("ratings.dat", "noted", "raters"): 6_040,
        ("ratings.dat", "noted", "movies of this data set that nobody rated"): 177,
        ("ratings.dat", "noted", "time 0, taken as unknown"): 512_559,
    }
    assert report.rejected == 0
    assert datasets.rows(
        engine,
        "SELECT (SELECT count(*) FROM core.rating), (SELECT count(*) FROM core.movie),"
        " (SELECT count(*) FROM core.rater), (SELECT count(*) FROM derived.movie_stats),"
        " (SELECT count(*) FROM core.rating WHERE rated_at IS NULL)",
    ) == [(1_000_209, 3_883, 6_040, 3_706, 512_559)]
    with engine.connect() as conn:
        assert datasets.stale(conn) == {}


@one_worker
def test_1m_stands_by_itself(alone: tuple[Engine, Report]) -> None:
    """L1: no TMDB id is known, so every movie has a key of our own and its MovieLens id."""
    engine, _ = alone
    assert datasets.rows(
        engine,
        "SELECT min(movie_id) >= :own, count(*), count(DISTINCT movie_id), array_agg(DISTINCT"
        " movie_key.source) FROM core.movie LEFT JOIN core.movie_key USING (movie_id)",
        own=OWN,
    ) == [(True, 3_883, 3_883, ["movielens"])]


@one_worker
def test_1m_rating_by_rating(alone: tuple[Engine, Report], data: Path) -> None:
    """L1: what each user and each movie was given equals the file, read by plain Python."""
    engine, _ = alone
    users: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    movies: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    unknown = set()
    with (data / "ml-1m" / "ratings.dat").open(encoding="latin-1") as file:
        for line in file:
            user, movie, stars, seconds = map(int, line.split("::"))
            if seconds == 0:
                unknown.add(user)
            for kept in (users[user], movies[movie]):
                kept[0] += 1
                kept[1] += 2 * stars
                kept[2] += seconds * (stars + 7)
    sums = (
        "count(*), sum(half_stars), COALESCE(sum(extract(epoch FROM rated_at)::bigint"
        " * (half_stars / 2 + 7)), 0)"
    )
    by_user = datasets.rows(
        engine,
        f"SELECT source_key::int, {sums} FROM core.rating JOIN core.rater USING (user_id)"
        " GROUP BY 1",
    )
    assert {key: list(map(int, kept)) for key, *kept in by_user} == users
    by_movie = datasets.rows(
        engine,
        f"SELECT key::int, {sums} FROM core.rating JOIN core.movie_key USING (movie_id) GROUP BY 1",
    )
    assert {key: list(map(int, kept)) for key, *kept in by_movie} == movies
    assert (min(unknown), max(unknown)) == (3_000, 6_040)


@one_worker
def test_1m_titles(alone: tuple[Engine, Report], data: Path) -> None:
    """L1: articles come to the front, years leave the title, Latin-1 is read as Latin-1."""
    engine, _ = alone
    found = dict(
        datasets.rows(
            engine,
            "SELECT key::int, title || COALESCE(' (' || year || ')', '') FROM core.movie"
            " JOIN core.movie_key USING (movie_id)",
        )
    )
    with (data / "ml-1m" / "movies.dat").open(encoding="latin-1") as file:
        given = {int(line.split("::")[0]): line.split("::")[1] for line in file}
    assert found.keys() == given.keys()

    def letters(title: str) -> Counter:
        return Counter(title.replace(" ", "").replace(",", ""))

    # the same letters, however they are arranged
    assert [key for key in given if letters(found[key]) != letters(given[key])] == []
    assert found[260] == "Star Wars: Episode IV - A New Hope (1977)"
    assert found[2571] == "The Matrix (1999)"
    assert given[2571] == "Matrix, The (1999)"
    assert sum(title.isascii() for title in found.values()) == 3_883 - 50


# linked to Kaggle's catalogue, in either order


@pytest.fixture(scope="module")
def cut(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MovieLens 1M with all its movies and the first of its ratings: quicker to load."""
    folder = tmp_path_factory.mktemp("ml-1m-cut")
    (folder / "movies.dat").symlink_to(data / "ml-1m" / "movies.dat")
    with (data / "ml-1m" / "ratings.dat").open("rb") as file:
        (folder / "ratings.dat").write_bytes(b"".join(islice(file, CUT)))
    return folder


@pytest.fixture(scope="module")
def after(
    kaggle_engine: Engine, databases: Databases, cut: Path
) -> Iterator[tuple[Engine, Report]]:
    """Kaggle's files first, then MovieLens 1M."""
    with datasets.database(databases, KAGGLE_TEMPLATE) as engine:
        yield engine, load.load_movielens(engine, cut)


@pytest.fixture(scope="module")
def before(
    databases: Databases, data: Path, cut: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Report]]:
    """MovieLens 1M first, then Kaggle's links, and its films as far as MovieLens 1M has them."""
    whole, folder = data / "the-movies-dataset", tmp_path_factory.mktemp("kaggle")
    with (cut / "movies.dat").open(encoding="latin-1") as file:
        known = {line.split("::")[0] for line in file}
    with (whole / "links.csv").open(encoding="utf-8") as file:
        linked = {row["tmdbId"] for row in csv.DictReader(file) if row["movieId"] in known}
    (folder / "links.csv").symlink_to(whole / "links.csv")
    with (
        (whole / "movies_metadata.csv").open(encoding="utf-8", newline="") as real,
        (folder / "movies_metadata.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        written = csv.writer(file)
        written.writerows(row for row in csv.reader(real) if row[5] in {"id", *linked})
    with datasets.database(databases) as engine:
        load.load_movielens(engine, cut)
        with engine.connect() as conn:
            assert all(movie_id >= OWN for _, movie_id, *_ in ratings(conn))
        yield engine, load.load_kaggle(engine, folder)


def ratings(conn: Connection) -> set[tuple[str, int, int, int | None]]:
    """Return what MovieLens 1M's raters gave."""
    return {
        tuple(row)
        for row in conn.execute(
            text(
                "SELECT source_key, movie_id, half_stars, extract(epoch FROM rated_at)::bigint"
                " FROM core.rating JOIN core.rater USING (user_id)"
                " WHERE rater.source = 'movielens-1m'"
            )
        )
    }


@pytest.fixture(scope="module")
def wanted(data: Path, cut: Path) -> tuple[set[tuple[str, int, int, int]], Counter]:
    """Ratings on TMDB ids as links.csv has it, and the number of those without one, per user."""
    with (data / "the-movies-dataset" / "links.csv").open(encoding="utf-8") as file:
        links = {row["movieId"]: row["tmdbId"] for row in csv.DictReader(file)}
    linked, unlinked = {}, Counter()
    with (cut / "ratings.dat").open(encoding="latin-1") as file:
        for line in file:
            user, movie, stars, seconds = line.split("::")
            if links.get(movie):
                # of two MovieLens ids of one movie the later rating counts
                key = (user, int(links[movie]))
                linked[key] = max(linked.get(key, (0, 0)), (int(seconds), 2 * int(stars)))
            else:
                unlinked[user] += 1
    return {(*key, stars, seconds) for key, (seconds, stars) in linked.items()}, unlinked


def check_links(engine: Engine, wanted: tuple[set, Counter]) -> None:
    linked, unlinked = wanted
    with engine.connect() as conn:
        found = ratings(conn)
        assert datasets.stale(conn) == {}
    assert {row for row in found if row[1] < OWN} == linked
    assert Counter(user for user, movie_id, *_ in found if movie_id >= OWN) == unlinked
    assert len(linked) + unlinked.total() == len(found)
    assert CUT - 10 < len(found) <= CUT


def test_1m_is_linked_after_kaggle(after: tuple[Engine, Report], wanted: tuple) -> None:
    """L1, N1: every rating sits on the TMDB id that links.csv gives for its movie."""
    check_links(after[0], wanted)


@one_worker
def test_1m_is_linked_before_kaggle(before: tuple[Engine, Report], wanted: tuple) -> None:
    """L1, S5: the same where the links come later: re-keyed, and no rating lost."""
    check_links(before[0], wanted)


def test_1m_adds_ratings_to_kaggles_movies(
    after: tuple[Engine, Report], kaggle: Connection
) -> None:
    """L1, N1: Kaggle's details and ratings stay as they are; MovieLens adds what Kaggle lacks."""
    engine, report = after
    details = text(
        "SELECT movie_id, title, overview, release_date, poster_path FROM core.movie"
        " WHERE source = 'kaggle' ORDER BY movie_id"
    )
    features = text(
        "SELECT movie_id, count(*), sum(feature_id) FROM core.movie_feature JOIN core.movie"
        " USING (movie_id) WHERE source = 'kaggle' GROUP BY 1 ORDER BY 1"
    )
    theirs = text(
        "SELECT source_key, movie_id, half_stars, rated_at FROM core.rating JOIN core.rater"
        " USING (user_id) WHERE source = 'kaggle' ORDER BY 1, 2"
    )
    with engine.connect() as conn:
        for statement in (details, features, theirs):
            assert conn.execute(statement).all() == kaggle.execute(statement).all()
    (tally,) = [row for row in report.tables if row["table_name"] == "core.movie"]
    assert (tally["inserted"], tally["updated"]) == (55, 0)
    assert datasets.rows(
        engine,
        "SELECT count(*), count(*) FILTER (WHERE movie_id >= :own) FROM core.movie"
        " WHERE source <> 'kaggle'",
        own=OWN,
    ) == [(55, 55)]


def test_the_same_folder_again_changes_nothing(after: tuple[Engine, Report], cut: Path) -> None:
    """S5, L1."""
    engine, _ = after
    state = datasets.state(engine, runs=False)
    assert load.load_movielens(engine, cut).changed == 0
    assert datasets.state(engine, runs=False) == state


@one_worker
def test_movies_are_rekeyed_with_all_that_hangs_on_them(before: tuple[Engine, Report]) -> None:
    """S5, L1: of 3,883 keys of our own those stay for which links.csv has no TMDB id."""
    engine, report = before
    (tally,) = [row for row in report.tables if "re-keyed" in row["table_name"]]
    left = "SELECT count(*) FROM core.movie WHERE movie_id >= :own"
    assert datasets.one(engine, left, own=OWN) == 3_883 - tally["updated"]
    # The Matrix came from MovieLens, and is Kaggle's now: one movie, under both ids
    assert datasets.rows(
        engine,
        "SELECT movie_id, title, overview IS NOT NULL, raters > 50, keys FROM core.movie"
        " JOIN derived.movie_stats USING (movie_id) CROSS JOIN LATERAL (SELECT array_agg("
        " source || ' ' || key ORDER BY source) AS keys FROM core.movie_key"
        " WHERE movie_key.movie_id = movie.movie_id) AS known WHERE title = 'The Matrix'",
    ) == [(603, "The Matrix", True, True, ["imdb tt0133093", "movielens 2571", "tmdb 603"])]
    # its genres are Kaggle's
    assert datasets.one(
        engine,
        "SELECT array_agg(name ORDER BY name) FROM core.feature JOIN core.movie_feature"
        " USING (feature_id) WHERE movie_id = 603 AND kind = 'genre'",
    ) == ["Action", "Science Fiction"]


# latest-small


def test_latest_small(engine: Engine, data: Path) -> None:
    """L1: 34 without genres, 13 without a year, 8 without a TMDB id; links come along."""
    report = load.load_movielens(engine, data / "ml-latest-small")
    again = "rated again by the same rater: the later rating counts"
    assert report.source == "movielens"
    assert counts(report) == {
        ("links.csv", "read", None): 9_742,
        ("links.csv", "landed", None): 9_742,
        ("links.csv", "noted", "no TMDB id"): 8,
        (
            "links.csv",
            "noted",
            "TMDB id of an earlier row: both MovieLens ids mean the same movie",
        ): 1,
        ("movies.csv", "read", None): 9_742,
        ("movies.csv", "landed", None): 9_742,
        ("movies.csv", "noted", "no genres"): 34,
        ("movies.csv", "noted", "no single year at the end of the title"): 13,
        ("movies.csv", "noted", "ids left out in the numbering"): 193_609 - 9_742,
        ("movies.csv", "noted", "titles outside ASCII"): 293,
        ("movies.csv", "noted", "titles with their article at the end, put in front"): 1_822,
        ("ratings.csv", "read", None): 100_836,
        ("ratings.csv", "landed", None): 100_835,
        ("ratings.csv", "rejected", again): 1,
        ("ratings.csv", "noted", "movies rated"): 9_723,
        ("ratings.csv", "noted", "raters"): 610,
        ("ratings.csv", "noted", "movies of this data set that nobody rated"): 18,
    }
    # 144606 and 6003 are both Confessions of a Dangerous Mind, and one user rated both
    ((file, line, reason),) = datasets.rejects(engine, "movielens")
    assert (file, reason) == ("ratings.csv", again)
    text_of_line = (data / "ml-latest-small" / file).read_text().splitlines()[line - 1]
    user, movie = text_of_line.split(",")[:2]
    assert datasets.one(
        engine,
        "SELECT count(*) FROM core.rating JOIN core.rater USING (user_id) JOIN core.movie_key AS k"
        " USING (movie_id) WHERE source_key = :user AND k.source = 'movielens' AND k.key = :movie",
        user=user,
        movie=movie,
    ) == 1  # fmt: skip
    assert datasets.rows(
        engine,
        "SELECT count(*), count(*) FILTER (WHERE year IS NULL),"
        " count(*) FILTER (WHERE movie_id >= :own), count(*) FILTER (WHERE imdb IS NULL)"
        " FROM core.movie LEFT JOIN (SELECT movie_id, min(key) AS imdb FROM core.movie_key"
        " WHERE source = 'imdb' GROUP BY 1) AS known USING (movie_id)",
        own=OWN,
    ) == [(9_741, 12, 8, 0)]


# small folders


MOVIES = [
    (1, "Toy Story (1995)", "Adventure|Animation|Children|Comedy|Fantasy"),
    (2, "Jumanji (1995)", "Adventure|Children"),
    (10, "GoldenEye (1995)", "Action|Thriller|IMAX"),
    (77, "Untitled", "(no genres listed)"),
]
LINKS = [(1, "0114709", 862), (2, "0113497", 8844), (10, "0113189", 710), (77, "0000077", "")]
RATINGS = [(1, 1, 5.0, 978300760), (1, 2, 0.5, 978300761), (2, 10, 3.5, 0)]


def layout_25m(folder: Path) -> Path:
    datasets.movielens(folder, MOVIES, ratings=RATINGS, links=LINKS)
    (folder / "tags.csv").write_text("userId,movieId,tag,timestamp\n1,1,toys,978300760\n")
    (folder / "genome-scores.csv").write_text("movieId,tagId,relevance\n1,1,0.5\n")
    (folder / "README.txt").write_text("Summary")
    return folder


def layout_1m(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(1, "Toy Story (1995)", "Animation|Children's"), (2, "Cité, La (1995)", "Sci-Fi")]
    (folder / "movies.dat").write_text(
        "".join("::".join(map(str, row)) + "\n" for row in rows), "latin-1"
    )
    (folder / "ratings.dat").write_text("1::1::5::978300760\n1::2::3::0\n2::1::1::978300761\n")
    (folder / "users.dat").write_text("1::F::1::10::48067\n2::M::56::16::70072\n")
    return folder


def layout_100k(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    marks = {"Animation": 3, "Children's": 4, "Action": 1, "Thriller": 16}

    def item(number: int, title: str, *genres: str) -> str:
        places = {marks[genre] for genre in genres}
        flags = "|".join("1" if place in places else "0" for place in range(19))
        return f"{number}|{title}|01-Jan-1995||http://us.imdb.com/M/title-exact?{number}|{flags}\n"

    (folder / "u.item").write_text(
        item(1, "Toy Story (1995)", "Animation", "Children's")
        + item(2, "GoldenEye (1995)", "Action", "Thriller")
        + item(3, "Misérables, Les (1995)"),
        "latin-1",
    )
    (folder / "u.data").write_text("7\t9\t1\t881250949\n1\t2\t5\t881250949\n3\t1\t4\t881250950\n")
    (folder / "u.user").write_text("1|24|M|technician|85711\n")
    return folder


LAYOUTS = {
    "movielens": layout_25m,
    "movielens-1m": layout_1m,
    "movielens-100k": layout_100k,
}


@pytest.mark.parametrize("source", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_layouts_are_told_apart(engine: Engine, tmp_path: Path, source: str, packed: bool) -> None:
    """L1: by the names of their files, in a folder and in GroupLens' zip with its top folder."""
    path = LAYOUTS[source](tmp_path / "data")
    if packed:
        path = datasets.zipped(tmp_path / "data.zip", path, inside="ml/")
    report = load.load_movielens(engine, path)
    assert report.source == source
    assert datasets.one(engine, "SELECT array_agg(DISTINCT source) FROM core.rater") == [source]
    assert datasets.one(engine, "SELECT count(*) FROM core.movie WHERE title LIKE 'Toy%'") == 1


def test_the_layout_of_25m(engine: Engine, tmp_path: Path) -> None:
    """L1: half-stars, links, genres named as TMDB names them, time 0 unknown."""
    load.load_movielens(engine, layout_25m(tmp_path))
    assert datasets.rows(
        engine,
        "SELECT source_key, movie_id, half_stars, extract(epoch FROM rated_at)::int"
        " FROM core.rating JOIN core.rater USING (user_id) ORDER BY 1, 2",
    ) == [("1", 862, 10, 978300760), ("1", 8844, 1, 978300761), ("2", 710, 7, None)]
    assert datasets.rows(
        engine,
        "SELECT title, year, array_agg(name ORDER BY name) FROM core.movie LEFT JOIN"
        " core.movie_feature USING (movie_id) LEFT JOIN core.feature USING (feature_id)"
        " GROUP BY 1, 2 ORDER BY 1",
    ) == [
        ("GoldenEye", 1995, ["Action", "Thriller"]),
        ("Jumanji", 1995, ["Adventure", "Family"]),
        ("Toy Story", 1995, ["Adventure", "Animation", "Comedy", "Family", "Fantasy"]),
        ("Untitled", None, [None]),
    ]
    assert datasets.rows(
        engine, "SELECT key FROM core.movie_key WHERE source = 'imdb' ORDER BY 1"
    ) == [("tt0000077",), ("tt0113189",), ("tt0113497",), ("tt0114709",)]


def test_the_layout_of_100k_has_ids_of_its_own(engine: Engine, tmp_path: Path) -> None:
    """L1, N1: its 2 is GoldenEye and MovieLens' 2 is Jumanji; links of the one never serve it."""
    catalogue = [film(862, "Toy Story"), film(8844, "Jumanji"), film(710, "GoldenEye")]
    load.load_kaggle(engine, datasets.kaggle(tmp_path / "kaggle", catalogue, links=LINKS))
    report = load.load_movielens(engine, layout_100k(tmp_path / "100k"))
    assert datasets.rows(
        engine,
        "SELECT source_key, title, half_stars, movie_id >= :own FROM core.rating"
        " JOIN core.rater USING (user_id) JOIN core.movie USING (movie_id) ORDER BY 1",
        own=OWN,
    ) == [("1", "GoldenEye", 10, True), ("3", "Toy Story", 8, True)]
    assert "Les Misérables" in [
        row[0] for row in datasets.rows(engine, "SELECT title FROM core.movie")
    ]
    # u.data has no header: its first line is line 1
    assert datasets.rejects(engine, "movielens-100k") == [
        ("u.data", 1, "unknown movie: its id has no row in links")
    ]
    assert report.landed("u.data") == 2
    load.repair(engine)
    assert datasets.one(engine, "SELECT count(*) FROM core.movie WHERE title = 'GoldenEye'") == 2


def test_data_sets_keep_their_raters_apart(engine: Engine, tmp_path: Path) -> None:
    """L1: user 1 of one data set is not user 1 of another; each is replaced by itself alone."""
    for name, layout in LAYOUTS.items():
        load.load_movielens(engine, layout(tmp_path / name))
    asked = (
        "SELECT rater.source, count(DISTINCT user_id), count(*) FROM core.rater"
        " JOIN core.rating USING (user_id) GROUP BY 1 ORDER BY 1"
    )
    assert datasets.rows(engine, asked) == [
        ("movielens", 2, 3),
        ("movielens-100k", 2, 2),
        ("movielens-1m", 2, 3),
    ]
    (tmp_path / "movielens-1m" / "ratings.dat").write_text("5::1::5::978300760\n")
    load.load_movielens(engine, tmp_path / "movielens-1m")
    assert datasets.rows(engine, asked) == [
        ("movielens", 2, 3),
        ("movielens-100k", 2, 2),
        ("movielens-1m", 1, 1),
    ]
    assert load.remove(engine, "movielens") == 3
    assert [row[0] for row in datasets.rows(engine, asked)] == ["movielens-100k", "movielens-1m"]
    with pytest.raises(BadInput, match="no raters come from kaggle") as caught:
        load.remove(engine, "kaggle")
    assert caught.value.hint == "there are some from: movielens-100k, movielens-1m"


@pytest.mark.parametrize(
    ("given", "title", "year"),
    [
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("Misérables, Les (1995)", "Les Misérables", 1995),
        ("Avventura, L' (1960)", "L'Avventura", 1960),
        ("Boot, Das (1981)", "Das Boot", 1981),
        ("I, Robot (2004)", "I, Robot", 2004),
        ("Me, Myself & Irene (2000)", "Me, Myself & Irene", 2000),
        ("10, 000 B.C. (2008)", "10, 000 B.C.", 2008),
        ("City, The (Cité, La) (1995)", "The City (Cité, La)", 1995),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("1984 (1956)", "1984", 1956),
        ("Death Note (2006–2007)", "Death Note", 2006),
        ("Babylon 5", "Babylon 5", None),
        ("Untitled (Working Title)", "Untitled (Working Title)", None),
        (" Seven  (a.k.a. Se7en) (1995) ", "Seven  (a.k.a. Se7en)", 1995),
    ],
)
def test_titles(engine: Engine, tmp_path: Path, given: str, title: str, year: int | None) -> None:
    """L1: titles read as people say them."""
    folder = datasets.movielens(tmp_path, [(1, given, "Drama")], ratings=[(1, 1, 5, 9)])
    load.load_movielens(engine, folder)
    assert datasets.rows(engine, "SELECT title, year FROM core.movie") == [(title, year)]


@pytest.mark.parametrize(
    ("files", "hint"),
    [
        ([], "known are movies.csv + ratings.csv"),
        (["movies.csv"], "known are"),
        (["movies.dat", "ratings.csv"], "known are"),
        (["u.data"], "known are"),
        (["movies_metadata.csv", "ratings.csv", "links.csv"], "recsql load kaggle"),
    ],
)
def test_a_folder_without_the_files(
    engine: Engine, tmp_path: Path, files: list[str], hint: str
) -> None:
    """S5: what is no MovieLens data set is said to be none."""
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(BadInput, match="holds no MovieLens data set") as caught:
        load.load_movielens(engine, tmp_path)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_file_cut_off_leaves_the_old_state(engine: Engine, tmp_path: Path, name: str) -> None:
    """S5, L1: in every layout half a download is refused."""
    folder = LAYOUTS[name](tmp_path)
    load.load_movielens(engine, folder)
    state = datasets.state(engine)
    for file in ("movies.csv", "ratings.csv", "links.csv", "movies.dat", "ratings.dat", "u.item",
                 "u.data"):  # fmt: skip
        path = folder / file
        if path.exists():
            whole = path.read_bytes()
            start = whole.rindex(b"\n", 0, -1) + 1
            path.write_bytes(whole[: start + 2])
            with pytest.raises(BadInput, match="breaks off in the middle"):
                load.load_movielens(engine, folder)
            path.write_bytes(whole)
            assert datasets.state(engine) == state
