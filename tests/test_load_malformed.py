"""N1, L1, S5: malformed files. What is good lands, the rest is named by file, line and reason.

A kind is one bad line between two good ones, in a small data set that the test writes.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recsql.errors import BadInput
from recsql.ingest import load
from recsql.ingest.load import METADATA_COLUMNS
from tests import datasets
from tests.conftest import Databases
from tests.datasets import csv_text, film


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for all kinds, emptied before each."""
    with datasets.database(databases) as engine:
        yield engine


@pytest.fixture
def engine(shared_engine: Engine) -> Iterator[Engine]:
    """Whatever a file holds, what is derived agrees with it, and no trigger stays off."""
    datasets.empty(shared_engine)
    yield shared_engine
    with shared_engine.connect() as conn:
        assert datasets.stale(conn) == {}
    off = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'"
    assert datasets.one(shared_engine, off) == 0


@dataclass(frozen=True)
class Kind:
    """One way in which a file goes wrong."""

    name: str
    # the bad line, which is line 3; or the whole file
    data: bytes = b""
    # why a line does not land; None where all do
    reason: str | None = None
    line: int = 3
    whole: bool = False
    # how many records land, where it is not all but the one turned away
    landed: int | None = None
    # of a film: its cells, and what the database then says
    cells: dict[str, object] = field(default_factory=dict)
    then: tuple[str, object] | None = None

    def file(self, head: bytes, before: bytes, after: bytes) -> bytes:
        """Return the file with this in it."""
        return self.data if self.whole else head + before + self.data + after

    def rejects(self, name: str) -> list[tuple[str, int, str]]:
        """Return what core.load_reject should hold."""
        return [] if self.reason is None else [(name, self.line, self.reason)]


def kinds(*given: Kind) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", given, ids=[kind.name for kind in given])


LONG_NAME = "".join(random.Random(1).choices(string.ascii_letters, k=5_000))
UNCLOSED = "a quote that is never closed"

# ratings.csv

HEAD, BEFORE, AFTER = (
    b"userId,movieId,rating,timestamp\n", b"1,1,4.0,978300760\n", b"2,2,3.5,978300761\n",
)  # fmt: skip
MOVIES = [(1, "Alien (1979)", "Horror|Sci-Fi"), (2, "Blade (1998)", "Action")]
STARS = "rating is not 0.5 to 5.0 in half steps"
TIME = "timestamp is no number of seconds"
USER = "userId is not a whole number from 1 to 999,999,999"
MOVIE = "movieId is not a whole number from 1 to 999,999,999"
AGAIN = "rated again by the same rater: the later rating counts"


