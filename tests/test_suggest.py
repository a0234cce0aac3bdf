"""S1, S2, S9, S10: suggestions stored for each user, by a command that is fit for cron."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from recsql import suggest
from recsql.cli import cli
from recsql.errors import BadInput, RecsqlError
from recsql.models import train
from recsql.suggest import run as running
from tests import datasets
from tests.conftest import Databases, fill_demo
from tests.support import libpq_url
from tests.test_models import fill as fill_models
from tests.test_models import trainable

FEW = 40
# What each user gets from the function that serves one user at a time.
ALONE = """
    SELECT given.user_id, pick.movie_id, run.run_id, pick.rank, pick.points::bigint,
        pick.expected_stars::real
    FROM (
        SELECT user_id, array_agg(movie_id ORDER BY movie_id) AS movies,
            array_agg(half_stars::integer ORDER BY movie_id) AS half_stars
        FROM core.rating WHERE user_id > 0 GROUP BY user_id
    ) AS given
    CROSS JOIN (SELECT run_id FROM api.trained_model {run}) AS run
    CROSS JOIN LATERAL api._model_scores(
        run.run_id, given.movies, given.half_stars, NULL,
        p_only => ARRAY(SELECT movie_id FROM api._popular('{{}}', {max}, 0, 'any', 0)),
        p_user_id => given.user_id
    ) AS pick
    ORDER BY given.user_id, pick.rank
"""


@pytest.fixture(scope="module")
def trained(databases: Databases) -> Iterator[Engine]:
    """Forty of the demo's raters, one of them without ratings, and a model of what they gave."""
    with datasets.database(databases, databases.template("demo", fill_demo)) as engine:
        with engine.begin() as conn:
            conn.execute(
                text(
                    "DELETE FROM core.rater WHERE user_id NOT IN"
                    f" (SELECT user_id FROM core.rater ORDER BY user_id LIMIT {FEW - 1});"
                    "INSERT INTO core.rater VALUES (900001, 'account', 'test', 'new'),"
                    " (-1, 'critic', 'omdb', 'IMDb'), (-2, 'fake', 'fake', '1');"
                    "INSERT INTO core.rating (user_id, movie_id, half_stars)"
                    " SELECT user_id, movie_id, 10 FROM core.rater,"
                    " (SELECT movie_id FROM core.movie ORDER BY movie_id LIMIT 5) AS few"
                    " WHERE user_id < 0"
                )
            )
        train(engine, "ease")
        yield engine


@pytest.fixture
def engine(trained: Engine) -> Engine:
    """Nothing suggested yet."""
    with trained.begin() as conn:
        conn.execute(text("DELETE FROM core.suggestion_list; DELETE FROM core.suggestion"))
    return trained


def make(engine: Engine, **options: Any) -> suggest.Outcome:
    """Store suggestions for all users."""
    return suggest.suggest(engine, **{"active_days": 0, **options})


def stored(engine: Engine, columns: str = "user_id, movie_id, run_id, rank, points,"
           " predicted_stars") -> list[tuple]:  # fmt: skip
    """Return what is stored, by user and rank."""
    return datasets.rows(engine, f"SELECT {columns} FROM core.suggestion ORDER BY user_id, rank")


def some_users(engine: Engine, count: int = 3) -> list[int]:
    """Return users who have rated something."""
    return [
        user_id for (user_id,) in datasets.rows(
            engine, "SELECT user_id FROM core.rater WHERE user_id BETWEEN 1 AND 900000"
            f" ORDER BY hashint4(user_id) LIMIT {count}")
    ]  # fmt: skip


# What is suggested ----------------------------------------------------------------------------


def test_s9_the_options_have_the_defaults_that_were_promised():
    """S9: 50 movies a batch, 250 covered, from the first, good for 7 days, active in the last 7."""
    defaults = {opt: p.default for p in cli.commands["suggest"].params for opt in p.opts}
    assert (defaults["--offset"], defaults["--max"], defaults["--start"]) == (50, 250, 0)
    assert defaults["--reuse-suggestions-up-to-days"] == defaults["--active-days"] == 7
    assert defaults["--users"] == 1000


