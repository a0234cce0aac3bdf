"""N1, S5: Kaggle's The Movies Dataset, from the real files, judged by plain Python beside it."""

from __future__ import annotations

import ast
import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text

from recsql import cli
from recsql.errors import BadInput, RecsqlError
from recsql.ingest import load
from tests import datasets
from tests.conftest import Databases
from tests.datasets import film
from tests.support import environment, libpq_url

KAGGLE = "the-movies-dataset"
TEMPLATE = "recsql_template_kaggle"
# head and tail of a record that is broken over two rows
BROKEN = {82663: "1997-08-20", 122662: "2012-09-29", 249260: "2014-01-01"}


# the witness: what the files hold, read by Python's own csv and ast


@cache
def lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")


@cache
def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data / KAGGLE


@pytest.fixture(scope="module")
def films(folder: Path) -> dict[int, dict[str, str]]:
    """The record of each TMDB id that should win: most votes, then the first."""
    best: dict[int, dict[str, str]] = {}
    for row in table(folder / "movies_metadata.csv"):
        if row["id"].isdigit():
            known = best.get(int(row["id"]))
            if known is None or int(row["vote_count"] or 0) > int(known["vote_count"] or 0):
                best[int(row["id"])] = row
    return best


@pytest.fixture(scope="module")
def links(folder: Path) -> dict[int, int | None]:
    """TMDB ids by MovieLens id."""
    return {
        int(row["movieId"]): int(float(row["tmdbId"])) if row["tmdbId"] else None
        for row in table(folder / "links.csv")
    }


def report_of(conn: Connection, source: str = "kaggle") -> dict:
    return conn.scalar(
        text("SELECT report FROM core.load_run WHERE source = :source"), {"source": source}
    )


# counts


def test_the_report_reproduces_every_count(kaggle: Connection) -> None:
    """N1, S5: the report says of each file what is known to be in it."""
    counts = {
        (row["file"], row["outcome"], row["reason"]): row["rows"]
        for row in report_of(kaggle)["files"]
    }
    again = "id given before, "
    assert counts == {
        ("links.csv", "read", None): 45_843,
        ("links.csv", "landed", None): 45_843,
        ("links.csv", "noted", "no TMDB id"): 219,
        (
            "links.csv",
            "noted",
            "TMDB id of an earlier row: both MovieLens ids mean the same movie",
        ): 30,
        ("links.csv", "noted", "movie is not in the catalogue"): 161,
        ("movies_metadata.csv", "read", None): 45_466,
        ("movies_metadata.csv", "landed", None): 45_433,
        ("movies_metadata.csv", "rejected", again + "same record"): 17,
        (
            "movies_metadata.csv",
            "rejected",
            again + "other values: the record with most votes is kept",
        ): 13,
        ("movies_metadata.csv", "noted", "second half of a broken record, joined to its first"): 3,
        ("movies_metadata.csv", "noted", "genres are no JSON, read as Python"): 43_024,
        ("movies_metadata.csv", "noted", "no genres"): 2_442,
        ("movies_metadata.csv", "noted", "overview over several lines"): 16,
        ("movies_metadata.csv", "noted", "no title"): 6,
        ("movies_metadata.csv", "noted", "no release date"): 87,
        ("movies_metadata.csv", "noted", "no runtime"): 263,
        ("movies_metadata.csv", "noted", "no language"): 11,
        ("movies_metadata.csv", "noted", "no poster"): 386,
        ("movies_metadata.csv", "noted", "revenue 0, taken as unknown"): 38_052,
        ("movies_metadata.csv", "noted", "runtime 0, taken as unknown"): 1_558,
        ("keywords.csv", "read", None): 46_419,
        ("keywords.csv", "landed", None): 45_432,
        ("keywords.csv", "rejected", "repeated row"): 987,
        ("keywords.csv", "noted", "no keywords"): 14_795,
        ("keywords.csv", "noted", "no-break spaces, taken as spaces"): 109,
        ("keywords.csv", "noted", "movies without a row here"): 1,
        ("credits.csv", "read", None): 99,
        ("credits.csv", "landed", None): 99,
        ("ratings_small.csv", "read", None): 100_004,
        ("ratings_small.csv", "landed", None): 99_810,
        ("ratings_small.csv", "rejected", "unknown movie: its id has no row in links"): 46,
        ("ratings_small.csv", "rejected", "unknown movie: links give no TMDB id for it"): 60,
        ("ratings_small.csv", "rejected", "unknown movie: not in the catalogue"): 88,
        ("ratings_small.csv", "noted", "movies rated"): 9_025,
        ("ratings_small.csv", "noted", "raters"): 671,
    }


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("SELECT count(*) FROM core.movie", 45_433),
        ("SELECT count(*) FROM core.movie WHERE movie_id >= 1000000000", 0),
        ("SELECT count(*) FROM core.rating", 99_810),
        ("SELECT count(DISTINCT movie_id) FROM core.rating", 9_025),
        ("SELECT count(*) FROM core.rater", 671),
        ("SELECT sum(raters) FROM derived.movie_stats", 99_810),
        ("SELECT count(*) FROM core.movielens_link", 45_843),
        ("SELECT count(*) FROM core.movielens_link WHERE tmdb_id IS NULL", 219),
        ("SELECT count(tmdb_id) - count(DISTINCT tmdb_id) FROM core.movielens_link", 30),
        (
            "SELECT count(*) FROM core.movielens_link WHERE tmdb_id IS NOT NULL AND NOT EXISTS"
            " (SELECT FROM core.movie WHERE movie.movie_id = movielens_link.tmdb_id)",
            161,
        ),
        ("SELECT count(*) FROM core.load_reject", 30 + 987 + 194),
        ("SELECT count(DISTINCT split_part(record, ',', 2)) FROM core.load_reject"
         " WHERE reason LIKE 'unknown movie:%'", 41),
        ("SELECT count(*) FROM core.movie WHERE revenue > 2147483647", 1),
        ("SELECT count(DISTINCT movie_id) FROM core.credit", 99),
        ("SELECT count(*) FROM core.movie WHERE title ~ '\\u00a0'", 0),
        ("SELECT count(*) FROM core.feature WHERE name ~ '\\u00a0'", 0),
    ],
)  # fmt: skip
def test_the_database_holds_those_counts(kaggle: Connection, statement: str, wanted: int) -> None:
    """N1: the same counts, asked of the tables."""
    assert kaggle.scalar(text(statement)) == wanted


