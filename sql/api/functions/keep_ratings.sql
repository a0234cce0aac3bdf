-- Object: api.keep_ratings
-- Does:   makes ratings that are handed over an account's own, as the answers of a quiz
-- Grain:  one row a rated film, with what became of it
-- Reads:  core.rating, core.movie, core.rater
-- Params: p_user_id; p_ratings as in api.recommend_for; p_replace what the account gave before
-- Try:    SELECT * FROM api.keep_ratings(4, '{"603": 5.0, "604": 0}');
CREATE FUNCTION api.keep_ratings(
    p_user_id integer, p_ratings jsonb, p_replace boolean DEFAULT false
)
RETURNS TABLE (movie_id integer, title text, outcome text, stars numeric)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM core.rater WHERE rater.user_id = p_user_id) THEN
        RAISE EXCEPTION 'no rater has the id %', COALESCE(p_user_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    RETURN QUERY
    WITH answer AS MATERIALIZED (
        SELECT rated.movie_id, rated.half_stars
        FROM api._stars_given(p_ratings) AS given
        CROSS JOIN LATERAL unnest(given.movies, given.half_stars) AS rated (movie_id, half_stars)
    ),
    before AS MATERIALIZED (
        SELECT rating.movie_id, rating.half_stars
        FROM core.rating
        INNER JOIN answer ON answer.movie_id = rating.movie_id
        WHERE rating.user_id = p_user_id
    ),
    written AS (
        INSERT INTO core.rating AS known (rated_at, user_id, movie_id, half_stars)
        SELECT now(), p_user_id, answer.movie_id, answer.half_stars
        FROM answer
        LEFT JOIN before ON before.movie_id = answer.movie_id
        -- what is as it was is not even written
        WHERE before.half_stars IS DISTINCT FROM answer.half_stars
            AND (before.movie_id IS NULL OR p_replace)
        -- the same order for all: posts at one moment wait for each other instead of locking up
        ORDER BY answer.movie_id
        ON CONFLICT (user_id, movie_id) DO UPDATE SET
            rated_at = excluded.rated_at, half_stars = excluded.half_stars
        WHERE p_replace AND known.half_stars <> excluded.half_stars
        RETURNING known.movie_id
    )
    SELECT
        answer.movie_id,
        movie.title,
        CASE
            WHEN written.movie_id IS NOT NULL AND before.movie_id IS NULL THEN 'added'
            WHEN written.movie_id IS NOT NULL THEN 'changed'
            WHEN before.half_stars IS NULL OR before.half_stars = answer.half_stars THEN 'same'
            ELSE 'own'
        END,
        round(CASE
            WHEN written.movie_id IS NULL THEN COALESCE(before.half_stars, answer.half_stars)
            ELSE answer.half_stars
        END / 2.0, 1)
    FROM answer
    INNER JOIN core.movie ON movie.movie_id = answer.movie_id
    LEFT JOIN before ON before.movie_id = answer.movie_id
    LEFT JOIN written ON written.movie_id = answer.movie_id
    ORDER BY answer.movie_id;
END
$$;
COMMENT ON FUNCTION api.keep_ratings(integer, jsonb, boolean) IS
'Stores ratings that a visitor gave before there was an account, all or none. outcome  added; same:
they were so already; own: the account gave other stars before, and those stay; changed: they did
not, since p_replace. stars: as they stand now. A second time nothing changes.
Errors: RQ003 ratings that cannot be read; RQ004 unknown rater or movie.';
