"""Personal recommendations on the tiny catalogue: its hand-made model lets you reckon them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.test_recommenders import ALIEN, ALIENS, BLADE, CASABLANCA, DUMBO, rows, scores

NOBODY = 99


@pytest.fixture(autouse=True)
def nobody_hides_anything(tiny: Connection) -> None:
    tiny.execute(text("DELETE FROM core.mark"))


def recommend(conn: Connection, user_id: int, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return rows(conn, f"SELECT * FROM api.recommend({user_id}{named})", **params)


def recommend_for(conn: Connection, ratings: object, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    given = json.dumps(ratings)
    return rows(
        conn,
        f"SELECT * FROM api.recommend_for(CAST(:given AS jsonb){named})",
        given=given,
        **params,
    )


def refused(conn: Connection, statement: str, **params: object) -> tuple[str, str, str]:
    """Return code, message and hint of the error that a statement raises."""
    with pytest.raises(DBAPIError) as raised, conn.begin_nested():
        rows(conn, statement, **params)
    diag = raised.value.orig.diag  # type: ignore[union-attr]
    return diag.sqlstate, diag.message_primary, diag.message_hint


class TestScores:
    """Each rating gives its grade times its weight; the sum is the score."""

    def test_scores_are_sums_over_the_own_ratings(self, tiny: Connection) -> None:
        # u4 gave Alien 4.5, Casablanca 5.0, Dumbo 5.0: Aliens .9 * .5, Blade .9 * .25
        assert scores(recommend(tiny, 4)) == [
            (ALIENS, Decimal("0.45")),
            (BLADE, Decimal("0.225")),
        ]

    def test_several_ratings_add_up(self, tiny: Connection) -> None:
        # u2 gave Alien 5.0, Aliens 4.0, Casablanca 5.0: Blade .25 + .8 * .25, Dumbo .4
        assert scores(recommend(tiny, 2)) == [(BLADE, Decimal("0.45")), (DUMBO, Decimal("0.4"))]

    def test_never_a_movie_already_rated(self, tiny: Connection) -> None:
        """Q5, S1"""
        for user in range(1, 6):
            rated = {r["movie_id"] for r in rows(tiny, f"SELECT movie_id FROM core.rating"
                                                        f" WHERE user_id = {user}")}  # fmt: skip
            assert rated
            for model in ("ease", "popular"):
                assert not rated & {r["movie_id"] for r in recommend(tiny, user, p_model=model)}

    def test_adult_movies_are_left_out(self, tiny: Connection) -> None:
        tiny.execute(
            text("UPDATE core.movie SET adult = true WHERE movie_id = :id"), {"id": ALIENS}
        )
        assert [r["movie_id"] for r in recommend(tiny, 4)] == [BLADE]
        assert ALIENS not in {r["movie_id"] for r in recommend(tiny, NOBODY)}

    def test_hidden_movies_are_left_out(self, tiny: Connection) -> None:
        """Not interested: in no list of theirs, and in those of others still."""
        tiny.execute(text("INSERT INTO core.mark (user_id, movie_id, kind) VALUES (4, 2, 'hide')"))
        assert [r["movie_id"] for r in recommend(tiny, 4)] == [BLADE]
        assert ALIENS not in {r["movie_id"] for r in recommend(tiny, 4, p_model="popular")}
        assert ALIENS in {r["movie_id"] for r in recommend(tiny, 5, p_model="popular")}

    def test_the_stars_expected(self, tiny: Connection) -> None:
        """S1: mean of the movie + offset of the user + slope * evidence."""
        # residuals of u4: 4.5 - 4.5, 5 - 3.75, 5 - 3.5: 2.75 in sum, over 3 + 5 of damping
        # Aliens: 4.25 + 0.34375 + 0.45 = 5.04, at most 5; Blade: 4 + 0.34375 + 0.225
        assert [r["predicted_stars"] for r in recommend(tiny, 4)] == [
            Decimal("5.00"),
            Decimal("4.57"),
        ]

    def test_each_row_carries_an_interval(self, tiny: Connection) -> None:
        """B3: 95% of held-out ratings lay within it, here a star either way."""
        (_, blade) = recommend(tiny, 4)
        assert (blade["low"], blade["high"]) == (Decimal("3.57"), Decimal("5.00"))

    def test_a_reason_names_the_rated_movies(self, tiny: Connection) -> None:
        """Q5: the strongest two of them."""
        (blade, dumbo) = recommend(tiny, 2)
        assert blade["reason"] == "because you gave Alien 5.0 and Aliens 4.0"
        assert dumbo["reason"] == "because you gave Casablanca 5.0"
        assert (blade["support"], blade["out_of"]) == (2, 3)

    def test_paging_repeats_and_skips_nothing(self, tiny: Connection) -> None:
        whole = recommend(tiny, 1, p_model="popular", p_limit=100)
        pages = [
            row
            for offset in range(len(whole))
            for row in recommend(tiny, 1, p_model="popular", p_limit=1, p_offset=offset)
        ]
        assert pages == whole

    def test_a_deleted_movie_is_left_out(self, tiny: Connection) -> None:
        """A run may be older than the catalogue."""
        tiny.execute(text("DELETE FROM core.rating WHERE movie_id = :id"), {"id": BLADE})
        tiny.execute(text("DELETE FROM derived.movie_stats WHERE movie_id = :id"), {"id": BLADE})
        tiny.execute(text("DELETE FROM core.movie WHERE movie_id = :id"), {"id": BLADE})
        assert [r["movie_id"] for r in recommend(tiny, 4)] == [ALIENS]

    def test_in_any_join(self, tiny: Connection) -> None:
        """B1: one row a user, each with their best movie."""
        found = rows(
            tiny,
            "SELECT rater.user_id, pick.movie_id FROM core.rater"
            " CROSS JOIN LATERAL api.recommend(rater.user_id, 1) AS pick"
            " WHERE rater.user_id > 0 ORDER BY rater.user_id",
        )
        # u1 has rated all that the model would bring up
        assert [(r["user_id"], r["movie_id"]) for r in found] == [
            (2, BLADE),
            (3, BLADE),
            (4, ALIENS),
            (5, CASABLANCA),
        ]


class TestPeriod:
    """Q3: old, new or any, with the boundary year as a parameter."""

    def test_old_and_new_part_at_the_boundary(self, tiny: Connection) -> None:
        # Aliens is of 1986, Blade of 1998
        def found(period: str, year: int) -> list[int]:
            return [
                r["movie_id"] for r in recommend(tiny, 4, p_period=period, p_boundary_year=year)
            ]

        assert found("any", 1998) == [ALIENS, BLADE]
        assert found("old", 1998) == [ALIENS]
        assert found("new", 1998) == [BLADE]
        assert found("new", 2010) == []

    def test_popular_ones_too(self, tiny: Connection) -> None:
        for row in recommend(tiny, NOBODY, p_period="old", p_boundary_year=1980):
            assert row["year"] < 1980

    @pytest.mark.parametrize("user", [4, NOBODY])
    def test_an_unknown_period_is_an_error(self, tiny: Connection, user: int) -> None:
        code, message, hint = refused(
            tiny, f"SELECT * FROM api.recommend({user}, p_period => 'soon')"
        )
        assert (code, message) == ("RQ002", "unknown period: soon")
        assert hint == "use one of: any, old, new"


class TestFallback:
    """S1: who has rated nothing gets what is popular, and is told so."""

    def test_no_ratings(self, tiny: Connection) -> None:
        found = recommend(tiny, NOBODY)
        # likers: Alien 4, Aliens 3, Casablanca 2, Blade and Dumbo 1
        assert [(r["movie_id"], r["score"]) for r in found] == [
            (ALIEN, 4), (ALIENS, 3), (CASABLANCA, 2), (BLADE, 1), (DUMBO, 1),
        ]  # fmt: skip
        assert found[2]["reason"] == "popular: liked by 2 of 3; you have rated nothing yet"
        assert {r["model"] for r in found} == {"popular"}

    def test_nothing_trained(self, tiny: Connection) -> None:
        tiny.execute(text("DELETE FROM derived.model_run"))
        found = recommend(tiny, 5)
        assert found[0]["reason"] == "popular: liked by 4 of 4; no model is trained yet"
        assert DUMBO not in {r["movie_id"] for r in found}

    def test_ratings_that_say_nothing_to_the_model(self, tiny: Connection) -> None:
        """A run may be older than what somebody rated."""
        tiny.execute(text("DELETE FROM derived.model_movie WHERE movie_id = :id"), {"id": DUMBO})
        found = recommend(tiny, 5)
        assert found[0]["reason"] == "popular: liked by 4 of 4; what you rated says nothing to ease"

    def test_an_unknown_model_lists_the_trained_ones(self, tiny: Connection) -> None:
        code, message, hint = refused(tiny, "SELECT * FROM api.recommend(4, p_model => 'magic')")
        assert (code, message) == ("RQ002", "no such model is trained: magic")
        assert hint == "trained are: ease; popular needs no training"

    def test_an_unknown_model_with_nothing_trained(self, tiny: Connection) -> None:
        tiny.execute(text("DELETE FROM derived.model_run"))
        code, _, hint = refused(tiny, "SELECT * FROM api.recommend(4, p_model => 'ease')")
        assert (code, hint) == ("RQ002", "nothing is trained yet; run: recsql train ease")

    @pytest.mark.parametrize("params", ["p_limit => -1", "p_offset => -1"])
    @pytest.mark.parametrize("user", [4, NOBODY])
    def test_negative_numbers_are_errors(self, tiny: Connection, user: int, params: str) -> None:
        assert refused(tiny, f"SELECT * FROM api.recommend({user}, {params})")[0] in (
            "2201W", "2201X",
        )  # fmt: skip


class TestReadYourWrites:
    """B4: a rating counts in the very transaction that gives it, and what-if leaves nothing."""

    def test_a_fresh_rating_counts_at_once(self, tiny: Connection) -> None:
        assert [r["movie_id"] for r in recommend(tiny, 5)] == [CASABLANCA, ALIEN]
        rows(tiny, f"SELECT * FROM api.rate(5, {ALIEN}, 5)")
        # Aliens .5, Blade .25 from Alien; Casablanca .6 * .2 from Dumbo
        assert scores(recommend(tiny, 5)) == [
            (ALIENS, Decimal("0.5")), (BLADE, Decimal("0.25")), (CASABLANCA, Decimal("0.12")),
        ]  # fmt: skip
        rows(tiny, f"SELECT * FROM api.rate(5, {ALIEN}, 1)")
        assert scores(recommend(tiny, 5))[0] == (CASABLANCA, Decimal("0.12"))

    def test_what_if(self, tiny_engine: Engine) -> None:
        with tiny_engine.connect() as conn:
            before = recommend(conn, 5)
            conn.rollback()
            rows(conn, f"SELECT * FROM api.rate(5, {ALIEN}, 5)")
            assert recommend(conn, 5) != before
            conn.rollback()
            assert recommend(conn, 5) == before

    def test_a_new_account_counts_at_once(self, tiny: Connection) -> None:
        tiny.execute(
            text(
                "INSERT INTO core.rater (user_id, kind, source, source_key)"
                " VALUES (50, 'account', 'test', '50')"
            )
        )
        rows(tiny, f"SELECT * FROM api.rate(50, {CASABLANCA}, 4)")
        assert scores(recommend(tiny, 50)) == [(DUMBO, Decimal("0.32"))]


class TestVisitor:
    """Q4: ratings are handed over; nobody is retrained for, and nothing is stored."""

    def test_the_same_as_a_user_with_these_ratings(self, tiny: Connection) -> None:
        for user in range(1, 6):
            given = {
                str(r["movie_id"]): r["half_stars"] / 2
                for r in rows(tiny, f"SELECT * FROM core.rating WHERE user_id = {user}")
            }
            assert recommend_for(tiny, given) == recommend(tiny, user)

    def test_an_array_will_do(self, tiny: Connection) -> None:
        as_array = [{"movie_id": ALIEN, "stars": 4.5}, {"movie_id": DUMBO, "stars": 0}]
        assert recommend_for(tiny, as_array) == recommend_for(tiny, {str(ALIEN): 4.5})

    def test_zero_is_not_seen(self, tiny: Connection) -> None:
        """Q2: a slider at 0 rates nothing."""
        found = recommend_for(tiny, {str(ALIEN): 0, str(DUMBO): 0})
        assert found == recommend(tiny, NOBODY)
        assert found == recommend_for(tiny, {})

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("null", "ratings are an object or an array, not null"),
            ("3", "ratings are an object or an array, not number"),
            ('"x"', "ratings are an object or an array, not string"),
            ('{"abc": 5}', "no movie id: abc"),
            ('{"": 5}', "no movie id: "),
            ('{"-1": 5}', "no movie id: -1"),
            ('{"2147483648": 5}', "no movie id: 2147483648"),
            ('{"99999999999": 5}', "no movie id: 99999999999"),
            ('{"١": 5}', "no movie id: ١"),
            ('{"1": "5"}', 'the stars of movie 1 are no number: "5"'),
            ('{"1": null}', "the stars of movie 1 are no number: null"),
            ('{"1": 5.5}', "stars are 0.5 to 5.0 in half steps, not 5.5"),
            ('{"1": 4.7}', "stars are 0.5 to 5.0 in half steps, not 4.7"),
            ('{"1": -1}', "stars are 0.5 to 5.0 in half steps, not -1"),
            ("[[1, 5]]", "no movie id: null"),
            ('[{"movie_id": 1}]', "the stars of movie 1 are no number: missing"),
            (
                '[{"movie_id": 1, "stars": 5}, {"movie_id": 1, "stars": 4}]',
                "movie 1 is rated twice",
            ),
        ],
    )
    def test_ratings_that_cannot_be_read(self, tiny: Connection, given: str, said: str) -> None:
        code, message, hint = refused(
            tiny, "SELECT * FROM api.recommend_for(CAST(:given AS jsonb))", given=given
        )
        assert (code, message) == ("RQ003", said)
        assert hint

    def test_a_huge_number_is_no_crash(self, tiny: Connection) -> None:
        code, message, _ = refused(
            tiny, "SELECT * FROM api.recommend_for(CAST(:given AS jsonb))", given='{"1": 1e400}'
        )
        assert code == "RQ003" and len(message) < 100

    def test_too_many_ratings(self, tiny: Connection) -> None:
        given = json.dumps({str(movie): 5 for movie in range(1, 5002)})
        code, message, _ = refused(
            tiny, "SELECT * FROM api.recommend_for(CAST(:given AS jsonb))", given=given
        )
        assert (code, message) == ("RQ003", "more than 5000 ratings at once")

    def test_an_unknown_movie(self, tiny: Connection) -> None:
        code, message, hint = refused(tiny, "SELECT * FROM api.recommend_for('{\"12345\": 5}')")
        assert (code, message) == ("RQ004", "no movie has the id 12345")
        assert "search" in hint

    def test_nothing_is_stored(self, tiny: Connection) -> None:
        tiny.execute(text("SET TRANSACTION READ ONLY"))
        assert recommend_for(tiny, {str(ALIEN): 5})


class TestExplained:
    """B2: evidence rows whose sum is the score."""

    def test_rows_add_up_to_the_score(self, tiny: Connection) -> None:
        checked = 0
        for user in [*range(1, 6), NOBODY]:
            for model in ("ease", "popular"):
                for row in recommend(tiny, user, p_model=model):
                    why = rows(
                        tiny,
                        "SELECT * FROM api.explain_recommendation(:user, :movie, :model)",
                        user=user, movie=row["movie_id"], model=model,
                    )  # fmt: skip
                    assert sum(part["points"] for part in why) == row["score"]
                    checked += 1
        assert checked > 10

    def test_what_each_rating_gave(self, tiny: Connection) -> None:
        why = rows(tiny, f"SELECT * FROM api.explain_recommendation(2, {BLADE})")
        assert [(w["kind"], w["evidence"], w["stars"], w["points"]) for w in why] == [
            ("rated movie", "Alien", Decimal("5.0"), Decimal("0.25")),
            ("rated movie", "Aliens", Decimal("4.0"), Decimal("0.2")),
        ]

    def test_the_form_for_visitors(self, tiny: Connection) -> None:
        why = rows(
            tiny,
            "SELECT evidence, points FROM api.explain_recommendation_for(:given, :movie)",
            given='{"1": 5}', movie=BLADE,
        )  # fmt: skip
        assert why == [{"evidence": "Alien", "points": Decimal("0.25")}]

    def test_nothing_for_a_movie_already_rated(self, tiny: Connection) -> None:
        for model in ("ease", "popular"):
            assert rows(
                tiny,
                "SELECT * FROM api.explain_recommendation(2, :movie, :model)",
                movie=ALIEN, model=model,
            ) == []  # fmt: skip


class TestPredicted:
    """S1: stars expected of a movie, for whoever asks."""

    def predicted(self, conn: Connection, user: int, movie: int, model: str | None = None) -> Any:
        (found,) = rows(
            conn,
            "SELECT * FROM api.predict_rating(:user, :movie, :model)",
            user=user, movie=movie, model=model,
        )  # fmt: skip
        return found

    def test_the_same_as_recommended(self, tiny: Connection) -> None:
        for user in range(1, 6):
            for row in recommend(tiny, user):
                found = self.predicted(tiny, user, row["movie_id"])
                for name in ("predicted_stars", "low", "high", "mean_stars", "model"):
                    assert found[name] == row[name]

    def test_a_rated_movie_is_predicted_from_the_others(self, tiny: Connection) -> None:
        # u5 has rated Dumbo alone: nothing is left, so the damped mean (8 + 87.5) / 27
        found = self.predicted(tiny, 5, DUMBO)
        assert found["predicted_stars"] == Decimal("3.54")
        assert found["reason"].endswith("you have rated nothing else yet")
        # u4 without Dumbo: residuals 0 and 1.25, over 2 + 5; 3.5 + 0.179 + .4 from Casablanca
        found = self.predicted(tiny, 4, DUMBO)
        assert (found["predicted_stars"], found["reason"]) == (Decimal("4.08"), "from 2 ratings")

    def test_a_movie_that_nothing_speaks_for(self, tiny: Connection) -> None:
        # Untold is unknown to the run: the mean of all, 4.0, and u4's offset 0.34
        found = self.predicted(tiny, 4, 7)
        assert found["predicted_stars"] == Decimal("4.34")
        assert found["reason"] == "from the movie's mean and how you rate in general"

    def test_without_a_model(self, tiny: Connection) -> None:
        assert self.predicted(tiny, 4, BLADE, "popular")["reason"] == (
            "the damped mean of all raters"
        )
        tiny.execute(text("DELETE FROM derived.model_run"))
        found = self.predicted(tiny, 4, BLADE)
        assert (found["model"], found["low"]) == ("popular", None)
        assert found["reason"].endswith("no model is trained yet")

    def test_an_unknown_movie_is_no_row(self, tiny: Connection) -> None:
        assert rows(tiny, "SELECT * FROM api.predict_rating(4, 12345)") == []

    def test_a_visitor(self, tiny: Connection) -> None:
        (found,) = rows(tiny, f"SELECT * FROM api.predict_rating_for('{{\"1\": 5}}', {BLADE})")
        # residual .5 over 1 + 5; 4 + 0.083 + .25
        assert found["predicted_stars"] == Decimal("4.33")


class TestSimilarByModel:
    """L2: top results for a movie."""

    def test_strongest_weights_first(self, tiny: Connection) -> None:
        found = rows(tiny, f"SELECT * FROM api.similar_by_model({ALIEN})")
        assert scores(found) == [(ALIENS, Decimal("0.5")), (BLADE, Decimal("0.25"))]
        assert found[0]["reason"] == "weight 0.500 in ease"

    def test_unknown_to_the_model(self, tiny: Connection) -> None:
        assert rows(tiny, "SELECT * FROM api.similar_by_model(7)") == []
        assert rows(tiny, "SELECT * FROM api.similar_by_model(12345)") == []

    def test_a_model_without_vectors(self, tiny: Connection) -> None:
        for model in ("popular", "quiz"):
            code, _, hint = refused(
                tiny, "SELECT * FROM api.similar_by_model(1, p_model => :model)", model=model
            )
            assert code == "RQ002" and hint


def test_without_pgvector_a_factor_model_says_so(tiny: Connection) -> None:
    """Item models answer on stock PostgreSQL; factor models say what is missing."""
    if tiny.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'vector'")):
        tiny.execute(text("DROP EXTENSION vector CASCADE"))
    tiny.execute(
        text(
            "WITH run AS (INSERT INTO derived.model_run (model, family, state, input, grades,"
            " ranks_by, mean_stars, user_damping, slope, power, error_low, error_high, parameters,"
            " seed, fingerprint, ratings, raters, movies, seconds, metrics)"
            " SELECT 'svd', 'factor', state, input, grades, ranks_by, mean_stars, user_damping,"
            " slope, power, error_low, error_high, parameters, seed, fingerprint, ratings, raters,"
            " movies, seconds, metrics FROM derived.model_run RETURNING run_id),"
            " known AS (INSERT INTO derived.model_movie SELECT run_id, 1, 4 FROM run)"
            " INSERT INTO derived.movie_factor SELECT run_id, 1, '{1}', '{1}' FROM run"
        )
    )
    for call in (
        "recommend(4, p_model => 'svd')",
        "predict_rating(4, 2, 'svd')",
        "explain_recommendation(4, 2, 'svd')",
        "similar_by_model(1, p_model => 'svd')",
    ):
        code, message, hint = refused(tiny, f"SELECT * FROM api.{call}")
        assert code == "RQ006"
        assert message == "factor models need pgvector, which this database does not have"
        assert "CREATE EXTENSION vector" in hint and "recsql train ease" in hint
    assert recommend(tiny, 4, p_model="ease"), "and the others still answer"
    tiny.execute(text("DELETE FROM derived.model_run WHERE model = 'ease'"))
    for call in ("suggestions(4)", "home_rows(4, 7)", "next_movie(4, 7)"):
        found = rows(tiny, f"SELECT * FROM api.{call}")
        assert "popular" in {row["model"] for row in found}, "pages come out in any case"