def test_what_is_derived_agrees(kaggle: Connection) -> None:
    """S11: statistics after a bulk load equal a recomputation."""
    assert datasets.stale(kaggle) == {}


# the wrong join


def test_every_rating_sits_on_the_movie_that_links_name(
    kaggle: Connection, folder: Path, films: dict, links: dict[int, int | None]
) -> None:
    """N1, S5: compared one by one with links.csv: the right movie, rater, stars and time."""
    wanted = set()
    for row in table(folder / "ratings_small.csv"):
        tmdb_id = links.get(int(row["movieId"]))
        if tmdb_id in films:
            stars, seconds = float(row["rating"]), int(row["timestamp"])
            wanted.add((row["userId"], tmdb_id, round(stars * 2), seconds))
    landed = {
        tuple(row)
        for row in kaggle.execute(
            text(
                "SELECT source_key, movie_id, half_stars, extract(epoch FROM rated_at)::bigint"
                " FROM core.rating JOIN core.rater USING (user_id)"
            )
        )
    }
    assert len(wanted) == 99_810
    assert landed == wanted


def test_no_rating_sits_on_a_movie_whose_id_is_alike_by_accident(
    kaggle: Connection, folder: Path, films: dict, links: dict[int, int | None]
) -> None:
    """N1: a MovieLens id taken for a TMDB id fits 2,830 times, and is right never."""
    ratings = table(folder / "ratings_small.csv")
    rated = {int(row["movieId"]) for row in ratings}
    accidents = rated & films.keys()
    assert len(accidents) == 2_830
    assert all(links.get(movie_id) != movie_id for movie_id in accidents)
    # whoever has a rating on such a movie gave it to that movie, under its own MovieLens id
    meant = defaultdict(set)
    for row in ratings:
        meant[row["userId"]].add(links.get(int(row["movieId"])))
    wrong = [
        (user, movie_id)
        for user, movie_id in kaggle.execute(
            text(
                "SELECT source_key, movie_id FROM core.rating JOIN core.rater USING (user_id)"
                " WHERE movie_id = ANY (:accidents)"
            ),
            {"accidents": sorted(accidents)},
        )
        if movie_id not in meant[user]
    ]
    assert wrong == []


