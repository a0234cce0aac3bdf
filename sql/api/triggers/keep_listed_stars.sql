-- Object: api._keep_listed_stars
-- Does:   keeps the stars in derived.listed_movie equal to those in derived.movie_stats
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT raters, half_stars FROM derived.listed_movie WHERE movie_id = 603;
CREATE FUNCTION api._keep_listed_stars()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    movies integer[];
    many integer[];
    sums bigint[];
BEGIN
    -- in the order in which everybody locks rows
    IF TG_OP = 'DELETE' THEN
        SELECT
            array_agg(movie_id ORDER BY movie_id), array_agg(0 ORDER BY movie_id),
            array_agg(0::bigint ORDER BY movie_id)
        INTO movies, many, sums
        FROM removed;
    ELSE
        SELECT
            array_agg(movie_id ORDER BY movie_id), array_agg(raters ORDER BY movie_id),
            array_agg(half_stars ORDER BY movie_id)
        INTO movies, many, sums
        FROM added;
    END IF;
    IF movies IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE derived.listed_movie AS kept
    SET raters = now_so.raters, half_stars = now_so.half_stars
    FROM unnest(movies, many, sums) AS now_so (movie_id, raters, half_stars)
    WHERE kept.movie_id = now_so.movie_id
        AND (kept.raters, kept.half_stars) <> (now_so.raters, now_so.half_stars);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_listed_stars() IS
'Trigger of derived.movie_stats: copies raters and half_stars to derived.listed_movie.';

CREATE TRIGGER keep_listed_stars_insert AFTER INSERT ON derived.movie_stats
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_stars();

CREATE TRIGGER keep_listed_stars_update AFTER UPDATE ON derived.movie_stats
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_stars();

CREATE TRIGGER keep_listed_stars_delete AFTER DELETE ON derived.movie_stats
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_stars();
