-- Object: api.refresh_movie_stats
-- Does:   reckons derived.movie_stats anew from all ratings
-- Grain:  a row a movie that anybody rated, and the totals
-- Reads:  api.recounted_stars, core.rater, derived.tally
-- Params: none
-- Try:    CALL api.refresh_movie_stats();
CREATE PROCEDURE api.refresh_movie_stats()
LANGUAGE sql
BEGIN ATOMIC
    WITH counted AS MATERIALIZED (SELECT * FROM api.recounted_stars),
    gone AS (
        DELETE FROM derived.movie_stats AS kept
        WHERE NOT EXISTS (SELECT FROM counted WHERE counted.movie_id = kept.movie_id)
    )
    INSERT INTO derived.movie_stats AS kept (
        movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
        stars_30, stars_35, stars_40, stars_45, stars_50
    )
    SELECT
        movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
        stars_30, stars_35, stars_40, stars_45, stars_50
    FROM counted
    ORDER BY movie_id
    ON CONFLICT (movie_id) DO UPDATE SET
        stars_05 = excluded.stars_05, stars_10 = excluded.stars_10,
        stars_15 = excluded.stars_15, stars_20 = excluded.stars_20,
        stars_25 = excluded.stars_25, stars_30 = excluded.stars_30,
        stars_35 = excluded.stars_35, stars_40 = excluded.stars_40,
        stars_45 = excluded.stars_45, stars_50 = excluded.stars_50
    -- a row that is right is left alone, so a second run writes nothing
    WHERE (
        kept.stars_05, kept.stars_10, kept.stars_15, kept.stars_20, kept.stars_25,
        kept.stars_30, kept.stars_35, kept.stars_40, kept.stars_45, kept.stars_50
    ) IS DISTINCT FROM (
        excluded.stars_05, excluded.stars_10, excluded.stars_15, excluded.stars_20,
        excluded.stars_25, excluded.stars_30, excluded.stars_35, excluded.stars_40,
        excluded.stars_45, excluded.stars_50
    );

    -- What is missing becomes one more part: those that others hold are left to them.
    INSERT INTO derived.tally (raters, ratings)
    SELECT counted.raters - kept.raters, counted.ratings - kept.ratings
    FROM (
        SELECT
            (SELECT count(*) FROM core.rater WHERE rater.user_id > 0) AS raters,
            (SELECT COALESCE(sum(stats.raters), 0) FROM derived.movie_stats AS stats) AS ratings
    ) AS counted
    CROSS JOIN (
        SELECT
            COALESCE(sum(tally.raters), 0) AS raters,
            COALESCE(sum(tally.ratings), 0) AS ratings
        FROM derived.tally
    ) AS kept
    WHERE counted.raters <> kept.raters OR counted.ratings <> kept.ratings;
END;
COMMENT ON PROCEDURE api.refresh_movie_stats() IS
'Recomputes the rating statistics of every movie, and the totals. The triggers keep them exact; this is for bulk
loads, which run without the triggers, and for proving that they agree.';