def test_movielens_ids_lead_through_links_alone(
    kaggle: Connection, films: dict, links: dict[int, int | None]
) -> None:
    """N1: core.movie_key holds of MovieLens' ids what links.csv says, and nothing else."""
    known = dict(
        kaggle.execute(
            text("SELECT key::int, movie_id FROM core.movie_key WHERE source = 'movielens'")
        ).all()
    )
    assert known == {key: tmdb_id for key, tmdb_id in links.items() if tmdb_id in films}


# the catalogue


def test_every_movie_says_what_its_record_says(kaggle: Connection, films: dict) -> None:
    """N1: titles, dates, posters, languages, runtimes, revenues, overviews, one by one."""

    def text_of(cell: str) -> str | None:
        return cell.replace("\u00a0", " ").strip(" \t\r\n") or None

    def number(cell: str) -> int | None:
        return int(float(cell)) or None if cell else None

    wanted = {
        movie_id: (
            text_of(row["title"]),
            text_of(row["original_title"]),
            date.fromisoformat(row["release_date"]) if row["release_date"] else None,
            text_of(row["original_language"]),
            number(row["runtime"]),
            number(row["revenue"]),
            text_of(row["poster_path"]),
            text_of(row["overview"]),
            text_of(row["tagline"]),
        )
        for movie_id, row in films.items()
        if movie_id not in BROKEN
    }
    found = {
        row[0]: tuple(row[1:])
        for row in kaggle.execute(
            text(
                "SELECT movie_id, title, original_title, release_date, original_language,"
                " runtime, revenue, poster_path, overview, tagline FROM core.movie"
            )
        )
        if row[0] not in BROKEN
    }
    assert found.keys() == wanted.keys()
    assert [(found[key], wanted[key]) for key in wanted if found[key] != wanted[key]] == []


@cache
def codes_of(cell: str, key: str = "name") -> frozenset[str]:
    """Return what the items of a list are told apart by."""
    listed = ast.literal_eval(cell) if cell.startswith("[") else []
    said = (str(item[key]).replace("\u00a0", " ").strip() for item in listed)
    return frozenset(name.lower() if key == "name" else name for name in said if name)


def test_every_movie_has_the_features_of_its_record(
    kaggle: Connection, folder: Path, films: dict
) -> None:
    """N1, N6: genres, companies, countries, language and keywords, one by one."""
    keywords: dict[int, set[str]] = defaultdict(set)
    # one in seven: reading the literals with Python's own parser is slow
    for row in table(folder / "keywords.csv"):
        if int(row["id"]) % 7 == 0:
            keywords[int(row["id"])] |= codes_of(row["keywords"])
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kind, movie_id, code in kaggle.execute(
        text(
            "SELECT kind, movie_id, code FROM core.movie_feature JOIN core.feature"
            " USING (feature_id)"
        )
    ):
        found[kind][movie_id].add(code)
    differing = []
    for movie_id, row in films.items():
        if movie_id in BROKEN:
            continue
        wanted = {
            "genre": codes_of(row["genres"]),
            "company": codes_of(row["production_companies"]),
            "country": codes_of(row["production_countries"], "iso_3166_1"),
            "language": {row["original_language"]} - {""},
        }
        if movie_id % 7 == 0:
            wanted["keyword"] = keywords[movie_id]
        differing += [
            (movie_id, kind, codes, found[kind][movie_id])
            for kind, codes in wanted.items()
            if found[kind][movie_id] != codes
        ]
    assert differing == []


def test_of_a_repeated_id_the_record_with_most_votes_is_kept(
    kaggle: Connection, folder: Path, films: dict
) -> None:
    """S5: 30 extra rows over 29 ids."""
    times = Counter(row["id"] for row in table(folder / "movies_metadata.csv"))
    repeated = {int(key): n for key, n in times.items() if n > 1 and key.isdigit()}
    assert (len(repeated), sum(repeated.values()) - len(repeated)) == (29, 30)
    popularity = dict(
        kaggle.execute(
            text("SELECT movie_id, popularity FROM core.movie WHERE movie_id = ANY (:ids)"),
            {"ids": list(repeated)},
        ).all()
    )
    assert popularity == {
        key: pytest.approx(float(films[key]["popularity"]), rel=1e-5) for key in repeated
    }


