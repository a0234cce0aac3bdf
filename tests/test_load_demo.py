"""The demo: films told in our own words, and generated ratings in which fans love the kin."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from recsql import paths
from recsql.ingest import load
from recsql.ingest.load import DEMO_COLUMNS
from tests import datasets
from tests.datasets import film

# TMDB's twenty, as Kaggle's files spell them
GENRES = {
    "Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family",
    "Fantasy", "Foreign", "History", "Horror", "Music", "Mystery", "Romance", "Science Fiction",
    "TV Movie", "Thriller", "War", "Western",
}  # fmt: skip


@cache
def films() -> list[dict[str, str]]:
    """The demo's films as they are written down."""
    found = []
    for path in sorted(paths.DEMO.glob("films_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += list(csv.DictReader(file))
    return found


def words(said: str) -> list[str]:
    return re.findall(r"[\w'’]+", said.lower())


# the catalogue


def test_there_is_enough_of_everything(demo: Connection) -> None:
    """At least 400 films, 10 of each genre, 1,000 raters, 60,000 ratings."""
    assert len(films()) >= 400
    assert demo.scalar(text("SELECT count(*) FROM core.movie")) == len(films())
    shelves = dict(demo.execute(text("SELECT name, movies FROM api.category")).all())
    assert shelves.keys() == GENRES
    assert {name: movies for name, movies in shelves.items() if movies < 10} == {}
    raters, ratings = demo.execute(
        text("SELECT count(DISTINCT user_id), count(*) FROM core.rating")
    ).one()
    assert raters >= 1_000
    assert ratings >= 60_000
    assert demo.scalar(text("SELECT count(*) FROM core.rater")) == raters


def test_every_film_is_told_whole() -> None:
    """Each has what a page shows, and no two are the same."""
    keys = [name.removesuffix("_list") for name in DEMO_COLUMNS]
    for row in films():
        assert list(row) == keys
        missing = {key for key in keys if not row[key]} - {"collection", "imdb_id", "companies"}
        assert missing <= ({"cast"} if "Documentary" in row["genres"] else set()), row["title"]
        assert set(row["genres"].split("|")) <= GENRES, row["title"]
        assert re.fullmatch(r"(tt\d{7,8})?", row["imdb_id"]), row["title"]
        assert re.fullmatch(r"[A-Z]{2}(\|[A-Z]{2})*", row["countries"]), row["title"]
        assert re.fullmatch(r"[a-z]{2}", row["language"]), row["title"]
        for key in ("genres", "companies", "keywords", "directors", "cast", "countries"):
            entries = row[key].split("|")
            assert len(set(entries)) == len(entries), (row["title"], key)
            assert [entry.strip() for entry in entries] == entries, (row["title"], key)
    for key in ("tmdb_id", "imdb_id", "overview"):
        times = Counter(row[key] for row in films() if row[key])
        assert [value for value, n in times.items() if n > 1] == []


def test_overviews_are_one_line_each() -> None:
    """12 to 30 words, no two beginning alike."""
    lengths = {row["title"]: len(row["overview"].split()) for row in films()}
    assert {title: n for title, n in lengths.items() if not 12 <= n <= 30} == {}
    beginnings = Counter(tuple(words(row["overview"])[:5]) for row in films())
    assert [beginning for beginning, n in beginnings.items() if n > 1] == []
    assert all(row["overview"][-1] in ".!?”\"'" for row in films())


def test_what_the_database_says_is_what_is_written(demo: Connection) -> None:
    """N1, N4: every film with all its parts, one by one."""
    pages = {
        row["movie_id"]: row
        for row in demo.execute(text("SELECT * FROM api.movie_page")).mappings()
    }
    for row in films():
        page = pages[int(row["tmdb_id"])]
        told = (page["title"], page["original_title"], page["overview"], str(page["release_date"]))
        assert told == tuple(
            row[key] for key in ("title", "original_title", "overview", "release_date")
        )
        assert (page["imdb_id"] or "", page["runtime"]) == (row["imdb_id"], int(row["runtime"]))
        assert (page["collection"] or "") == row["collection"]
        assert set(page["genres"]) == set(row["genres"].split("|"))
        assert {name.lower() for name in page["keywords"]} == {
            name.lower() for name in row["keywords"].split("|")
        }
        assert page["directors"] == row["directors"].split("|")
        listed = [
            f"{person['name']} = {person['character']}".removesuffix(" = ")
            for person in page["top_cast"] or ()
        ]
        given = [entry.removesuffix(" = ") for entry in row["cast"].split("|") if entry]
        assert listed == given[: len(listed)]
        assert bool(listed) == bool(given)


# facts, against the real files


@pytest.fixture(scope="module")
def real(data: Path) -> dict[str, dict[str, str]]:
    """Kaggle's records by TMDB id."""
    with (data / "the-movies-dataset" / "movies_metadata.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_facts_agree_with_the_real_files(real: dict[str, dict[str, str]]) -> None:
    """Title, year and IMDb id of every film that the real files know by its TMDB id."""
    known = [row for row in films() if row["tmdb_id"] in real]
    assert len(known) >= 400

    def folded(title: str) -> str:
        return " ".join(words(title.replace("&", "and")))

    wrong = []
    for row in known:
        there = real[row["tmdb_id"]]
        titles = {folded(there["title"]), folded(there["original_title"])}
        ours = {folded(row["title"]), folded(row["original_title"])}
        # (Bram Stoker's) Dracula
        if not any(one in other or other in one for one in ours for other in titles):
            wrong.append((row["title"], there["title"]))
        if row["imdb_id"] and row["imdb_id"] != there["imdb_id"]:
            wrong.append((row["title"], row["imdb_id"], there["imdb_id"]))
        # festivals and countries differ by months
        if abs(int(row["release_date"][:4]) - int(there["release_date"][:4])) > 1:
            wrong.append((row["title"], row["release_date"], there["release_date"]))
    assert wrong == []


def test_overviews_are_our_own_words(real: dict[str, dict[str, str]]) -> None:
    """Nothing is copied out of the real files: no eight words in a row."""

    def runs(said: str) -> set[tuple[str, ...]]:
        found = words(said)
        return {tuple(found[at : at + 8]) for at in range(len(found) - 7)}

    borrowed = [
        (row["title"], sorted(shared))
        for row in films()
        if row["tmdb_id"] in real
        and (shared := runs(row["overview"]) & runs(real[row["tmdb_id"]]["overview"]))
    ]
    assert borrowed == []


# ratings


def test_ratings_look_like_peoples(demo: Connection) -> None:
    """Values up and down the scale, a mean as people give, ten years, nobody with a handful."""
    values = dict(
        demo.execute(text("SELECT half_stars, count(*) FROM core.rating GROUP BY 1")).all()
    )
    assert values.keys() >= set(range(2, 11))
    mean = sum(value * n for value, n in values.items()) / 2 / sum(values.values())
    assert 3 < mean < 4.2
    least, most, first, last = demo.execute(
        text(
            "SELECT min(n), max(n), min(first), max(last) FROM ("
            "SELECT count(*) AS n, min(rated_at) AS first, max(rated_at) AS last"
            " FROM core.rating GROUP BY user_id) AS it"
        )
    ).one()
    assert 20 <= least < most <= 200
    assert (first.year, last.year) == (2015, 2024)
    # every film has been seen, and most have fans
    assert demo.scalar(text("SELECT count(*) FROM derived.movie_stats")) == len(films())
    fans = demo.scalars(text("SELECT stars_50 FROM derived.movie_stats")).all()
    assert sum(n >= 5 for n in fans) > 0.9 * len(fans)


def test_the_site_can_say_that_they_are_generated(demo: Connection) -> None:
    about = demo.execute(text("SELECT * FROM api.about")).mappings().one()
    assert about["generated_ratings"] is True
    assert about["sources"] == ["demo"]
    assert datasets.stale(demo) == {}


def series() -> dict[str, list[int]]:
    found = defaultdict(list)
    for row in films():
        if row["collection"]:
            found[row["collection"]].append(int(row["tmdb_id"]))
    return {name: parts for name, parts in found.items() if len(parts) >= 3}


def found_again(conn: Connection, function: str) -> tuple[int, int]:
    """Return how many other parts of a series are among the first ten, and of how many."""
    hits = asked = 0
    for parts in series().values():
        for part in parts:
            first = conn.scalars(
                text(f"SELECT movie_id FROM api.{function}(:id, p_limit => 10)"), {"id": part}
            ).all()
            hits += len(set(parts) & set(first))
            asked += min(10, len(parts) - 1)
    return hits, asked


def test_fans_of_a_film_love_its_kin(demo: Connection) -> None:
    """N7: of the other parts of a series most are among the ten that its fans liked besides."""
    assert len(series()) >= 20
    hits, asked = found_again(demo, "also_liked")
    chance = 10 / len(films())
    assert hits / asked > 0.5
    assert hits / asked > 20 * chance


def test_parts_of_a_series_are_similar(demo: Connection) -> None:
    """N6: the same by their features."""
    hits, asked = found_again(demo, "similar_movies")
    assert hits / asked > 0.7


def test_genres_hold_together(demo: Connection) -> None:
    """N7: what the fans of a western liked besides are westerns, far above chance."""
    for name, above in (("Western", 5), ("Horror", 3), ("Animation", 3), ("War", 3)):
        members = set(
            demo.scalars(
                text(
                    "SELECT movie_id FROM core.movie_feature JOIN core.feature USING (feature_id)"
                    " WHERE kind = 'genre' AND name = :name"
                ),
                {"name": name},
            )
        )
        listed = demo.scalars(
            text(
                "SELECT liked.movie_id FROM unnest(:ids) AS id"
                " CROSS JOIN LATERAL api.also_liked(id, p_limit => 10) AS liked"
            ),
            {"ids": sorted(members)},
        ).all()
        share = sum(movie_id in members for movie_id in listed) / len(listed)
        assert share > above * len(members) / len(films()), name


# loading it


def test_the_same_ratings_each_time(
    empty_engine: Engine, demo_engine: Engine, tmp_path: Path
) -> None:
    """B9: another database gets the same ones, and a second load changes nothing."""
    engine = empty_engine
    asked = (
        "SELECT source_key, movie_id, half_stars, rated_at FROM core.rating"
        " JOIN core.rater USING (user_id) ORDER BY 1, 2"
    )
    report = load.load_demo(engine)
    ratings = datasets.rows(engine, asked)
    assert ratings == datasets.rows(demo_engine, asked)
    assert (report.landed("demo catalogue"), report.rejected) == (len(films()), 0)
    assert report.landed("generated ratings") == len(ratings) >= 60_000
    # N1: Kaggle's files know better, and the film keeps its ratings; the demo does not undo that
    told = (
        "SELECT movie.overview, source, genres, keywords <> '{}', raters > 0"
        " FROM api.movie_page JOIN core.movie USING (movie_id) WHERE movie_id = 603"
    )
    assert datasets.one(engine, "SELECT source FROM core.movie WHERE movie_id = 603") == "demo"
    load.load_kaggle(engine, datasets.kaggle(tmp_path, [film(603, "The Matrix")]))
    assert datasets.rows(engine, told) == [("About The Matrix.", "kaggle", ["Drama"], True, True)]
    before = datasets.state(engine, runs=False)
    assert load.load_demo(engine).changed == 0
    assert datasets.state(engine, runs=False) == before
    # and the ratings go as they came, while the films stay
    assert load.remove(engine, "demo") == len(ratings)
    with engine.connect() as conn:
        assert datasets.stale(conn) == {}
        assert conn.scalar(text("SELECT generated_ratings FROM api.about")) is False
        assert conn.scalar(text("SELECT count(*) FROM core.movie")) == len(films())
