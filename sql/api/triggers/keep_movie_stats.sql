-- Object: api._keep_movie_stats
-- Does:   keeps derived.movie_stats exact after every statement that writes core.rating
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    INSERT INTO core.rating (user_id, movie_id, half_stars) VALUES (1, 603, 10);
CREATE FUNCTION api._keep_movie_stats()
RETURNS trigger
-- Whoever may rate need not be allowed to write derived rows.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    -- One statement for the three events, which differ in the rows that they hand over.
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT *, 1 AS sign FROM added'
        WHEN 'DELETE' THEN 'SELECT *, -1 AS sign FROM removed'
        ELSE 'SELECT *, 1 AS sign FROM added UNION ALL SELECT *, -1 FROM removed'
    END;
BEGIN
    -- A row of a pseudo-user counts nothing, and still makes sure that the movie exists.
    EXECUTE format(
        $statement$
        INSERT INTO derived.movie_stats AS kept (
            movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
            stars_30, stars_35, stars_40, stars_45, stars_50
        )
        SELECT
            movie_id,
            COALESCE(sum(sign) FILTER (WHERE half_stars = 1 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 2 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 3 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 4 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 5 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 6 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 7 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 8 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 9 AND user_id > 0), 0),
            COALESCE(sum(sign) FILTER (WHERE half_stars = 10 AND user_id > 0), 0)
        FROM (%s) AS change
        GROUP BY movie_id
        -- everybody locks rows in the same order: no deadlock between two writers
        ORDER BY movie_id
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
            stars_50 = kept.stars_50 + excluded.stars_50
        $statement$,
        changes
    );
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
