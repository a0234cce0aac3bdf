-- Object: api._also_liked_page
-- Does:   api.also_liked by the quicker way: a stored list where it answers what is asked
-- Grain:  one row per other movie
-- Reads:  derived.also_liked, core.rating, api.about, core.movie, derived.movie_stats
-- Params: p_movie_id, p_limit, p_offset, p_method, p_min_raters, p_damping, p_prior_stars as in
--         api.also_liked
-- Try:    SELECT * FROM api._also_liked_page(1, 10, 0, 'damped', 1, 25, 0);
CREATE FUNCTION api._also_liked_page(
    p_movie_id integer,
    p_limit integer,
    p_offset integer,
    p_method text,
    p_min_raters integer,
    p_damping double precision,
    p_prior_stars double precision
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    score numeric,
    reason text,
    support integer,
    out_of integer,
    mean_stars numeric,
    low numeric,
    high numeric
)
-- Planning takes several times as long as answering out of a stored list. PL/pgSQL keeps its plans
-- for the session, whatever the version and whoever calls, and here they suit every movie.
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    method CONSTANT text := api._checked(
        'method', p_method, 'average', 'damped', 'support', 'likes', 'lift'
    );
BEGIN
    IF EXISTS (
        SELECT FROM derived.also_liked AS stored
        WHERE stored.movie_id = p_movie_id
            AND p_offset::bigint + p_limit <= stored.depth
            AND p_min_raters <= 1
            AND p_damping = 25
            AND p_prior_stars = 0
    ) THEN
        RETURN QUERY
        SELECT * FROM api._also_liked_ranked(
            true, p_movie_id, p_limit, p_offset, method, 1, 25, 0
        );
    ELSE
        RETURN QUERY
        SELECT * FROM api._also_liked_ranked(
            false, p_movie_id, p_limit, p_offset, method, p_min_raters, p_damping, p_prior_stars
        );
    END IF;
END
$$;
COMMENT ON FUNCTION api._also_liked_page(
    integer, integer, integer, text, integer, double precision, double precision
) IS
'The rows of api.also_liked. A stored list answers for what it was made for; all else is reckoned
here and now. Callers cannot tell, but for the time it takes. EXPLAIN of this says nothing: ask it
of api._also_liked_ranked.';
