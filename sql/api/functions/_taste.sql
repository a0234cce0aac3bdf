-- Object: api._taste
-- Does:   where inputs put a user in the space of a factor model
-- Grain:  one value: a vector of so many numbers as the model has factors
-- Reads:  derived.movie_factor
-- Params: p_run_id; p_movies rated and p_inputs of them, in step
-- Try:    SELECT api._taste(1, '{}', '{}');
CREATE FUNCTION api._taste(
    p_run_id integer, p_movies integer[], p_inputs double precision[]
)
RETURNS real[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    found_taste real[];
BEGIN
    IF cardinality(p_movies) = 0 THEN
        RETURN NULL;
    END IF;
    -- Not known before it runs: a server without pgvector has no type to write down here.
    EXECUTE format(
        $query$
        SELECT %1$I.sum(
            array_fill(mine.input::real, ARRAY[cardinality(factor.taste)])::%1$I.vector
            OPERATOR(%1$I.*) factor.taste::%1$I.vector
            -- summed in one order, for the same digits every time
            ORDER BY mine.movie_id
        )::real[]
        FROM unnest($2, $3) AS mine (movie_id, input)
        INNER JOIN derived.movie_factor AS factor
            ON factor.run_id = $1 AND factor.movie_id = mine.movie_id
        $query$,
        api._vector_schema()
    ) INTO found_taste USING p_run_id, p_movies, p_inputs;
    RETURN found_taste;
END
$$;
COMMENT ON FUNCTION api._taste(integer, integer[], double precision[]) IS
'The sum of input times taste vector over the rated movies: the fold-in of a user, who need not be
known to the model. Null without ratings that it knows. Errors: RQ006 without pgvector.';
