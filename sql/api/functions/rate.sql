-- Object: api.rate
-- Does:   gives a movie stars, in place of those that this rater gave it before
-- Grain:  one row, the rating as it stands now
-- Reads:  core.rater, core.movie
-- Params: p_user_id; p_movie_id; p_stars 0.5 to 5.0 in half steps
-- Try:    SELECT * FROM api.rate(5, 1, 4.5);
CREATE FUNCTION api.rate(p_user_id integer, p_movie_id integer, p_stars numeric)
RETURNS TABLE (user_id integer, movie_id integer, stars numeric, rated_at timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF p_stars IS NULL OR p_stars NOT BETWEEN 0.5 AND 5 OR p_stars * 2 <> trunc(p_stars * 2) THEN
        RAISE EXCEPTION 'stars are 0.5 to 5.0 in half steps, not %', COALESCE(p_stars::text, 'null')
            USING ERRCODE = 'RQ003', HINT = 'to take a rating back, call api.unrate';
    END IF;
    IF NOT EXISTS (SELECT FROM core.rater WHERE rater.user_id = p_user_id) THEN
        RAISE EXCEPTION 'no rater has the id %', COALESCE(p_user_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    IF NOT EXISTS (SELECT FROM core.movie WHERE movie.movie_id = p_movie_id) THEN
        RAISE EXCEPTION 'no movie has the id %', COALESCE(p_movie_id::text, 'null')
            USING ERRCODE = 'RQ004', HINT = 'find it with api.search_movies';
    END IF;
    RETURN QUERY
    INSERT INTO core.rating AS given (rated_at, user_id, movie_id, half_stars)
    VALUES (now(), p_user_id, p_movie_id, (p_stars * 2)::smallint)
    ON CONFLICT (user_id, movie_id) DO UPDATE SET
        rated_at = excluded.rated_at, half_stars = excluded.half_stars
    RETURNING
        given.user_id, given.movie_id, round(given.half_stars / 2.0, 1), given.rated_at;
END
$$;
COMMENT ON FUNCTION api.rate(integer, integer, numeric) IS
'Rates a movie; rating it again overwrites. Statistics of the movie are right in the same
transaction, live lists count it at once, stored ones note it (api.freshness).
Errors: RQ003 p_stars is not 0.5 to 5.0 in half steps; RQ004 unknown rater or movie.';
