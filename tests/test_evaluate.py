"""How quality is measured: splits, lists and metrics in the database, figures kept as rows."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text

from recsql import db, web
from recsql.cli import cli
from recsql.errors import BadInput, RecsqlError
from recsql.evaluate import evaluate, known, run, specs
from recsql.models import MODELS, train
from recsql.web import evaluation, pages
from tests.conftest import fill_demo


def rows(engine: Engine, statement: str, **params: object) -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(text(statement), params).all())


def change(engine: Engine, statement: str, **params: object) -> None:
    with engine.begin() as conn:
        conn.execute(text(statement), params)


@pytest.fixture(scope="module")
def measured(databases: Any) -> Iterator[Engine]:
    """The demo catalogue of which a part was measured once, for tests that only read."""
    engine = db.engine_on(databases.make(databases.template("demo", fill_demo)))
    evaluate(engine, models=["popularity", "mean", "random", "cosine"], users=40, k=[5, 10])
    evaluate(engine, split="user-disjoint", users=30, min_fans=20)
    yield engine
    engine.dispose()
    databases.drop(engine.url)


@pytest.fixture
def tiny_site(databases: Any, new_database: Callable[..., Engine], tiny_engine: Engine) -> Engine:
    """The tiny catalogue in a database that the test may change for good."""
    engine = new_database("recsql_template_tiny")
    change(engine, "DELETE FROM derived.evaluation")
    change(engine, "DELETE FROM derived.model_run")
    change(engine, "ALTER SEQUENCE derived.evaluation_run_id RESTART")
    return engine


def figures(engine: Engine, model: str, k: int = 10, split: str = "user-holdout") -> dict[str, Any]:
    """Return the newest figures of a model: metric → (value, low, high, n)."""
    return {
        row.metric: row
        for row in rows(
            engine,
            "SELECT metric, value, low, high, n FROM api.evaluation WHERE split = :split"
            " AND model = :model AND k IN (:k, 0) AND run_id = (SELECT max(run_id)"
            " FROM api.evaluation WHERE split = :split AND model = :model)",
            split=split, model=model, k=k,
        )
    }  # fmt: skip


# Metrics ---------------------------------------------------------------------------------------

# Lists of four users, and what they ought to hold.
LISTS = {1: [11, 12, 13, 14, 15], 2: [16, 11, 17, 12, 18], 3: [13, 19, 11], 4: [20, 12, 16, 11, 19]}
HITS = {1: [12, 15, 19, 20], 2: [18], 3: [14, 15, 16, 17, 18, 19], 4: [11, 13]}
# What LensKit 2025.8.1 says of them: NDCG(n=k, weight=LogRankWeight(offset=1)), Recall(n=k),
# Precision(n=k), Hit(n=k) and RecipRank(n=k), each the mean over the four of measure_list;
# ListGini(n=k, items=12); RMSE() and MAE() over all predictions. Recorded, since its wheel brings
# torch. Its NDCG by default gives the first two places the same weight, ours does not: hence the
# offset, which is the form of Järvelin and Kekäläinen's measure that most others use.
LENSKIT = {
    1: {"ndcg": 0.0, "recall": 0.0, "precision": 0.0, "hit_rate": 0.0, "mrr": 0.0,
        "gini": 0.6666666666666666},
    3: {"ndcg": 0.14804095548293264, "recall": 0.16666666666666666,
        "precision": 0.16666666666666666, "hit_rate": 0.5, "mrr": 0.25,
        "gini": 0.5416666666666666},
    5: {"ndcg": 0.3155573003775488, "recall": 0.55, "precision": 0.2833333333333333,
        "hit_rate": 1.0, "mrr": 0.3625, "gini": 0.39814814814814814},
}  # fmt: skip
GIVEN = {1: {11: 4.0, 12: 3.5}, 2: {13: 5.0, 14: 1.0, 15: 2.5}, 3: {16: 0.5}}
EXPECTED = {1: {11: 3.6, 12: 4.1}, 2: {13: 4.4, 14: 2.2, 15: 3.0}, 3: {16: 1.9}}
LENSKIT_STARS = {"rmse": 0.8689073497882129, "mae": 0.7833333214124044}


@pytest.fixture
def bench(tiny: Connection) -> Connection:
    """A connection with the working tables of an evaluation, empty, rolled back afterwards."""
    db.set_local(tiny, seed=7, k="{1,3,5}", depth=5, users=100, share=0.2, folds=5, min_fans=1,
                 anchors=1)  # fmt: skip
    run._step(tiny, "begin")
    return tiny


def put(conn: Connection, table: str, *values: tuple[Any, ...]) -> None:
    for row in values:
        conn.exec_driver_sql(
            f"INSERT INTO evaluating.{table} VALUES ({', '.join(['%s'] * len(row))})", row
        )


def judged(conn: Connection) -> dict[tuple[str, int], Any]:
    return {
        (row.metric, row.k): row
        for row in conn.execute(text("SELECT metric, k, value, error, n FROM evaluating.measured"))
    }


@pytest.fixture
def judged_lists(bench: Connection) -> dict[tuple[str, int], Any]:
    put(bench, "fold", (0, 15))
    # movie m has m - 11 raters: known to one in 16, 8, 5.33 … users
    put(
        bench, "candidate", *((0, movie, movie - 11, 8 * (movie - 11), 0) for movie in range(9, 21))
    )
    for user, listed in LISTS.items():
        put(bench, "asked", (user, 0, None, user))
        put(bench, "list", *((user, place, movie) for place, movie in enumerate(listed, 1)))
        put(bench, "hit", *((user, movie) for movie in HITS[user]))
    run._step(bench, "measure_lists")
    return judged(bench)


def test_b7_metrics_agree_with_lenskit(judged_lists: dict[tuple[str, int], Any]) -> None:
    """B7: the same lists, the same figures, to the last digit that both print."""
    for k, wanted in LENSKIT.items():
        for metric, value in wanted.items():
            assert judged_lists[metric, k].value == pytest.approx(value, abs=1e-12), (metric, k)


def test_b7_coverage_and_novelty_reckoned_by_hand(judged_lists: dict[tuple[str, int], Any]) -> None:
    # the first of each list: 11, 16, 13, 20, of whose raters there are 0, 5, 2 and 9 among 15
    assert judged_lists["coverage", 1].value == 4
    assert judged_lists["coverage", 5].value == 10
    wanted = sum(math.log2(16 / (1 + raters)) for raters in (0, 5, 2, 9)) / 4
    assert judged_lists["novelty", 1].value == pytest.approx(wanted)


def test_b7_intervals_are_standard_errors_over_the_lists(
    judged_lists: dict[tuple[str, int], Any],
) -> None:
    """The deviation between lists by n - 1, divided by the root of their number."""
    places = [2, 5, 2, 4]
    single = [1 / place for place in places]
    found = judged_lists["mrr", 5]
    assert found.n == 4
    assert found.value == pytest.approx(np.mean(single))
    assert found.error == pytest.approx(np.std(single, ddof=1) / 2)
    # a jackknife that leaves out one list after another, the other 16 parts being empty
    left_out = [
        len({movie for user, listed in LISTS.items() if user != out for movie in listed})
        for out in LISTS
    ] + [10] * 16
    error = math.sqrt(19 / 20 * sum((value - np.mean(left_out)) ** 2 for value in left_out))
    assert judged_lists["coverage", 5].error == pytest.approx(error)


def test_b7_several_lists_of_one_user_count_as_one(bench: Connection) -> None:
    """Their mean stands for the user, in figures and intervals; coverage looks at all lists."""
    put(bench, "fold", (0, 15))
    put(bench, "candidate", *((0, movie, 1, 8, 0) for movie in range(9, 21)))
    # user 7 loves 11 and 12, and is asked for by both; user 8 by 13 alone
    put(bench, "asked", (1, 0, 11, 7), (2, 0, 12, 7), (3, 0, 13, 8))
    put(bench, "hit", (7, 11), (7, 12), (7, 14), (8, 13), (8, 15))
    put(bench, "list", (1, 1, 12), (1, 2, 16), (1, 3, 14), (2, 1, 17), (3, 1, 18), (3, 2, 15))
    run._step(bench, "measure_lists")
    found = judged(bench)
    # an anchor need not find itself: both of two are found, none of two, and the only one
    recall = found["recall", 3]
    assert recall.value == pytest.approx(((2 / 2 + 0) / 2 + 1 / 1) / 2)
    assert recall.error == pytest.approx(np.std([0.5, 1], ddof=1) / math.sqrt(2))
    assert (recall.n, found["coverage", 3].n) == (2, 3)
    assert found["coverage", 3].value == 6


def test_s8_errors_of_predicted_stars_agree_with_lenskit(bench: Connection) -> None:
    """S8: RMSE and MAE over all held-back ratings; the error is that of a ratio of sums."""
    for user, stars in GIVEN.items():
        put(bench, "asked", (user, 0, None, user))
        put(bench, "held", *((user, movie, int(2 * given)) for movie, given in stars.items()))
        put(bench, "predicted", *((user, movie, EXPECTED[user][movie]) for movie in stars))
    run._step(bench, "measure_stars")
    found = judged(bench)
    for metric, value in LENSKIT_STARS.items():
        assert found[metric, 0].value == pytest.approx(value, abs=1e-6)
        assert found[metric, 0].n == 6
    plain = {
        u: sum(abs(EXPECTED[u][m] - s) for m, s in stars.items()) for u, stars in GIVEN.items()
    }
    mean = sum(plain.values()) / 6
    apart = sum((plain[user] - mean * len(GIVEN[user])) ** 2 for user in GIVEN)
    assert found["mae", 0].error == pytest.approx(math.sqrt(3 / 2 * apart) / 6)


# Splits ----------------------------------------------------------------------------------------


def split(engine: Engine, name: str, seed: int = 7, **settings: Any) -> dict[str, list[Any]]:
    """Split a database, and return the working tables."""
    given = {"share": 0.2, "folds": 5, "min_fans": 1, "anchors": 1, "users": 10**6, **settings}
    with engine.connect() as conn:
        db.set_local(conn, seed=seed, split=name, depth=10, k="{10}", **given)
        run._split(conn, name, given["share"], given["folds"], given["min_fans"])
        found = {
            table: conn.execute(text(f"SELECT * FROM evaluating.{table} ORDER BY 1, 2, 3")).all()
            for table in ("asked", "train", "held", "rating")
        }
        found["hit"] = conn.execute(text("TABLE evaluating.hit ORDER BY 1, 2")).all()
        conn.rollback()
    return found


@pytest.mark.parametrize("name", ["user-holdout", "user-disjoint"])
def test_the_same_seed_is_the_same_split(demo_engine: Engine, name: str) -> None:
    once, again = (split(demo_engine, name, users=200) for _ in range(2))
    assert once == again
    assert once["asked"] != split(demo_engine, name, seed=8, users=200)["asked"]


def test_holdout_keeps_a_fifth_of_each_user_apart(demo_engine: Engine) -> None:
    """Disjoint, rounded down, all of the rest is learnt from; what is to be found is liked."""
    found = split(demo_engine, "user-holdout")
    counts: dict[int, list[int]] = {}
    for place, table in enumerate(("train", "held")):
        for row in found[table]:
            counts.setdefault(row.user_id, [0, 0])[place] += 1
    assert len(counts) > 1000
    assert all(held == int((train + held) * 0.2) for train, held in counts.values())
    pairs = [{(row.user_id, row.movie_id) for row in found[t]} for t in ("train", "held")]
    assert not pairs[0] & pairs[1]
    liked = {(row.user_id, row.movie_id) for row in found["held"] if row.half_stars >= 8}
    assert {(row.asker_id, row.movie_id) for row in found["hit"]} == liked


def test_time_has_one_cutoff_for_everybody(demo_engine: Engine) -> None:
    """A cutoff of each user's own would leak: nothing learnt is younger than anything held."""
    found = split(demo_engine, "time")
    when = {(row.user_id, row.movie_id): row.rated_at for row in found["rating"]}
    assert when and None not in when.values()
    learnt = max(when[row.user_id, row.movie_id] for row in found["train"])
    assert learnt < min(when[row.user_id, row.movie_id] for row in found["held"])
    assert len(found["train"]) == pytest.approx(0.8 * len(when), rel=0.01)
    # nobody is asked for of whom nothing is known
    assert {row.query_id for row in found["asked"]} <= {row.user_id for row in found["train"]}