@kinds(
    Kind("as it should be", b"3,1,5.0,978300762\n", landed=3),
    Kind("BOM", b"\xef\xbb\xbf" + HEAD + BEFORE + AFTER, whole=True),
    Kind("CRLF", (HEAD + BEFORE + AFTER).replace(b"\n", b"\r\n"), whole=True),
    Kind("CRLF among LF", b"3,1,5.0,978300762\r\n", landed=3),
    Kind("no final newline", (HEAD + BEFORE + AFTER).rstrip(), whole=True),
    Kind("quoted cells", b'"3","1","5.0","978300762"\n', landed=3),
    Kind("quoted header", HEAD.replace(b"userId", b'"userId"') + BEFORE + AFTER, whole=True),
    Kind("spaces", b" 3, 1 ,5.0 , 978300762\n", landed=3),
    Kind("line break behind a number", b'"3\n",1,5.0,978300762\n', landed=3),
    Kind("empty line", b"\n"),
    Kind("line of spaces", b"   \n"),
    Kind("NUL", b"3,\0001,5.0,978300762\n", "a NUL byte"),
    Kind("latin-1", b"3,1\xb9,5.0,978300762\n", "not UTF-8 text"),
    Kind("stray quote", b'3,1",5.0,978300762\n', UNCLOSED),
    Kind("unclosed quote", b'"3,1,5.0,978300762\n', UNCLOSED),
    Kind("text behind a quote", b'"3"x,1,5.0,9\n', "not CSV: ',' expected after '\"'"),
    Kind("line break in a number", b'3,1,5.0,"97830\n0762"\n', TIME),
    Kind("short row", b"3,1,5.0\n", "3 cells where 4 belong"),
    Kind("very short row", b"3\n", "1 cells where 4 belong"),
    Kind("long row", b"3,1,5.0,978300762,x\n", "5 cells where 4 belong"),
    Kind("other separator", b"3;1;5.0;978300762\n", "1 cells where 4 belong"),
    Kind("only commas", b",,,\n", "userId is not above zero"),
    # servers before 18 take it for the end of the file
    Kind("backslash and dot", b"\\.\n", "1 cells where 4 belong"),
    Kind("rating NaN", b"3,1,NaN,978300762\n", STARS),
    Kind("rating infinite", b"3,1,Infinity,978300762\n", STARS),
    Kind("rating 7", b"3,1,7,978300762\n", STARS),
    Kind("rating 0", b"3,1,0,978300762\n", STARS),
    Kind("rating 4.7", b"3,1,4.7,978300762\n", STARS),
    Kind("rating -1", b"3,1,-1,978300762\n", STARS),
    Kind("rating with a comma", b'3,1,"4,5",978300762\n', STARS),
    Kind("rating empty", b"3,1,,978300762\n", STARS),
    Kind("rating with zeros", b"3,1,4.500,978300762\n", landed=3),
    Kind("user negative", b"-3,1,5.0,978300762\n", USER),
    Kind("user 0", b"0,1,5.0,978300762\n", "userId is not above zero"),
    Kind("user empty", b",1,5.0,978300762\n", "userId is not above zero"),
    Kind("user 2^31", b"2147483648,1,5.0,978300762\n", USER),
    Kind("user 2^63", b"9223372036854775808,1,5.0,978300762\n", USER),
    Kind("user a name", b"Ann,1,5.0,978300762\n", USER),
    # servers from 16 on take the next two for numbers
    Kind("user hexadecimal", b"0x10,1,5.0,978300762\n", USER),
    Kind("user with underscore", b"1_0,1,5.0,978300762\n", USER),
    Kind("user 1e3", b"1e3,1,5.0,978300762\n", USER),
    Kind("movie negative", b"3,-1,5.0,978300762\n", MOVIE),
    Kind("movie 0", b"3,0,5.0,978300762\n", "movieId is not above zero"),
    Kind("movie 2^31", b"3,2147483648,5.0,978300762\n", MOVIE),
    Kind("movie a fraction", b"3,1.5,5.0,978300762\n", MOVIE),
    Kind("movie unknown", b"3,7,5.0,9\n", "unknown movie: its id has no row in links"),
    Kind("unicode digits", "3,١,5.0,978300762\n".encode(), MOVIE),
    Kind("time negative", b"3,1,5.0,-1\n", TIME),
    Kind("time beyond 2^63", b"3,1,5.0,99999999999999999999\n", TIME),
    Kind("time of the year 5138", b"3,1,5.0,99999999999\n", "timestamp is out of range"),
    Kind("time a date", b"3,1,5.0,2001-01-01\n", TIME),
    Kind("time a fraction", b"3,1,5.0,978300762.75\n", landed=3),
    Kind("time empty", b"3,1,5.0,\n", landed=3),
    Kind("time 0", b"3,1,5.0,0\n", landed=3),
    Kind("huge cell", b"3,1," + b"5" * (9 << 20) + b",1\n", "a line of more than 4 MiB"),
    Kind("the same line twice", BEFORE, AGAIN, line=2),
    Kind("rated again later", b"1,1,1.0,978300999\n", AGAIN, line=2),
    Kind("rated again earlier", b"1,1,1.0,978300000\n", AGAIN),
    Kind("rated again at no time", b"1,1,1.0,0\n", AGAIN),
)
def test_ratings(engine: Engine, tmp_path: Path, kind: Kind) -> None:
    """S5: of ratings.csv every good row lands, and a bad one is named by its line."""
    datasets.movielens(tmp_path, MOVIES, ratings=())
    (tmp_path / "ratings.csv").write_bytes(kind.file(HEAD, BEFORE, AFTER))
    report = load.load_movielens(engine, tmp_path)
    assert datasets.rejects(engine, "movielens") == kind.rejects("ratings.csv")
    landed = set(
        datasets.rows(
            engine,
            "SELECT rater.source_key, movie.title, rating.half_stars FROM core.rating"
            " JOIN core.rater USING (user_id) JOIN core.movie USING (movie_id)",
        )
    )
    alien = 2 if kind.name == "rated again later" else 8
    assert landed >= {("1", "Alien", alien), ("2", "Blade", 7)}
    assert len(landed) == report.landed("ratings.csv") == (kind.landed or 2)
    assert report.rejected == len(kind.rejects("ratings.csv"))


