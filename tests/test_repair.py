"""S5, S11: ids are brought together whenever they become known, and every count stays exact."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, exc, text

from recsql import schema, sqlfiles
from recsql.ingest import load
from tests import datasets
from tests.conftest import Databases
from tests.datasets import film
from tests.support import catalog

OWN = 1_000_000_000


@pytest.fixture(scope="module")
def shared_engine(databases: Databases) -> Iterator[Engine]:
    """One database for this module, emptied before each test."""
    with datasets.database(databases) as engine:
        yield engine


@pytest.fixture
def engine(shared_engine: Engine) -> Iterator[Engine]:
    datasets.empty(shared_engine)
    yield shared_engine
    with shared_engine.connect() as conn:
        assert datasets.stale(conn) == {}


def ratings(engine: Engine, source: str) -> list[tuple[str, int, float]]:
    """Return who of a source gave which movie how many stars."""
    return datasets.rows(
        engine,
        "SELECT source_key, movie_id, half_stars / 2.0::float8 FROM core.rating"
        " JOIN core.rater USING (user_id) WHERE rater.source = :source ORDER BY 1, 2",
        source=source,
    )


# ratings whose movie was unknown


@pytest.fixture
def waiting(engine: Engine, tmp_path: Path) -> Engine:
    """A load of which three ratings are turned away, each for a reason of its own."""
    load.load_kaggle(
        engine,
        datasets.kaggle(
            tmp_path / "kaggle",
            [film(348, "Alien")],
            links=[(1214, "0078748", 348), (1983, "0120611", 36647), (50, "0000050", "")],
            ratings=[(1, 1214, 5, 100), (1, 1983, 4.5, 101), (2, 50, 3, 102), (9, 60, 2, 0)],
        ),
    )
    assert datasets.rejects(engine, "kaggle") == [
        ("ratings.csv", 3, "unknown movie: not in the catalogue"),
        ("ratings.csv", 4, "unknown movie: links give no TMDB id for it"),
        ("ratings.csv", 5, "unknown movie: its id has no row in links"),
    ]
    return engine


def test_rejected_ratings_land_once_their_movies_come(waiting: Engine, tmp_path: Path) -> None:
    """S5: after a later load, `recsql load repair` gives each of them to its movie, and says so."""
    more = datasets.movielens(
        tmp_path / "more",
        [
            (1983, "Blade (1998)", "Action"),
            (50, "Fifty (1950)", "Drama"),
            (60, "Sixty (1960)", "War"),
        ],
        links=[(60, "0000060", 606)],
        ratings=[(1, 60, 1, 200)],
    )
    load.load_movielens(waiting, more)
    assert ratings(waiting, "kaggle") == [("1", 348, 5.0)]
    state = datasets.state(waiting)
    rehearsed = load.repair(waiting, dry_run=True)
    assert datasets.state(waiting) == state
    report = load.repair(waiting)
    assert (
        report.files
        == rehearsed.files
        == [
            {"file": "rejected ratings", "outcome": "read", "reason": None, "rows": 3},
            {"file": "rejected ratings", "outcome": "landed", "reason": None, "rows": 3},
        ]
    )
    fifty = datasets.one(waiting, "SELECT movie_id FROM core.movie WHERE title = 'Fifty'")
    assert fifty >= OWN
    # 9 had no rating that landed, and so was nobody before; another 1 is another person
    assert ratings(waiting, "kaggle") == [
        ("1", 348, 5.0),
        ("1", 36647, 4.5),
        ("2", fifty, 3.0),
        ("9", 606, 2.0),
    ]
    assert ratings(waiting, "movielens") == [("1", 606, 1.0)]
    assert datasets.rejects(waiting, "kaggle") == []
    times = "SELECT count(*) FROM core.rating WHERE rated_at IS NULL"
    assert datasets.one(waiting, times) == 1
    state = datasets.state(waiting)
    assert load.repair(waiting).changed == 0
    assert datasets.state(waiting) == state


def test_what_is_still_unknown_waits_on(waiting: Engine, tmp_path: Path) -> None:
    """S5: repair says what is left and why, and keeps it for the next time."""
    blade = datasets.kaggle(tmp_path / "blade", [film(36647, "Blade")])
    with waiting.connect() as conn:
        kept = conn.execute(text("SELECT * FROM core.load_reject ORDER BY line")).all()
    # a load of the same source replaces its rejects, so this one comes as another
    movies = [(1983, "Blade (1998)", "Action")]
    more = datasets.movielens(tmp_path / "more", movies, ratings=[(5, 1983, 1, 5)])
    load.load_movielens(waiting, more)
    assert [(row["outcome"], row["reason"], row["rows"]) for row in load.repair(waiting).files] == [
        ("read", None, 3),
        ("landed", None, 1),
        ("noted", "unknown movie: its id has no row in links", 1),
        ("noted", "unknown movie: links give no TMDB id for it", 1),
    ]
    with waiting.connect() as conn:
        left = conn.execute(text("SELECT * FROM core.load_reject ORDER BY line")).all()
    assert left == kept[1:]
    load.load_kaggle(waiting, blade)
    assert datasets.rejects(waiting, "kaggle") == []


def test_repair_of_nothing(engine: Engine) -> None:
    """S5: in an empty database there is nothing to do, and that is no error."""
    state = datasets.state(engine)
    assert load.repair(engine).changed == 0
    assert datasets.state(engine) == state


# movies that get their TMDB id


def test_two_keys_of_one_movie_become_one(engine: Engine, tmp_path: Path) -> None:
    """S5: of two ratings by one rater the later wins, whichever key it was given under."""
    load.load_movielens(
        engine,
        datasets.movielens(
            tmp_path / "movielens",
            [(1, "Alien (1979)", "Horror"), (2, "Alien: again (1979)", "War"), (3, "Other", "")],
            ratings=[
                (1, 1, 5.0, 100), (1, 2, 2.0, 200),  # the second is later
                (2, 1, 4.0, 300), (2, 2, 1.0, 200),  # the first is
                (3, 1, 3.0, 0), (3, 2, 3.5, 50),  # a time is later than none
                (4, 2, 0.5, 10), (4, 3, 1.0, 20),
            ],
        ),
    )  # fmt: skip
    kaggle = datasets.kaggle(
        tmp_path / "kaggle",
        [film(348, "Alien", genres="[{'name': 'Science Fiction'}]")],
        links=[(1, "0078748", 348), (2, "0078749", 348), (3, "0000003", "")],
        ratings=[(1, 2, 1.5, 400)],
    )
    report = load.load_kaggle(engine, kaggle)
    (tally,) = [row for row in report.tables if "re-keyed" in row["table_name"]]
    assert tally["updated"] == 2
    found = ratings(engine, "movielens")
    assert found[:3] == [("1", 348, 2.0), ("2", 348, 4.0), ("3", 348, 3.5)]
    assert found[3][:2] == ("4", 348)
    assert found[4][1] >= OWN
    assert ratings(engine, "kaggle") == [("1", 348, 1.5)]
    assert datasets.rows(
        engine,
        "SELECT title, source, raters, half_stars / 2.0::float8, genres FROM core.movie"
        " JOIN derived.movie_stats USING (movie_id) JOIN (SELECT movie_id, genres FROM"
        " api.movie_page) AS page USING (movie_id) WHERE movie_id = 348",
    ) == [("Alien", "kaggle", 5, 11.5, ["Science Fiction"])]
    assert datasets.rows(
        engine, "SELECT source, key FROM core.movie_key WHERE movie_id = 348 ORDER BY 1, 2"
    ) == [("imdb", "tt0078748"), ("movielens", "1"), ("movielens", "2"), ("tmdb", "348")]
    assert load.load_kaggle(engine, kaggle).changed == 0


def test_a_movie_that_only_movielens_has_moves_whole(engine: Engine, tmp_path: Path) -> None:
    """S5: its TMDB id becomes known and Kaggle lacks it: title, genres and ratings move along."""
    folder = datasets.movielens(
        tmp_path, [(7, "Blade, The (1998)", "Action|Horror")], ratings=[(1, 7, 5, 100)]
    )
    load.load_movielens(engine, folder)
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n7,0120611,36647\n")
    load.load_movielens(engine, folder)
    assert datasets.rows(
        engine, "SELECT movie_id, imdb_id, title, year, genres, raters FROM api.movie_page"
    ) == [(36647, "tt0120611", "The Blade", 1998, ["Action", "Horror"], 1)]
    assert load.load_movielens(engine, folder).changed == 0


def test_a_movie_is_known_by_its_imdb_id(engine: Engine, tmp_path: Path) -> None:
    """S5: links without a TMDB id still lead to a movie that has this IMDb id."""
    movies = datasets.movielens(
        tmp_path / "movies", [(7, "Blade (1998)", "Action")], ratings=[(1, 7, 5, 100)]
    )
    load.load_movielens(engine, movies)
    kaggle = datasets.kaggle(
        tmp_path / "kaggle",
        [film(36647, "Blade", imdb_id="tt0120611")],
        links=[(7, "0120611", "")],
        ratings=[(1, 7, 4, 100)],
    )
    load.load_kaggle(engine, kaggle)
    assert ratings(engine, "movielens") == [("1", 36647, 5.0)]
    assert ratings(engine, "kaggle") == [("1", 36647, 4.0)]
    assert datasets.one(engine, "SELECT count(*) FROM core.movie") == 1


@pytest.fixture
def own(tiny: Connection) -> Connection:
    """Tiny's catalogue, and two movies with keys of our own, all that can hang on them."""
    tiny.execute(
        text(
            """
            INSERT INTO core.movie (movie_id, title, year, source)
            VALUES (1000000001, 'Own', 1999, 'movielens'), (1000000002, 'Owner', 1999, 'movielens');
            INSERT INTO core.movie_key (source, key, movie_id)
            VALUES ('movielens', '77', 1000000001), ('imdb', 'tt0000077', 1000000001);
            INSERT INTO core.movie_feature (movie_id, feature_id)
            SELECT 1000000001, feature_id FROM core.feature WHERE code IN ('drama', 'fr');
            INSERT INTO core.credit (movie_id, role, place, person_id, job)
            SELECT 1000000001, 'cast', 1, min(person_id), 'Self' FROM core.person;
            INSERT INTO core.rating (user_id, movie_id, half_stars, rated_at)
            VALUES (1, 1000000001, 2, '2021-01-01'), (5, 1000000001, 10, '2019-01-01'),
                (-1, 1000000001, 10, NULL), (5, 1000000002, 8, NULL);
            CALL api.refresh_shelves();
            """
        )
    )
    return tiny