def test_time_leaves_out_what_has_no_date(tiny_site: Engine) -> None:
    change(tiny_site, "INSERT INTO core.rating VALUES ('2020-02-01', 1, 5, 10)")
    found = split(tiny_site, "time", share=0.2)
    undated = (4, 1)
    assert undated in {(row.user_id, row.movie_id) for row in found["rating"]}
    assert undated not in {(r.user_id, r.movie_id) for t in ("train", "held") for r in found[t]}


def test_disjoint_asks_by_as_many_loved_movies_as_it_is_told(demo_engine: Engine) -> None:
    """The first lots of each user; by all there is every 5.0 that enough others gave as well."""
    one, three, every = (
        split(demo_engine, "user-disjoint", users=60, min_fans=20, anchors=most)["asked"]
        for most in (1, 3, 10**6)
    )
    pairs = [{(row.asker_id, row.anchor_id) for row in found} for found in (one, three, every)]
    assert pairs[0] < pairs[1] < pairs[2]
    assert [len(found) for found in (one, three, every)] == [len(found) for found in pairs]
    asked = Counter(row.asker_id for row in every)
    assert len(asked) == len(one) == 60
    assert Counter(row.asker_id for row in three) == {u: min(n, 3) for u, n in asked.items()}
    loved = rows(demo_engine, "SELECT user_id, movie_id FROM core.rating WHERE half_stars = 10")
    # 30 of all people leave 20 in the other folds, unless they crowd into one of the five
    fans = Counter(movie for _, movie in loved)
    sure = {(u, m) for u, m in loved if u in asked and fans[m] > 60}
    assert sure <= pairs[2] <= {tuple(row) for row in loved}