# movies.csv

NO_ID = "no MovieLens id"


@kinds(
    Kind("as it should be", b"3,Cube (1997),Horror\n"),
    Kind("BOM", b"\xef\xbb\xbfmovieId,title,genres\n1,A,X\n2,B,X\n3,C,X\n", whole=True),
    Kind("CRLF", b"movieId,title,genres\r\n1,A,X\r\n2,B,X\r\n3,C,X\r\n", whole=True),
    Kind("no final newline", b"movieId,title,genres\n1,A,X\n2,B,X\n3,C,X", whole=True),
    Kind("comma in a title", b'3,"Good, Bad (1966)",Western\n'),
    Kind("quotes in a title", b'3,"The ""Cube"" (1997)",Horror\n'),
    Kind("line break in a title", b'3,"Cube\n(1997)",Horror\n'),
    Kind("markup in a title", b"3,<script>alert(1)</script>'; DROP TABLE core.movie;--,Horror\n"),
    Kind("NUL", b"3,Cube\0 (1997),Horror\n", "a NUL byte"),
    Kind("latin-1", b"3,Am\xe9lie (2001),Comedy\n", "not UTF-8 text"),
    Kind("stray quote", b'3,12" of Snow (1997),Horror\n', UNCLOSED),
    Kind("unclosed quote", b'3,"Cube (1997),Horror\n', UNCLOSED),
    Kind("short row", b"3,Cube (1997)\n", "2 cells where 3 belong"),
    Kind("comma without quotes", b"3,Good, Bad (1966),Western\n", "4 cells where 3 belong"),
    Kind("id empty", b",Cube (1997),Horror\n", NO_ID),
    Kind("id 0", b"0,Cube (1997),Horror\n", NO_ID),
    Kind("id negative", b"-3,Cube (1997),Horror\n", NO_ID),
    Kind("id 2^31", b"2147483648,Cube (1997),Horror\n", NO_ID),
    Kind("id 2^63", b"9223372036854775808,Cube (1997),Horror\n", NO_ID),
    Kind("id in unicode digits", "٣,Cube (1997),Horror\n".encode(), NO_ID),
    Kind("id given before", b"1,Cube (1997),Horror\n", "MovieLens id given before"),
    Kind("id of a broken row", b"2,Blade\n", "2 cells where 3 belong"),
    Kind("title empty", b"3,,Horror\n", "no title"),
    Kind("title only a year", b"3,(1997),Horror\n", "no title"),
    Kind("title of 501", b"3," + b"x" * 501 + b",X\n", "a title of more than 500 characters"),
    Kind(
        "title of 3 MiB", b"3," + b"x " * 1_500_000 + b",X\n", "a title of more than 500 characters"
    ),
    Kind("title of 9 MiB", b"3," + b"x" * (9 << 20) + b",X\n", "a line of more than 4 MiB"),
    Kind("genre without end", f"3,Cube (1997),{LONG_NAME}|Horror\n".encode()),
    Kind("year 0999", b"3,Cube (0999),Horror\n"),
    Kind("year 2147483648", b"3,Cube (2147483648),Horror\n"),
)
def test_movies(engine: Engine, tmp_path: Path, kind: Kind) -> None:
    """L1, S5: of movies.csv every good row lands, and a bad one is named by its line."""
    datasets.movielens(tmp_path, (), ratings=[(1, 1, 5, 9), (2, 2, 4, 9)])
    (tmp_path / "movies.csv").write_bytes(
        kind.file(b"movieId,title,genres\n", b"1,Alien (1979),Horror\n", b"2,Blade (1998),Action\n")
    )
    report = load.load_movielens(engine, tmp_path)
    assert datasets.rejects(engine, "movielens") == kind.rejects("movies.csv")
    landed = 2 if kind.reason else 3
    assert report.landed("movies.csv") == landed
    assert datasets.one(engine, "SELECT count(*) FROM core.movie") == landed
    assert report.landed("ratings.csv") == 2


