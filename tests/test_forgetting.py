"""B6: after a rater is deleted, every answer is that of a database in which they never were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from recsql import db
from recsql.refresh import refresh
from tests.conftest import Databases, fill_demo
from tests.datasets import one, rows

# Rated by everybody here: movies of many fans, whose lists are stored, and of few.
LOVED, LIKED = (603, 155, 680, 13, 550, 11, 238, 120), (604, 27205, 278, 424, 1891, 122, 289, 348)
METHODS = ("average", "damped", "support", "likes", "lift")
# Values for the parameters of every function that reads. A function with another parameter has to
# be told of here: then it is compared as well.
VALUES: dict[str, tuple[Any, ...]] = {
    "p_movie_id": (*LOVED[:4], *LIKED[::2]),
    "p_other_movie_id": (604, 278),
    "p_user_id": (1, 2, 1500),
    "p_seed": (7, 8),
    "p_category_id": (1, 2, 3),
    "p_collection_id": (1_000_000_049,),
    "p_person_id": (2084, 1521),
    "p_feature_id": (1, 2, 3),
    "p_kind": ("genre", "keyword"),
    "p_query": ("the", "matrix"),
    "p_name": ("forms", "nobody"),
    "p_token_hash": (b"\0" * 32,),
    "p_ratings": ('[{"movie_id": 603, "stars": 5}]',),
    "p_service": ("tmdb", "omdb"),
    "p_answer": ('{"imdbID": "tt0133093", "Title": "The Matrix", "Year": "1999"}',),
    "p_lines": ('[{"line": 1, "title": "The Matrix", "stars": 5}]',),
}
# Where the defaults leave out what might betray somebody.
MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "also_liked": tuple({"p_method": m, "p_limit": 40} for m in METHODS),
    "similar_movies": ({"p_method": "rarity", "p_limit": 40},),
    "category_movies": tuple({"p_sort": s, "p_limit": 400} for s in ("popular", "rating")),
    "users": ({"p_kind": "imported", "p_limit": 3_000}, {"p_kind": "account"}),
    "search_movies": ({"p_limit": 400},),
}


# The twins are shared, and equal again after each test.
pytestmark = pytest.mark.xdist_group("forgetting")


@pytest.fixture(scope="module")
def twins(databases: Databases) -> Iterator[tuple[Engine, Engine]]:
    """Two equal databases: one in which somebody never was, and one in which they were."""
    made = [db.engine_on(databases.make(databases.template("demo", fill_demo))) for _ in range(2)]
    yield made[0], made[1]
    for engine in made:
        engine.dispose()
        databases.drop(engine.url)


def readers(conn: Connection) -> list[tuple[str, list[str], int]]:
    """Return every function of api that reads: its name, parameters, and how many have defaults."""
    return [
        (row.proname, list(row.names), row.defaults)
        for row in conn.execute(
            text(
                "SELECT proname, COALESCE(proargnames[1:pronargs], '{}') AS names,"
                " pronargdefaults AS defaults FROM pg_proc"
                " WHERE pronamespace = 'api'::regnamespace AND prokind = 'f'"
                " AND provolatile <> 'v' AND proname NOT LIKE '\\_%' ORDER BY proname"
            )
        )
    ]


def answers(engine: Engine) -> dict[str, object]:
    """Return what every view and every function of api says, in full."""
    said: dict[str, object] = {}
    with engine.connect() as conn:
        for name, parameters, defaults in readers(conn):
            needed = parameters[: len(parameters) - defaults]
            needed += [p for p in parameters[len(needed) :] if p == "p_seed"]
            unknown = set(needed) - set(VALUES)
            assert not unknown, f"tell VALUES what api.{name} is to be asked with: {unknown}"
            calls: list[dict[str, Any]] = [{}]
            for parameter in needed:
                calls = [{**one, parameter: v} for one in calls for v in VALUES[parameter]]
            for extra in ({}, *MORE.get(name, ())):
                for one_call in calls:
                    binds = {**one_call, **extra}
                    named = ", ".join(f"{p} => :{p}" for p in binds)
                    try:
                        with conn.begin_nested():
                            found = conn.execute(
                                text(f"SELECT * FROM api.{name}({named})"), binds
                            ).all()
                            said[f"{name} {binds}"] = [tuple(row) for row in found]
                    except DBAPIError as error:
                        # a refusal is an answer too: no model is trained, no such rater
                        code = getattr(error.orig, "pgcode", None)
                        assert str(code).startswith("RQ"), error
                        said[f"{name} {binds}"] = code
        views = conn.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace"
                " AND relkind = 'v' AND relname <> 'freshness'"
            )
        ).all()
        for view in views:
            said[view] = sorted(str(row) for row in conn.execute(text(f"SELECT * FROM api.{view}")))
    return said


def stored(engine: Engine) -> dict[int, dict[str, Any]]:
    """Return the stored lists: what they rest on, and the sums of each other movie."""
    return {
        row[0]: {
            "rests on": row[1:5],
            "sums": {sums[0]: sums[1:] for sums in zip(*row[5:9], strict=True)},
        }
        for row in rows(
            engine,
            "SELECT movie_id, freshness.fans, freshness.evidence, changed, share, others, raters,"
            " half_stars, likes FROM api.freshness JOIN derived.also_liked USING (movie_id)",
        )
    }


def assert_nothing_of_them(found: dict[int, dict[str, Any]], never: dict[int, dict[str, Any]]):
    """Every number of every list is as it is where they never were."""
    for movie_id, kept in found.items():
        assert kept["rests on"] == never[movie_id]["rests on"]
        both = kept["sums"].keys() & never[movie_id]["sums"].keys()
        assert {m: kept["sums"][m] for m in both} == {m: never[movie_id]["sums"][m] for m in both}
        # Which movies come hundredth by lift hangs on how many like them elsewhere: at that end a
        # list that never counted them may hold others, as after any rating of anybody.
        assert len(both) > 0.97 * len(never[movie_id]["sums"])


def live(engine: Engine) -> int:
    """Let somebody live a full life here, and return their key."""
    with engine.begin() as conn:

        def ask(statement: str, **params: object) -> Any:
            return conn.execute(text(statement), params).scalar()

        user = ask("SELECT user_id FROM api.register('Ada', '$argon2id$x')")
        ask("SELECT 1 FROM api.open_session(:u, sha256('token'))", u=user)
        for movie in LOVED:
            ask("SELECT 1 FROM api.rate(:u, :m, 5)", u=user, m=movie)
        for i, movie in enumerate(LIKED):
            ask("SELECT 1 FROM api.rate(:u, :m, :s)", u=user, m=movie, s=0.5 + i / 2)
        ask("SELECT 1 FROM api.mark(:u, 105, 'watch')", u=user)
        ask("SELECT 1 FROM api.mark(:u, 500, 'hide')", u=user)
    return int(user)


@pytest.fixture(scope="module")
def without(twins: tuple[Engine, Engine]) -> dict[str, object]:
    """All that is said where they never were; no test changes it."""
    assert refresh(twins[0], everything=True).refreshed > 20
    return answers(twins[0])


def test_b6_an_account_that_was_deleted_never_was(
    twins: tuple[Engine, Engine], without: dict[str, object]
) -> None:
    """B6: every function and view, kept counts and stored lists included, by every method."""
    never, was = twins
    user = live(was)
    assert refresh(was, everything=True).refreshed > 20
    assert stored(was) != stored(never), "the stored lists count them"
    with was.begin() as conn:
        # a fan when the list was stored, and none any more: the list still counts them
        conn.execute(text("SELECT * FROM api.rate(:u, :m, 4.5)"), {"u": user, "m": LOVED[0]})
        conn.execute(text("SELECT api.unrate(:u, :m)"), {"u": user, "m": LOVED[1]})
        # and a fan since then, whom no list counts yet
        conn.execute(text("SELECT * FROM api.rate(:u, :m, 5)"), {"u": user, "m": LIKED[0]})
        conn.execute(text("SELECT * FROM api.allow_attempt('log in', 'Ada', NULL)"))
    assert one(was, "SELECT count(*) FROM derived.also_liked_leaver") == 2
    with was.begin() as conn:
        conn.execute(text("SELECT * FROM api.forget_user(:u)"), {"u": user})

    assert answers(was) == without
    kept, full = stored(was), stored(never)
    assert_nothing_of_them(kept, full)
    gone = set(full) - set(kept)
    assert gone and gone <= {*LOVED, *LIKED}, "only lists that counted them are dropped"
    for table in ("core.account", "core.session", "core.attempt", "core.mark",
                  "derived.also_liked_leaver", "derived.also_liked_change"):  # fmt: skip
        assert one(was, f"SELECT count(*) FROM {table}") == 0, table
    # What was dropped is missing, and so the next refresh brings it back: equal to the last bit.
    assert refresh(was).refreshed == len(gone)
    assert {m: stored(was)[m] for m in gone} == {m: full[m] for m in gone}


def test_b6_a_rater_deleted_by_plain_sql_is_forgotten_too(
    twins: tuple[Engine, Engine], without: dict[str, object]
) -> None:
    """B6: the promise is kept by the tables themselves, whoever deletes, and how many at once."""
    never, was = twins
    users = [live(was)]
    with was.begin() as conn:
        for statement in (
            "INSERT INTO core.rater SELECT 900000 + n, 'imported', 'test', n::text"
            " FROM generate_series(1, 20) AS n",
            "INSERT INTO core.rating SELECT NULL, 900000 + n, movie_id, 5 + n % 6"
            " FROM generate_series(1, 20) AS n, core.movie WHERE (movie_id + n) % 7 = 0",
        ):
            conn.execute(text(statement))
    refresh(was, everything=True)
    with was.begin() as conn:
        conn.execute(
            text("DELETE FROM core.rater WHERE user_id = :u OR source = 'test'"), {"u": users[0]}
        )
    assert answers(was) == without
    assert_nothing_of_them(stored(was), stored(never))


def test_b6_a_movie_shown_only_because_of_them_is_taken_down(tiny: Connection) -> None:
    """B6: Dumbo has no overview, and is fit to be shown as long as somebody has rated it."""

    def ask(statement: str) -> list[tuple]:
        return [tuple(row) for row in tiny.execute(text(statement))]

    ask("SELECT api.unrate(5, 5)")
    shelf = "SELECT * FROM derived.shelf ORDER BY 1, 2"
    tiny.execute(text("CALL api.refresh_shelves()"))
    with_them = ask(shelf)
    assert 5 in {row[2] for row in with_them}
    ask("SELECT * FROM api.forget_user(4)")
    forgotten = ask(shelf)
    assert 5 not in {row[2] for row in forgotten}
    tiny.execute(text("CALL api.refresh_shelves()"))
    assert ask(shelf) == forgotten


def test_unknown_raters_cannot_be_forgotten(tiny: Connection) -> None:
    for user in ("99", "NULL"):
        with tiny.begin_nested() as inner:
            with pytest.raises(Exception, match="no rater has the id"):
                tiny.execute(text(f"SELECT * FROM api.forget_user({user})"))
            inner.rollback()