def test_disjoint_lists_are_those_of_a_database_without_the_fold(
    databases: Any, new_database: Callable[..., Engine], demo_engine: Engine
) -> None:
    """Q8: what is measured is api.also_liked itself, had the users of the fold never rated."""
    engine = new_database("recsql_template_demo")
    change(engine, "DELETE FROM core.rater WHERE user_id % 5 <> 0")
    with engine.connect() as conn:
        db.set_local(conn, seed=7, split="user-disjoint", folds=5, min_fans=3, anchors=2, users=40,
                     depth=8)  # fmt: skip
        run._split(conn, "user-disjoint", 0.2, 5, 3)
        listed: dict[str, dict[int, list[int]]] = {}
        for method in specs.ALSO_LIKED:
            run._lists(conn, specs.parse(f"also_liked:{method}", "user-disjoint"), {}, "")
            listed[method] = {}
            for query, movie in conn.execute(
                text("SELECT query_id, movie_id FROM evaluating.list ORDER BY query_id, rank")
            ):
                listed[method].setdefault(query, []).append(movie)
            conn.execute(text("DELETE FROM evaluating.list"))
        asked = conn.execute(text("SELECT * FROM evaluating.asked WHERE fold = 2")).all()
        assert asked
        conn.execute(
            text(
                "DELETE FROM core.rater WHERE user_id IN"
                " (SELECT user_id FROM evaluating.dealt WHERE fold = 2)"
            )
        )
        for query, _, anchor, _ in asked:
            for method in specs.ALSO_LIKED:
                wanted = conn.scalars(
                    text("SELECT movie_id FROM api.also_liked(:m, 8, 0, :how) ORDER BY rank"),
                    {"m": anchor, "how": method},
                ).all()
                assert listed[method][query] == wanted, (method, anchor)