def test_s1_s9_what_is_stored_is_what_the_model_says_of_popular_movies(engine: Engine):
    """To the digit as api.recommend reckons it, for the 250 movies that most people liked."""
    outcome = make(engine)
    assert (outcome.model, outcome.due, outcome.users) == ("ease", FEW, FEW)
    assert outcome.suggestions == len(stored(engine)) > 100 * FEW
    wanted = datasets.rows(engine, ALONE.format(max=250, run=""))
    assert [row for row in stored(engine) if row[0] < 900000] == wanted


def test_s1_nobody_is_suggested_what_they_rated_and_only_people_are_asked(engine: Engine):
    make(engine)
    assert datasets.rows(engine, "SELECT * FROM core.suggestion NATURAL JOIN core.rating") == []
    assert datasets.one(engine, "SELECT count(*) FROM core.suggestion WHERE user_id < 0") == 0
    assert datasets.one(engine, "SELECT count(*) FROM core.suggestion_list") == FEW


def test_s1_who_has_rated_nothing_gets_what_is_popular(engine: Engine):
    make(engine, max_movies=30)
    assert [row[1:] for row in stored(engine) if row[0] == 900001] == datasets.rows(
        engine,
        "SELECT movie_id, NULL::int, rank, likers * 1000000::bigint,"
        " api._damped_stars(stats.half_stars, stats.raters)::real"
        " FROM api._popular('{}', 30, 0, 'any', 0) JOIN derived.movie_stats AS stats"
        " USING (movie_id) ORDER BY rank",
    )


def test_s1_without_a_trained_model_everybody_does(engine: Engine):
    assert make(engine, model="popular", max_movies=30).model == "popular"
    assert {row[0] for row in stored(engine)} == {
        user_id
        for (user_id,) in datasets.rows(engine, "SELECT user_id FROM core.rater WHERE user_id > 0")
    }
    assert {row[2] for row in stored(engine)} == {None}
    assert datasets.rows(engine, "SELECT * FROM core.suggestion NATURAL JOIN core.rating") == []
    with pytest.raises(BadInput, match="no such model is trained: sgd"):
        make(engine, model="sgd")


# Batches --------------------------------------------------------------------------------------


def test_s10_how_it_is_cut_into_batches_changes_nothing(engine: Engine):
    make(engine, max_movies=120)
    wanted = stored(engine)
    for cut in ({"offset": 7, "jobs": 1}, {"users": 13}, {"offset": 1000, "users": 1000}):
        assert make(engine, max_movies=120, reuse_days=0, **cut).users == FEW
        assert stored(engine) == wanted


def test_s10_all_users_at_once_get_what_each_gets_alone(databases: Databases):
    """To the digit what api._model_scores says to one user, by the models of every family."""
    with datasets.database(databases, databases.template("models", fill_models)) as engine:
        with engine.begin() as conn:
            conn.execute(
                text(
                    "DELETE FROM core.rater WHERE user_id NOT IN"
                    f" (SELECT user_id FROM core.rater ORDER BY user_id LIMIT {FEW})"
                )
            )
        for name in trainable(engine):
            outcome = make(engine, model=name, max_movies=60, offset=25, users=17, reuse_days=0)
            assert (outcome.model, outcome.users) == (name, FEW)
            assert stored(engine) == datasets.rows(
                engine, ALONE.format(max=60, run=f"WHERE model = '{name}'")
            ), name


def test_s9_suggestions_are_reused_up_to_some_days(engine: Engine):
    """Good ones are kept; older ones are made anew; a start further down adds to them."""
    make(engine, max_movies=100)
    wanted = stored(engine)
    assert make(engine, max_movies=100).due == 0
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.suggestion_list; DELETE FROM core.suggestion"))
    assert make(engine, max_movies=60).users == FEW
    assert make(engine, start=60, max_movies=40).users == FEW
    assert stored(engine) == wanted
    assert make(engine, max_movies=100).due == 0
    [old, *_] = some_users(engine)
    with engine.begin() as conn:
        conn.execute(
            text(
                "UPDATE core.suggestion_list SET created_at = now() - interval '8 days'"
                " WHERE user_id = :user"
            ),
            {"user": old},
        )
    assert make(engine, max_movies=100, reuse_days=9).due == 0
    assert make(engine, max_movies=100).users == 1
    assert stored(engine) == wanted