@pytest.mark.parametrize(
    ("movie_id", "title", "day", "genres", "companies", "rest"),
    [
        (
            82663,
            "Midnight Man",
            date(1997, 8, 20),
            {"Action", "Thriller", "Drama"},
            {
                "Carousel Productions",
                "Vision View Entertainment",
                "Telescene Film Group Productions",
            },
            {"runtime": 104, "imdb_id": "tt0113002", "countries": set(), "tagline": None},
        ),
        (
            122662,
            "Mardock Scramble: The Third Exhaust",
            date(2012, 9, 29),
            {"Animation", "Science Fiction"},
            {
                "Aniplex",
                "GoHands",
                "BROSTA TV",
                "Mardock Scramble Production Committee",
                "Sentai Filmworks",
            },
            {"runtime": 68, "imdb_id": "tt2423504", "countries": set(), "tagline": None},
        ),
        (
            249260,
            "Avalanche Sharks",
            date(2014, 1, 1),
            {"TV Movie", "Action", "Horror", "Science Fiction"},
            {"Odyssey Media", "Pulser Productions", "Rogue State", "The Cartel"},
            {
                "runtime": 82,
                "imdb_id": "tt2622826",
                "countries": {"Canada"},
                "tagline": "Beware Of Frost Bites",
            },
        ),
    ],
)
def test_a_broken_record_is_mended(
    kaggle: Connection,
    folder: Path,
    movie_id: int,
    title: str,
    day: date,
    genres: set[str],
    companies: set[str],
    rest: dict,
) -> None:
    """N1, S5: its second half stands nine columns to the left, and comes home."""
    page = (
        kaggle.execute(text("SELECT * FROM api.movie_page WHERE movie_id = :id"), {"id": movie_id})
        .mappings()
        .one()
    )
    assert (page["title"], page["release_date"]) == (title, day)
    assert (set(page["genres"]), set(page["companies"])) == (genres, companies)
    assert {
        "runtime": page["runtime"],
        "imdb_id": page["imdb_id"],
        "countries": set(page["countries"] or ()),
        "tagline": page["tagline"],
    } == rest
    assert page["poster_path"].startswith("/")
    assert page["poster_path"].endswith(".jpg")
    # the two halves of the overview are the two cells of the file
    rows = table(folder / "movies_metadata.csv")
    (at,) = [n for n, row in enumerate(rows) if row["id"] == str(movie_id)]
    assert rows[at + 1]["id"] == BROKEN[movie_id]
    halves = [rows[at]["overview"], rows[at + 1]["adult"]]
    assert page["overview"] == " ".join(half.strip() for half in halves if half)


# rejects


def test_rejects_name_the_line_of_the_file(kaggle: Connection, folder: Path) -> None:
    """S5: each of the 1,211 rejects is found on the very line that it names."""
    rejects = kaggle.execute(text("SELECT file, line, reason, record FROM core.load_reject")).all()
    assert len(rejects) == 1_211
    for file, number, reason, record in rejects:
        line = lines(folder / file)[number - 1]
        if file == "ratings_small.csv":
            given, kept = line.strip().split(","), record.split(",")
            assert given[:2] == kept[:2]
            assert (float(given[2]), given[3]) == (float(kept[2]), kept[3])
        elif file == "keywords.csv":
            assert line.startswith(record.split(",")[0] + ",")
        else:
            assert file == "movies_metadata.csv"
            tmdb_id, imdb_id = record.split(",")[:2]
            assert f",{tmdb_id},{imdb_id}," in line
        assert reason