# Runs ------------------------------------------------------------------------------------------


def test_b7_methods_are_compared_by_one_select(measured: Engine) -> None:
    """B7: rows with value, interval, number, seconds, split, seed, data and parameters."""
    found = rows(measured, "SELECT * FROM api.evaluated_models((SELECT min(run_id) FROM"
                 " api.evaluation_protocol), 5)")  # fmt: skip
    assert {row.model for row in found} == {"popularity", "mean", "random", "cosine"}
    assert [row.rank for row in found] == [1, 2, 3, 4]
    assert found == sorted(found, key=lambda row: -row.ndcg)
    for row in found:
        assert row.ndcg_low < row.ndcg < row.ndcg_high
        assert (row.rmse is None) == (row.model in ("popularity", "random"))
        assert row.lists == 40 and row.seconds > 0
    one = rows(measured, "SELECT * FROM api.evaluation WHERE model = 'cosine' AND k = 5 LIMIT 1")[0]
    assert (one.split, one.seed) == ("user-holdout", 7)
    assert one.protocol["share"] == 0.2 and one.protocol["lists"] == 40
    assert re.fullmatch(r"\d+ ratings, [0-9a-f]{8}", one.data)
    assert one.parameters["shrink"] == MODELS["cosine"]().shrink
    metrics = set(figures(measured, "cosine"))
    assert metrics == {"ndcg", "recall", "precision", "hit_rate", "mrr", "coverage", "gini",
                       "novelty", "rmse", "mae"}  # fmt: skip


