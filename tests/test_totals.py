"""The totals that pages show are kept, exact, and nobody waits for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from tests.conftest import fill_demo

ABOUT = text("SELECT raters, ratings FROM api.about")
COUNTED = text(
    "SELECT (SELECT count(*) FROM core.rater WHERE user_id > 0),"
    " (SELECT count(*) FROM core.rating WHERE user_id > 0)"
)
WRONG = text("SELECT rows_wrong FROM api.kept_counts() WHERE kept = 'derived.tally'")


@pytest.fixture
def site(databases: Any, new_database: Callable[..., Engine]) -> Engine:
    """The demo catalogue in a database that the test may change for good."""
    return new_database(databases.template("demo", fill_demo))


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO core.rater VALUES (90, 'account', 'x', '90'), (91, 'account', 'x', '91'),"
        " (-90, 'fake', 'x', '-90')",
        "DELETE FROM core.rater WHERE user_id IN (1, 2, -1)",
        "DELETE FROM core.rater",
        "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (5, 1, 7), (-1, 2, 1)"
        " ON CONFLICT (user_id, movie_id) DO UPDATE SET half_stars = excluded.half_stars",
        "UPDATE core.rating SET half_stars = 11 - half_stars",
        "UPDATE core.rating SET movie_id = 7 WHERE movie_id = 4",
        "DELETE FROM core.rating WHERE user_id = 2",
        "SELECT * FROM api.rate(5, 1, 4.5)",
        "SELECT api.unrate(1, 1)",
        "UPDATE core.rater SET source_key = source_key || 'x'",
        "CALL api.refresh_movie_stats()",
    ],
)
def test_they_follow_every_change(tiny: Connection, change: str) -> None:
    """S11, B5: right after any statement, in its transaction."""
    tiny.execute(text(change))
    assert tiny.execute(ABOUT).one() == tiny.execute(COUNTED).one()
    assert tiny.scalar(WRONG) == 0


def test_a_load_counts_too(demo: Connection) -> None:
    """B5: a bulk load runs without the triggers of ratings, and the totals are right."""
    found = demo.execute(ABOUT).one()
    assert found == demo.execute(COUNTED).one()
    assert found.ratings > 10_000


def test_verify_finds_what_is_wrong_and_a_refresh_mends_it(tiny: Connection) -> None:
    """B5: somebody wrote behind the triggers."""
    for harm in (
        "UPDATE derived.tally SET raters = raters + 1",
        "UPDATE derived.tally SET ratings = ratings - 3",
        "DELETE FROM derived.tally",
    ):
        tiny.execute(text(harm))
        assert tiny.scalar(WRONG) > 0
        tiny.execute(text("CALL api.refresh_movie_stats()"))
        assert tiny.scalar(WRONG) == 0


def test_nobody_waits_for_somebody_elses_count(site: Engine) -> None:
    """A load adds raters in a transaction of minutes; people register and rate meanwhile."""
    add = text("INSERT INTO core.rater VALUES (:id, 'account', 'test', :id ::text)")
    rate = text("SELECT * FROM api.rate(:id, :movie, 5)")
    with site.connect() as conn:
        before = conn.execute(ABOUT).one()
        movies = conn.scalars(text("SELECT movie_id FROM core.movie ORDER BY 1 LIMIT 3")).all()
    first, second, third = site.connect(), site.connect(), site.connect()
    try:
        for place, conn in enumerate((first, second, third)):
            conn.execute(text("SET LOCAL lock_timeout = '1s'"))
            conn.execute(add, {"id": 2_000_000 + place})
            # each another movie: those of one movie share its statistics, and do wait
            conn.execute(rate, {"id": 2_000_000 + place, "movie": movies[place]})
            # each sees its own and nobody else's
            now = conn.execute(ABOUT).one()
            assert now == (before.raters + 1, before.ratings + 1)
        second.rollback()
        first.commit()
        third.commit()
    finally:
        for conn in (first, second, third):
            conn.close()
    with site.connect() as conn:
        assert conn.execute(ABOUT).one() == (before.raters + 2, before.ratings + 2)
        assert conn.scalar(WRONG) == 0
        # as many parts as there were writers at a time, and not one a writer
        assert conn.scalar(text("SELECT count(*) FROM derived.tally")) <= 3


@pytest.mark.parametrize("source", ["demo", "generated"])
def test_generated_ratings_are_called_so(tiny: Connection, source: str) -> None:
    """What no person gave is said on every page: the demo's, and those of recsql generate."""
    said = text("SELECT generated_ratings FROM api.about")
    assert tiny.scalar(said) is False
    tiny.execute(
        text("INSERT INTO core.rater VALUES (95, 'imported', :source, '1')"), {"source": source}
    )
    assert tiny.scalar(said) is True
