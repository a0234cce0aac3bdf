"""The two recommenders on the tiny catalogue, by numbers that tests/tiny.sql lets you reckon."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

ALIEN, ALIENS, BLADE, CASABLANCA, DUMBO, AMELIE, UNTOLD = range(1, 8)


def rows(conn: Connection, statement: str, **params: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(text(statement), params).mappings()]


def similar(conn: Connection, movie_id: int, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return rows(conn, f"SELECT * FROM api.similar_movies({movie_id}{named})", **params)


def also_liked(conn: Connection, movie_id: int, **params: object) -> list[dict[str, Any]]:
    named = "".join(f", {name} => :{name}" for name in params)
    return rows(conn, f"SELECT * FROM api.also_liked({movie_id}{named})", **params)


def scores(found: list[dict[str, Any]]) -> list[tuple[int, Decimal]]:
    return [(row["movie_id"], row["score"]) for row in found]


class TestSimilarMovies:
    """N6: the number of shared features, the movie itself excluded."""

    def test_counts_shared_features(self, tiny: Connection) -> None:
        # N6: Aliens shares SF, space, Fox, en, US; Blade Horror, en, US; the others en, US
        assert scores(similar(tiny, ALIEN)) == [
            (ALIENS, 5),
            (BLADE, 3),
            # a tie in count and rarity: 2 ratings of 4.0 damped beat 3 of 4.0
            (CASABLANCA, 2),
            (DUMBO, 2),
        ]

    def test_never_lists_the_movie_itself(self, tiny: Connection) -> None:
        for movie_id in range(ALIEN, UNTOLD + 1):
            assert movie_id not in {row["movie_id"] for row in similar(tiny, movie_id)}

    def test_ties_go_to_rarity_then_to_the_damped_mean(self, tiny: Connection) -> None:
        # Casablanca shares Drama with Amélie and nothing else does: rare breaks no tie there,
        # so look from Dumbo: all four share exactly en and US
        found = similar(tiny, DUMBO)
        assert [row["score"] for row in found] == [2, 2, 2, 2]
        # damped to 3.5 by 25: Alien (19.5 + 87.5) / 29 = 3.690, Aliens (13.5 + 87.5) / 28 = 3.607,
        # Blade (5 + 87.5) / 26 = 3.558, Casablanca (12 + 87.5) / 28 = 3.554
        assert [row["movie_id"] for row in found] == [ALIEN, ALIENS, BLADE, CASABLANCA]

    def test_rarity_weighs_what_few_movies_have(self, tiny: Connection) -> None:
        # N = 7: SF, space, Fox, Horror have df 2, en and US df 5
        # ln(8/2) = 1.386294, ln(8/5) = 0.470004
        found = scores(similar(tiny, ALIEN, p_method="rarity"))
        assert found[:2] == [
            (ALIENS, Decimal("5.098890")),
            (BLADE, Decimal("2.326302")),
        ]

    def test_a_movie_without_features_has_an_empty_list(self, tiny: Connection) -> None:
        assert similar(tiny, UNTOLD) == []

    def test_an_unknown_movie_has_an_empty_list(self, tiny: Connection) -> None:
        assert similar(tiny, 999) == []
        assert rows(tiny, "SELECT * FROM api.similar_movies(NULL)") == []

    def test_tells_why(self, tiny: Connection) -> None:
        first = similar(tiny, ALIEN)[0]
        assert first["reason"] == (
            "5 features in common: Fox, Science Fiction, space, English and 1 more"
        )
        assert (first["support"], first["out_of"]) == (5, 6)
        assert first["mean_stars"] == Decimal("4.50")

    def test_carries_a_wilson_interval(self, tiny: Connection) -> None:
        # B3: 5 of 6 at 95%: 0.4365 to 0.9699
        first = similar(tiny, ALIEN)[0]
        assert (first["low"], first["high"]) == (Decimal("0.4365"), Decimal("0.9699"))

    def test_only_the_kinds_asked_for_count(self, tiny: Connection) -> None:
        found = similar(tiny, ALIEN, p_kinds=["genre"])
        assert scores(found) == [(ALIENS, 1), (BLADE, 1)]

    @pytest.mark.parametrize("method", ["overlap", "rarity", "titles"])
    def test_pages_never_repeat_or_skip(self, tiny: Connection, method: str) -> None:
        whole = similar(tiny, DUMBO, p_method=method)
        paged = [
            row
            for offset in range(0, 6, 2)
            for row in similar(tiny, DUMBO, p_method=method, p_limit=2, p_offset=offset)
        ]
        assert paged == whole
        assert [row["rank"] for row in whole] == [1, 2, 3, 4]

    @pytest.mark.parametrize("method", ["overlap", "rarity", "titles"])
    def test_evidence_adds_up_to_the_score(self, tiny: Connection, method: str) -> None:
        # B2
        for movie_id in range(ALIEN, UNTOLD + 1):
            for row in similar(tiny, movie_id, p_method=method):
                evidence = rows(
                    tiny,
                    "SELECT * FROM api.explain_similar_movies(:one, :other, :method)",
                    one=movie_id,
                    other=row["movie_id"],
                    method=method,
                )
                assert len(evidence) == row["support"]
                assert sum(line["points"] for line in evidence) == row["score"]

    def test_titles_count_shared_words_too(self, tiny: Connection) -> None:
        # N6, B2
        tiny.execute(text("UPDATE core.movie SET title = 'Blade II' WHERE movie_id = 2"))
        tiny.execute(text("UPDATE core.movie SET title = 'BLADE: Untold' WHERE movie_id = 7"))
        # three titles of seven have it: ln(8/3) * 2 / 5; Untold shares no feature, and comes last
        word = Decimal("0.392331")
        found = similar(tiny, 3, p_method="titles")
        assert scores(found) == [
            (ALIEN, Decimal(3)),
            (ALIENS, 2 + word),
            (CASABLANCA, Decimal(2)),
            (DUMBO, Decimal(2)),
            (UNTOLD, word),
        ]
        assert [row["reason"] for row in found[1:2] + found[-1:]] == [
            "2 features and “blade” of the title in common: English, United States of America",
            "“blade” of the title in common",
        ]
        assert (found[-1]["support"], found[-1]["out_of"]) == (0, 3)
        # nothing but its title is known of it, and that is enough
        alone = similar(tiny, UNTOLD, p_method="titles")
        assert [row["movie_id"] for row in alone] == [ALIENS, BLADE]
        assert {row["score"] for row in alone} == {word}
        assert {row["low"] for row in alone} == {None}
        [line] = rows(tiny, "SELECT * FROM api.explain_similar_movies(7, 3, 'titles')")
        assert line == {"kind": "title", "evidence": "blade", "amount": 3, "points": word}

    def test_words_of_many_titles_count_nothing(self, tiny: Connection) -> None:
        # N6
        tiny.execute(
            text(
                "INSERT INTO core.movie (movie_id, title, source)"
                " SELECT n, 'Alien ' || n, 'demo' FROM generate_series(1001, 1099) AS n"
            )
        )
        assert len(similar(tiny, 1001, p_method="titles", p_limit=500)) == 99
        tiny.execute(
            text("INSERT INTO core.movie (movie_id, title, source) VALUES (2000, 'alien', 'demo')")
        )
        assert similar(tiny, 1001, p_method="titles") == []

    def test_evidence_names_the_features(self, tiny: Connection) -> None:
        evidence = rows(tiny, "SELECT * FROM api.explain_similar_movies(1, 3)")
        assert [(line["kind"], line["evidence"], line["amount"]) for line in evidence] == [
            ("genre", "Horror", 2),
            ("country", "United States of America", 5),
            ("language", "English", 5),
        ]


class TestAlsoLiked:
    """N7: raters who gave it exactly 5.0, and what they starred best."""

    def test_the_plain_rule_is_the_best_mean_among_fans(self, tiny: Connection) -> None:
        # N7, literally: Blade rests on one rater
        assert scores(also_liked(tiny, ALIEN, p_method="average")) == [
            (BLADE, 5),
            (ALIENS, Decimal("4.5")),
            (CASABLANCA, Decimal("3.5")),
        ]

    def test_the_default_damps_what_few_fans_say(self, tiny: Connection) -> None:
        # s / (n + 25): 13.5/28, 7/27, 5/26
        assert scores(also_liked(tiny, ALIEN)) == [
            (ALIENS, Decimal("0.482143")),
            (CASABLANCA, Decimal("0.259259")),
            (BLADE, Decimal("0.192308")),
        ]

    def test_damping_and_prior_are_parameters(self, tiny: Connection) -> None:
        # (s + 2 * 4) / (n + 2): 21.5/5, 13/3, 15/4
        found = also_liked(tiny, ALIEN, p_damping=2, p_prior_stars=4)
        assert scores(found) == [
            (BLADE, Decimal("4.333333")),
            (ALIENS, Decimal("4.3")),
            (CASABLANCA, Decimal("3.75")),
        ]

    def test_support_counts_fans_who_rated(self, tiny: Connection) -> None:
        found = also_liked(tiny, ALIEN, p_method="support")
        assert scores(found) == [(ALIENS, 3), (CASABLANCA, 2), (BLADE, 1)]

    def test_likes_counts_fans_who_liked(self, tiny: Connection) -> None:
        # Casablanca and Blade tie at one like; more fans have rated Casablanca
        found = also_liked(tiny, ALIEN, p_method="likes")
        assert scores(found) == [(ALIENS, 3), (CASABLANCA, 1), (BLADE, 1)]

    def test_lift_compares_with_everyone(self, tiny: Connection) -> None:
        # U * c / ((F + 25) * (L + 25)), U = 5, F = 3: 15/784, 5/728, 5/756
        assert scores(also_liked(tiny, ALIEN, p_method="lift")) == [
            (ALIENS, Decimal("0.019133")),
            (BLADE, Decimal("0.006868")),
            (CASABLANCA, Decimal("0.006614")),
        ]

    def test_a_fan_gave_exactly_five(self, tiny: Connection) -> None:
        # u4 gave Alien 4.5 and Dumbo 5.0: Dumbo is not in the list
        assert DUMBO not in {row["movie_id"] for row in also_liked(tiny, ALIEN)}

    def test_critics_and_generated_users_are_never_fans(self, tiny: Connection) -> None:
        assert also_liked(tiny, ALIEN)[0]["out_of"] == 3
        # of Casablanca's four 5.0 two come from them
        assert also_liked(tiny, CASABLANCA)[0]["out_of"] == 2

    def test_never_lists_the_movie_itself(self, tiny: Connection) -> None:
        for movie_id in range(ALIEN, UNTOLD + 1):
            assert movie_id not in {row["movie_id"] for row in also_liked(tiny, movie_id)}

    def test_a_movie_without_fans_has_an_empty_list(self, tiny: Connection) -> None:
        assert also_liked(tiny, UNTOLD) == []
        assert also_liked(tiny, 999) == []
        assert rows(tiny, "SELECT * FROM api.also_liked(NULL)") == []

    def test_thin_evidence_can_be_left_out(self, tiny: Connection) -> None:
        found = also_liked(tiny, ALIEN, p_method="average", p_min_raters=2)
        assert [row["movie_id"] for row in found] == [ALIENS, CASABLANCA]

    def test_tells_why(self, tiny: Connection) -> None:
        second = also_liked(tiny, ALIEN)[1]
        assert second["reason"] == "2 of 3 fans rated it, 3.5 on average"
        assert (second["support"], second["out_of"]) == (2, 3)
        assert second["mean_stars"] == Decimal("3.50")

    def test_a_thin_pick_has_a_wide_interval(self, tiny: Connection) -> None:
        # B3: Blade 1 of 1 liked it, Aliens 3 of 3
        widths = {
            row["movie_id"]: row["high"] - row["low"]
            for row in also_liked(tiny, ALIEN, p_method="average")
        }
        assert widths[BLADE] > widths[ALIENS]
        # 1 / (1 + 1.96^2) = 0.2065 is the lower end of 1 of 1
        blade = also_liked(tiny, ALIEN, p_method="average")[0]
        assert (blade["low"], blade["high"]) == (Decimal("0.2065"), Decimal("1.0000"))

    @pytest.mark.parametrize("method", ["average", "damped", "support", "likes", "lift"])
    def test_evidence_adds_up_to_the_score(self, tiny: Connection, method: str) -> None:
        # B2
        seen = 0
        for movie_id in range(ALIEN, UNTOLD + 1):
            for row in also_liked(tiny, movie_id, p_method=method):
                evidence = rows(
                    tiny,
                    "SELECT * FROM api.explain_also_liked(:one, :other, :method)",
                    one=movie_id,
                    other=row["movie_id"],
                    method=method,
                )
                assert sum(line["points"] for line in evidence) == row["score"]
                assert sum(line["amount"] for line in evidence) == row["support"]
                seen += 1
        assert seen >= 10

    def test_evidence_shows_the_prior(self, tiny: Connection) -> None:
        evidence = rows(
            tiny,
            "SELECT * FROM api.explain_also_liked(1, 2, p_damping => 2, p_prior_stars => 4)",
        )
        # 8 of 21.5 half the score comes from the prior: 8/5, then 4.0, 4.5 and 5.0 over 5
        assert [(line["evidence"], line["amount"], line["points"]) for line in evidence] == [
            ("5.0 stars", 1, Decimal("1")),
            ("4.5 stars", 1, Decimal("0.9")),
            ("4.0 stars", 1, Decimal("0.8")),
            ("where every movie starts", 0, Decimal("1.6")),
        ]

    def test_a_new_rating_counts_at_once(self, tiny: Connection) -> None:
        # B4: what if u5 were a fan of Alien?
        tiny.execute(
            text("INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (5, 1, 10)")
        )
        assert DUMBO in {row["movie_id"] for row in also_liked(tiny, ALIEN)}
        tiny.rollback()
        tiny.begin()
        assert DUMBO not in {row["movie_id"] for row in also_liked(tiny, ALIEN)}


class TestBoth:
    """What the two share."""

    def test_they_return_the_same_shape(self, tiny: Connection) -> None:
        assert list(similar(tiny, ALIEN)[0]) == list(also_liked(tiny, ALIEN)[0])

    def test_they_can_be_joined(self, tiny: Connection) -> None:
        # B1: both recommenders in one statement
        found = rows(
            tiny,
            """
            SELECT movie.title, liked.score > 0 AS liked
            FROM core.movie
            CROSS JOIN LATERAL api.similar_movies(movie.movie_id, 1) AS nearest
            LEFT JOIN LATERAL api.also_liked(movie.movie_id) AS liked
                ON liked.movie_id = nearest.movie_id
            ORDER BY movie.movie_id
            """,
        )
        assert found[0] == {"title": "Alien", "liked": True}
        assert len(found) == 6

    @pytest.mark.parametrize(
        "call",
        [
            "similar_movies(1, p_method => 'best')",
            "also_liked(1, p_method => 'best')",
            # also where there is nothing to rank
            "similar_movies(999, p_method => 'best')",
            "also_liked(999, p_method => 'best')",
            "also_liked(1, p_method => NULL)",
            "explain_similar_movies(1, 2, 'best')",
            "explain_also_liked(1, 2, 'best')",
        ],
    )
    def test_an_unknown_method_is_an_error_that_lists_the_known(
        self, tiny: Connection, call: str
    ) -> None:
        with pytest.raises(DBAPIError) as raised:
            rows(tiny, f"SELECT * FROM api.{call}")
        diag = raised.value.orig.diag  # type: ignore[union-attr]
        assert diag.sqlstate == "RQ002"
        assert diag.message_primary.startswith("unknown method")
        assert diag.message_hint.startswith("use one of: ")

    @pytest.mark.parametrize("function", ["similar_movies", "also_liked"])
    @pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (10, -1), (-2147483648, 0)])
    def test_a_negative_number_is_an_error(
        self, tiny: Connection, function: str, limit: int, offset: int
    ) -> None:
        with pytest.raises(DBAPIError) as raised:
            rows(tiny, f"SELECT * FROM api.{function}(1, {limit}, {offset})")
        assert raised.value.orig.pgcode in {"2201W", "2201X"}  # type: ignore[union-attr]

    @pytest.mark.parametrize("function", ["similar_movies", "also_liked"])
    def test_huge_numbers_are_none(self, tiny: Connection, function: str) -> None:
        whole = rows(tiny, f"SELECT * FROM api.{function}(1)")
        huge = 2**31 - 1
        assert rows(tiny, f"SELECT * FROM api.{function}(1, {huge})") == whole
        assert rows(tiny, f"SELECT * FROM api.{function}(1, {huge}, {huge})") == []
        assert rows(tiny, f"SELECT * FROM api.{function}({huge})") == []
