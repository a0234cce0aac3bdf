-- Object: api._model_inputs
-- Does:   what a user's ratings put into a model
-- Grain:  one row a rated movie that the run knows
-- Reads:  derived.model_run, derived.model_movie
-- Params: p_run_id; p_movies rated and p_half_stars given, in step
-- Try:    SELECT * FROM api._model_inputs(1, '{603,604}', '{10,8}');
CREATE FUNCTION api._model_inputs(
    p_run_id integer, p_movies integer[], p_half_stars integer[]
)
RETURNS TABLE (
    movie_id integer, half_stars integer, input double precision, user_offset double precision,
    gain double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT
            rated.movie_id,
            rated.half_stars,
            rated.half_stars * 0.5::double precision - known.mean_stars AS residual
        FROM unnest(p_movies, p_half_stars) AS rated (movie_id, half_stars)
        INNER JOIN derived.model_movie AS known
            ON known.run_id = p_run_id AND known.movie_id = rated.movie_id
        WHERE rated.half_stars BETWEEN 1 AND 10
    ),
    scale AS MATERIALIZED (
        SELECT
            -- summed in one order: the same ratings are the same user to the last digit
            sum(residual ORDER BY movie_id) AS residuals,
            count(*) AS ratings
        FROM given
    )
    SELECT
        given.movie_id,
        given.half_stars,
        -- Whole millionths: sums of products are then exact in any order.
        CASE run.input
            WHEN 'grades' THEN run.grades[given.half_stars]::double precision
            ELSE round(
                1000000 * (given.residual - scale.residuals / (scale.ratings + run.user_damping))
                * CASE run.ranks_by
                    WHEN 'stars' THEN run.slope / power(scale.ratings, run.power) ELSE 1
                END
            )
        END AS input,
        scale.residuals / (scale.ratings + run.user_damping) AS user_offset,
        CASE run.ranks_by
            WHEN 'stars' THEN 1 ELSE run.slope / power(scale.ratings, run.power)
        END AS gain
    FROM given
    CROSS JOIN scale
    INNER JOIN derived.model_run AS run ON run.run_id = p_run_id;
END;
COMMENT ON FUNCTION api._model_inputs(integer, integer[], integer[]) IS
'input: what each rating counts, in whole millionths: the grade of its stars, or the residual (what
is left of the stars without the movie''s mean and the user''s offset). user_offset: the damped mean
of the residuals, in stars. gain: stars that one unit of evidence is worth. The last two are the
same in every row.';