def test_b7_what_was_measured_otherwise_is_not_compared(measured: Engine) -> None:
    protocols = rows(measured, "SELECT * FROM api.evaluation_protocol ORDER BY run_id")
    assert [row.split for row in protocols] == ["user-holdout", "user-disjoint"]
    newest = rows(measured, "SELECT model FROM api.evaluated_models()")
    assert {row.model for row in newest} == set(known("user-disjoint"))


def test_baselines_are_what_they_say(measured: Engine) -> None:
    """Popularity shows the same few movies to all, and lots show many that few know."""
    popular, lots = figures(measured, "popularity"), figures(measured, "random")
    assert popular["coverage"].value < lots["coverage"].value
    assert popular["gini"].value > lots["gini"].value
    assert popular["novelty"].value < lots["novelty"].value
    # generated stars say little of taste: a prediction is at least no worse than the mean
    assert (
        figures(measured, "cosine")["rmse"].value < 1.05 * figures(measured, "mean")["rmse"].value
    )


def test_b7_a_model_is_judged_by_the_function_that_serves_it(
    new_database: Callable[..., Engine], measured: Engine
) -> None:
    """The lists of an evaluation are those of api.recommend, were the split all that is known."""
    engine = new_database("recsql_template_demo")
    found = split(engine, "user-holdout", users=20)
    with engine.begin() as conn:
        db.set_local(conn, seed=7, split="user-holdout", depth=10, share=0.2, users=20, k="{10}")
        run._split(conn, "user-holdout", 0.2, 5, 1)
        trained = run._train(engine, conn, specs.parse("cosine", "user-holdout", ("cosine",)), 7)
        run._model_lists(conn, trained.run_id)
        listed = conn.execute(text("TABLE evaluating.list ORDER BY query_id, rank")).all()
        conn.execute(text("DROP SCHEMA evaluating CASCADE"))
        conn.exec_driver_sql("CREATE TEMPORARY TABLE held (user_id integer, movie_id integer)")
        conn.connection.cursor().executemany(
            "INSERT INTO held VALUES (%s, %s)",
            [(row.user_id, row.movie_id) for row in found["held"]],
        )
        conn.execute(
            text(
                "DELETE FROM core.rating USING pg_temp.held WHERE rating.user_id = held.user_id"
                " AND rating.movie_id = held.movie_id"
            )
        )
    assert len(listed) == 200
    train(engine, "cosine")
    for user in {row.query_id for row in listed}:
        wanted = rows(
            engine, "SELECT movie_id FROM api.recommend(:u, 10, p_model => 'cosine')", u=user
        )
        assert [row.movie_id for row in listed if row.query_id == user] == [
            row.movie_id for row in wanted
        ]


def test_critics_and_generated_users_take_no_part(tiny_site: Engine) -> None:
    """T3, S6: with them and without, the same data, the same figures."""
    settings: dict[str, Any] = {"models": ["popularity", "mean"], "share": 0.5, "k": [2]}
    evaluate(tiny_site, **settings)
    change(tiny_site, "DELETE FROM core.rater WHERE user_id < 0")
    evaluate(tiny_site, **settings)
    both = rows(
        tiny_site,
        "SELECT run_id, data, model, metric, value, low, high, n FROM api.evaluation"
        " ORDER BY run_id, model, metric",
    )
    half = len(both) // 2
    assert half > 10
    assert [row[1:] for row in both[:half]] == [row[1:] for row in both[half:]]


def test_similar_movies_are_judged_by_collections(tiny_site: Engine) -> None:
    """The others of a series ought to be near; belonging to a series is no feature."""
    change(tiny_site, "UPDATE core.movie SET collection_id = NULL")
    with pytest.raises(BadInput, match="belong to one series"):
        evaluate(tiny_site, split="collection")
    change(tiny_site, "UPDATE core.movie SET collection_id = 1 WHERE movie_id IN (1, 2, 6)")
    evaluate(tiny_site, split="collection", k=[1, 3], models=["similar:overlap"])
    # Alien and Aliens find each other first, but Amélie never; Amélie finds Casablanca alone
    first = figures(tiny_site, "similar:overlap", 1, "collection")
    assert first["recall"].value == pytest.approx(2 / 3)
    third = figures(tiny_site, "similar:overlap", 3, "collection")
    assert third["recall"].value == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert third["recall"].n == 3


# Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said", "hint"),
    [
        ({"models": ["eas"]}, "unknown model for the split user-holdout: eas", "ease"),
        ({"models": ["also_liked:damped"]}, "unknown model for the split", "popularity"),
        ({"models": ["mean", "mean"]}, "named twice", None),
        ({"models": ["mean:x=1"]}, "unknown option x", "no options"),
        ({"models": ["ease:ridge=x"], "share": 0.34}, "'x' is no value for --ridge", None),
        ({"split": "user-disjoint", "models": ["also_liked:damped:m=1"]}, "option m", "damping"),
        ({"split": "user-disjoint", "models": ["also_liked:lift:damping=a"]}, "a number", None),
        ({"split": "sideways"}, "unknown split: sideways", "user-holdout, time"),
        ({"k": [0]}, "from 1 to 1,000", None),
        ({"share": 1.0}, "between 0 and 1", None),
        ({"split": "time", "share": 0.01}, "too few ratings with a date", None),
        ({"split": "user-disjoint", "min_fans": 50}, "too few ratings", None),
        ({"split": "user-disjoint", "anchors": 0}, "by 1 movie at least", None),
    ],
)  # fmt: skip
def test_bad_input_is_said_plainly(
    tiny_site: Engine, asked: dict[str, Any], said: str, hint: str | None
) -> None:
    with pytest.raises(BadInput) as raised:
        evaluate(tiny_site, **asked)
    assert said in raised.value.message
    assert hint is None or hint in (raised.value.hint or "")
    assert rows(tiny_site, "SELECT FROM derived.evaluation") == []


def test_without_ratings_there_is_nothing_to_measure(empty_engine: Engine) -> None:
    with pytest.raises(BadInput, match="no ratings by people") as raised:
        evaluate(empty_engine)
    assert "recsql load" in (raised.value.hint or "")


