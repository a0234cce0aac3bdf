"""A search gives exactly what its plain definition gives, whichever way it took."""

from __future__ import annotations

import string

import pytest
from sqlalchemy import Connection, text

# By id, exact title, most raters, popularity, movie_id: sorted whole, as nobody would wait for.
PLAIN = """
    SELECT movie.movie_id
    FROM core.movie
    LEFT JOIN derived.movie_stats AS stats USING (movie_id)
    WHERE movie.movie_id::text = :words OR (NOT movie.adult AND movie.search_words @@ (
        SELECT string_agg(word || ':*', ' & ')::tsquery
        FROM regexp_split_to_table(:words, ' ') AS word
    ))
    ORDER BY
        movie.movie_id::text = :words DESC,
        COALESCE(
            movie.title_key IN (:words, 'the ' || :words, 'a ' || :words, 'an ' || :words)
            OR movie.original_key = :words, false
        ) DESC,
        COALESCE(stats.raters, 0) DESC,
        movie.popularity DESC NULLS LAST,
        movie.movie_id
    LIMIT :limit OFFSET :offset
"""
FOUND = "SELECT movie_id FROM api.search_movies(:words, :limit, :offset) ORDER BY rank"
PAIRS = [a + b for a in "abdmst" for b in "aehortz"]
OTHERS = ["the", "19", "201", "2", "zzyzx", "the a", "s t", "love st", "it", "m", "what", "et"]


def same(conn: Connection, words: str, limit: int | None = 21, offset: int = 0) -> int:
    asked = {"words": words, "limit": limit, "offset": offset}
    plain = conn.scalars(text(PLAIN), asked).all()
    assert conn.scalars(text(FOUND), asked).all() == plain, asked
    return len(plain)


def test_the_words_kept_are_those_of_the_keys(kaggle: Connection) -> None:
    """The generated column repeats how keys are folded: all movies agree with the keys."""
    odd = kaggle.scalar(
        text(
            "SELECT count(*) FROM core.movie WHERE search_words IS DISTINCT FROM"
            " to_tsvector('simple', title_key || ' ' || COALESCE(original_key, '') || ' '"
            " || COALESCE(year::text, ''))"
        )
    )
    assert odd == 0


@pytest.mark.parametrize("words", [*string.ascii_lowercase, *PAIRS, *OTHERS])
def test_short_words_give_what_the_plain_definition_gives(kaggle: Connection, words: str) -> None:
    """Search as you type: few matches, the most rated ones from the top, or all of them."""
    same(kaggle, words)


@pytest.mark.parametrize("words", ["t", "s", "qu", "the", "19"])
def test_every_page_of_it(kaggle: Connection, words: str) -> None:
    """The way may change from page to page, the order does not."""
    for limit, offset in ((1, 0), (0, 0), (7, 3), (21, 20), (21, 480), (500, 1900), (5, 100_000)):
        same(kaggle, words, limit, offset)
    assert same(kaggle, words, None) > 20


def test_ties_at_the_end_of_what_is_looked_at(kaggle: Connection) -> None:
    """Movies with as many raters as the last of the top: popularity decides among all of them."""
    kaggle.execute(text("UPDATE derived.movie_stats SET stars_05 = 0, stars_10 = 0, stars_15 = 0"))
    for stars in ("20", "25", "30", "35", "40", "45", "50"):
        kaggle.execute(text(f"UPDATE derived.movie_stats SET stars_{stars} = 0"))
    kaggle.execute(text("UPDATE derived.movie_stats SET stars_30 = 1 + movie_id % 3"))
    for words in ("t", "a", "ma", "z"):
        same(kaggle, words)
        same(kaggle, words, 21, 300)


def test_a_catalogue_that_nobody_has_rated(kaggle: Connection) -> None:
    """Nothing is above the top: popularity alone, as before."""
    kaggle.execute(text("DELETE FROM derived.movie_stats"))
    for words in ("t", "ma", "z"):
        same(kaggle, words)
