-- Object: api._factor_parts
-- Does:   how much each input of a factor model says for some movies
-- Grain:  one row a rated movie and a movie asked about
-- Reads:  derived.movie_factor
-- Params: p_run_id; p_movies rated and p_inputs of them, in step; p_for these movies
-- Try:    SELECT * FROM api._factor_parts(1, '{}', '{}', '{155}');
CREATE FUNCTION api._factor_parts(
    p_run_id integer, p_movies integer[], p_inputs double precision[], p_for integer[]
)
RETURNS TABLE (for_movie_id integer, movie_id integer, points double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    IF cardinality(p_movies) = 0 OR cardinality(p_for) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        $query$
        SELECT
            asked.movie_id,
            mine.movie_id,
            mine.input * %1$I.inner_product(factor.taste::%1$I.vector, asked.place::%1$I.vector)
        FROM unnest($2, $3) AS mine (movie_id, input)
        INNER JOIN derived.movie_factor AS factor
            ON factor.run_id = $1 AND factor.movie_id = mine.movie_id
        INNER JOIN derived.movie_factor AS asked
            ON asked.run_id = $1 AND asked.movie_id = ANY ($4)
        $query$,
        api._vector_schema()
    ) USING p_run_id, p_movies, p_inputs, p_for;
END
$$;
COMMENT ON FUNCTION api._factor_parts(integer, integer[], double precision[], integer[]) IS
'Input times the inner product of the rated movie''s taste with the place of the movie asked about:
what api._factor_scores gives from api._taste is their sum. Errors: RQ006 without pgvector.';