# links.csv


@kinds(
    Kind("as it should be", b"3,0123755,431\n", landed=3),
    Kind("imdbId with tt", b"3,tt0123755,431\n", landed=3),
    Kind("tmdbId a float", b"3,0123755,431.0\n", landed=3),
    Kind("no tmdbId", b"3,0123755,\n", landed=3),
    Kind("tmdbId NaN", b"3,0123755,NaN\n", landed=3),
    Kind("tmdbId 0", b"3,0123755,0\n", landed=3),
    Kind("tmdbId negative", b"3,0123755,-431\n", landed=3),
    Kind("tmdbId 2^31", b"3,0123755,2147483648\n", landed=3),
    Kind("tmdbId one of our own", b"3,0123755,1000000001\n", landed=3),
    Kind("imdbId nonsense", b"3,nm0123755,431\n", landed=3),
    Kind("imdbId zeros", b"3,0000000,431\n", landed=3),
    Kind("tmdbId of another movie", b"3,0123755,348\n", landed=3),
    Kind("imdbId of another movie", b"3,0078748,\n", landed=3),
    Kind("short row", b"3,0123755\n", "2 cells where 3 belong"),
    Kind("long row", b"3,0123755,431,x\n", "4 cells where 3 belong"),
    Kind("movieId nonsense", b"x,0123755,431\n", NO_ID),
    Kind("movieId empty", b",0123755,431\n", NO_ID),
    Kind("movieId 2^31", b"2147483648,0123755,431\n", NO_ID),
    Kind("movieId twice", b"1,0123755,431\n", "MovieLens id given before"),
    Kind("NUL", b"3,\0,431\n", "a NUL byte"),
    Kind("unclosed quote", b'3,"0123755,431\n', UNCLOSED),
)
def test_links(engine: Engine, tmp_path: Path, kind: Kind) -> None:
    """S5: a bad row of links.csv is named by its line, and misleads no rating."""
    movies = [*MOVIES, (3, "Cube (1997)", "Horror")]
    datasets.movielens(tmp_path, movies, ratings=[(1, 1, 5, 9), (2, 2, 4, 9), (3, 3, 3, 9)])
    (tmp_path / "links.csv").write_bytes(
        kind.file(b"movieId,imdbId,tmdbId\n", b"1,0078748,348\n", b"2,0120611,36647\n")
    )
    report = load.load_movielens(engine, tmp_path)
    assert datasets.rejects(engine, "movielens") == kind.rejects("links.csv")
    assert report.landed("links.csv") == (kind.landed or 2)
    landed = datasets.rows(
        engine,
        "SELECT source_key, movie_id, half_stars FROM core.rating JOIN core.rater USING (user_id)"
        " ORDER BY half_stars DESC",
    )
    assert landed[:2] == [("1", 348, 10), ("2", 36647, 8)]
    assert len(landed) == 3


# movies_metadata.csv, keywords.csv, credits.csv

NO_TMDB = "no TMDB id"
CUBE = "SELECT count(*) FROM core.movie WHERE movie_id = 431 AND title = 'Cube'"
GENRES = (
    "SELECT array_agg(name ORDER BY name) FROM core.movie_feature JOIN core.feature"
    " USING (feature_id) WHERE movie_id = 431 AND kind = 'genre'"
)
DEEP = "[{'id': 1, 'name': 'Horror', 'x': " + "[" * 5_000 + "]" * 5_000 + "}]"


def of(column: str) -> str:
    return f"SELECT {column} FROM core.movie WHERE movie_id = 431"


