-- Object: api._factor_scores
-- Does:   how well each movie of a factor model suits one place in its space
-- Grain:  one row a movie of the run
-- Reads:  derived.movie_factor
-- Params: p_run_id; p_taste from api._taste; p_only these movies, null for all
-- Try:    SELECT * FROM api._factor_scores(1, NULL, NULL);
CREATE FUNCTION api._factor_scores(p_run_id integer, p_taste real[], p_only integer[])
RETURNS TABLE (movie_id integer, evidence double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_taste IS NULL THEN
        RETURN;
    END IF;
    -- Not known before it runs: a server without pgvector has no type to write down here.
    RETURN QUERY EXECUTE format(
        $query$
        SELECT factor.movie_id, %1$I.inner_product(factor.place::%1$I.vector, $2::%1$I.vector)
        FROM derived.movie_factor AS factor
        WHERE factor.run_id = $1 AND ($3 IS NULL OR factor.movie_id = ANY ($3))
        $query$,
        api._vector_schema()
    ) USING p_run_id, p_taste, p_only;
END
$$;
COMMENT ON FUNCTION api._factor_scores(integer, real[], integer[]) IS
'The inner product of p_taste with the place of each movie; nothing where p_taste is null.
Errors: RQ006 without pgvector.';
