"""What the pages ask: header, shelves, categories, search, movie page, statistics."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from recsql import db
from tests.test_recommenders import ALIEN, ALIENS, AMELIE, BLADE, CASABLANCA, DUMBO, UNTOLD, rows

SHELVES = "SELECT * FROM api.home_shelves(:seed, :shelves, :per_shelf)"


class TestHome:
    """N2, N3, B9."""

    def test_shows_twenty_categories_of_ten(self, demo: Connection) -> None:
        # N3
        found = rows(demo, SHELVES, seed=1, shelves=20, per_shelf=10)
        assert len(found) == 200
        assert {(row["shelf"], row["place"]) for row in found} == {
            (shelf, place) for shelf in range(1, 21) for place in range(1, 11)
        }
        assert len({row["category"] for row in found}) == 20

    def test_each_movie_is_of_its_category_and_there_once(self, demo: Connection) -> None:
        # N3
        for seed in range(5):
            found = rows(demo, SHELVES, seed=seed, shelves=20, per_shelf=10)
            genres = {
                row["movie_id"]: row["genres"]
                for row in rows(demo, "SELECT movie_id, genres FROM api.movie_card")
            }
            for row in found:
                assert row["category"] in genres[row["movie_id"]]
            assert len({(row["shelf"], row["movie_id"]) for row in found}) == len(found)

    def test_the_same_seed_gives_the_same_page(self, demo: Connection) -> None:
        # B9
        for statement in (SHELVES, "SELECT * FROM api.home_header(:seed)"):
            params = {"shelves": 20, "per_shelf": 10} if "shelves" in statement else {}
            once = rows(demo, statement, seed=42, **params)
            assert rows(demo, statement, seed=42, **params) == once
            assert rows(demo, statement, seed=43, **params) != once

    def test_draws_anew_without_a_seed(self, demo: Connection) -> None:
        # N2: of 40 draws out of 500 movies some differ
        headers = {rows(demo, "SELECT * FROM api.home_header()")[0]["movie_id"] for _ in range(40)}
        assert len(headers) > 20
        orders = {
            tuple(row["category"] for row in rows(demo, "SELECT * FROM api.home_shelves()"))
            for _ in range(5)
        }
        assert len(orders) == 5

    def test_every_movie_of_a_category_has_its_chance(self, demo: Connection) -> None:
        # N3: 400 pages draw 10 out of some dozens; the odds that one never comes are below 1e-9
        westerns = {
            row["movie_id"]
            for row in rows(
                demo,
                "SELECT movie_id FROM derived.shelf WHERE category_id ="
                " (SELECT category_id FROM api.category WHERE slug = 'western')",
            )
        }
        drawn = rows(
            demo,
            "SELECT DISTINCT shelf.movie_id FROM generate_series(1, 400) AS seed,"
            " LATERAL api.home_shelves(seed) AS shelf WHERE shelf.slug = 'western'",
        )
        assert {row["movie_id"] for row in drawn} == westerns

    def test_a_category_with_fewer_movies_shows_them_all(self, tiny: Connection) -> None:
        found = rows(tiny, SHELVES, seed=3, shelves=20, per_shelf=10)
        by_category: dict[str, set[int]] = {}
        for row in found:
            by_category.setdefault(row["category"], set()).add(row["movie_id"])
        # Amélie has neither an overview nor a rater, so Drama is Casablanca alone
        assert by_category == {
            "Science Fiction": {ALIEN, ALIENS},
            "Horror": {ALIEN, BLADE},
            "Drama": {CASABLANCA},
            "Family": {DUMBO},
        }

    def test_the_header_tells_a_story(self, tiny: Connection) -> None:
        # N2: only movies with an overview
        drawn = {
            rows(tiny, "SELECT * FROM api.home_header(:seed)", seed=seed)[0]["movie_id"]
            for seed in range(60)
        }
        assert drawn == {ALIEN, ALIENS, BLADE, CASABLANCA}

    @pytest.mark.parametrize(
        "change",
        [
            "title = title || '!'",
            "year = 1950, release_date = NULL",
            "poster_path = '/new.jpg'",
            "poster_path = NULL",
            "overview = 'another one'",
        ],
    )
    def test_a_card_follows_the_catalogue(self, tiny: Connection, change: str) -> None:
        # B5: what the shelf keeps of a movie is right after any statement
        tiny.execute(text("CALL api.refresh_shelves()"))
        tiny.execute(text(f"UPDATE core.movie SET {change}"))
        assert rows(
            tiny, "SELECT rows_wrong FROM api.kept_counts() WHERE kept = 'derived.shelf'"
        ) == [{"rows_wrong": 0}]
        shown = rows(tiny, SHELVES, seed=3, shelves=20, per_shelf=10)
        assert {(row["title"], row["year"], row["poster_path"]) for row in shown} <= {
            (row["title"], row["year"], row["poster_path"])
            for row in rows(tiny, "SELECT title, year, poster_path FROM api.movie_card")
        }

    def test_shelves_can_be_fewer(self, tiny: Connection) -> None:
        assert len(rows(tiny, SHELVES, seed=1, shelves=2, per_shelf=1)) == 2
        assert rows(tiny, SHELVES, seed=1, shelves=0, per_shelf=10) == []

    def test_an_empty_catalogue_has_an_empty_home(self, empty_engine: object) -> None:
        with db.begin(empty_engine) as conn:  # type: ignore[arg-type]
            assert rows(conn, "SELECT * FROM api.home_header(1)") == []
            assert rows(conn, "SELECT * FROM api.home_shelves(1)") == []


class TestSearch:
    """Search by words and ids."""

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("alien", [ALIEN, ALIENS]),
            ("ALIEN", [ALIEN, ALIENS]),
            ("aliens", [ALIENS]),
            ("ali 1986", [ALIENS]),
            ("amelie", [AMELIE]),
            ("AMÉLIE", [AMELIE]),
            ("fabuleux d'amelie", [AMELIE]),
            ("poulain amelie", [AMELIE]),
            ("fabuleux amelia", []),
            ("destin d’Amélie", [AMELIE]),
            ("1", [ALIEN, CASABLANCA, DUMBO, ALIENS, BLADE]),
            ("tt0078748", [ALIEN]),
            ("tt9999999", []),
            ("0", []),
            ("a" * 5000, []),
            ("", []),
            ("   ", []),
            ("!!!", []),
            ("' OR 1=1 --", []),
            ("ali\\", [ALIEN, ALIENS]),
            ("ali:* | blade", []),
            ("%", []),
            ("٣", []),
            ("99999999999999999999", []),
            ("🎬", []),
        ],
    )
    def test_finds(self, tiny: Connection, query: str, found: list[int]) -> None:
        hits = rows(tiny, "SELECT * FROM api.search_movies(:query)", query=query)
        assert {row["movie_id"] for row in hits} == set(found)
        if query != "1":
            assert [row["movie_id"] for row in hits] == found

    def test_an_id_comes_first(self, tiny: Connection) -> None:
        assert rows(tiny, "SELECT * FROM api.search_movies('1')")[0]["movie_id"] == ALIEN

    def test_folds_as_the_table_does(self, demo: Connection) -> None:
        # the expression stands twice: in the migration and in api._fold
        odd = rows(
            demo,
            "SELECT title, title_key, api._fold(title) AS folded FROM core.movie"
            " WHERE title_key IS DISTINCT FROM api._fold(title)"
            " OR original_key IS DISTINCT FROM CASE WHEN original_title <> title"
            " THEN api._fold(original_title) END",
        )
        assert odd == []

    def test_finds_titles_in_any_script(self, demo: Connection) -> None:
        hits = rows(demo, "SELECT * FROM api.search_movies('七人の侍')")
        assert [row["title"] for row in hits] == ["Seven Samurai"]

    def test_pages_never_repeat_or_skip(self, demo: Connection) -> None:
        statement = "SELECT * FROM api.search_movies('the', :limit, :offset)"
        whole = rows(demo, statement, limit=1000, offset=0)
        paged = [
            row
            for offset in range(0, len(whole) + 20, 20)
            for row in rows(demo, statement, limit=20, offset=offset)
        ]
        assert len(whole) > 50
        assert paged == whole


class TestCategory:
    """S11: several sort orders, endless paging."""

    @pytest.mark.parametrize(
        ("sort", "column", "descending"),
        [
            ("popular", "raters", True),
            ("rating", "damped_stars", True),
            ("newest", "release_date", True),
            ("oldest", "release_date", False),
        ],
    )
    def test_sorts(self, demo: Connection, sort: str, column: str, descending: bool) -> None:
        found = rows(
            demo,
            "SELECT listed.* FROM api.category"
            " CROSS JOIN LATERAL api.category_movies(category_id, :sort, 1000) AS listed"
            " WHERE slug = 'drama'",
            sort=sort,
        )
        values = [row[column] for row in found]
        assert len(values) > 100
        assert values == sorted(values, reverse=descending)
        assert [row["rank"] for row in found] == list(range(1, len(found) + 1))

    def test_unknown_dates_come_last(self, tiny: Connection) -> None:
        tiny.execute(
            text(
                "INSERT INTO core.movie_feature"
                " SELECT 7, feature_id FROM core.feature WHERE code = 'drama'"
            )
        )
        for sort in ("newest", "oldest"):
            found = rows(
                tiny,
                "SELECT listed.movie_id FROM api.category"
                " CROSS JOIN LATERAL api.category_movies(category_id, :sort) AS listed"
                " WHERE slug = 'drama'",
                sort=sort,
            )
            assert found[-1]["movie_id"] == UNTOLD

    @pytest.mark.parametrize("sort", ["popular", "rating", "newest", "oldest", "title"])
    def test_pages_never_repeat_or_skip(self, demo: Connection, sort: str) -> None:
        statement = (
            "SELECT listed.* FROM api.category CROSS JOIN LATERAL"
            " api.category_movies(category_id, :sort, :limit, :offset) AS listed"
            " WHERE slug = 'comedy'"
        )
        whole = rows(demo, statement, sort=sort, limit=1000, offset=0)
        paged = [
            row
            for offset in range(0, len(whole) + 7, 7)
            for row in rows(demo, statement, sort=sort, limit=7, offset=offset)
        ]
        assert paged == whole

    def test_an_unknown_sort_is_an_error(self, tiny: Connection) -> None:
        with pytest.raises(DBAPIError, match="unknown sort: random"):
            rows(tiny, "SELECT * FROM api.category_movies(1, 'random')")

    def test_lists_only_categories_with_movies(self, tiny: Connection) -> None:
        tiny.execute(text("DELETE FROM core.movie_feature WHERE movie_id = 5"))
        assert {row["slug"] for row in rows(tiny, "SELECT slug FROM api.category")} == {
            "science-fiction",
            "horror",
            "drama",
        }


class TestMoviePage:
    """N4: any movie opens a page of details."""

    def test_tells_all_there_is(self, tiny: Connection) -> None:
        (page,) = rows(tiny, "SELECT * FROM api.movie_page WHERE movie_id = 1")
        assert page["imdb_id"] == "tt0078748"
        assert page["genres"] == ["Horror", "Science Fiction"]
        assert page["keywords"] == ["space"]
        assert page["language"] == "English"
        assert page["directors"] == ["Ridley Scott"]
        assert page["top_cast"] == [
            {"name": "Sigourney Weaver", "character": "Ripley", "person_id": 2}
        ]
        # three 5.0 and one 4.5; the critic and the generated user do not count
        assert (page["raters"], page["fans"]) == (4, 3)
        assert page["histogram"] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 3]
        assert page["mean_stars"] == Decimal("4.88")
        # (19.5 + 25 * 3.5) / (4 + 25)
        assert page["damped_stars"] == Decimal("3.690")

    def test_a_movie_that_nobody_knows_has_a_page_too(self, tiny: Connection) -> None:
        (page,) = rows(tiny, "SELECT * FROM api.movie_page WHERE movie_id = 7")
        assert (page["title"], page["genres"], page["raters"]) == ("Untold", [], 0)
        assert page["mean_stars"] is None
        assert page["histogram"] is None

    def test_every_movie_of_the_catalogue_has_one(self, demo: Connection) -> None:
        # N4
        counts = rows(
            demo,
            "SELECT (SELECT count(*) FROM api.movie_page) AS pages,"
            " (SELECT count(*) FROM api.movie_card) AS cards,"
            " (SELECT count(*) FROM core.movie) AS movies",
        )[0]
        assert counts["pages"] == counts["cards"] == counts["movies"] > 400


RECOMPUTED = """
    SELECT movie_id, count(*) FILTER (WHERE user_id > 0) AS raters,
        COALESCE(sum(half_stars) FILTER (WHERE user_id > 0), 0) AS half_stars,
        count(*) FILTER (WHERE user_id > 0 AND half_stars = 10) AS fans
    FROM core.rating GROUP BY movie_id
