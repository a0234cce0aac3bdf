"""Training: what is stored, that it is the same each time, and that SQL predicts as NumPy does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from recsql import db
from recsql.cli import cli
from recsql.errors import BadInput, NotFound, RecsqlError
from recsql.models import MODELS, calibrate, forget, train
from recsql.models.declared import declared, options_of
from recsql.models.factor import encoded, folded_in
from recsql.models.fitted import graded, residuals
from recsql.models.ratings import Ratings, read
from recsql.models.training import fit_of
from tests.conftest import fill_demo
from tests.support import libpq_url
from tests.test_recommenders import rows

SMALL: dict[str, dict[str, Any]] = {
    "sgd": {"steps": 100, "rate": 0.02},
    "user-cosine": {"max_raters": 300},
    "nmf": {"steps": 10},
    "svd": {"factors": 16},
    "als": {"factors": 16, "steps": 3},
    "ease": {"kept": 50},
}
USERS = range(1, 9)
FEW = "(SELECT * FROM core.rating WHERE user_id <= 400) AS few"


def has_pgvector(engine: Engine) -> bool:
    with engine.connect() as conn:
        return bool(
            conn.scalar(text("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"))
        )


def trainable(engine: Engine) -> list[str]:
    return [n for n, m in MODELS.items() if m.FAMILY != "factor" or has_pgvector(engine)]


def fill(engine: Engine) -> None:
    for name in trainable(engine):
        train(engine, name, SMALL.get(name))


@pytest.fixture(scope="module")
def trained_engine(databases) -> Iterator[Engine]:
    """The demo with all models trained, shared: roll back what you write."""
    url = databases.make(databases.template("models", fill, databases.template("demo", fill_demo)))
    engine = db.engine_on(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def trained(trained_engine: Engine) -> Iterator[Connection]:
    with trained_engine.connect() as conn:
        conn.begin()
        yield conn
        conn.rollback()


@pytest.fixture
def own_engine(databases, new_database: Callable[..., Engine]) -> Engine:
    """A database of the demo to commit to."""
    return new_database(databases.template("demo", fill_demo))


@pytest.fixture(params=list(MODELS))
def model(request: pytest.FixtureRequest, trained_engine: Engine) -> str:
    if request.param not in trainable(trained_engine):
        pytest.skip("this server has no pgvector, and says so: see the test of that")
    return request.param


def contents(conn: Connection, run_id: int) -> dict[str, list[Any]]:
    """Return all rows of a run, without its number."""
    tables = {
        "model_movie": "movie_id", "movie_weight": "movie_id", "movie_factor": "movie_id",
        "rater_factor": "user_id", "movie_rater": "movie_id", "rater_profile": "user_id",
    }  # fmt: skip
    return {
        table: [
            tuple(row)[1:]
            for row in conn.execute(
                text(f"SELECT * FROM derived.{table} WHERE run_id = :run ORDER BY {key}"),
                {"run": run_id},
            )
        ]
        for table, key in tables.items()
    }


# Training -------------------------------------------------------------------------------------


def test_a_run_says_how_it_came_about(trained: Connection, model: str) -> None:
    """S3, S8, T6, L2, Q8: each model trains, with its parameters, data and figures in a row."""
    (run,) = rows(
        trained,
        "SELECT * FROM derived.model_run WHERE model = :model AND state = 'current'",
        model=model,
    )
    assert run["family"] == MODELS[model].FAMILY
    assert run["seed"] == 7
    assert set(run["parameters"]) == {one.name for one in options_of(MODELS[model])}
    people = trained.execute(
        text(
            "SELECT count(*), count(DISTINCT user_id), count(DISTINCT movie_id) FROM core.rating"
            " WHERE user_id > 0"
        )
    ).one()
    assert (run["ratings"], run["raters"], run["movies"]) == tuple(people)
    assert run["seconds"] > 0
    assert len(rows(trained, "SELECT FROM api.trained_model")) == len(
        rows(trained, "SELECT DISTINCT model FROM derived.model_run")
    )


def test_errors_are_measured_on_ratings_held_out(trained: Connection, model: str) -> None:
    """S8: RMSE and MAE of ratings that the training had not seen, never of its own."""
    metrics = trained.scalar(
        text("SELECT metrics FROM derived.model_run WHERE model = :model"), {"model": model}
    )
    assert metrics["held_out"] > 100
    assert 0.3 < metrics["mae"] < metrics["rmse"] < 1.5
    # slope 0 would give the baseline itself; fitted on other users, it may lose a trifle
    assert metrics["rmse"] < metrics["rmse_baseline"] * 1.01


def test_held_out_ratings_are_not_trained_on(trained_engine: Engine) -> None:
    ratings = read(trained_engine)
    held = calibrate.held_out(ratings, np.random.default_rng(7))
    rest = ratings.without(held)
    assert held.sum() + rest.count == ratings.count
    assert abs(ratings.matrix - 0).sum() == rest.matrix.sum() + ratings.matrix.data[held].sum()
    # a fifth of those of each chosen user, who keeps the others
    before, after = np.diff(ratings.matrix.indptr), np.diff(rest.matrix.indptr)
    chosen = before != after
    assert chosen.sum() <= len(before) // 3
    assert np.all(after[chosen] >= 0.7 * before[chosen])


def test_the_same_seed_gives_the_same_model(own_engine: Engine, model: str) -> None:
    first = train(own_engine, model, SMALL.get(model), ratings=FEW)
    second = train(own_engine, model, SMALL.get(model), ratings=FEW)
    assert second.run_id != first.run_id
    assert (first.metrics, first.fingerprint) == (second.metrics, second.fingerprint)
    with own_engine.connect() as conn:
        assert contents(conn, first.run_id) == contents(conn, second.run_id)
    with own_engine.connect() as conn:
        states = conn.execute(text("SELECT run_id, state FROM derived.model_run ORDER BY 1")).all()
    assert [tuple(s) for s in states] == [(first.run_id, "former"), (second.run_id, "current")]


def test_the_former_run_is_kept_and_older_ones_go(own_engine: Engine) -> None:
    runs = [train(own_engine, "cosine", ratings=FEW).run_id for _ in range(3)]
    with own_engine.connect() as conn:
        found = conn.execute(text("SELECT run_id, state FROM derived.model_run ORDER BY 1")).all()
        assert [tuple(row) for row in found] == [(runs[1], "former"), (runs[2], "current")]
        assert not any(contents(conn, runs[0]).values())


@pytest.mark.parametrize("when", ["pairs of movies", "rows of derived.movie_weight"])
def test_an_interrupted_training_leaves_the_old_run(own_engine: Engine, when: str) -> None:
    """Bad input of issue: until the new run is whole, the old one answers."""
    old = train(own_engine, "cosine", ratings=FEW)

    def interrupt(what: str, _rows: int) -> None:
        if what == when:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(own_engine, "cosine", {"shrink": 0}, ratings=FEW, progress=interrupt)
    with own_engine.connect() as conn:
        found = conn.execute(text("SELECT run_id, state FROM derived.model_run")).all()
        assert [tuple(row) for row in found] == [(old.run_id, "current")]
        assert conn.scalar(text("SELECT count(*) FROM api.recommend(1)")) == 10


def test_another_relation_for_an_evaluation(own_engine: Engine) -> None:
    """A training set is any relation; the run stands beside the current one and serves nobody."""
    current = train(own_engine, "cosine")
    half = train(
        own_engine,
        "cosine",
        ratings="(SELECT * FROM core.rating WHERE movie_id % 2 = 0) AS half",
        state="evaluation",
    )
    assert half.ratings < current.ratings and half.fingerprint != current.fingerprint
    with own_engine.connect() as conn:
        assert conn.scalar(text("SELECT run_id FROM api.trained_model")) == current.run_id
        odd = conn.scalar(
            text(
                "SELECT count(*) FROM derived.model_movie WHERE run_id = :run AND movie_id % 2 = 1"
            ),
            {"run": half.run_id},
        )
        assert odd == 0
        picks = conn.execute(
            text(
                "SELECT pick.rank, pick.movie_id FROM api._model_scores(:run, '{}', '{}') AS pick"
            ),
            {"run": half.run_id},
        ).all()
        assert picks == []
    forget(own_engine, half.run_id)
    with own_engine.connect() as conn:
        assert not any(contents(conn, half.run_id).values())
    with pytest.raises(NotFound):
        forget(own_engine, half.run_id)


def test_many_users_at_once_as_one_at_a_time(trained: Connection, model: str) -> None:
    """What an evaluation and stored suggestions ask: any relation, many users, one statement."""
    together = rows(
        trained,
        """
        SELECT given.user_id, pick.movie_id, pick.points, pick.expected_stars
        FROM (
            SELECT
                user_id, array_agg(movie_id ORDER BY movie_id) AS movies,
                array_agg(half_stars::integer ORDER BY movie_id) AS half_stars
            FROM core.rating WHERE user_id BETWEEN 1 AND 8 GROUP BY user_id
        ) AS given
        CROSS JOIN LATERAL api._model_scores(
            (SELECT run_id FROM api.trained_model WHERE model = :model),
            given.movies, given.half_stars, 10, p_user_id => given.user_id
        ) AS pick
        ORDER BY given.user_id, pick.rank
        """,
        model=model,
    )
    single = [
        (user, row["movie_id"], float(row["score"]))
        for user in USERS
        for row in rows(
            trained, "SELECT * FROM api.recommend(:user, p_model => :model)", user=user, model=model
        )
    ]
    assert single
    assert [(r["user_id"], r["movie_id"], r["points"] / 1e6) for r in together] == single


# Who is heard ---------------------------------------------------------------------------------


def test_critics_and_fakes_are_not_trained_on(own_engine: Engine) -> None:
    """Not of the people: no rating of a critic or a generated user reaches a model."""
    before = read(own_engine).fingerprint
    with own_engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.rater (user_id, kind, source, source_key)"
                " VALUES (-1, 'critic', 'test', 'c'), (-2, 'fake', 'test', 'f')"
            )
        )
        conn.execute(
            text(
                "INSERT INTO core.rating (user_id, movie_id, half_stars)"
                " SELECT rater, movie_id, 10 FROM core.movie, unnest('{-1,-2}'::integer[]) AS rater"
            )
        )
    assert read(own_engine).fingerprint == before
    everybody = read(own_engine, pseudo_users=True)
    assert everybody.fingerprint != before
    assert len(everybody.user_ids) == len(read(own_engine).user_ids) + 2
    with pytest.raises(BadInput, match="ease does not train with critics"):
        train(own_engine, "ease", critics=True)


def test_critics_may_train_factor_models(own_engine: Engine) -> None:
    """T3: pseudo-users make predictions possible on day one."""
    if not has_pgvector(own_engine):
        pytest.skip("this server has no pgvector")
    with own_engine.begin() as conn:
        conn.execute(text("UPDATE core.rating SET half_stars = 8 WHERE user_id = 1"))
        conn.execute(
            text(
                "INSERT INTO core.rater (user_id, kind, source, source_key)"
                " VALUES (-1, 'critic', 'test', 'c')"
            )
        )
        conn.execute(
            text(
                "INSERT INTO core.rating (user_id, movie_id, half_stars)"
                " SELECT -1, movie_id, 10 FROM core.movie"
            )
        )
    without = train(own_engine, "svd")
    with_them = train(own_engine, "svd", critics=True)
    assert with_them.raters == without.raters + 1
    assert with_them.parameters["critics"] is True


# Bad input ------------------------------------------------------------------------------------


def test_too_few_ratings(empty_engine: Engine) -> None:
    with pytest.raises(
        RecsqlError, match="0 ratings of 0 movies by 0 people are too few"
    ) as raised:
        train(empty_engine, "ease")
    assert "recsql load" in str(raised.value.hint)


def test_an_unknown_model_or_option(empty_engine: Engine) -> None:
    with pytest.raises(BadInput, match="unknown model: magic") as raised:
        train(empty_engine, "magic")
    assert "ease" in str(raised.value.hint)
    with pytest.raises(BadInput, match="ease has no option --depth"):
        train(empty_engine, "ease", {"depth": 3})


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("ease", "ridge", "much"), ("ease", "ridge", "nan"), ("ease", "ridge", -1),
        ("ease", "grades", "1,2,3"), ("svd", "factors", 0), ("svd", "factors", "1e9"),
        ("sgd", "biased", "perhaps"), ("sgd", "rate", float("inf")),
    ],
)  # fmt: skip
def test_a_value_that_is_none(name: str, option: str, value: object) -> None:
    with pytest.raises(BadInput) as raised:
        declared(name, {option: value})
    assert f"--{option}" in raised.value.message and raised.value.hint


def test_dense_models_refuse_too_many_movies(own_engine: Engine) -> None:
    """S10: bounded memory."""
    for name in ("ease", "cosine"):
        with pytest.raises(RecsqlError, match="is limited to 100") as raised:
            train(own_engine, name, {"max_movies": 100})
        assert "--max-movies 5" in str(raised.value.hint)


def test_constant_ratings(own_engine: Engine, model: str) -> None:
    """Nothing to learn is no crash, and no NaN."""
    trained = train(
        own_engine,
        model,
        SMALL.get(model),
        ratings=f"(SELECT user_id, movie_id, 8 AS half_stars FROM {FEW}) AS constant",
        state="evaluation",
    )
    assert trained.metrics["rmse_baseline"] < 0.01
    with own_engine.connect() as conn:
        found = conn.execute(
            text(
                "SELECT expected_stars FROM api._model_predictions("
                " :run, ARRAY(SELECT movie_id FROM core.movie ORDER BY 1 LIMIT 5),"
                " '{8,8,8,8,8}', ARRAY(SELECT movie_id FROM core.movie ORDER BY 1 OFFSET 5))"
            ),
            {"run": trained.run_id},
        ).scalars()
        assert all(stars == pytest.approx(4, abs=0.3) for stars in found)


def test_without_pgvector_no_factor_model_is_trained(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_pgvector(own_engine):
        from recsql.models import store

        monkeypatch.setattr(store, "EXTENSION", "no_such_extension")
    for name, one in MODELS.items():
        if one.FAMILY == "factor":
            with pytest.raises(RecsqlError, match="factor models need pgvector") as raised:
                train(own_engine, name)
            assert "recsql train ease" in str(raised.value.hint)


# SQL against NumPy ----------------------------------------------------------------------------


def test_sql_says_what_numpy_says(trained: Connection, trained_engine: Engine, model: str) -> None:
    """A second witness: evidence reckoned from the rows equals that of the matrices."""
    (run,) = rows(trained, "SELECT * FROM derived.model_run WHERE model = :model", model=model)
    ratings = read(trained_engine)
    ready = declared(model, SMALL.get(model, {}))
    fitted = fit_of(ready)(ready, ratings, 7, lambda _what, _rows: None)
    left, offsets, means = residuals(ratings)
    inputs = left if fitted.grades is None else graded(ratings, fitted.grades)
    for place in range(6):
        user = int(ratings.user_ids[place])
        movies = np.arange(len(ratings.movie_ids))
        wanted = calibrate.evidence(fitted, inputs, np.full(len(movies), place), movies)
        count = ratings.matrix.indptr[place + 1] - ratings.matrix.indptr[place]
        gain = run["slope"] / count ** run["power"]
        stars = np.clip(means + offsets[place] + gain * wanted, 0.5, 5)
        found = {
            row["movie_id"]: row
            for row in rows(
                trained,
                "SELECT said.* FROM (SELECT array_agg(movie_id ORDER BY movie_id) AS movies,"
                " array_agg(half_stars::integer ORDER BY movie_id) AS half_stars"
                " FROM core.rating WHERE user_id = :user) AS given"
                " CROSS JOIN LATERAL api._model_predictions(:run, given.movies, given.half_stars,"
                " CAST(:movies AS integer[]), 0, :user) AS said",
                user=user, run=run["run_id"], movies=ratings.movie_ids.tolist(),
            )
        }  # fmt: skip
        if run["ranks_by"] == "stars":
            wanted = wanted * gain
        size = max(1.0, float(np.abs(wanted).max()))
        for index, movie in enumerate(ratings.movie_ids.tolist()):
            assert found[movie]["evidence"] / 1e6 == pytest.approx(wanted[index], abs=2e-4 * size)
            assert found[movie]["expected_stars"] == pytest.approx(stars[index], abs=2e-3)


def test_rows_add_up_to_the_score(trained: Connection, model: str) -> None:
    """B2: for each model, to the last digit."""
    for user in USERS:
        for row in rows(
            trained, "SELECT * FROM api.recommend(:user, 5, p_model => :model)",
            user=user, model=model,
        ):  # fmt: skip
            why = rows(
                trained, "SELECT * FROM api.explain_recommendation(:user, :movie, :model)",
                user=user, movie=row["movie_id"], model=model,
            )  # fmt: skip
            assert sum(part["points"] for part in why) == row["score"]
            assert len([w for w in why if w["kind"] == "rated movie"]) >= row["support"]


def test_a_visitor_gets_what_a_user_gets(trained: Connection, model: str) -> None:
    """Q4: folded in, never retrained for."""
    if model == "user-cosine":
        pytest.skip("a visitor is nobody's neighbour, a user may be among them")
    for user in USERS:
        given = trained.scalar(
            text(
                "SELECT jsonb_object_agg(movie_id::text, half_stars / 2.0) FROM core.rating"
                " WHERE user_id = :user"
            ),
            {"user": user},
        )
        assert rows(
            trained,
            "SELECT * FROM api.recommend_for(CAST(:given AS jsonb), p_model => :model)",
            given=json.dumps(given), model=model,
        ) == rows(
            trained, "SELECT * FROM api.recommend(:user, p_model => :model)", user=user, model=model
        )  # fmt: skip


def test_a_fresh_rating_counts_at_once(trained: Connection, model: str) -> None:
    """B4, for each model."""
    ask = "SELECT movie_id, score FROM api.recommend(1, p_model => :model)"
    before = rows(trained, ask, model=model)
    top = before[0]["movie_id"]
    rows(trained, f"SELECT * FROM api.rate(1, {top}, 5)")
    after = rows(trained, ask, model=model)
    assert top not in {row["movie_id"] for row in after}
    assert after != before[1:] + after[-1:]
    rows(trained, f"SELECT * FROM api.unrate(1, {top})")
    assert rows(trained, ask, model=model) == before


def test_nearest_movies(trained: Connection, model: str) -> None:
    """L2: cosine of vectors, or the weights; nearest first, never itself."""
    movie = trained.scalar(
        text("SELECT movie_id FROM derived.movie_stats ORDER BY raters DESC, movie_id LIMIT 1")
    )
    ask = text("SELECT * FROM api.similar_by_model(:movie, 20, 0, :model)")
    if model == "user-cosine":
        with pytest.raises(DBAPIError, match="unknown model with movie vectors"):
            trained.execute(ask, {"movie": movie, "model": model})
        return
    found = trained.execute(ask, {"movie": movie, "model": model}).mappings().all()
    assert found and movie not in {row["movie_id"] for row in found}
    assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
    scores = [row["score"] for row in found]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0
    if MODELS[model].FAMILY == "factor":
        places = {
            row.movie_id: np.array(row.place)
            for row in trained.execute(
                text(
                    "SELECT movie_id, place FROM derived.movie_factor"
                    " INNER JOIN api.trained_model USING (run_id) WHERE model = :model"
                ),
                {"model": model},
            )
        }
        mine, best = places[movie], places[found[0]["movie_id"]]
        cosine = mine @ best / np.linalg.norm(mine) / np.linalg.norm(best)
        assert float(scores[0]) == pytest.approx(cosine, abs=1e-4)


# The literal modes ----------------------------------------------------------------------------


def test_the_quiz_of_old(trained: Connection, trained_engine: Engine) -> None:
    """Q7: more than 5 ratings ask NMF (20 components, blanks = 3), else the 3 nearest users."""
    if not has_pgvector(trained_engine):
        pytest.skip("this server has no pgvector")
    assert declared("nmf", {}).factors == 20 and declared("nmf", {}).blanks == 3  # type: ignore[attr-defined]
    movies = trained.scalars(
        text("SELECT movie_id FROM derived.movie_stats ORDER BY raters DESC, movie_id LIMIT 6")
    ).all()
    six = json.dumps({str(movie): 5 for movie in movies})
    five = json.dumps({str(movie): 5 for movie in movies[:5]})
    ask = "SELECT * FROM api.recommend_for(CAST(:given AS jsonb), p_model => 'quiz')"
    by_nmf = rows(trained, ask, given=six)
    assert {row["model"] for row in by_nmf} == {"quiz (nmf)"}
    by_svd = rows(trained, ask, given=five)
    assert {row["model"] for row in by_svd} == {"quiz (svd)"}
    assert by_svd[0]["reason"] == "3 raters nearest to your taste like it"
    why = rows(
        trained,
        "SELECT * FROM api.explain_recommendation_for(CAST(:given AS jsonb), :movie, 'quiz')",
        given=five, movie=by_svd[0]["movie_id"],
    )  # fmt: skip
    assert [w["kind"] for w in why] == ["nearest rater"] * 3
    assert sum(w["points"] for w in why) == by_svd[0]["score"]
    # the nearest by cosine over the reconstructed matrix itself
    raters = trained.execute(
        text(
            "SELECT user_id, place FROM derived.rater_factor"
            " INNER JOIN api.trained_model USING (run_id) ORDER BY user_id"
        )
    ).all()
    axes = {
        row.movie_id: np.array(row.place)
        for row in trained.execute(
            text(
                "SELECT movie_id, place FROM derived.movie_factor"
                " INNER JOIN api.trained_model USING (run_id) WHERE model = 'svd'"
            )
        )
    }
    space = np.array(list(axes.values()))
    whole = np.array([row.place for row in raters]) @ space.T
    mine = sum(axes[movie] for movie in movies[:5]) @ space.T
    cosines = whole @ mine / np.linalg.norm(whole, axis=1) / np.linalg.norm(mine)
    said = sorted(float(w["evidence"].split()[1]) for w in why)
    assert said == pytest.approx(np.sort(cosines)[-3:], abs=2e-3)


def test_the_quiz_serves_its_literal_modes(trained: Connection, trained_engine: Engine) -> None:
    """Q3, Q4, Q5, Q7: as the rule says, or by any model; with evidence that adds up."""
    if not has_pgvector(trained_engine):
        pytest.skip("this server has no pgvector")
    asked = rows(trained, "SELECT movie_id FROM api.quiz_movies(7) ORDER BY place")
    for count, model in ((6, "quiz (nmf)"), (5, "quiz (svd)")):
        answers = {row["movie_id"]: 5 - place / 2 for place, row in enumerate(asked[:count])}
        given = json.dumps(answers)
        modes = rows(trained, "SELECT mode, needs FROM api.quiz_modes(:n)", n=count)
        assert {row["needs"] for row in modes} == {None}
        for mode in ["quiz", *MODELS]:
            found = rows(
                trained,
                "SELECT * FROM api.quiz_results(CAST(:given AS jsonb), p_model => :mode,"
                " p_period => 'new') ORDER BY rank",
                given=given, mode=mode,
            )  # fmt: skip
            assert len(found) == 5
            assert {row["model"] for row in found} == {model if mode == "quiz" else mode}
            for row in found:
                assert row["movie_id"] not in answers and row["year"] >= 2010 and row["reason"]
                assert 0.5 <= row["predicted_stars"] <= 5
            why = rows(
                trained,
                "SELECT * FROM api.explain_quiz_result(CAST(:given AS jsonb), :movie, :mode)",
                given=given, movie=found[0]["movie_id"], mode=mode,
            )  # fmt: skip
            assert sum(row["points"] for row in why) == found[0]["score"]


def test_q8_every_family_answers(trained: Connection, trained_engine: Engine) -> None:
    """Q8: content (TF-IDF), neighbours (KNN), latent factors (SVD, NMF), shrunk means."""
    # content: each shared feature weighs its inverse document frequency
    [(movie, other, score)] = trained.execute(
        text("SELECT 603, movie_id, score FROM api.similar_movies(603, 1, p_method => 'rarity')")
    ).all()
    weighed = trained.scalar(
        text(
            "SELECT sum(ln((1 + n)::float8 / df)) FROM core.movie_feature AS mine"
            " INNER JOIN core.movie_feature AS its USING (feature_id)"
            " CROSS JOIN (SELECT count(DISTINCT movie_id) AS n FROM core.movie_feature) AS every"
            " CROSS JOIN LATERAL (SELECT count(*) AS df FROM core.movie_feature AS f"
            "  WHERE f.feature_id = mine.feature_id) AS has"
            " INNER JOIN core.feature USING (feature_id)"
            " WHERE mine.movie_id = :movie AND its.movie_id = :other"
            " AND kind IN ('genre', 'keyword', 'company', 'country', 'language')"
        ),
        {"movie": movie, "other": other},
    )
    assert float(score) == pytest.approx(weighed, abs=1e-4)
    # neighbours, of films and of raters, and latent factors
    families = {"cosine": "item", "user-cosine": "user", "svd": "factor", "nmf": "factor"}
    for model, family in families.items():
        if model not in trainable(trained_engine):
            continue
        found = rows(
            trained,
            'SELECT * FROM api.recommend_for(\'{"603": 5, "155": 4}\', 5, p_model => :model)',
            model=model,
        )
        assert len(found) == 5 and {row["model"] for row in found} == {model}
        assert (
            trained.scalar(
                text("SELECT family FROM api.trained_model WHERE model = :m"), {"m": model}
            )
            == family
        )
    # shrinkage: a mean of few ratings is drawn to the prior, one of many stays
    few, many = trained.execute(
        text("SELECT api._damped_stars(10, 1), api._damped_stars(10000, 1000)")
    ).one()
    assert 3.5 < few < 3.6 and 4.9 < many < 5


def test_gradient_descent_with_its_literal_defaults() -> None:
    """T8: 3 features, at most 5,000 steps, error < 0.001, rate 0.0002, regularisation 0.02."""
    model = declared("sgd", {})
    for name, value in {
        "factors": 3, "steps": 5000, "stop": 0.001, "rate": 0.0002, "regularisation": 0.02,
        "biased": False,
    }.items():  # fmt: skip
        assert getattr(model, name) == value
    biased = declared("sgd", {"biased": True})
    assert biased.epochs == 20, "S8"  # type: ignore[attr-defined]


def _rank_one() -> Ratings:
    from scipy import sparse

    whole = np.outer([1, 2, 1, 2, 1, 2], [2, 3, 4, 5, 1]).astype(np.int8)
    whole[0, 0] = whole[3, 4] = 0  # not rated
    matrix = sparse.csr_array(whole)
    return Ratings(np.arange(1, 7), np.arange(1, 6), matrix, "rank one")


def test_the_error_is_that_of_rated_cells() -> None:
    """T8: descent stops early, since blanks are no zeros to be met."""
    ready = declared("sgd", {"rate": 0.02, "regularisation": 0})
    fitted = fit_of(ready)(ready, _rank_one(), 7, lambda _what, _rows: None)
    assert fitted.metrics["training_error"] < 0.001
    assert fitted.metrics["steps"] < 5000
    assert fitted.predict is not None
    # what was not rated is predicted, 1 * 2 and 2 * 1 half-stars, and not taken for 0
    assert fitted.predict(np.array([0, 3]), np.array([0, 4])) == pytest.approx([1, 1], abs=0.3)


def test_a_step_too_long_is_no_nan() -> None:
    ready = declared("sgd", {"rate": 1})
    fitted = fit_of(ready)(ready, _rank_one(), 7, lambda _what, _rows: None)
    assert np.isfinite(fitted.place).all()


def test_folding_in_is_least_squares() -> None:
    """FIELD: (Q'Q + lambda I)^-1 Q'r instead of retraining."""
    from scipy import sparse

    rng = np.random.default_rng(1)
    places, given = rng.random((8, 3)), rng.random((5, 8))
    wanted = np.linalg.solve(places.T @ places + 2 * np.eye(3), places.T @ given.T).T
    assert given @ folded_in(places, 2.0) == pytest.approx(wanted)
    x, users = sparse.csr_array(given), rng.random((5, 3))
    wanted = np.linalg.solve(given.T @ given + 2 * np.eye(8), given.T @ users)
    assert encoded(x, users, 2.0) == pytest.approx(wanted, abs=1e-6)


# Commands -------------------------------------------------------------------------------------


def run(engine: Engine, monkeypatch: pytest.MonkeyPatch, *args: object) -> Any:
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def test_train_and_recommend_as_commands(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S2, T6: a command fit for cron, and the answer in a terminal as in SQL."""
    said = run(own_engine, monkeypatch, "train", "ease", "--kept", "20", "--seed", "3", "--json")
    assert said.exit_code == 0, said.output
    (trained,) = json.loads(said.stdout)
    assert trained["parameters"]["kept"] == 20 and trained["seed"] == 3
    said = run(own_engine, monkeypatch, "train", "cosine")
    assert said.exit_code == 0 and "that it had not seen: RMSE" in said.stdout
    listed = json.loads(run(own_engine, monkeypatch, "models", "--json").stdout)
    assert [row["model"] for row in listed] == ["cosine", "ease"]
    assert "ease" in run(own_engine, monkeypatch, "models").stdout
    found = json.loads(run(own_engine, monkeypatch, "recommend", 1, "--json").stdout)
    with own_engine.connect() as conn:
        wanted = rows(conn, "SELECT * FROM api.recommend(1)")
    assert [row["movie_id"] for row in found] == [row["movie_id"] for row in wanted]
    assert "because you gave" in run(own_engine, monkeypatch, "recommend", 1).stdout
    why = run(own_engine, monkeypatch, "recommend", 1, "--why", wanted[0]["movie_id"], "--json")
    assert sum(row["points"] for row in json.loads(why.stdout)) == pytest.approx(
        float(wanted[0]["score"])
    )
    near = run(
        own_engine, monkeypatch, "similar", wanted[0]["movie_id"], "--model", "cosine", "--json"
    )
    assert len(json.loads(near.stdout)) == 10


def test_what_goes_wrong_is_said_in_a_line(
    own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(own_engine, monkeypatch, "train", "magic")
    assert said.exit_code == 2
    said = run(own_engine, monkeypatch, "train", "ease", "--ridge", "much")
    assert said.exit_code == 1
    assert said.stderr.startswith("Error: 'much' is no value for --ridge\nHint: give a number")
    said = run(own_engine, monkeypatch, "recommend", 1, "--model", "magic")
    assert said.exit_code == 1 and "run: recsql train ease" in said.stderr
    said = run(own_engine, monkeypatch, "recommend", 1)
    assert said.exit_code == 0 and "no model is trained yet" in said.stdout


def test_no_command_but_train_loads_the_libraries() -> None:
    """A command line that only asks starts without NumPy's friends."""
    import subprocess
    import sys

    from tests.support import CHECKOUT, environment

    ran = subprocess.run(
        [sys.executable, "-c", "import sys, recsql.cli; print('scipy' in sys.modules)"],
        capture_output=True, text=True, cwd=CHECKOUT, env=environment(),
    )  # fmt: skip
    assert ran.stdout == "False\n", ran.stderr