def test_ratings_are_turned_away_for_the_right_reason(
    kaggle: Connection, folder: Path, films: dict, links: dict[int, int | None]
) -> None:
    """S5: 194 ratings over 41 movies: 46 without a row, 60 without a TMDB id, 88 not here."""
    wanted = []
    for number, row in enumerate(table(folder / "ratings_small.csv"), 2):
        movie_id = int(row["movieId"])
        if movie_id not in links:
            wanted.append((number, "unknown movie: its id has no row in links"))
        elif links[movie_id] is None:
            wanted.append((number, "unknown movie: links give no TMDB id for it"))
        elif links[movie_id] not in films:
            wanted.append((number, "unknown movie: not in the catalogue"))
    found = kaggle.execute(
        text(
            "SELECT line, reason FROM core.load_reject WHERE file = 'ratings_small.csv'"
            " ORDER BY line"
        )
    ).all()
    assert [tuple(row) for row in found] == wanted
    assert len(wanted) == 194


# again


@pytest.mark.usefixtures("kaggle_engine")
def test_a_second_load_changes_nothing(new_database: Callable[..., Engine], folder: Path) -> None:
    """S5: every table is the same, row by row, and the report says that nothing was done."""
    engine = new_database(TEMPLATE)
    before, rejects = datasets.state(engine, runs=False), datasets.rejects(engine, "kaggle")
    heard: list[tuple[str, int]] = []
    report = load.load_kaggle(engine, folder, progress=lambda *said: heard.append(said))
    assert report.changed == 0
    assert datasets.state(engine, runs=False) == before
    assert datasets.rejects(engine, "kaggle") == rejects
    with engine.connect() as conn:
        assert len(report_of(conn)["files"]) == len(report.files)
    # S10: it tells how far it has come
    read = [rows for file, rows in heard if file == "movies_metadata.csv" and rows]
    assert read == [20_000, 40_000]


# small folders: what a load does besides