def hanging(conn: Connection, movie_id: int) -> dict[str, object]:
    """Return everything that hangs on a movie."""
    statement = """
        SELECT
            title,
            (
                SELECT array_agg(source || key ORDER BY source, key) FROM core.movie_key
                WHERE movie_id = it.movie_id
            ) AS keys,
            (
                SELECT array_agg(code ORDER BY code) FROM core.feature
                JOIN core.movie_feature USING (feature_id) WHERE movie_id = it.movie_id
            ) AS features,
            (
                SELECT array_agg(job ORDER BY role, place) FROM core.credit
                WHERE movie_id = it.movie_id
            ) AS credits,
            (
                SELECT array_agg(user_id || ':' || half_stars ORDER BY user_id) FROM core.rating
                WHERE movie_id = it.movie_id
            ) AS ratings,
            (SELECT raters FROM derived.movie_stats WHERE movie_id = it.movie_id) AS raters
        FROM core.movie AS it WHERE movie_id = :id
    """
    return dict(conn.execute(text(statement), {"id": movie_id}).mappings().one())


def test_rekey_to_a_free_key(own: Connection) -> None:
    """S5: details, keys, features, credits, ratings and statistics move to the new key."""
    before = hanging(own, OWN + 1)
    assert None not in before.values()
    own.execute(text("CALL api.rekey_movies('{1000000001}', '{603}')"))
    assert hanging(own, 603) == before
    assert own.scalar(text("SELECT count(*) FROM core.movie WHERE movie_id = 1000000001")) == 0
    own.execute(text("CALL api.refresh_shelves()"))
    assert datasets.stale(own) == {}