@kinds(
    Kind("as it should be", then=(CUBE, 1)),
    Kind("no-break spaces in a title", cells={"title": "\u00a0Cube\u00a0"}, then=(CUBE, 1)),
    Kind("id with zeros", cells={"id": "000431"}, then=(CUBE, 1)),
    Kind("id a float", cells={"id": "431.0"}, then=(CUBE, 1)),
    Kind("id empty", cells={"id": ""}, reason=NO_TMDB),
    Kind("id 0", cells={"id": "0"}, reason=NO_TMDB),
    Kind("id negative", cells={"id": "-431"}, reason=NO_TMDB),
    Kind("id 2^31", cells={"id": "2147483648"}, reason=NO_TMDB),
    Kind("id 2^63", cells={"id": "9223372036854775808"}, reason=NO_TMDB),
    Kind("id one of our own", cells={"id": "1000000000"}, reason=NO_TMDB),
    Kind("id in unicode digits", cells={"id": "٤٣١"}, reason=NO_TMDB),
    Kind("id a date", cells={"id": "1997-09-09"}, reason=NO_TMDB),
    Kind("no title", cells={"title": "", "original_title": " "}, reason="no title"),
    Kind("only an original title", cells={"title": ""}, then=(CUBE, 1)),
    Kind(
        "title without end",
        cells={"title": LONG_NAME, "original_title": LONG_NAME},
        reason="a title of more than 500 characters",
    ),
    Kind("original title without end", cells={"original_title": LONG_NAME}, then=(CUBE, 1)),
    Kind("overview of 3 MiB", cells={"overview": "xy " * (1 << 20)}, then=(CUBE, 1)),
    Kind("overview over lines", cells={"overview": 'a\n\nb,"c"\r\nd'}, then=(CUBE, 1)),
    Kind("date that is none", cells={"release_date": "1997-02-30"}, then=(of("year"), None)),
    Kind("date 0000", cells={"release_date": "0000-01-01"}, then=(of("year"), None)),
    Kind("date 1", cells={"release_date": "1"}, then=(of("release_date"), None)),
    Kind("runtime NaN", cells={"runtime": "NaN"}, then=(of("runtime"), None)),
    Kind("runtime 2^31", cells={"runtime": "2147483648.0"}, then=(of("runtime"), None)),
    Kind("runtime negative", cells={"runtime": "-90"}, then=(of("runtime"), None)),
    Kind("revenue past 2^31", cells={"revenue": "2787965087"}, then=(of("revenue"), 2787965087)),
    Kind("revenue past 2^63", cells={"revenue": "9" * 30}, then=(of("revenue"), None)),
    Kind("budget a path", cells={"budget": "/poster.jpg"}, then=(of("budget"), None)),
    Kind("popularity 1e99", cells={"popularity": "1e99"}, then=(of("popularity"), None)),
    Kind("popularity 1.5e-05", cells={"popularity": "1.5e-05"}, then=(CUBE, 1)),
    Kind("popularity 1e-99", cells={"popularity": "1e-99"}, then=(of("popularity"), 0.0)),
    Kind("adult nonsense", cells={"adult": " - Written by"}, then=(of("adult"), False)),
    Kind("votes nonsense", cells={"vote_count": "many"}, then=(CUBE, 1)),
    Kind("list that is none", cells={"genres": "[Horror"}, then=(GENRES, None)),
    Kind("list of numbers", cells={"genres": "[1, 2, None]"}, then=(GENRES, None)),
    Kind("list of lists", cells={"genres": "[['name', 'Horror']]"}, then=(GENRES, None)),
    Kind("dictionary for a list", cells={"genres": "{'name': 'Horror'}"}, then=(GENRES, None)),
    Kind("list in another list", cells={"genres": DEEP}, then=(GENRES, None)),
    Kind("list with NaN", cells={"genres": "[{'id': nan, 'name': 'X'}]"}, then=(GENRES, None)),
    Kind("half a pair", cells={"genres": r"[{'name': '\ud83d'}]"}, then=(GENRES, None)),
    Kind("NUL spelt out", cells={"genres": r"[{'name': 'X\x00'}]"}, then=(GENRES, None)),
    Kind("number without end", cells={"genres": "[{'id': 1e99999}]"}, then=(GENRES, None)),
    Kind("JSON for Python", cells={"genres": '[{"name": "Horror"}]'}, then=(GENRES, ["Horror"])),
    Kind(
        "items without a name",
        cells={"genres": "[{'id': 27}, {'id': 28, 'name': None}, {'name': ' '}, {'name': 'War'}]"},
        then=(GENRES, ["War"]),
    ),
    Kind(
        "a name without end", cells={"genres": f"[{{'name': '{LONG_NAME}'}}]"}, then=(GENRES, None)
    ),
    Kind("a genre twice", cells={"genres": "[{'name': 'War'}, {'name': 'war'}]"}, then=(CUBE, 1)),
    Kind(
        "country without a code",
        cells={"production_countries": "[{'name': 'Narnia'}]"},
        then=(CUBE, 1),
    ),
    Kind(
        "country without a name",
        cells={"production_countries": "[{'iso_3166_1': 'CA'}]"},
        then=(CUBE, 1),
    ),
    Kind(
        "collection without a name",
        cells={"belongs_to_collection": "{'id': 5}"},
        then=(of("collection_id"), None),
    ),
    Kind(
        "collection without an id",
        cells={"belongs_to_collection": "{'name': 'Cubes'}"},
        then=(CUBE, 1),
    ),
    Kind("collection a list", cells={"belongs_to_collection": "[{'id': 5}]"}, then=(CUBE, 1)),
    Kind(
        "collection 2^63",
        cells={"belongs_to_collection": "{'id': 9223372036854775808, 'name': 'C'}"},
        then=(CUBE, 1),
    ),
    Kind("title like a list", cells={"title": "[REC]"}, then=(of("title"), "[REC]")),
    Kind("poster a javascript", cells={"poster_path": "javascript:alert(1)"}, then=(CUBE, 1)),
)
def test_films(engine: Engine, tmp_path: Path, kind: Kind) -> None:
    """N1, S5: a film with a bad cell lands without it; one that cannot be named is turned away."""
    bad = film(431, "Cube", **kind.cells)
    datasets.kaggle(tmp_path, [film(348, "Alien"), bad, film(36647, "Blade")])
    report = load.load_kaggle(engine, tmp_path)
    assert datasets.rejects(engine, "kaggle") == kind.rejects("movies_metadata.csv")
    landed = 2 if kind.reason else 3
    assert report.landed("movies_metadata.csv") == landed
    assert datasets.one(engine, "SELECT count(*) FROM core.movie") == landed
    if kind.then:
        statement, wanted = kind.then
        assert datasets.one(engine, statement) == wanted