FILMS = [film(348, "Alien"), film(679, "Aliens"), film(36647, "Blade")]
LINKS = [(1214, "0078748", 348), (1200, "0090605", 679), (1983, "0120611", 36647)]
RATINGS = [(1, 1214, 5.0, 978300760), (1, 1200, 4.5, 978300761), (2, 1983, 3.0, 978300762)]


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for the small folders, emptied before each test."""
    with datasets.database(databases) as engine:
        yield engine


@pytest.fixture
def engine(shared_engine: Engine) -> Engine:
    datasets.empty(shared_engine)
    return shared_engine


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return datasets.kaggle(tmp_path / "kaggle", FILMS, links=LINKS, ratings=RATINGS)


@pytest.fixture
def loaded(engine: Engine, small: Path) -> Engine:
    load.load_kaggle(engine, small)
    return engine


def titles(engine: Engine) -> list[str]:
    return [row[0] for row in datasets.rows(engine, "SELECT title FROM core.movie ORDER BY 1")]


def test_a_zip_gives_what_its_folder_gives(loaded: Engine, small: Path, tmp_path: Path) -> None:
    """S5: from a directory or a zip."""
    packed = datasets.zipped(tmp_path / "archive.zip", small, inside="archive/")
    report = load.load_kaggle(loaded, packed)
    assert report.changed == 0
    assert report.landed("ratings.csv") == 3


def test_the_whole_files_come_before_the_small_ones(engine: Engine, small: Path) -> None:
    """N1: ratings.csv is taken where it is there, links.csv before links_small.csv."""
    (small / "ratings_small.csv").write_text("userId,movieId,rating,timestamp\n9,1214,0.5,9\n")
    (small / "links_small.csv").write_text("movieId,imdbId,tmdbId\n1214,0078748,36647\n")
    report = load.load_kaggle(engine, small)
    assert report.landed("ratings.csv") == 3
    assert report.landed("ratings_small.csv") == report.landed("links_small.csv") == 0
    (small / "ratings.csv").unlink()
    (small / "links.csv").unlink()
    report = load.load_kaggle(engine, small)
    assert report.landed("links_small.csv") == 1
    # links.csv said otherwise before, and the newer file counts
    assert datasets.rows(
        engine,
        "SELECT source_key, movie_id, half_stars FROM core.rating JOIN core.rater USING (user_id)",
    ) == [("9", 36647, 1)]
    with engine.connect() as conn:
        assert datasets.stale(conn) == {}


def test_a_load_makes_the_ratings_equal_to_the_file(loaded: Engine, small: Path) -> None:
    """S5, S11: what is gone from the file goes, what is new comes, statistics follow."""
    again = [(1, 1214, 1.0, 978300799), (3, 1983, 5.0, 978300763)]
    datasets.kaggle(small, FILMS, links=LINKS, ratings=again)
    report = load.load_kaggle(loaded, small)
    (tally,) = [row for row in report.tables if row["table_name"] == "core.rating"]
    assert (tally["inserted"], tally["updated"], tally["deleted"]) == (1, 1, 2)
    assert datasets.rows(
        loaded,
        "SELECT source_key, movie_id, half_stars FROM core.rating JOIN core.rater USING (user_id)"
        " ORDER BY 1",
    ) == [("1", 348, 2), ("3", 36647, 10)]
    assert datasets.one(loaded, "SELECT count(*) FROM core.rater") == 2
    with loaded.connect() as conn:
        assert datasets.stale(conn) == {}


def test_a_load_erases_no_fact_that_it_does_not_bring(engine: Engine, tmp_path: Path) -> None:
    """N1: keywords, credits and details stay where a later folder has none."""
    first = datasets.kaggle(
        tmp_path / "first",
        [film(348, "Alien", tagline="In space", runtime="117.0")],
        keywords=[(348, "[{'id': 1, 'name': 'space'}]")],
        credits=[("[{'name': 'S. Weaver', 'character': 'Ripley'}]", "[]", 348)],
    )
    load.load_kaggle(engine, first)
    second = datasets.kaggle(
        tmp_path / "second", [film(348, "Alien", genres="[{'name': 'Horror'}]")]
    )
    load.load_kaggle(engine, second)
    page = datasets.rows(
        engine,
        "SELECT tagline, runtime, keywords, genres, top_cast ->> 0 IS NOT NULL FROM api.movie_page",
    )
    assert page == [("In space", 117, ["space"], ["Horror"], True)]


# broken loads


def cut(path: Path, upto: bytes) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: data.index(upto) + len(upto)])


def break_metadata(folder: Path) -> None:
    films = [*FILMS, film(9, "Last", overview='A long, "quoted" story\nover lines')]
    datasets.kaggle(folder, films)
    cut(folder / "movies_metadata.csv", b'A long, ""quoted"" sto')


def break_ratings(folder: Path) -> None:
    datasets.kaggle(folder, FILMS, ratings=[*RATINGS, (2, 1200, 4.0, 978300770)])
    cut(folder / "ratings.csv", b"2,12")


def break_links(folder: Path) -> None:
    datasets.kaggle(folder, FILMS, links=LINKS)
    cut(folder / "links.csv", b"1983,012")


@pytest.mark.parametrize("breaking", [break_metadata, break_ratings, break_links])
@pytest.mark.parametrize("as_zip", [False, True], ids=["folder", "zip"])
def test_a_file_cut_off_leaves_the_old_state(
    loaded: Engine, small: Path, tmp_path: Path, breaking: Callable[[Path], None], as_zip: bool
) -> None:
    """S5: half a download is refused, and nothing of it stays."""
    before = datasets.state(loaded)
    datasets.kaggle(small, [film(348, "Changed")], links=LINKS[:1], ratings=RATINGS[:1])
    breaking(small)
    path = datasets.zipped(tmp_path / "cut.zip", small) if as_zip else small
    with pytest.raises(BadInput, match="breaks off in the middle") as caught:
        load.load_kaggle(loaded, path)
    assert "nothing was changed" in caught.value.message
    assert datasets.state(loaded) == before


def test_a_zip_cut_off_leaves_the_old_state(loaded: Engine, small: Path, tmp_path: Path) -> None:
    """S5: a truncated zip is refused before anything is read."""
    datasets.kaggle(small, [film(348, "Changed")])
    packed = datasets.zipped(tmp_path / "cut.zip", small)
    packed.write_bytes(packed.read_bytes()[:-40])
    before = datasets.state(loaded)
    with pytest.raises(BadInput, match="neither a folder nor a zip file"):
        load.load_kaggle(loaded, packed)
    assert datasets.state(loaded) == before


def test_a_damaged_zip_leaves_the_old_state(loaded: Engine, small: Path, tmp_path: Path) -> None:
    """S5: damage that only shows at the end of a member undoes all that was read before it."""
    many = [(n, 1214, 4.0, 978300760 + n * n) for n in range(1, 30_000)]
    datasets.kaggle(small, [film(348, "Changed")], links=LINKS, ratings=many)
    packed = datasets.zipped(tmp_path / "damaged.zip", small)
    data = bytearray(packed.read_bytes())
    at = data.index(b"ratings.csv") + 100_000
    data[at : at + 20] = bytes(byte ^ 0xFF for byte in data[at : at + 20])
    packed.write_bytes(data)
    before = datasets.state(loaded)
    with pytest.raises(BadInput, match=r"ratings\.csv in damaged\.zip is damaged"):
        load.load_kaggle(loaded, packed)
    assert datasets.state(loaded) == before
    assert titles(loaded) == ["Alien", "Aliens", "Blade"]


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough ratings that a load can be met in the middle of any step."""
    movies = [film(n, f"Film {n}") for n in range(1, 501)]
    return datasets.kaggle(
        tmp_path_factory.mktemp("big"),
        movies,
        links=[(n, n, n) for n in range(1, 501)],
        ratings=[
            (user, movie, (user + movie) % 10 / 2 + 0.5, 978300760)
            for user in range(1, 201)
            for movie in range(1, 501)
        ],
    )