def test_rekey_to_a_movie_that_is_here(own: Connection) -> None:
    """S5: its own details, features and credits stay; keys and ratings come together."""
    alien = hanging(own, 1)
    own.execute(text("CALL api.rekey_movies('{1000000001,1000000002}', '{1,1}')"))
    assert hanging(own, 1) == {
        **alien,
        "keys": sorted([*alien["keys"], "imdbtt0000077", "movielens77"]),  # type: ignore[misc]
        # u1 changed her mind in 2021; u5's later rating counts, and the critic's only once
        "ratings": ["-2:10", "-1:10", "1:2", "2:10", "3:10", "4:9", "5:10"],
        "raters": 5,
    }
    own.execute(text("CALL api.refresh_shelves()"))
    assert datasets.stale(own) == {}


# tables that rekey_movies need not name: they are rebuilt after it, by what stands beside them
REBUILT = {"derived.shelf": "finish"}
# What follows by itself, and how.
FOLLOWS = {
    # goes with its movie; counted again when it is asked for
    "derived.similar_movies": "ON DELETE CASCADE",
    # triggers of core.movie_feature note the old key and the new one
    "derived.similar_change": "keep_similar_change",
    # goes with its list, which is let go of
    "derived.also_liked_leaver": "ON DELETE CASCADE",
    # goes with its movie; that of the new key comes by a trigger of core.movie
    "derived.listed_movie": "ON DELETE CASCADE",
    # of the training that wrote it: who reads it leaves out what is no movie any more
    **dict.fromkeys(
        [
            "derived.model_movie",
            "derived.movie_weight",
            "derived.movie_factor",
            "derived.movie_rater",
            "core.suggestion",
        ],
        "the next training",
    ),
}