def test_an_interrupted_run_leaves_nothing(
    new_database: Callable[..., Engine], demo_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle: no figures, no working tables, no run of a model."""
    engine = new_database("recsql_template_demo")
    steps: list[str] = []

    def step(conn: Connection, name: str) -> None:
        steps.append(name)
        if steps.count("measure_lists") == 2:
            raise KeyboardInterrupt
        original(conn, name)

    original = run._step
    monkeypatch.setattr(run, "_step", step)
    with pytest.raises(KeyboardInterrupt):
        evaluate(engine, models=["popularity", "cosine"], users=5)
    assert "lists_model" in steps
    for leftover in (
        "SELECT FROM derived.evaluation",
        "SELECT FROM pg_namespace WHERE nspname = 'evaluating'",
        "SELECT FROM derived.model_run",
    ):
        assert rows(engine, leftover) == []


def test_what_a_killed_run_left_goes_with_the_next_one(
    new_database: Callable[..., Engine], demo_engine: Engine
) -> None:
    """And trained models that serve stay as they are."""
    engine = new_database("recsql_template_demo")
    kept = train(engine, "cosine").run_id
    train(engine, "cosine", state="evaluation")
    evaluate(engine, models=["cosine"], users=5)
    assert [row.run_id for row in rows(engine, "SELECT run_id FROM derived.model_run")] == [kept]


def test_two_evaluations_at_once_are_refused(tiny_site: Engine) -> None:
    with tiny_site.connect() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('recsql.eval'))"))
        with pytest.raises(RecsqlError, match="another evaluation is running"):
            evaluate(tiny_site, share=0.5)


# Two lists side by side ------------------------------------------------------------------------


def test_b12_two_methods_side_by_side(tiny: Connection) -> None:
    """B12: of Alien's fans all three rated Aliens, two Casablanca, and one Blade with 5.0."""
    found = tiny.execute(
        text("SELECT place, movie_id, left_rank, right_rank, left_score, right_score"
             " FROM api.compare_lists(1, 'also_liked:support', 'also_liked:average', 2)")
    ).all()  # fmt: skip
    # average: Blade 5.0, then Aliens 4.5; support: Aliens 3, Casablanca 2
    assert [tuple(row) for row in found] == [
        (1, 2, 1, 2, 3, 4.5),
        (2, 3, None, 1, None, 5),
        (3, 4, 2, None, 2, None),
    ]


def test_b12_any_two_methods_of_either_recommender(tiny: Connection) -> None:
    names = [*(f"also_liked:{name}" for name in specs.ALSO_LIKED),
             *(f"similar:{name}" for name in specs.SIMILAR)]  # fmt: skip
    for left in names:
        function, method = left.split(":")
        wanted = tiny.execute(
            text(f"SELECT movie_id, rank, score, reason FROM"
                 f" api.{'similar_movies' if function == 'similar' else function}"
                 f"(1, p_method => :method) ORDER BY rank"), {"method": method},
        ).all()  # fmt: skip
        for right in names:
            found = tiny.execute(
                text("SELECT movie_id, left_rank, left_score, left_reason"
                     " FROM api.compare_lists(1, :left, :right) WHERE left_rank IS NOT NULL"
                     " ORDER BY left_rank"), {"left": left, "right": right},
            ).all()  # fmt: skip
            assert found == wanted, (left, right)


def test_b12_a_trained_model_beside_a_recommender(measured: Engine) -> None:
    with measured.connect() as conn:
        trained = train(measured, "cosine")
        found = conn.execute(
            text("SELECT movie_id FROM api.compare_lists(603, 'cosine', 'similar:overlap')"
                 " WHERE left_rank IS NOT NULL ORDER BY left_rank")
        ).scalars().all()  # fmt: skip
        wanted = conn.scalars(
            text("SELECT movie_id FROM api.similar_by_model(603, p_model => 'cosine')")
        ).all()
    assert found == wanted and len(found) == 10
    assert trained.model == "cosine"


@pytest.mark.parametrize("name", ["also_liked:best", "similar:", "nonsense", "", "similar"])
def test_b12_an_unknown_method_is_refused(tiny_engine: Engine, name: str) -> None:
    for pair in ((name, "similar:overlap"), ("similar:overlap", name)):
        with tiny_engine.connect() as conn, pytest.raises(BadInput):
            db.rows(conn, "compare_lists", p_movie_id=1, p_left=pair[0], p_right=pair[1],
                    p_limit=5)  # fmt: skip


# The page and the commands ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(measured: Engine) -> FlaskClient:
    return web.create_app(measured).test_client()


def read(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return str(response.get_data(as_text=True))


def test_b7_the_page_shows_what_one_select_gives(client: FlaskClient, measured: Engine) -> None:
    source = read(client, "/evaluation")
    found = rows(measured, "SELECT * FROM api.evaluated_models()")
    cells = re.findall(r'<tr><th scope="row">(.*?)</th><td class="n">([\d.]+)', source)
    assert cells == [(row.model, f"{row.ndcg:.3f}") for row in found]
    assert "RMSE" not in source, "no column without a figure"
    other = read(client, "/evaluation?run=1&k=5")
    assert "RMSE" in other and "the first 5 of 40 lists" in other


def test_b7_the_charts_can_be_read_without_seeing_them(client: FlaskClient) -> None:
    """Each is one picture with a text that holds its figures; no inline style, no script."""
    source = read(client, "/evaluation")
    charts = re.findall(r'<svg class="chart".*?</svg>', source, re.S)
    assert len(charts) == 2
    for chart in charts:
        drawn = ElementTree.fromstring(chart)
        assert drawn.get("role") == "img"
        label = drawn.get("aria-label") or ""
        for model in known("user-disjoint"):
            assert model in label
        assert len(drawn.findall(".//circle")) == len(known("user-disjoint"))
        assert "style=" not in chart
        for text_element in drawn.iter("text"):
            assert 0 <= float(text_element.get("x") or -1) <= evaluation.WIDE


def test_labels_of_a_chart_do_not_cover_each_other() -> None:
    """Even where ten methods are as good as each other."""
    same = [
        {"model": f"model {i}", "ndcg": 0.39 + i / 1000, "ndcg_low": 0.38, "ndcg_high": 0.4,
         "coverage": 1000 + i}
        for i in range(8)
    ]  # fmt: skip
    drawn = ElementTree.fromstring(evaluation.scatter(same, "coverage", 10, "Movies", str))
    names = [e for e in drawn.iter("text") if e.get("class") == "name"]
    spans = []
    for element in names:
        wide = len(element.text or "") * evaluation.LETTER
        start = (
            float(element.get("x") or 0)
            - {"start": 0.0, "middle": wide / 2, "end": wide}[element.get("text-anchor") or "start"]
        )
        spans.append((start, start + wide, float(element.get("y") or 0)))
    for i, (start, end, y) in enumerate(spans):
        for other_start, other_end, other_y in spans[:i]:
            assert abs(y - other_y) >= 14 or end <= other_start or other_end <= start


def test_b12_the_page_lays_two_lists_side_by_side(client: FlaskClient, measured: Engine) -> None:
    source = read(client, "/evaluation?movie=603&left=similar:rarity&right=similar:overlap")
    part = source[source.index('id="lists"') :]
    wanted = rows(
        measured,
        "SELECT movie_id FROM api.compare_lists(603, 'similar:rarity', 'similar:overlap')",
    )
    listed = re.findall(r'<th scope="row"><a href="/movie/(\d+)"', part)
    assert [int(movie) for movie in listed] == [row.movie_id for row in wanted]
    assert "<option selected>similar:rarity" in part


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?run=99", 404), ("?run=x", 400), ("?k=0x", 400), ("?movie=1999999999", 404),
        ("?movie=603&left=nonsense", 400), ("?left=%27%3Bdrop", 400), ("?left=" + "a" * 99, 400),
        ("?movie=-1", 400), ("?movie=99999999999", 400), ("?k=999", 200),
    ],
)  # fmt: skip
def test_what_nobody_links_to_is_refused(client: FlaskClient, path: str, status: int) -> None:
    read(client, "/evaluation" + path, status)