@pytest.fixture
def killed(engine: Engine) -> Callable[[str, Path], None]:
    """Start a load of a folder, and kill -9 it at a moment of its own."""
    others = text(
        "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name = 'recsql' AND xact_start IS NOT NULL"
    )

    def kill(moment: str, folder: Path) -> None:
        loading = subprocess.Popen(
            [sys.executable, "-m", "recsql", "load", "kaggle", str(folder)],
            env=environment(RECSQL_DATABASE_URL=libpq_url(engine.url)),
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            while not any(moment in query for query in conn.scalars(others)):
                assert loading.poll() is None, "it was over before it could be killed"
                assert time.monotonic() < deadline
            loading.kill()
            assert loading.wait() == -signal.SIGKILL
            while conn.scalars(others).all():
                assert time.monotonic() < deadline, "its session outlives it"
                time.sleep(0.02)

    return kill


def test_a_load_that_is_killed_leaves_the_old_state(
    engine: Engine, tmp_path: Path, big: Path, killed: Callable[[str, Path], None]
) -> None:
    """S5: kill -9 while it reads, writes and indexes: the old movies stay, the next load lands."""
    load.load_kaggle(engine, datasets.kaggle(tmp_path, FILMS))
    before = datasets.state(engine)
    quoted = Path(shutil.copytree(big, tmp_path / "quoted"))
    ratings = (big / "ratings.csv").read_text("utf-8")
    (quoted / "ratings.csv").write_text(ratings.replace("\n1,", '\n"1",'), "utf-8")
    for moment, folder in (
        ("COPY core.rating", big),
        ("ADD CONSTRAINT rating_pkey", big),
        # not plain, so by way of staging
        ("COPY staging.rating", quoted),
        ("INSERT INTO core.rating", quoted),
    ):
        killed(moment, folder)
        assert datasets.state(engine) == before
    report = load.load_kaggle(engine, big)
    assert report.landed("ratings.csv") == 100_000
    assert datasets.one(engine, "SELECT count(*) FROM core.rating") == 100_000
    with engine.connect() as conn:
        assert datasets.stale(conn) == {}


def test_a_dry_run_changes_nothing(loaded: Engine, small: Path) -> None:
    """S5: it says all that a load would say, and does nothing."""
    datasets.kaggle(small, [*FILMS, film(9, "Last")], ratings=[*RATINGS, (3, 7, 5, 9)])
    before = datasets.state(loaded)
    rehearsed = load.load_kaggle(loaded, small, dry_run=True)
    assert datasets.state(loaded) == before
    assert rehearsed.dry_run
    done = load.load_kaggle(loaded, small)
    assert (rehearsed.files, rehearsed.tables) == (done.files, done.tables)
    assert (done.rejected, done.changed) == (1, 4)


def test_more_rejects_than_allowed_change_nothing(loaded: Engine, small: Path) -> None:
    """S5: --max-rejects N fails above N, and names the first."""
    ratings = [*RATINGS, (3, 7, 5, 9), (3, 8, 5, 9), (3, 1214, 9, 9)]
    datasets.kaggle(small, FILMS, ratings=ratings)
    before = datasets.state(loaded)
    with pytest.raises(BadInput) as caught:
        load.load_kaggle(loaded, small, max_rejects=2)
    assert caught.value.message == (
        "3 records were turned away, more than --max-rejects 2; nothing was changed."
        " First: ratings.csv, line 5: unknown movie: its id has no row in links"
    )
    assert datasets.state(loaded) == before
    assert load.load_kaggle(loaded, small, max_rejects=3).rejected == 3


# what it asks for


def test_ratings_without_links_are_refused(engine: Engine, tmp_path: Path) -> None:
    """N1: MovieLens ids cannot be guessed; where links are known already, they serve."""
    alone = datasets.kaggle(tmp_path / "alone", FILMS, ratings=RATINGS)
    with pytest.raises(BadInput, match=r"has ratings\.csv and no links\.csv"):
        load.load_kaggle(engine, alone)
    load.load_kaggle(engine, datasets.kaggle(tmp_path / "linked", FILMS, links=LINKS))
    assert load.load_kaggle(engine, alone).landed("ratings.csv") == 3


@pytest.mark.parametrize(
    ("files", "message", "hint"),
    [
        ([], "has no movies_metadata.csv", "give the folder or zip"),
        (["movies.csv", "ratings.csv"], "has no movies_metadata.csv", "recsql load movielens"),
        (["u.item", "u.data"], "has no movies_metadata.csv", "recsql load movielens"),
    ],
)
def test_a_folder_without_the_files(
    engine: Engine, tmp_path: Path, files: list[str], message: str, hint: str
) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(BadInput, match=message) as caught:
        load.load_kaggle(engine, tmp_path)
    assert hint in (caught.value.hint or "")


def test_one_load_at_a_time(loaded: Engine, small: Path) -> None:
    """S5: a second load is refused while one runs, and nothing waits."""
    with loaded.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('recsql.load'))"))
        with pytest.raises(RecsqlError, match="another load is running"):
            load.load_kaggle(loaded, small)
    assert load.load_kaggle(loaded, small).changed == 0