def test_rekey_knows_every_table_that_names_a_movie(tiny: Connection) -> None:
    """S5: whoever adds a table that names movies has to say here how it follows a new key."""
    keyed = {
        (row.on_table, row.column)
        for row in tiny.execute(
            text(
                """
                SELECT conrelid::regclass::text AS on_table, attname AS column
                FROM pg_constraint
                JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
                WHERE confrelid = 'core.movie'::regclass AND contype = 'f'
                """
            )
        )
    }
    named = {
        (f"{row.table_schema}.{row.table_name}", row.column_name)
        for row in tiny.execute(
            text(
                "SELECT table_schema, table_name, column_name FROM information_schema.columns"
                " JOIN information_schema.tables USING (table_schema, table_name)"
                " WHERE table_schema IN ('core', 'derived') AND table_type = 'BASE TABLE'"
                " AND column_name ~ '(^|_)movie_id$'"
            )
        )
    } - {("core.movie", "movie_id")}
    assert ("core.credit", "movie_id") in keyed
    assert ("core.rating", "movie_id") in named
    assert "CALL api.refresh_shelves()" in sqlfiles.step(REBUILT["derived.shelf"])
    body = tiny.scalar(text("SELECT pg_get_functiondef('api.rekey_movies'::regproc)"))
    forgotten = {
        (table, column)
        for table, column in keyed | named
        if table not in REBUILT | FOLLOWS
        and not re.search(rf"(INSERT INTO|UPDATE|DELETE FROM) {re.escape(table)}\b", body)
    }
    assert forgotten == set()


# what a bulk load takes away for a while


@pytest.mark.parametrize("again", [False, True], ids=["into an empty table", "beside others"])
def test_a_bulk_load_leaves_the_schema_as_it_was(
    new_database: Callable[..., Engine], databases: Databases, tmp_path: Path, again: bool
) -> None:
    """S5: indexes, constraints, triggers and comments are those of the migrations."""
    engine = new_database(databases.template("empty", schema.upgrade))
    with engine.connect() as conn:
        before = (catalog(conn, "core", "derived", "api"), datasets.definition(conn))
    folder = datasets.movielens(
        tmp_path / "movielens", [(1, "Alien (1979)", "Horror")], ratings=[(1, 1, 5, 100)]
    )
    load.load_movielens(engine, folder)
    if again:
        links = [(1, "0078748", 348)]
        kaggle = datasets.kaggle(
            tmp_path / "kaggle", [film(348, "Alien")], links=links, ratings=[(1, 1, 4, 100)]
        )
        load.load_kaggle(engine, kaggle)
    with engine.connect() as conn:
        assert (catalog(conn, "core", "derived", "api"), datasets.definition(conn)) == before
        assert conn.scalar(text("SELECT to_regnamespace('staging')")) is None
        # usable by the planner, and pages marked all-visible for index-only scans
        assert conn.scalar(text("SELECT bool_and(indisvalid) FROM pg_index")) is True
        visible = "SELECT relallvisible > 0 FROM pg_class WHERE oid = 'core.rating'::regclass"
        assert conn.scalar(text(visible)) is True


def test_triggers_work_after_a_bulk_load(engine: Engine, tmp_path: Path) -> None:
    """S11: a rating given after a load is counted, and one of no movie is refused."""
    folder = datasets.movielens(tmp_path, [(1, "Alien (1979)", "Horror")], ratings=[(1, 1, 5, 9)])
    load.load_movielens(engine, folder)
    movie_id, user_id = datasets.rows(engine, "SELECT movie_id, user_id FROM core.rating")[0]
    with engine.begin() as conn:
        conn.execute(text("UPDATE core.rating SET half_stars = 3"))
        assert conn.execute(
            text("SELECT stars_15, stars_50, raters FROM derived.movie_stats")
        ).all() == [(1, 0, 1)]
        assert datasets.stale(conn) == {}
    with pytest.raises(exc.IntegrityError), engine.begin() as conn:
        conn.execute(
            text("INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (:user, :id, 5)"),
            {"user": user_id, "id": movie_id + 1},
        )