def test_s9_only_who_was_active_lately_by_default(engine: Engine):
    """Whoever rated in the last 7 days; nobody of them has, until one rates."""
    assert suggest.suggest(engine).due == 0
    [user, *_] = some_users(engine)
    with engine.begin() as conn:
        [(movie,)] = conn.execute(
            text("SELECT movie_id FROM core.rating WHERE user_id = :user LIMIT 1"), {"user": user}
        )
        conn.execute(text("SELECT api.rate(:user, :movie, 4)"), {"user": user, "movie": movie})
    assert suggest.suggest(engine, max_movies=20).users == 1
    assert {row[0] for row in stored(engine)} == {user}


def test_s10_what_was_cut_off_is_taken_up(engine: Engine, monkeypatch):
    """A batch lands whole or not at all; the next run makes what is missing, and no more."""
    make(engine, max_movies=50)
    wanted = stored(engine)
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM core.suggestion_list; DELETE FROM core.suggestion"))
    whole, batches = running._batch, []

    def dying(conn: Any, *rest: Any) -> int:
        batches.append(rest)
        if len(batches) == 3:
            whole(conn, *rest)  # and not committed
            raise KeyboardInterrupt
        return whole(conn, *rest)

    monkeypatch.setattr(running, "_batch", dying)
    with pytest.raises(KeyboardInterrupt):
        make(engine, max_movies=50, users=10, jobs=1)
    assert len({row[0] for row in stored(engine)}) == 20
    monkeypatch.undo()
    assert make(engine, max_movies=50, users=10).users == FEW - 20
    assert stored(engine) == wanted


def test_s10_two_runs_do_not_meet(engine: Engine):
    with engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(hashtext('recsql.suggest'))"))
        with pytest.raises(RecsqlError, match="by another process"):
            make(engine)


def test_s9_from_the_command_line(engine: Engine, monkeypatch):
    monkeypatch.setenv("RECSQL_DATABASE_URL", libpq_url(engine.url))
    ran = CliRunner().invoke(cli, ["suggest", "--active-days", "0", "--max", "20", "--json"])
    [said] = json.loads(ran.stdout)
    assert (said["model"], said["users"], said["due"]) == ("ease", FEW, FEW)
    again = CliRunner().invoke(cli, ["suggest", "--active-days", "0", "--max", "20"])
    assert again.exit_code == 0
    assert again.stdout.startswith("Stored 0 suggestions by ease for 0 of 0 users")
    assert "Hint: recsql suggest --active-days 0" in again.stderr
    unknown = CliRunner().invoke(cli, ["suggest", "--model", "magic"])
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "trained are: ease" in unknown.stderr


# Serving --------------------------------------------------------------------------------------


def suggestions(engine: Engine, user: int, *more: object) -> list[tuple]:
    """Return rank, movie, predicted stars and model of api.suggestions."""
    return datasets.rows(
        engine,
        "SELECT rank, movie_id, predicted_stars, model FROM api.suggestions("
        + ", ".join(map(str, (user, *more))) + ")",
    )  # fmt: skip


def test_s1_stored_suggestions_are_served(engine: Engine):
    [user, *_] = some_users(engine)
    assert suggestions(engine, user) == datasets.rows(
        engine,
        f"SELECT rank, movie_id, predicted_stars, model FROM api.recommend({user})",
    ), "none is stored: live"
    make(engine, max_movies=40)
    wanted = datasets.rows(
        engine,
        "SELECT rank, movie_id, round(predicted_stars::numeric, 2), 'ease' FROM core.suggestion"
        f" WHERE user_id = {user} ORDER BY rank",
    )
    assert suggestions(engine, user) == wanted[:10]
    assert suggestions(engine, user, 5, 7) == wanted[7:12], "page by page"
    assert suggestions(engine, user, 1000) == wanted
    assert suggestions(engine, user, 5, 1000) == []
    assert suggestions(engine, 900001)[0][3] == "popular"
    no_interval = "SELECT DISTINCT low, high FROM api.suggestions(900001)"
    assert datasets.rows(engine, no_interval) == [(None, None)]
    assert suggestions(engine, 123456789, 2, 0) == datasets.rows(
        engine, "SELECT rank, movie_id, predicted_stars, model FROM api.recommend(123456789, 2)"
    )


