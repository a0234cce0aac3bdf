-- Object: api._neighbours
-- Does:   the raters of a user model who agree most with what somebody rated
-- Grain:  one row a rater
-- Reads:  derived.movie_rater, derived.model_run
-- Params: p_run_id; p_movies rated and p_inputs of them, in step; p_user_id left out, may be null
-- Try:    SELECT * FROM api._neighbours(1, '{603}', '{1000000}');
CREATE FUNCTION api._neighbours(
    p_run_id integer,
    p_movies integer[],
    p_inputs double precision[],
    p_user_id integer DEFAULT NULL
)
RETURNS TABLE (user_id integer, agreement double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT shared.user_id, round(sum(shared.product) / 1000000) AS agreement
    FROM (
        SELECT
            unnest(movie.raters) AS user_id,
            mine.input * unnest(movie.shares) AS product
        FROM unnest(p_movies, p_inputs) AS mine (movie_id, input)
        INNER JOIN derived.movie_rater AS movie
            ON movie.run_id = p_run_id AND movie.movie_id = mine.movie_id
        WHERE mine.input <> 0
    ) AS shared
    WHERE shared.user_id IS DISTINCT FROM p_user_id
    GROUP BY shared.user_id
    HAVING sum(shared.product) > 0
    ORDER BY agreement DESC, shared.user_id
    LIMIT (SELECT run.neighbours FROM derived.model_run AS run WHERE run.run_id = p_run_id);
END;
COMMENT ON FUNCTION api._neighbours(integer, integer[], double precision[], integer) IS
'The nearest raters by cosine; agreement is the cosine times the length of p_inputs, in millionths.
Only those who agree at all (above 0), as many as the run listens to.';
