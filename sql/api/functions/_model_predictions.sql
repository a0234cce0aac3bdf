-- Object: api._model_predictions
-- Does:   the stars that a training expects from whoever gave these ratings, for movies asked about
-- Grain:  one row a movie of p_for
-- Reads:  of a run, derived.*
-- Params: p_run_id of any state; p_movies rated and p_half_stars given, in step; p_for these
--         movies; p_nearest, p_user_id as in api._model_evidence
-- Try:    SELECT * FROM api._model_predictions(1, '{603,604}', '{10,8}', '{155}');
CREATE FUNCTION api._model_predictions(
    p_run_id integer,
    p_movies integer[],
    p_half_stars integer[],
    p_for integer[],
    p_nearest integer DEFAULT 0,
    p_user_id integer DEFAULT NULL
)
RETURNS TABLE (movie_id integer, expected_stars double precision, evidence double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH own AS MATERIALIZED (
        SELECT
            run.mean_stars,
            COALESCE(input.user_offset, 0) AS user_offset,
            COALESCE(input.gain, 0) AS gain
        FROM derived.model_run AS run
        LEFT JOIN LATERAL (
            SELECT mine.user_offset, mine.gain
            FROM api._model_inputs(p_run_id, p_movies, p_half_stars) AS mine
            ORDER BY mine.movie_id
            LIMIT 1
        ) AS input ON true
        WHERE run.run_id = p_run_id
    )
    SELECT
        asked.movie_id,
        LEAST(5, GREATEST(
            0.5,
            COALESCE(known.mean_stars, own.mean_stars) + own.user_offset
            + own.gain * COALESCE(said.points, 0) * 0.000001
        )) AS expected_stars,
        COALESCE(said.points, 0) AS evidence
    FROM own
    CROSS JOIN unnest(p_for) AS asked (movie_id)
    LEFT JOIN derived.model_movie AS known
        ON known.run_id = p_run_id AND known.movie_id = asked.movie_id
    LEFT JOIN api._model_evidence(
        p_run_id, p_movies, p_half_stars, p_for, p_nearest, p_user_id
    ) AS said ON said.movie_id = asked.movie_id;
END;
COMMENT ON FUNCTION api._model_predictions(
    integer, integer[], integer[], integer[], integer, integer
) IS
'expected_stars, 0.5 to 5.0: mean of the movie + offset of the user + what the ratings say. A movie
that the run does not know gets the mean of all. Do not ask about a movie that is among p_movies.
Errors: RQ006 a factor model without pgvector.';
