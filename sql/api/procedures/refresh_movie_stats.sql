-- Object: api.refresh_movie_stats
-- Does:   reckons derived.movie_stats anew from all ratings
-- Grain:  a row a movie that anybody rated
-- Reads:  core.rating
-- Params: none
-- Try:    CALL api.refresh_movie_stats();
CREATE PROCEDURE api.refresh_movie_stats()
LANGUAGE sql
BEGIN ATOMIC
    -- Counted by movie and stars first: that is one look at each rating, and not ten.
    WITH counted AS MATERIALIZED (
        SELECT
            movie_id,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 1), 0) AS stars_05,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 2), 0) AS stars_10,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 3), 0) AS stars_15,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 4), 0) AS stars_20,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 5), 0) AS stars_25,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 6), 0) AS stars_30,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 7), 0) AS stars_35,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 8), 0) AS stars_40,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 9), 0) AS stars_45,
            COALESCE(sum(raters) FILTER (WHERE half_stars = 10), 0) AS stars_50
        FROM (
            SELECT movie_id, half_stars, count(*) FILTER (WHERE user_id > 0) AS raters
            FROM core.rating
            GROUP BY movie_id, half_stars
        ) AS given
        GROUP BY movie_id
    ),
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
END;
COMMENT ON PROCEDURE api.refresh_movie_stats() IS
'Recomputes the rating statistics of every movie. The triggers keep them exact; this is for bulk
loads, which run without the triggers, and for proving that they agree.';