def test_a_schema_of_somebody_else_is_left_alone(loaded: Engine, small: Path) -> None:
    """A load makes a schema of its own for a while, and never drops one that it did not make."""
    before = datasets.state(loaded)
    with loaded.begin() as conn:
        conn.execute(text("CREATE SCHEMA staging"))
        conn.execute(text("CREATE TABLE staging.mine AS SELECT 1 AS it"))
    try:
        with pytest.raises(RecsqlError, match="a schema called staging"):
            load.load_kaggle(loaded, small)
        assert datasets.state(loaded) == before
        assert datasets.one(loaded, "SELECT it FROM staging.mine") == 1
    finally:
        with loaded.begin() as conn:
            conn.execute(text("DROP SCHEMA staging CASCADE"))


def test_the_command(engine: Engine, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S5: `recsql load kaggle`: its report for people and as JSON, and its exit codes."""
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))

    def run(*args: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(cli.cli, ["load", "kaggle", *args])
        return done.exit_code, done.stdout, done.stderr

    code, said, aside = run(str(small), "--dry-run", "--json")
    rehearsed = json.loads(said)
    assert (code, rehearsed["dry_run"], titles(engine)) == (0, True, [])
    code, said, aside = run(str(small), "--json")
    assert code == 0
    assert json.loads(said) == {**rehearsed, "dry_run": False}
    code, said, aside = run(str(small))
    assert (code, "Nothing had to be changed." in aside) == (0, True)
    assert "             3  landed\n" in said
    (small / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1214,7,9\n1,1200,4,9\n")
    code, said, aside = run(str(small), "--max-rejects", "0")
    assert (code, said) == (1, "")
    assert "ratings.csv, line 2: rating is not 0.5 to 5.0 in half steps" in aside
    assert run(str(small), "--max-rejects", "-1")[0] == 2
    code, said, aside = run(str(small / "nowhere"))
    assert (code, said) == (1, "")
    assert "does not exist" in aside
    assert "Traceback" not in aside