@pytest.mark.parametrize("column", sorted(load._LISTS))
def test_code_in_a_cell_is_never_run(engine: Engine, tmp_path: Path, column: str) -> None:
    """N1: the lists are Python literals, read without Python's evaluator."""
    proof = tmp_path / "executed"
    code = f"__import__('pathlib').Path({str(proof)!r}).touch()"
    films = [
        film(1, "Alien", **{column: code}),
        film(2, "Blade", **{column: f"[{code}]"}),
        film(3, "Cube", **{column: f"[{{'id': 1, 'name': {code}}}]"}),
    ]
    cells = [code, f"[{code}]"]
    datasets.kaggle(
        tmp_path,
        films,
        keywords=[(n, cell) for n, cell in enumerate(cells, 1)],
        credits=[(cell, cell, n) for n, cell in enumerate(cells, 1)],
    )
    report = load.load_kaggle(engine, tmp_path)
    assert report.landed("movies_metadata.csv") == 3
    assert not proof.exists()
    unread = [row for row in report.files if row["reason"] and "cannot be read" in row["reason"]]
    assert {row["file"] for row in unread} >= {"keywords.csv", "credits.csv"}
    assert datasets.one(engine, "SELECT count(*) FROM core.feature WHERE name LIKE '%import%'") == 0


