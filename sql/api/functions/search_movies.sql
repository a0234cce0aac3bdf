-- Object: api.search_movies
-- Does:   movies by words of their title, or by id
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_key, derived.movie_stats, api.movie_card
-- Params: p_query; p_limit, p_offset rows
-- Try:    SELECT rank, title, year FROM api.search_movies('matr');
CREATE FUNCTION api.search_movies(
    p_query text,
    p_limit integer DEFAULT 20,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    original_title text,
    year integer,
    release_date date,
    runtime integer,
    overview text,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    damped_stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT
            folded.words,
            -- Every word has to begin a word of the title. The words hold no quote: folding
            -- took them.
            (
                SELECT string_agg('''' || left(word, 100) || ''':*', ' & ')::tsquery
                FROM regexp_split_to_table(replace(folded.words, '\', ''), ' ') AS word
                WHERE word <> ''
            ) AS pattern
        FROM (SELECT api._fold(p_query) AS words) AS folded
    ),
    by_id AS (
        SELECT movie.movie_id
        FROM asked
        INNER JOIN core.movie ON movie.movie_id = CASE
            WHEN asked.words ~ '^[0-9]{1,9}$' THEN asked.words::integer
        END
        UNION
        SELECT movie_key.movie_id
        FROM asked
        INNER JOIN core.movie_key
            ON movie_key.source = 'imdb' AND movie_key.key = asked.words
    ),
    by_words AS (
        SELECT movie.movie_id
        FROM asked
        INNER JOIN core.movie ON to_tsvector(
            'simple',
            movie.title_key || ' ' || COALESCE(movie.original_key, '') || ' '
            || COALESCE(movie.year::text, '')
        ) @@ asked.pattern
        WHERE NOT movie.adult
    ),
    found AS (
        SELECT movie_id, bool_or(named) AS named
        FROM (
            SELECT movie_id, true AS named FROM by_id
            UNION ALL
            SELECT movie_id, false FROM by_words
        ) AS either
        GROUP BY movie_id
    ),
    listed AS (
        SELECT
            found.movie_id,
            found.named,
            -- an article in front is seldom typed
            COALESCE(
                movie.title_key IN (
                    asked.words, 'the ' || asked.words, 'a ' || asked.words, 'an ' || asked.words
                ) OR movie.original_key = asked.words, false
            ) AS exact,
            COALESCE(stats.raters, 0) AS raters,
            movie.popularity
        FROM found
        CROSS JOIN asked
        INNER JOIN core.movie ON movie.movie_id = found.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = found.movie_id
        ORDER BY named DESC, exact DESC, raters DESC, popularity DESC NULLS LAST, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.release_date, card.runtime,
        card.overview, card.poster_path, card.genres, card.raters, card.mean_stars,
        card.damped_stars
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW best_first AS (
        ORDER BY
            listed.named DESC, listed.exact DESC, listed.raters DESC,
            listed.popularity DESC NULLS LAST, listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.search_movies(text, integer, integer) IS
'Movies whose title, original title and year together hold words that begin with each word of
p_query ("matr 1999"); case, accents and punctuation do not matter. A movie id or an IMDb id
(tt0133093) finds its movie. Order: found by id, title exactly as asked, then most raters; total.
Errors: 2201W, 2201X negative p_limit, p_offset.';
