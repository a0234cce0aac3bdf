"""Ways to a movie, as functions: people, features, series, filters, misspelt words, two movies."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.test_plans import explained, nodes

ALIEN, ALIENS, BLADE, CASABLANCA, DUMBO, AMELIE, UNTOLD = range(1, 8)


def rows(conn: Connection, statement: str, **params: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(text(statement), params).mappings()]


def ids(conn: Connection, call: str, **params: object) -> list[int]:
    found = rows(conn, f"SELECT rank, movie_id FROM api.{call}", **params)
    ranks = [row["rank"] for row in found]
    assert ranks == sorted(ranks)
    return [row["movie_id"] for row in found]


# People and series ----------------------------------------------------------------------------


def test_a_persons_movies_and_what_they_did(tiny: Connection) -> None:
    tiny.execute(
        text(
            "INSERT INTO core.credit (movie_id, role, place, person_id, job) VALUES"
            " (1, 'crew', 2, 1, 'Producer'), (2, 'cast', 1, 1, ''), (6, 'crew', 1, 1, 'Producer')"
        )
    )
    found = rows(tiny, "SELECT movie_id, characters, jobs FROM api.person_movies(1)")
    assert found == [
        {"movie_id": AMELIE, "characters": [], "jobs": ["Producer"]},
        {"movie_id": ALIENS, "characters": [], "jobs": []},
        {"movie_id": ALIEN, "characters": [], "jobs": ["Director", "Producer"]},
    ]
    assert ids(tiny, "person_movies(1, 'cast')") == [ALIENS]
    assert ids(tiny, "person_movies(1, 'crew', 'oldest')") == [ALIEN, AMELIE]
    assert ids(tiny, "person_movies(1, 'any', 'popular', 1, 1)") == [ALIENS]
    [page] = rows(tiny, "SELECT * FROM api.person_page WHERE person_id = 1")
    assert (page["movies"], page["acted_in"], page["worked_on"]) == (3, 1, 2)
    assert (page["first_year"], page["last_year"]) == (1979, 2001)
    assert (page["jobs"], page["job_movies"]) == (["Producer", "Director"], [2, 1])
    # Alien 5.0 5.0 5.0 4.5, Aliens 5.0 4.0 4.5
    assert (page["raters"], float(page["mean_stars"])) == (7, 4.71)
    assert ids(tiny, "person_movies(99)") == []


def test_movies_for_adults_are_in_no_list(tiny: Connection) -> None:
    tiny.execute(text("UPDATE core.movie SET adult = true WHERE movie_id = 1"))
    for call in ("person_movies(1)", "feature_movies(5)", "collection_movies(1)",
                 "browse_movies('horror')", "browse_movies()"):  # fmt: skip
        assert ALIEN not in ids(tiny, call), call
    [page] = rows(tiny, "SELECT movies FROM api.person_page WHERE person_id = 1")
    assert page["movies"] == 0


def test_credits_are_in_billing_order(tiny: Connection) -> None:
    """N1"""
    found = rows(tiny, "SELECT role, name, job FROM api.movie_credits(1)")
    assert [tuple(row.values()) for row in found] == [
        ("cast", "Sigourney Weaver", "Ripley"), ("crew", "Ridley Scott", "Director")
    ]  # fmt: skip
    assert len(rows(tiny, "SELECT * FROM api.movie_credits(1, 'crew')")) == 1


def test_a_series_in_the_order_in_which_it_came_out(tiny: Connection) -> None:
    tiny.execute(text("UPDATE core.movie SET collection_id = 1 WHERE movie_id IN (4, 7)"))
    assert ids(tiny, "collection_movies(1)") == [CASABLANCA, ALIEN, ALIENS, UNTOLD]
    assert ids(tiny, "collection_movies(1, 2, 1)") == [ALIEN, ALIENS]
    [page] = rows(tiny, "SELECT collection_id, collection_movies FROM api.movie_page"
                        " WHERE movie_id = 1")  # fmt: skip
    assert page["collection_id"] == 1
    assert [film["movie_id"] for film in page["collection_movies"]] == [4, 1, 2, 7]


def test_people_are_found_by_the_words_of_their_name(tiny: Connection) -> None:
    tiny.execute(text("INSERT INTO core.person (name) VALUES ('Krzysztof Kieślowski')"))
    for query, found in (("weav", ["Sigourney Weaver"]), ("KIESLOWSKI", ["Krzysztof Kieślowski"]),
                         ("sc", []), ("", []), ("r scott", ["Ridley Scott"]),
                         ("zzz", [])):  # fmt: skip
        assert [r["name"] for r in rows(tiny, "SELECT * FROM api.search_people(:q)", q=query)] == (
            found
        ), query
    known = rows(tiny, "SELECT name, movies, raters FROM api.leading_people()")
    assert [tuple(row.values()) for row in known] == [
        ("Ridley Scott", 1, 4), ("Sigourney Weaver", 1, 4)
    ]  # fmt: skip


def test_n6_how_rare_a_feature_is(tiny: Connection) -> None:
    """N6: in how many movies, and what sharing it is worth by rarity."""
    [space] = rows(tiny, "SELECT * FROM api.feature WHERE name = 'space'")
    assert (space["movies"], float(space["share"])) == (2, 0.285714)  # of seven
    [shared] = rows(
        tiny, "SELECT points FROM api.explain_similar_movies(1, 2, 'rarity')"
              " WHERE evidence = 'space'"
    )  # fmt: skip
    assert space["rarity"] == shared["points"]
    assert [r["name"] for r in rows(tiny, "SELECT name FROM api.features('genre', 'R')")] == [
        "Horror", "Drama",
    ]  # fmt: skip


# Filters --------------------------------------------------------------------------------------

SORTS = ("popular", "rating", "newest", "oldest", "title")
# Sorted whole, as nobody would wait for.
PLAIN = (
    """
    SELECT movie.movie_id
    FROM api.movie_card AS card
    INNER JOIN core.movie USING (movie_id)
    LEFT JOIN derived.movie_stats AS stats USING (movie_id)
    WHERE NOT movie.adult
        AND (:genre::text IS NULL OR EXISTS (
            SELECT FROM core.movie_feature INNER JOIN core.feature USING (feature_id)
            WHERE movie_id = movie.movie_id AND kind = 'genre'
                AND replace(code, ' ', '-') = :genre
        ))
        AND (:country::text IS NULL OR EXISTS (
            SELECT FROM core.movie_feature INNER JOIN core.feature USING (feature_id)
            WHERE movie_id = movie.movie_id AND kind = 'country' AND code = :country
        ))
        AND (:language::text IS NULL OR EXISTS (
            SELECT FROM core.movie_feature INNER JOIN core.feature USING (feature_id)
            WHERE movie_id = movie.movie_id AND kind = 'language' AND code = :language
        ))
        AND (:decade::integer IS NULL OR movie.year / 10 * 10 = :decade)
        AND (:least::integer IS NULL OR movie.runtime >= :least)
        AND (:most::integer IS NULL OR movie.runtime <= :most)
        AND (:stars::numeric IS NULL OR stats.half_stars / 2.0 / NULLIF(stats.raters, 0) >= :stars)
    ORDER BY
        CASE :sort
            WHEN 'popular' THEN COALESCE(stats.raters, 0)
            WHEN 'rating' THEN card.damped_stars
            WHEN 'newest' THEN
                COALESCE(movie.release_date, make_date(movie.year, 1, 1)) - DATE '0001-01-01'
            WHEN 'oldest' THEN
                DATE '0001-01-01' - COALESCE(movie.release_date, make_date(movie.year, 1, 1))
        END DESC NULLS LAST,
        CASE :sort WHEN 'title' THEN movie.title_key END COLLATE "C",
        movie.movie_id