@kinds(
    Kind("short row", b"431,False\n", "2 cells where 24 belong"),
    Kind("long row", csv_text(["a"] * 30, []).encode(), "30 cells where 24 belong"),
    Kind("NUL", csv_text(film(431, "Cu\0be"), []).encode(), "a NUL byte"),
    Kind(
        "latin-1",
        csv_text(film(431, "Cafe"), []).encode().replace(b"Cafe", b"Caf\xe9"),
        "not UTF-8 text",
    ),
    Kind(
        "unclosed quote",
        csv_text(film(431, "Cube"), []).encode().replace(b"Cube,", b'"Cube,', 1),
        UNCLOSED,
    ),
    Kind("empty line", b"\n"),
    Kind(
        "the same record twice",
        csv_text(film(348, "Alien"), []).encode(),
        "id given before, same record",
    ),
    Kind(
        "the same id, fewer votes",
        csv_text(film(348, "Alien", vote_count="3"), []).encode(),
        "id given before, other values: the record with most votes is kept",
    ),
    Kind(
        "the same id, more votes",
        csv_text(film(348, "Alien", vote_count="99"), []).encode(),
        "id given before, other values: the record with most votes is kept",
        line=2,
    ),
    Kind(
        "the same id, otherwise spelt",
        csv_text(film("0348", "Alien", vote_count="3"), []).encode(),
        "id given before, other values: the record with most votes is kept",
    ),
)
def test_film_records(engine: Engine, tmp_path: Path, kind: Kind) -> None:
    """N1, S5: a bad record of movies_metadata.csv takes no neighbour with it."""
    head = csv_text(METADATA_COLUMNS, []).encode()
    before, after = (csv_text(film(*it), []).encode() for it in ((348, "Alien"), (36647, "Blade")))
    (tmp_path / "movies_metadata.csv").write_bytes(kind.file(head, before, after))
    report = load.load_kaggle(engine, tmp_path)
    assert datasets.rejects(engine, "kaggle") == kind.rejects("movies_metadata.csv")
    assert datasets.rows(engine, "SELECT movie_id, title FROM core.movie ORDER BY 1") == [
        (348, "Alien"),
        (36647, "Blade"),
    ]
    assert report.landed("movies_metadata.csv") == 2


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("keywords.csv", [348], "1 cells where 2 belong"),
        ("keywords.csv", ["x", "[]"], NO_TMDB),
        ("keywords.csv", [999, "[]"], "movie is not in the catalogue"),
        ("keywords.csv", [348, "[{'id': 1, 'name': 'space'}]"], "repeated row"),
        ("keywords.csv", [348, f"[{{'name': '{LONG_NAME}'}}]"], None),
        ("credits.csv", ["[]", 348], "2 cells where 3 belong"),
        ("credits.csv", ["[]", "[]", ""], NO_TMDB),
        ("credits.csv", ["[]", "[]", 999], "movie is not in the catalogue"),
        ("credits.csv", ["[]", "[]", 348], "repeated row"),
        ("credits.csv", [f"[{{'name': '{LONG_NAME}'}}, {{'id': 5}}, 7]", "[]", 36647], None),
        ("credits.csv", [str([{"name": f"Extra {n}"} for n in range(33_000)]), "[]", 36647], None),
    ],
)
def test_keywords_and_credits(
    engine: Engine, tmp_path: Path, file: str, row: list[object], reason: str | None
) -> None:
    """N1, S5: a bad row beside a good one of the same film takes nothing from it."""
    good = {
        "keywords.csv": [[348, "[{'id': 1, 'name': 'space'}]"]],
        "credits.csv": [["[{'name': 'S. Weaver', 'character': 'Ripley'}]", "[]", 348]],
    }
    given = {name: [*rows, row] if name == file else rows for name, rows in good.items()}
    if reason and "cells" in reason:
        # the broken row first: it may not stand for the good one
        given[file] = given[file][::-1]
    datasets.kaggle(
        tmp_path,
        [film(348, "Alien"), film(36647, "Blade")],
        keywords=given["keywords.csv"],
        credits=given["credits.csv"],
    )
    report = load.load_kaggle(engine, tmp_path)
    line = 2 if reason and "cells" in reason else 3
    assert datasets.rejects(engine, "kaggle") == ([(file, line, reason)] if reason else [])
    assert report.landed(file) == (1 if reason else 2)
    assert datasets.rows(
        engine,
        "SELECT (SELECT name FROM core.feature JOIN core.movie_feature USING (feature_id)"
        " WHERE movie_id = 348 AND kind = 'keyword'), (SELECT name FROM core.credit"
        " JOIN core.person USING (person_id) WHERE movie_id = 348)",
    ) == [("space", "S. Weaver")]