# any order


ids, stars = st.integers(1, 5), st.integers(1, 10)
tmdb = st.integers(101, 104)
imdb = st.integers(1, 4)


@st.composite
def worlds(draw: st.DrawFn) -> dict:
    """Draw a small catalogue, links and ratings of two sources."""
    films = draw(st.dictionaries(tmdb, st.none() | imdb, min_size=1, max_size=4))
    given: dict[int, int] = {}
    for tmdb_id, imdb_id in films.items():
        # no two films of one catalogue have one IMDb id
        if imdb_id in given.values():
            imdb_id = None
        given[tmdb_id] = imdb_id  # type: ignore[assignment]
    links = draw(st.dictionaries(ids, st.tuples(imdb, st.none() | tmdb), min_size=1))
    movies = draw(st.sets(ids, min_size=1))
    pairs = st.dictionaries(st.tuples(st.integers(1, 3), ids), stars, min_size=1, max_size=8)
    # one rating that can always land, or the load would be refused
    return {
        "films": {100: 9, **given},
        # an IMDb id is of one movie
        "links": {
            key: (imdb_id, tmdb_id)
            for key, (imdb_id, tmdb_id) in links.items()
            if [one for one, _ in links.values()].count(imdb_id) == 1
        }
        | {9: (9, 100)},
        "movies": sorted(movies),
        "kaggle": {(9, 9): 10, **draw(pairs)},
        "movielens": {
            (user, movie): value for (user, movie), value in draw(pairs).items() if movie in movies
        }
        or {(1, min(movies)): 7},
    }


def told(engine: Engine) -> dict[str, list[tuple]]:
    """Return a database without the keys of its own making: movies go by their MovieLens ids."""
    it = (
        "(SELECT movie_id, title, source, CASE WHEN movie_id < 1000000000 THEN movie_id::text ELSE"
        " (SELECT 'ml ' || min(key) FROM core.movie_key WHERE movie_key.movie_id = movie.movie_id"
        " AND movie_key.source = 'movielens') END AS id FROM core.movie) AS it"
    )
    asked = {
        "movies": f"SELECT it.id, it.title, it.source FROM {it}",
        "keys": f"SELECT it.id, k.source, key FROM {it} JOIN core.movie_key AS k USING (movie_id)",
        "features": f"SELECT it.id, kind, code FROM {it} JOIN core.movie_feature USING (movie_id)"
        " JOIN core.feature USING (feature_id)",
        "ratings": "SELECT it.id, rater.source, source_key, half_stars, rated_at FROM core.rating"
        f" JOIN core.rater USING (user_id) JOIN {it} USING (movie_id)",
    }
    found = {name: sorted(datasets.rows(engine, statement)) for name, statement in asked.items()}
    return {**found, "rejects": datasets.rejects(engine, "kaggle")}


@given(world=worlds())
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_order_of_loads_does_not_matter(shared_engine: Engine, world: dict) -> None:
    """S5: Kaggle then MovieLens, or MovieLens then Kaggle: after repair it is the same database."""
    engine = shared_engine
    with tempfile.TemporaryDirectory() as folder:
        kaggle = datasets.kaggle(
            Path(folder, "kaggle"),
            [
                film(tmdb_id, f"Film {tmdb_id}", imdb_id=f"tt{imdb_id:07}" if imdb_id else "")
                for tmdb_id, imdb_id in world["films"].items()
            ],
            links=[
                (key, f"{imdb_id:07}", tmdb_id or "")
                for key, (imdb_id, tmdb_id) in world["links"].items()
            ],
            ratings=[
                (user, movie, value / 2, 100 * user + movie)
                for (user, movie), value in world["kaggle"].items()
            ],
        )
        movielens = datasets.movielens(
            Path(folder, "movielens"),
            [(movie, f"Movie {movie} (1999)", "Drama") for movie in world["movies"]],
            ratings=[
                (user, movie, value / 2, 100 * user + movie)
                for (user, movie), value in world["movielens"].items()
            ],
        )
        found = []
        for order in ("kaggle first", "movielens first"):
            datasets.empty(engine)
            runs = [(load.load_kaggle, kaggle), (load.load_movielens, movielens)]
            for run, path in runs if order == "kaggle first" else runs[::-1]:
                run(engine, path)
            load.repair(engine)
            with engine.connect() as conn:
                assert datasets.stale(conn) == {}
            state = datasets.state(engine)
            assert load.repair(engine).changed == 0
            assert datasets.state(engine) == state
            found.append(told(engine))
        assert found[0] == found[1]