def test_the_page_says_where_nothing_was_measured(tiny_site: Engine) -> None:
    assert "recsql evaluate" in read(web.create_app(tiny_site).test_client(), "/evaluation")


def test_page_command_and_database_know_the_same_methods() -> None:
    assert set(specs.ALSO_LIKED) == set(pages.LIKED_METHODS)
    assert set(specs.SIMILAR) == set(pages.SIMILAR_METHODS)


@pytest.fixture
def command(tiny_site: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr("recsql.cli.evaluate.ready_engine", lambda: tiny_site)
    return lambda *args: CliRunner().invoke(cli, list(args))


def test_the_command_prints_what_it_kept(command: Any, tiny_site: Engine) -> None:
    asked = ("evaluate", "--models", "mean,popularity", "--share", "0.5", "--k", "2,3")
    shown = command(*asked)
    assert shown.exit_code == 0, shown.output
    assert "nDCG@2" in shown.stdout and "nDCG@3" in shown.stdout
    assert "user-holdout, seed 7" in shown.stderr
    printed = json.loads(command(*asked, "--json").stdout)
    kept = rows(tiny_site, "SELECT * FROM api.evaluation WHERE run_id = 2")
    assert {(row["model"], row["metric"], row["k"], row["value"]) for row in printed} == {
        (row.model, row.metric, row.k, row.value) for row in kept
    }


def test_b12_the_command_lays_two_lists_side_by_side(command: Any) -> None:
    shown = command("compare", "Alien", "also_liked:support", "also_liked:average", "--json")
    assert [row["movie_id"] for row in json.loads(shown.stdout)] == [2, 3, 4]
    assert (
        "also_liked:support"
        in command("compare", "1", "also_liked:support", "similar:overlap").stdout
    )


def test_b7_several_movies_a_user_are_said_to_be_so(command: Any, tiny_site: Engine) -> None:
    """By command, in the protocol and on the page; not compared with one movie a user."""
    asked = ("evaluate", "--split", "user-disjoint", "--models", "popularity", "--json")
    once, every = (json.loads(command(*asked, "--anchors", n).stdout)[0] for n in ("1", "all"))
    assert "anchors" not in once["protocol"] and once["protocol"]["lists"] > 1
    assert every["protocol"]["anchors"] == "all"
    assert every["protocol"]["users"] == once["protocol"]["lists"] < every["protocol"]["lists"]
    found = rows(tiny_site, "SELECT * FROM api.evaluation_protocol ORDER BY run_id")
    assert [row.lists for row in found] == [r["protocol"]["lists"] for r in (once, every)]
    shown = read(web.create_app(tiny_site).test_client(), "/evaluation")
    assert "a list for every movie that each of" in shown


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("evaluate", "--models", "nonsense"), 1, "unknown model"),
        (("evaluate", "--split", "nonsense"), 2, "is not one of"),
        (("evaluate", "--k", "ten"), 2, "no whole numbers"),
        (("evaluate", "--anchors", "some"), 2, "no number from 1 on, and not all"),
        (("evaluate", "--anchors", "0"), 2, "no number from 1 on, and not all"),
        (("compare", "1", "nonsense", "similar:overlap"), 1, "no such model is trained"),
        (("compare", "Nonsense", "similar:rarity", "similar:overlap"), 1, "no movie is called"),
    ],
)
def test_the_commands_say_what_is_wrong(
    command: Any, asked: tuple[str, ...], code: int, said: str
) -> None:
    result = command(*asked)
    assert result.exit_code == code
    assert said in result.stderr
