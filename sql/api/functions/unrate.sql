-- Object: api.unrate
-- Does:   takes a rating back
-- Grain:  one value: was there a rating?
-- Reads:  core.rating
-- Params: p_user_id; p_movie_id
-- Try:    SELECT api.unrate(5, 1);
CREATE FUNCTION api.unrate(p_user_id integer, p_movie_id integer)
RETURNS boolean
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH gone AS (
        DELETE FROM core.rating
        WHERE user_id = p_user_id AND movie_id = p_movie_id
        RETURNING 1
    )
    SELECT count(*) > 0 FROM gone;
END;
COMMENT ON FUNCTION api.unrate(integer, integer) IS
'Removes the rating of a movie by a rater; false where there was none.';
