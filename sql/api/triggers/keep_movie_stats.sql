-- Object: api._keep_movie_stats
-- Does:   keeps derived.movie_stats exact after every statement that writes core.rating
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 603, 10);
CREATE FUNCTION api._keep_movie_stats()
RETURNS trigger
-- Whoever may rate need not be allowed to write derived rows.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    movies integer[];
    given smallint[];
    more_raters integer[];
BEGIN
    -- The three events differ in the rows that they hand over. No statement is put together as a
    -- text: it would be planned anew for each rating, which takes longer than all else here.
    -- A row of a pseudo-user counts nothing, and still makes sure that the movie exists.
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(movie_id), array_agg(counted), array_agg(more)
        INTO movies, given, more_raters
        FROM (
            SELECT
                movie_id, CASE WHEN user_id > 0 THEN half_stars END AS counted,
                count(*)::integer AS more
            FROM added
            GROUP BY movie_id, counted
        ) AS change;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(movie_id), array_agg(counted), array_agg(more)
        INTO movies, given, more_raters
        FROM (
            SELECT
                movie_id, CASE WHEN user_id > 0 THEN half_stars END AS counted,
                -count(*)::integer AS more
            FROM removed
            GROUP BY movie_id, counted
        ) AS change;
    ELSE
        SELECT array_agg(movie_id), array_agg(counted), array_agg(more)
        INTO movies, given, more_raters
        FROM (
            SELECT
                movie_id, CASE WHEN user_id > 0 THEN half_stars END AS counted,
                count(*)::integer AS more
            FROM added
            GROUP BY movie_id, counted
            UNION ALL
            SELECT
                movie_id, CASE WHEN user_id > 0 THEN half_stars END AS counted,
                -count(*)::integer AS more
            FROM removed
            GROUP BY movie_id, counted
        ) AS change;
    END IF;
    -- a rating that takes the place of another is an insertion of nothing, and an update
    IF movies IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO derived.movie_stats AS kept (
        movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
        stars_30, stars_35, stars_40, stars_45, stars_50
    )
    SELECT
        change.movie_id,
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 1), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 2), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 3), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 4), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 5), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 6), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 7), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 8), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 9), 0),
        COALESCE(sum(change.more) FILTER (WHERE change.half_stars = 10), 0)
    FROM unnest(movies, given, more_raters) AS change (movie_id, half_stars, more)
    GROUP BY change.movie_id
    -- everybody locks rows in the same order: no deadlock between two writers
    ORDER BY change.movie_id
    ON CONFLICT (movie_id) DO UPDATE SET
        stars_05 = kept.stars_05 + excluded.stars_05,
        stars_10 = kept.stars_10 + excluded.stars_10,
        stars_15 = kept.stars_15 + excluded.stars_15,
        stars_20 = kept.stars_20 + excluded.stars_20,
        stars_25 = kept.stars_25 + excluded.stars_25,
        stars_30 = kept.stars_30 + excluded.stars_30,
        stars_35 = kept.stars_35 + excluded.stars_35,
        stars_40 = kept.stars_40 + excluded.stars_40,
        stars_45 = kept.stars_45 + excluded.stars_45,
        stars_50 = kept.stars_50 + excluded.stars_50;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_movie_stats() IS
'Trigger of core.rating: adds what a statement changed to derived.movie_stats.
Errors: 23503 for a rating of a movie that is not in core.movie.';

CREATE TRIGGER keep_movie_stats_insert AFTER INSERT ON core.rating
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_movie_stats();

CREATE TRIGGER keep_movie_stats_update AFTER UPDATE ON core.rating
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_movie_stats();

CREATE TRIGGER keep_movie_stats_delete AFTER DELETE ON core.rating
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_movie_stats();