def test_s1_what_was_rated_since_is_gone_at_once(engine: Engine):
    """Read your writes: the whole list rests on other ratings, and gives way to live answers."""
    make(engine, max_movies=40)
    [user, *_] = some_users(engine)
    _, second, *_ = suggestions(engine, user)
    with engine.connect() as conn:  # rolled back
        conn.execute(
            text("SELECT api.rate(:user, :movie, 4.5)"), {"user": user, "movie": second[1]}
        )
        found, live = (
            conn.execute(
                text(f"SELECT rank, movie_id, score FROM api.{name}(:user, 20)"), {"user": user}
            ).all()
            for name in ("suggestions", "recommend")
        )
    assert found == live and second[1] not in [row.movie_id for row in found]


def test_s1_what_was_hidden_is_gone_at_once(engine: Engine):
    make(engine, max_movies=40)
    [user, *_] = some_users(engine)
    first, second, *_ = suggestions(engine, user)
    with engine.connect() as conn:  # rolled back
        conn.execute(
            text("INSERT INTO core.mark (user_id, movie_id, kind) VALUES (:user, :movie, 'hide')"),
            {"user": user, "movie": first[1]},
        )
        found = conn.execute(
            text("SELECT rank, movie_id FROM api.suggestions(:user, 1)"), {"user": user}
        ).all()
    assert [tuple(row) for row in found] == [(1, second[1])]


def test_s1_stale_suggestions_give_way_to_live_ones(engine: Engine):
    make(engine, max_movies=15)
    [user, *_] = some_users(engine)
    live = f"SELECT rank, movie_id, predicted_stars, model FROM api.recommend({user}, 50)"
    assert suggestions(engine, user, 50) != datasets.rows(engine, live)
    with engine.begin() as conn:
        conn.execute(text("UPDATE core.suggestion_list SET created_at = now() - interval '8 days'"))
    assert suggestions(engine, user, 50) == datasets.rows(engine, live)
    assert len(suggestions(engine, user, 50, 0, 9)) < 16


def test_t2_what_was_shown_is_noted_and_stays_noted(engine: Engine):
    make(engine, max_movies=40)
    [user, *_] = some_users(engine)
    shown = [movie for _, movie, *_ in suggestions(engine, user, 3)]
    asked = f"SELECT api.note_shown({user}, ARRAY{[*shown, 2_000_000_000]})"
    with engine.begin() as conn:
        assert conn.scalar(text(asked)) == 3
    noted = "SELECT user_id, movie_id, shown_at FROM core.suggestion WHERE shown_at IS NOT NULL"
    before = sorted(datasets.rows(engine, noted))
    assert [(row[0], row[1]) for row in before] == sorted((user, movie) for movie in shown)
    make(engine, max_movies=40, reuse_days=0)
    assert sorted(datasets.rows(engine, noted)) == before


def test_b6_suggestions_go_with_their_user(engine: Engine):
    make(engine, max_movies=20)
    [user, *_] = some_users(engine)
    with engine.connect() as conn:  # rolled back
        conn.execute(text("DELETE FROM core.rater WHERE user_id = :user"), {"user": user})
        for table in ("suggestion", "suggestion_list"):
            left = text(f"SELECT count(*) FROM core.{table} WHERE user_id = :user")
            assert conn.scalar(left, {"user": user}) == 0


def test_s1_both_ways_have_one_shape(engine: Engine):
    """A page that shows api.recommend shows api.suggestions."""
    make(engine, max_movies=20)
    [user, *_] = some_users(engine)
    with engine.connect() as conn:
        columns = [
            tuple(conn.execute(text(f"SELECT * FROM api.{name}({user})")).keys())
            for name in ("suggestions", "recommend")
        ]
        [row, *_] = conn.execute(text(f"SELECT * FROM api.suggestions({user})")).all()
    assert columns[0] == columns[1]
    assert row.reason.startswith("you may give it ")
    assert 0.5 <= row.low <= row.predicted_stars <= row.high <= 5
