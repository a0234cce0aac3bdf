-- Object: api._factor_cosines
-- Does:   how near each movie of a factor model stands to one of them
-- Grain:  one row per other movie of the run
-- Reads:  derived.movie_factor
-- Params: p_run_id; p_movie_id
-- Try:    SELECT * FROM api._factor_cosines(1, 603);
CREATE FUNCTION api._factor_cosines(p_run_id integer, p_movie_id integer)
RETURNS TABLE (movie_id integer, cosine double precision)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    asked real[];
BEGIN
    SELECT factor.place INTO asked
    FROM derived.movie_factor AS factor
    WHERE factor.run_id = p_run_id AND factor.movie_id = p_movie_id;
    IF asked IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        $query$
        SELECT
            factor.movie_id,
            1 - %1$I.cosine_distance(factor.place::%1$I.vector, $2::%1$I.vector)
        FROM derived.movie_factor AS factor
        WHERE factor.run_id = $1 AND factor.movie_id <> $3
        $query$,
        api._vector_schema()
    ) USING p_run_id, asked, p_movie_id;
END
$$;
COMMENT ON FUNCTION api._factor_cosines(integer, integer) IS
'The cosine, -1 to 1, between the place of p_movie_id and those of all others.
Errors: RQ006 without pgvector.';
