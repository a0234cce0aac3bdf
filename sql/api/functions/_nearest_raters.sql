-- Object: api._nearest_raters
-- Does:   who of the raters of a factor model stands nearest to one place in its space
-- Grain:  one row a rater, the nearest first
-- Reads:  derived.rater_factor
-- Params: p_run_id; p_taste from api._taste; p_count raters; p_user_id left out, may be null
-- Try:    SELECT * FROM api._nearest_raters(1, NULL, 3);
CREATE FUNCTION api._nearest_raters(
    p_run_id integer, p_taste real[], p_count integer, p_user_id integer DEFAULT NULL
)
RETURNS TABLE (user_id integer, cosine double precision, place real[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_taste IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        $query$
        SELECT
            rater.user_id,
            1 - %1$I.cosine_distance(rater.place::%1$I.vector, $2::%1$I.vector),
            rater.place
        FROM derived.rater_factor AS rater
        WHERE rater.run_id = $1 AND rater.user_id IS DISTINCT FROM $4
        ORDER BY 2 DESC, 1
        LIMIT $3
        $query$,
        api._vector_schema()
    ) USING p_run_id, p_taste, p_count, p_user_id;
END
$$;
COMMENT ON FUNCTION api._nearest_raters(integer, real[], integer, integer) IS
'The p_count raters whose place has the greatest cosine to p_taste. With an orthonormal space, as
that of svd is, this is the cosine over the reconstructed ratings.
Errors: RQ006 without pgvector.';
