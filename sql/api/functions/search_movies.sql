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
    damped_stars numeric,
    original_language text
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
            -- keys of our own have ten digits
            WHEN asked.words ~ '^([0-9]{1,9}|1[0-9]{9})$' THEN asked.words::integer
        END
        UNION
        SELECT movie_key.movie_id
        FROM asked
        INNER JOIN core.movie_key
            ON movie_key.source = 'imdb' AND movie_key.key = asked.words
    ),
    by_title AS (
        -- an article in front is seldom typed
        SELECT movie.movie_id
        FROM asked
        CROSS JOIN unnest('{"","the ","a ","an "}'::text[]) AS article
        INNER JOIN core.movie ON movie.title_key = article || asked.words
        WHERE movie.search_words @@ asked.pattern AND NOT movie.adult
        UNION
        SELECT movie.movie_id
        FROM asked
        INNER JOIN core.movie ON movie.original_key = asked.words
        WHERE movie.search_words @@ asked.pattern AND NOT movie.adult
    ),
    -- A short word begins a word of so many titles that looking them all up takes long. So first
    -- see whether they are few;
    few AS MATERIALIZED (
        SELECT movie.movie_id, movie.popularity
        FROM asked
        INNER JOIN core.movie ON movie.search_words @@ asked.pattern
        WHERE NOT movie.adult
        -- in no order: whichever these are, they count only where they are all
        LIMIT 2000 -- noqa: AM09
    ),
    from_few AS (
        SELECT few.movie_id
        FROM few
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = few.movie_id
        WHERE (SELECT count(*) FROM few) < 2000
        ORDER BY COALESCE(stats.raters, 0) DESC, few.popularity DESC NULLS LAST, few.movie_id
        LIMIT p_offset::bigint + p_limit
    ),
    -- if not, whether there are enough among the most rated ones, from the top. The last number
    -- of raters may belong to more movies than are looked at: those above it are certain;
    from_the_top AS MATERIALIZED (
        SELECT movie.movie_id
        FROM (
            SELECT stats.movie_id, stats.raters
            FROM derived.movie_stats AS stats
            ORDER BY stats.raters DESC
            LIMIT 1500
        ) AS top_rated
        CROSS JOIN LATERAL (
            SELECT one.movie_id, one.popularity, one.search_words, one.adult
            FROM core.movie AS one
            WHERE one.movie_id = top_rated.movie_id
            -- a fence: without it the planner looks all titles up after all
            OFFSET 0 -- noqa: AM09
        ) AS movie
        WHERE (SELECT count(*) FROM few) = 2000
            AND movie.search_words @@ (SELECT asked.pattern FROM asked)
            AND NOT movie.adult
            AND top_rated.raters > COALESCE((
                SELECT beyond.raters
                FROM derived.movie_stats AS beyond
                ORDER BY beyond.raters DESC
                LIMIT 1 OFFSET 1500
            ), 0)
        ORDER BY top_rated.raters DESC, movie.popularity DESC NULLS LAST, movie.movie_id
        LIMIT p_offset::bigint + p_limit
    ),
    -- if not, look all of them up.
    from_all AS (
        SELECT movie.movie_id
        FROM asked
        INNER JOIN core.movie ON movie.search_words @@ asked.pattern
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
        WHERE (SELECT count(*) FROM few) = 2000
            AND COALESCE((SELECT count(*) FROM from_the_top) < p_offset::bigint + p_limit, true)
            AND NOT movie.adult
        ORDER BY COALESCE(stats.raters, 0) DESC, movie.popularity DESC NULLS LAST, movie.movie_id
        LIMIT p_offset::bigint + p_limit
    ),
    found AS (
        SELECT movie_id, bool_or(named) AS named
        FROM (
            SELECT movie_id, true AS named FROM by_id
            UNION ALL
            SELECT movie_id, false FROM by_title
            UNION ALL
            SELECT movie_id, false FROM from_few
            UNION ALL
            SELECT movie_id, false FROM from_the_top
            UNION ALL
            SELECT movie_id, false FROM from_all
        ) AS either
        GROUP BY movie_id
    ),
    listed AS (
        SELECT
            found.movie_id,
            found.named,
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
        card.damped_stars, card.original_language
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
