-- Object: api._taste
-- Does:   where inputs put a user in the space of a factor model
-- Grain:  one value: a vector of so many numbers as the model has factors
-- Reads:  derived.movie_factor
-- Params: p_run_id; p_movies rated and p_inputs of them, in step
-- Try:    SELECT api._taste(1, '{603}', '{1000000}');
CREATE FUNCTION api._taste(
    p_run_id integer, p_movies integer[], p_inputs double precision[]
)
RETURNS real[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(axis.total::real ORDER BY axis.place)
    FROM (
        SELECT
            part.place,
            -- summed in one order, for the same digits every time
            sum(mine.input * part.value ORDER BY mine.movie_id) AS total
        FROM unnest(p_movies, p_inputs) AS mine (movie_id, input)
        INNER JOIN derived.movie_factor AS factor
            ON factor.run_id = p_run_id AND factor.movie_id = mine.movie_id
        CROSS JOIN LATERAL unnest(factor.taste) WITH ORDINALITY AS part (value, place)
        WHERE mine.input <> 0
        GROUP BY part.place
    ) AS axis;
END;
COMMENT ON FUNCTION api._taste(integer, integer[], double precision[]) IS
'The sum of input times taste vector over the rated movies: the fold-in of a user, who need not be
known to the model. Null without ratings that it knows.';
