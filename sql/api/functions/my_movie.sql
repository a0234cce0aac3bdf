-- Object: api.my_movie
-- Does:   what somebody has said about one movie
-- Grain:  one row, or none where there is no such movie
-- Reads:  core.movie, core.rating, core.mark
-- Params: p_user_id; p_movie_id
-- Try:    SELECT stars, mark FROM api.my_movie(4, 1);
CREATE FUNCTION api.my_movie(p_user_id integer, p_movie_id integer)
RETURNS TABLE (
    movie_id integer, stars numeric, rated_at timestamptz, mark text, marked_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        movie.movie_id, round(given.half_stars / 2.0, 1) AS stars, given.rated_at,
        mark.kind AS mark, mark.marked_at
    FROM core.movie
    LEFT JOIN core.rating AS given
        ON given.user_id = p_user_id AND given.movie_id = movie.movie_id
    LEFT JOIN core.mark ON mark.user_id = p_user_id AND mark.movie_id = movie.movie_id
    WHERE movie.movie_id = p_movie_id;
END;
COMMENT ON FUNCTION api.my_movie(integer, integer) IS
'The stars that p_user_id gave a movie, and the mark (watch, hide) that it has; null for none.';
