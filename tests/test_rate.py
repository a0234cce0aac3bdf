"""Ratings by SQL: given, given again, taken back; and the proof that the counts follow (B5)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.test_recommenders import ALIEN, DUMBO, rows


def test_rating_again_overwrites(tiny: Connection) -> None:
    assert rows(tiny, "SELECT stars FROM api.rate(5, 1, 4.5)") == [{"stars": Decimal("4.5")}]
    assert rows(tiny, "SELECT stars FROM api.rate(5, 1, 2)") == [{"stars": Decimal("2.0")}]
    given = rows(tiny, "SELECT half_stars FROM core.rating WHERE user_id = 5 AND movie_id = 1")
    assert given == [{"half_stars": 4}]


def test_a_rating_counts_at_once(tiny: Connection) -> None:
    """B4: in statistics and in lists, in the same transaction."""
    rows(tiny, "SELECT * FROM api.rate(5, 1, 5)")
    assert rows(tiny, "SELECT fans FROM api.movie_page WHERE movie_id = 1") == [{"fans": 4}]
    liked = {row["movie_id"] for row in rows(tiny, "SELECT movie_id FROM api.also_liked(1)")}
    assert DUMBO in liked


def test_a_rating_can_be_taken_back(tiny: Connection) -> None:
    assert rows(tiny, "SELECT api.unrate(1, 1) AS gone") == [{"gone": True}]
    assert rows(tiny, "SELECT api.unrate(1, 1) AS gone") == [{"gone": False}]
    assert rows(tiny, "SELECT fans FROM api.movie_page WHERE movie_id = 1") == [{"fans": 2}]


@pytest.mark.parametrize("stars", ["0", "0.4", "5.5", "4.7", "-1", "NULL", "'NaN'", "1e9"])
def test_stars_are_half_steps(tiny: Connection, stars: str) -> None:
    with pytest.raises(DBAPIError) as raised:
        rows(tiny, f"SELECT * FROM api.rate(5, {ALIEN}, {stars})")
    assert raised.value.orig.pgcode == "RQ003"  # type: ignore[union-attr]


@pytest.mark.parametrize(("user", "movie"), [(99, 1), (1, 99), (0, 1), (1, -1)])
def test_rater_and_movie_have_to_exist(tiny: Connection, user: int, movie: int) -> None:
    with pytest.raises(DBAPIError) as raised:
        rows(tiny, f"SELECT * FROM api.rate({user}, {movie}, 4)")
    assert raised.value.orig.pgcode == "RQ004"  # type: ignore[union-attr]


def test_verify_finds_nothing_after_any_change(tiny: Connection) -> None:
    """B5"""
    for change in (
        "SELECT * FROM api.rate(5, 1, 5)",
        "SELECT * FROM api.rate(5, 1, 1.5)",
        "SELECT api.unrate(2, 1)",
        "DELETE FROM core.rater WHERE user_id = 3",
        "DELETE FROM core.movie_feature WHERE movie_id = 2",
        "INSERT INTO core.movie_feature SELECT 2, feature_id FROM core.feature",
        "UPDATE core.movie_feature SET movie_id = 5 WHERE movie_id = 2 AND feature_id NOT IN"
        " (SELECT feature_id FROM core.movie_feature WHERE movie_id = 5)",
        "UPDATE core.movie SET title = repeat('long ', 50), runtime = NULL, release_date = NULL"
        " WHERE movie_id < 3",
        # for adults only, rated meanwhile, and for all again
        "UPDATE core.movie SET adult = true WHERE movie_id = 4",
        "SELECT * FROM api.rate(5, 4, 4.5)",
        "UPDATE core.movie SET adult = false WHERE movie_id = 4",
        "INSERT INTO core.movie (movie_id, title, year, source) VALUES (99, 'New', 2020, 'test')",
        "SELECT * FROM api.rate(5, 99, 0.5)",
        "UPDATE core.rating SET half_stars = 11 - half_stars",
        "DELETE FROM core.rating WHERE user_id = 1",
        "DELETE FROM core.movie WHERE movie_id = 7",
    ):
        rows_or_none(tiny, change)
        assert {row["rows_wrong"] for row in rows(tiny, "SELECT * FROM api.kept_counts()")} == {0}


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ("UPDATE derived.movie_stats SET stars_35 = 9 WHERE movie_id = 1", "derived.movie_stats"),
        ("DELETE FROM derived.movie_stats WHERE movie_id = 1", "derived.movie_stats"),
        (
            "INSERT INTO derived.movie_stats (movie_id, stars_05) VALUES (7, 1)",
            "derived.movie_stats",
        ),
        ("UPDATE derived.feature_stats SET movies = movies + 1", "derived.feature_stats"),
        ("UPDATE derived.catalogue SET movies = 1", "derived.catalogue"),
        ("UPDATE derived.shelf SET year = 1900", "derived.shelf"),
        ("UPDATE derived.listed_movie SET year = 1900", "derived.listed_movie"),
        ("UPDATE derived.listed_movie SET features = '{}'", "derived.listed_movie"),
        ("UPDATE derived.listed_movie SET raters = 7 WHERE movie_id = 1", "derived.listed_movie"),
        ("DELETE FROM derived.listed_movie WHERE movie_id = 1", "derived.listed_movie"),
        ("UPDATE derived.title_word SET movies = 9 WHERE word = 'alien'", "derived.title_word"),
    ],
)
def test_verify_finds_what_is_wrong(tiny: Connection, broken: str, kept: str) -> None:
    """B5"""
    tiny.execute(text(broken))
    wrong = {
        row["kept"] for row in rows(tiny, "SELECT * FROM api.kept_counts()") if row["rows_wrong"]
    }
    assert wrong == {kept}


def rows_or_none(conn: Connection, statement: str) -> None:
    conn.execute(text(statement))