""".replace("::text", "\\:\\:text")
    .replace("::integer", "\\:\\:integer")
    .replace("::numeric", "\\:\\:numeric")
)
FOUND = """browse_movies(
    p_genre => :genre, p_decade => :decade, p_country => :country, p_language => :language,
    p_min_runtime => :least, p_max_runtime => :most, p_min_stars => :stars, p_sort => :sort,
    p_limit => :limit, p_offset => :offset
)"""
OPEN = dict.fromkeys(("genre", "decade", "country", "language", "least", "most", "stars"))


def same(conn: Connection, limit: int, offset: int = 0, **asked: object) -> int:
    asked = {**OPEN, "sort": "popular", **asked}
    plain = list(conn.scalars(text(PLAIN), asked))
    assert ids(conn, FOUND, **asked, limit=limit, offset=offset) == plain[offset : offset + limit]
    return len(plain)


@pytest.mark.parametrize("sort", SORTS)
def test_s11_any_filters_in_any_order_give_what_the_plain_definition_gives(
    demo: Connection, sort: str
) -> None:
    """S11: whichever way is the cheap one; from the top, by the rare feature, or all."""
    chance = random.Random(sort)
    for _ in range(12):
        same(
            demo,
            chance.choice([1, 10, 48, 400]),
            chance.choice([0, 0, 5, 96]),
            sort=sort,
            genre=chance.choice([None, None, "drama", "western", "science-fiction", "no-such"]),
            decade=chance.choice([None, None, 1980, 1990, 1920]),
            country=chance.choice([None, None, "US", "JP"]),
            language=chance.choice([None, None, "en", "fr"]),
            least=chance.choice([None, None, 90]),
            most=chance.choice([None, None, 120]),
            stars=chance.choice([None, None, 3.5, 4]),
        )
    assert same(demo, 48, sort=sort) > 500


@pytest.mark.parametrize("sort", SORTS)
def test_s11_wide_filters_on_many_movies(kaggle: Connection, sort: str) -> None:
    """S11: at 45,000 movies the beginning of an order is enough for some pages, not for others."""
    for limit, offset, asked in (
        (49, 0, {}), (49, 30000, {}), (49, 480, {"genre": "drama"}), (20, 4100, {"language": "en"}),
        (49, 0, {"genre": "western", "decade": 1950}), (49, 48, {"decade": 1990}),
        (49, 0, {"genre": "drama", "country": "FR", "stars": 4, "least": 150}),
    ):  # fmt: skip
        assert same(kaggle, limit, offset, sort=sort, **asked) > 0


def test_s11_four_features_at_once(kaggle: Connection) -> None:
    """S11: a second genre beside genre, country and language; a keyword that many have; none."""
    asked = {**OPEN, "genre": "drama", "country": "US", "language": "en"}
    both = "(SELECT feature_id FROM core.feature WHERE (kind, code) = ('genre', 'comedy'))"
    comedies = set(
        kaggle.scalars(text(f"SELECT movie_id FROM core.movie_feature WHERE feature_id = {both}"))
    )
    for sort in ("rating", "title", "popular"):
        plain = [
            movie
            for movie in kaggle.scalars(text(PLAIN), {**asked, "sort": sort})
            if movie in comedies
        ]
        call = f"browse_movies('drama', NULL, 'US', 'en', NULL, NULL, NULL, {both}, :sort, 40, 500)"
        assert ids(kaggle, call, sort=sort) == plain[500:540] != []
    assert ids(kaggle, "feature_movies(NULL, 'rating')") == []
    assert ids(kaggle, "feature_movies(-5)") == []


def test_s11_titles_that_begin_alike_are_in_order_on_any_page(kaggle: Connection) -> None:
    """S11: the index of titles knows their first 100 letters."""
    kaggle.execute(
        text(
            "UPDATE core.movie SET title = repeat('same ', 30) || (movie_id * 7919) % 1000"
            " WHERE movie_id IN (SELECT movie_id FROM core.movie ORDER BY movie_id LIMIT 40)"
        )
    )
    before = kaggle.scalar(
        text("SELECT count(*) FROM core.movie WHERE title_key < 'same same' COLLATE \"C\""
             " AND NOT adult")
    )  # fmt: skip
    assert before > 1500
    for offset in (before - 5, before + 7, before + 33):
        assert same(kaggle, 10, offset, sort="title") > before
    same(kaggle, 10, 1, sort="title", least=170, language="en")
    assert ids(kaggle, FOUND, **{**OPEN, "sort": "title", "limit": 9, "offset": 10**6}) == []


def test_s11_feature_movies_are_those_of_the_category(demo: Connection) -> None:
    for sort in SORTS:
        both = [
            ids(demo, f"{name}((SELECT category_id FROM api.category WHERE slug = 'crime'), :s)",
                s=sort)
            for name in ("feature_movies", "category_movies")
        ]  # fmt: skip
        assert both[0] == both[1] != []


def test_each_choice_leaves_as_many_as_it_says(demo: Connection) -> None:
    for asked in ({}, {"genre": "horror"}, {"decade": 1990, "country": "US"}, {"stars": 4}):
        given = {**OPEN, **asked}
        options = rows(
            demo,
            "SELECT * FROM api.browse_options(:genre, :decade, :country, :language, :least, :most,"
            " :stars)",
            **given,
        )
        [total] = [row["movies"] for row in options if row["filter"] == "all"]
        assert total == len(list(demo.scalars(text(PLAIN), {**given, "sort": "popular"})))
        counted = [row for row in options if row["movies"] and row["filter"] != "all"]
        for row in random.Random(1).sample(counted, min(12, len(counted))):
            name = {"rating": "stars", "runtime": "least"}.get(row["filter"], row["filter"])
            chosen: dict[str, Any] = {name: row["value"]}
            if name == "least":
                least, _, most = row["value"].partition("-")
                chosen = {"least": int(least), "most": int(most) if most else None}
            elif name in ("decade", "stars"):
                chosen = {name: float(row["value"]) if name == "stars" else int(row["value"])}
            if name == "stars" and "stars" in asked:
                chosen["stars"] = max(chosen["stars"], asked["stars"])
            left = demo.scalars(text(PLAIN), {**given, **chosen, "sort": "popular"}).all()
            assert len(left) == row["movies"], (asked, row)
        # a filter in use offers all that there is, to be changed
        if "genre" in asked:
            genres = [row for row in options if row["filter"] == "genre"]
            assert len(genres) == demo.scalar(text("SELECT count(*) FROM api.category"))
            assert {row["movies"] for row in genres} == {None}


def test_what_is_not_worth_counting_is_not_counted(demo: Connection) -> None:
    options = rows(demo, "SELECT * FROM api.browse_options(p_decade => 1990, p_most => 10)")
    assert [row["movies"] > 10 for row in options if row["filter"] == "all"] == [True]
    assert {row["movies"] for row in options if row["filter"] != "all"} == {None}


def test_wrong_names_and_numbers_are_refused(tiny: Connection) -> None:
    for call, code in (
        ("browse_movies(p_sort => 'nope')", "RQ002"), ("browse_movies(p_limit => -1)", "2201W"),
        ("browse_movies(p_offset => -1)", "2201X"), ("feature_movies(5, 'x')", "RQ002"),
        ("person_movies(1, 'x')", "RQ002"), ("person_movies(1, 'any', 'x')", "RQ002"),
        ("features('x')", "RQ002"), ("movie_credits(1, 'x')", "RQ002"),
        ("collection_movies(1, -1)", "2201W"), ("search_people('rid', -1)", "2201W"),
        ("did_you_mean('alein', -1)", "2201W"),
    ):  # fmt: skip
        with pytest.raises(DBAPIError) as raised, tiny.begin_nested():
            rows(tiny, f"SELECT * FROM api.{call}")
        assert raised.value.orig.pgcode == code, call


@pytest.mark.parametrize(
    ("call", "most"),
    [("browse_movies()", 9000), ("browse_movies('drama', p_sort => 'newest')", 5000),
     ("browse_movies('western', 1960, 'IT')", 12000), ("did_you_mean('matirx')", 2000),
     ("feature_movies(1)", 9000), ("collection_movies(2344)", 300),
     ("pair_evidence(603, 604)", 1500)],
)  # fmt: skip
def test_b8_pages_touched_are_bounded(kaggle: Connection, call: str, most: int) -> None:
    """B8: neither ratings nor features are read whole."""
    plan = explained(kaggle, f"SELECT * FROM api.{call}")
    scanned = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"}
    assert scanned & {"rating", "movie_feature", "movie", "credit"} == set()
    assert 0 < plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= most


# Misspelt words -------------------------------------------------------------------------------


def edits(one: str, other: str) -> int:
    """The restricted Damerau-Levenshtein distance, by the book."""
    cost = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i, j in itertools.product(range(1, len(one) + 1), range(1, len(other) + 1)):
        cost[i, j] = min(
            cost[i - 1, j] + 1,
            cost[i, j - 1] + 1,
            cost[i - 1, j - 1] + (one[i - 1] != other[j - 1]),
        )
        if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
            cost[i, j] = min(cost[i, j], cost[i - 2, j - 2] + 1)
    return cost[len(one), len(other)]


@settings(max_examples=150, deadline=None)
@given(one=st.text("abcé七", max_size=9), other=st.text("abcé七", max_size=9))
def test_slips_are_counted_as_by_the_book(tiny_engine: Engine, one: str, other: str) -> None:
    with tiny_engine.connect() as conn:
        asked = {"one": one, "other": other}
        assert conn.scalar(text("SELECT api._edits(:one, :other)"), asked) == edits(one, other)
        shortened = conn.scalar(text("SELECT api._shortened(:one)"), asked)
    letters = {one} | {one[:i] + one[i + 1 :] for i in range(len(one))}
    assert shortened == (sorted(letters) if 3 <= len(one) <= 24 else [])


def test_every_slip_of_one_letter_is_found(tiny: Connection) -> None:
    """T4: a letter wrong, missing, added or swapped, anywhere in the word."""
    word = "casablanca"
    slips = {word[:i] + word[i + 1 :] for i in range(len(word))}
    slips |= {word[:i] + "x" + word[i + 1 :] for i in range(len(word))}
    slips |= {word[:i] + "x" + word[i:] for i in range(len(word) + 1)}
    slips |= {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    for slip in slips - {word}:
        [found] = rows(tiny, "SELECT query, edits FROM api.did_you_mean(:q)", q=slip)
        assert found == {"query": word, "edits": 1}, slip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("matirx", "matrix"), ("The Matirx", "the matrix"), ("amelei", "amelie"),
     ("shawshenk redemtion", "shawshank redemption"), ("terminatr 2", "terminator 2"),
     ("star gate", "stargate"), ("starwars", "star wars"),
     ("LROD of the rngs", "lord of the rings")],
)  # fmt: skip
def test_t4_what_was_meant_comes_first_and_is_found(
    kaggle: Connection, typed: str, meant: str
) -> None:
    """T4: on real titles; accents and case do not matter."""
    first, *_ = rows(kaggle, "SELECT * FROM api.did_you_mean(:q)", q=typed)
    assert (first["rank"], first["query"]) == (1, meant)
    assert ids(kaggle, "search_movies(:q)", q=meant)


@pytest.mark.parametrize(
    "typed", ["", " ", "xy", "zzzzzzzz", "12345", "'';--", "\\", "a:*&!|", "🎬🎬🎬", "七人の待",
              "q" * 200, " ".join(["alein"] * 60)],
)  # fmt: skip
def test_any_search_may_be_asked_about(tiny: Connection, typed: str) -> None:
    for call in ("did_you_mean", "search_people"):
        assert rows(tiny, f"SELECT * FROM api.{call}(:q)", q=typed) == []


def test_b5_the_words_of_titles_are_kept(tiny: Connection) -> None:
    """B5: by every way to write a movie; a word that went is meant no more."""
    wrong = "SELECT rows_wrong FROM api.kept_counts() WHERE kept = 'derived.title_word'"
    for statement in (
        "INSERT INTO core.movie (movie_id, title, source) VALUES (20, 'Zardoz Alien', 'demo')",
        "UPDATE core.movie SET title = 'Zardos' WHERE movie_id = 20",
        "UPDATE core.movie SET adult = NOT adult WHERE movie_id IN (1, 20)",
        "UPDATE core.movie SET overview = 'x'",
        "DELETE FROM core.movie WHERE movie_id = 20",
    ):
        tiny.execute(text(statement))
        assert tiny.scalar(text(wrong)) == 0, statement
    assert rows(tiny, "SELECT * FROM api.did_you_mean('zardo')") == []
    tiny.execute(text("UPDATE derived.title_word SET movies = 5, shortened = '{}'"))
    assert tiny.scalar(text(wrong)) > 0
    tiny.execute(text("CALL api.refresh_title_words()"))
    assert tiny.scalar(text(wrong)) == 0


# Two movies -----------------------------------------------------------------------------------


def test_two_movies_side_by_side(tiny: Connection) -> None:
    """N6: Alien and Aliens share five features; each has one more."""
    tiny.execute(
        text("INSERT INTO core.credit (movie_id, role, place, person_id, job)"
             " VALUES (2, 'cast', 1, 2, 'Ripley')")
    )  # fmt: skip
    found = rows(tiny, "SELECT kind, name, in_first, in_second FROM api.compare_movies(1, 2)")
    both = [row["name"] for row in found if row["in_first"] and row["in_second"]]
    assert both == [
        "Sigourney Weaver", "Science Fiction", "space", "Fox", "United States of America",
        "English",
    ]  # fmt: skip
    assert [row["name"] for row in found if not row["in_second"]] == ["Horror"]
    assert [row["name"] for row in found if not row["in_first"]] == ["robot"]


def test_b3_a_pair_has_the_interval_of_its_list(demo: Connection) -> None:
    """B3: support, mean and interval of api.pair_evidence are those of both lists."""
    for kind, function in (("similar", "similar_movies"), ("liked", "also_liked")):
        for listed in rows(demo, f"SELECT * FROM api.{function}(603, 6)"):
            [pair] = rows(
                demo,
                "SELECT * FROM api.pair_evidence(603, :other) WHERE kind = :kind",
                other=listed["movie_id"],
                kind=kind,
            )
            for name in ("support", "out_of", "low", "high"):
                assert pair[name] == listed[name]
            if kind == "liked":
                assert pair["mean_stars"] == listed["mean_stars"]


def test_b3_both_ways_by_hand(tiny: Connection) -> None:
    """B3: Alien has three fans who all rated Aliens; its one fan, u1, gave Alien 5.0 as well."""
    for pair, counts in (((1, 2), (3, 3, 3)), ((2, 1), (1, 1, 1)), ((1, 5), (0, 3, 0))):
        one, other = pair
        [liked] = rows(
            tiny,
            "SELECT * FROM api.pair_evidence(:one, :other) WHERE kind = 'liked'",
            one=one,
            other=other,
        )
        assert (liked["support"], liked["out_of"], liked["likes"]) == counts
        assert (liked["low"] is None) == (liked["support"] == 0)
    assert rows(tiny, "SELECT * FROM api.pair_evidence(1, 1)") == []
    assert rows(tiny, "SELECT * FROM api.pair_evidence(7, 1)") == []
