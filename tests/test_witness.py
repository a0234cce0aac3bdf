"""A second witness: the recommenders in plain Python, against SQL, on made-up catalogues."""

from __future__ import annotations

import math
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from recsql import schema

MOVIES = range(1, 9)
TITLES = dict(
    zip(
        MOVIES,
        ("Red", "Red Red II", "Blue", "The Red", "The Blue Red", "The End", "Blueish", "End"),
        strict=True,
    )
)
FEATURES = range(1, 8)
PEOPLE = [-2, -1, 1, 2, 3, 4, 5, 6]

features_of = st.dictionaries(
    st.sampled_from(MOVIES), st.sets(st.sampled_from(FEATURES)), min_size=2
)
ratings = st.dictionaries(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(MOVIES)),
    # fans are what it is about: 5.0 more often than not
    st.one_of(st.just(10), st.integers(1, 10)),
    max_size=40,
)


@pytest.fixture(scope="module")
def catalogue(databases: Any) -> Any:
    """A database of our own, emptied before each example."""
    from recsql import db

    engine = db.engine_on(databases.make(databases.template("empty", schema.upgrade)))
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, source)"
                " SELECT n, given.title, 'demo'"
                " FROM unnest(CAST(:titles AS text[])) WITH ORDINALITY AS given (title, n)"
            ),
            {"titles": [TITLES[movie] for movie in MOVIES]},
        )
        conn.execute(
            text(
                "INSERT INTO core.feature (feature_id, kind, code, name)"
                " OVERRIDING SYSTEM VALUE"
                " SELECT n, 'keyword', 'k' || n, 'k' || n FROM generate_series(1, 7) AS n"
            )
        )
        conn.execute(
            text(
                "INSERT INTO core.rater (user_id, kind, source, source_key)"
                " SELECT n, CASE WHEN n < 0 THEN 'fake' ELSE 'imported' END, 'w', n::text"
                " FROM unnest(CAST(:people AS integer[])) AS n"
            ),
            {"people": PEOPLE},
        )
    yield engine
    engine.dispose()
    databases.drop(engine.url)


def fill(
    conn: Connection, features: dict[int, set[int]], stars: dict[tuple[int, int], int]
) -> None:
    pairs = [(movie, feature) for movie, own in features.items() for feature in own]
    conn.execute(
        text(
            "INSERT INTO core.movie_feature (movie_id, feature_id)"
            " SELECT * FROM unnest(CAST(:m AS integer[]), CAST(:f AS integer[]))"
        ),
        {"m": [m for m, _ in pairs], "f": [f for _, f in pairs]},
    )
    conn.execute(
        text(
            "INSERT INTO core.rating (user_id, movie_id, half_stars)"
            " SELECT * FROM unnest("
            "CAST(:u AS integer[]), CAST(:m AS integer[]), CAST(:h AS smallint[]))"
        ),
        {
            "u": [user for user, _ in stars],
            "m": [movie for _, movie in stars],
            "h": list(stars.values()),
        },
    )


def answers(conn: Connection, call: str, varied: str) -> dict[tuple[Any, ...], list[Any]]:
    """One statement for all movies and parameters: (movie, parameters …) → (movie, score) …"""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for movie, *rest, other, score in conn.execute(
        text(
            f"SELECT movie, varied.*, listed.movie_id, listed.score"
            f" FROM generate_series(1, 8) AS movie CROSS JOIN ({varied}) AS varied"
            f" CROSS JOIN LATERAL api.{call} AS listed ORDER BY movie, listed.rank"
        )
    ):
        found.setdefault((movie, *rest), []).append((other, score))
    return found


def damped(stars: dict[tuple[int, int], int], movie: int) -> Decimal:
    given_to = [half for (user, rated), half in stars.items() if rated == movie and user > 0]
    mean = (Decimal(sum(given_to)) / 2 + Decimal("87.5")) / (len(given_to) + 25)
    return mean.quantize(Decimal("0.001"), ROUND_HALF_UP)


def similar(
    features: dict[int, set[int]], stars: dict[tuple[int, int], int], movie: int, method: str
) -> list[tuple[int, Decimal]]:
    frequency = Counter(feature for own in features.values() for feature in own)
    rarity = {
        feature: round(1_000_000 * math.log((1 + len(MOVIES)) / count))
        for feature, count in frequency.items()
    }
    found = []
    for other in MOVIES:
        shared = features.get(movie, set()) & features.get(other, set())
        words = set(TITLES[movie].lower().split()) & set(TITLES[other].lower().split())
        if other == movie or not (shared or (method == "titles" and words)):
            continue
        weight = sum(rarity[feature] for feature in shared)
        told = sum(
            round(1_000_000 * math.log((1 + len(MOVIES)) / having)) * 2 // 5
            for word in words
            if (having := sum(word in title.lower().split() for title in TITLES.values()))
        )
        score = {
            "overlap": Decimal(len(shared)),
            "rarity": Decimal(weight) / 1_000_000,
            "titles": len(shared) + Decimal(told) / 1_000_000,
        }[method]
        found.append((-score, -weight, -damped(stars, other), other))
    return [(other, -score) for score, _, _, other in sorted(found)]


def also_liked(
    stars: dict[tuple[int, int], int], movie: int, method: str
) -> list[tuple[int, Decimal]]:
    fans = {
        user for (user, rated), half in stars.items() if rated == movie and half == 10 and user > 0
    }
    everyone = sum(1 for user in PEOPLE if user > 0)
    found = []
    for other in MOVIES:
        given_by_fans = [
            half for (user, rated), half in stars.items() if rated == other and user in fans
        ]
        if other == movie or not given_by_fans:
            continue
        n, s = len(given_by_fans), sum(given_by_fans) / 2
        likes = sum(half >= 8 for half in given_by_fans)
        likers = sum(
            half >= 8 for (user, rated), half in stars.items() if rated == other and user > 0
        )
        score = {
            "average": s / n,
            "damped": s / (n + 25),
            "support": n,
            "likes": likes,
            "lift": everyone * likes / ((len(fans) + 25) * (likers + 25)),
        }[method]
        found.append((-round(1_000_000 * score), -n, -s, other))
    return [(other, Decimal(-points) / 1_000_000) for points, _, _, other in sorted(found)]


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(features=features_of, stars=ratings)
def test_sql_and_python_agree(
    catalogue: Engine, features: dict[int, set[int]], stars: dict[tuple[int, int], int]
) -> None:
    """N6, N7: the same movies, scores and order, by every method, for every movie."""
    with catalogue.connect() as conn, conn.begin() as transaction:
        fill(conn, features, stars)
        # a share of 2 prunes nothing, of 0 all: the cost differs and never the answer
        listed = answers(
            conn,
            "similar_movies(movie, size, p_method => method, p_common_share => share)",
            "SELECT * FROM unnest('{overlap,rarity,titles}'::text[]) AS method,"
            " unnest('{1,3,10}'::integer[]) AS size, unnest('{0,0.3,2}'::float8[]) AS share",
        )
        liked = answers(
            conn,
            "also_liked(movie, p_method => method)",
            "SELECT * FROM unnest('{average,damped,support,likes,lift}'::text[]) AS method",
        )
        transaction.rollback()
    for movie in MOVIES:
        for method in ("overlap", "rarity", "titles"):
            wanted = similar(features, stars, movie, method)
            for size in (1, 3, 10):
                for share in (0, 0.3, 2):
                    assert listed.get((movie, method, size, share), []) == wanted[:size]
        for method in ("average", "damped", "support", "likes", "lift"):
            assert liked.get((movie, method), []) == also_liked(stars, movie, method)