"""


class TestStatistics:
    """S11: the statistics of a movie are right after every change."""

    def kept_equal_recomputed(self, conn: Connection) -> None:
        differing = rows(
            conn,
            f"SELECT * FROM ({RECOMPUTED}) AS fresh FULL JOIN derived.movie_stats AS kept"
            " USING (movie_id)"
            " WHERE COALESCE(fresh.raters, 0) <> COALESCE(kept.raters, 0)"
            " OR COALESCE(fresh.half_stars, 0) <> COALESCE(kept.half_stars, 0)"
            " OR COALESCE(fresh.fans, 0) <> COALESCE(kept.stars_50, 0)",
        )
        assert differing == []
        features = rows(
            conn,
            "SELECT * FROM (SELECT feature_id, count(*) AS movies FROM core.movie_feature"
            " GROUP BY feature_id) AS fresh FULL JOIN derived.feature_stats AS kept"
            " USING (feature_id) WHERE COALESCE(fresh.movies, 0) <> COALESCE(kept.movies, 0)",
        )
        assert features == []
        assert rows(conn, "SELECT movies FROM derived.catalogue") == rows(
            conn, "SELECT count(*) AS movies FROM core.movie"
        )

    @pytest.mark.parametrize(
        "change",
        [
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (5, 1, 7), (5, 2, 1)",
            "UPDATE core.rating SET half_stars = 1",
            "UPDATE core.rating SET half_stars = 11 - half_stars WHERE user_id > 0",
            "UPDATE core.rating SET movie_id = 7 WHERE movie_id = 4",
            "DELETE FROM core.rating WHERE user_id = 2",
            "DELETE FROM core.rater WHERE user_id = 1",
            "DELETE FROM core.rating",
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 1, 4)"
            " ON CONFLICT (user_id, movie_id) DO UPDATE SET half_stars = excluded.half_stars",
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (-1, 6, 4)",
            "DELETE FROM core.movie_feature WHERE feature_id IN"
            " (SELECT feature_id FROM core.feature WHERE kind = 'language')",
            "UPDATE core.movie_feature SET movie_id = 7 WHERE movie_id = 6",
            "INSERT INTO core.movie (movie_id, title, source) VALUES (8, 'New', 'demo')",
            "DELETE FROM core.movie WHERE movie_id IN (6, 7)",
        ],
    )
    def test_they_follow_every_change(self, tiny: Connection, change: str) -> None:
        # S11
        self.kept_equal_recomputed(tiny)
        tiny.execute(text(change))
        self.kept_equal_recomputed(tiny)

    def test_a_recomputation_changes_nothing(self, tiny: Connection) -> None:
        # S11: by command, and right before it as well
        before = rows(tiny, "SELECT * FROM derived.movie_stats ORDER BY movie_id")
        tiny.execute(text("CALL api.refresh_movie_stats()"))
        tiny.execute(text("CALL api.refresh_feature_stats()"))
        assert rows(tiny, "SELECT * FROM derived.movie_stats ORDER BY movie_id") == before

    def test_a_recomputation_mends_what_was_broken(self, tiny: Connection) -> None:
        tiny.execute(text("UPDATE derived.movie_stats SET stars_50 = 77"))
        tiny.execute(text("UPDATE derived.feature_stats SET movies = 77"))
        tiny.execute(text("UPDATE derived.catalogue SET movies = 77"))
        tiny.execute(text("CALL api.refresh_movie_stats()"))
        tiny.execute(text("CALL api.refresh_feature_stats()"))
        self.kept_equal_recomputed(tiny)

    @pytest.mark.parametrize(
        "refused",
        [
            # no such movie: its statistics have nowhere to go
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 999, 10)",
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (-1, 999, 10)",
            "UPDATE core.rating SET movie_id = 999 WHERE user_id = 1 AND movie_id = 1",
            # no such rater
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (99, 1, 10)",
            # rated, so not to be lost
            "DELETE FROM core.movie WHERE movie_id = 1",
            # not 0.5 to 5.0
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (5, 1, 0)",
            "INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (5, 1, 11)",
            # a critic with a person's key, and the other way round
            "INSERT INTO core.rater VALUES (77, 'critic', 'x', 'x')",
            "INSERT INTO core.rater VALUES (-77, 'account', 'x', 'x')",
        ],
    )
    def test_what_cannot_be_is_refused(self, tiny: Connection, refused: str) -> None:
        with pytest.raises(IntegrityError):
            tiny.execute(text(refused))