# files that are refused whole

GOOD = {
    "movies.csv": b"movieId,title,genres\n1,Alien (1979),Horror\n",
    "ratings.csv": HEAD + BEFORE,
    "links.csv": b"movieId,imdbId,tmdbId\n1,0078748,348\n",
    "movies_metadata.csv": csv_text(METADATA_COLUMNS, [film(348, "Alien")]).encode(),
    "keywords.csv": b"id,keywords\n348,[]\n",
    "credits.csv": b"cast,crew,id\n[],[],348\n",
}
KAGGLE = {"movies_metadata.csv", "keywords.csv", "credits.csv", "links.csv", "ratings.csv"}
WHOLE = {
    "empty": lambda data: b"",
    "no header": lambda data: data.split(b"\n", 1)[1],
    "only a header": lambda data: data.split(b"\n", 1)[0] + b"\n",
    "other header": lambda data: b"a,b,c\n" + data.split(b"\n", 1)[1],
    "CR alone": lambda data: data.replace(b"\n", b"\r"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "NUL in the header": lambda data: b"\0" + data,
    "zeros": lambda data: bytes(5_000),
    "markup": lambda data: b"<!DOCTYPE html>\n<html>Not found</html>\n",
}
# the loader needs nothing of these
OPTIONAL = {"links.csv", "keywords.csv", "credits.csv"}


@pytest.mark.parametrize("how", WHOLE)
@pytest.mark.parametrize("file", GOOD)
def test_a_file_that_is_another(engine: Engine, tmp_path: Path, file: str, how: str) -> None:
    """S5: a wrong file is named, with a hint, and the old state stays."""
    kaggle = file in {"movies_metadata.csv", "keywords.csv", "credits.csv"}
    names = KAGGLE if kaggle else {"movies.csv", "ratings.csv", "links.csv"}
    for name in names:
        data = GOOD[name]
        (tmp_path / name).write_bytes(WHOLE[how](data) if name == file else data)
    run = load.load_kaggle if kaggle else load.load_movielens
    if file in OPTIONAL and how == "only a header":
        assert run(engine, tmp_path).landed("ratings.csv") == 1
        return
    before = datasets.state(engine)
    with pytest.raises(BadInput) as caught:
        run(engine, tmp_path)
    assert file in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert datasets.state(engine) == before
    if how == "empty":
        (tmp_path / file).write_bytes(GOOD[file])
        assert run(engine, tmp_path).rejected == 0


def test_lines_far_down_a_file_that_is_copied_as_it_is(engine: Engine, tmp_path: Path) -> None:
    """S5: lines are numbered when a row is turned away, and still name what an editor shows."""
    count = 20_000
    # rows of two lengths, so that their pages hold different numbers of them
    ratings = [(1 + n // 100, 1 + n % 100, 3.5, 978300760 if n % 3 else "") for n in range(count)]
    bad = {2: 7.0, 6_667: 0.0, 13_334: 5.5, count + 1: -1.0}
    for line, stars in bad.items():
        user, movie, _, at = ratings[line - 2]
        ratings[line - 2] = (user, movie, stars, at)
    # of two alike the later line counts
    ratings.append(ratings[4_998])
    movies = [(n, f"Film {n} (2000)", "Drama") for n in range(1, 101)]
    report = load.load_movielens(engine, datasets.movielens(tmp_path, movies, ratings=ratings))
    assert datasets.rejects(engine, "movielens") == sorted(
        [
            *(("ratings.csv", line, "rating is not 0.5 to 5.0 in half steps") for line in bad),
            ("ratings.csv", 5_000, AGAIN),
        ]
    )
    assert report.landed("ratings.csv") == count - len(bad)
