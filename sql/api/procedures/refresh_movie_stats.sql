-- Object: api.refresh_movie_stats
-- Does:   reckons derived.movie_stats anew from all ratings
-- Grain:  a row a movie that anybody rated
-- Reads:  core.rating
-- Params: none
-- Try:    CALL api.refresh_movie_stats();
CREATE PROCEDURE api.refresh_movie_stats()
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO derived.movie_stats AS kept (
        movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
        stars_30, stars_35, stars_40, stars_45, stars_50
    )
    SELECT
        movie_id,
        count(*) FILTER (WHERE half_stars = 1 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 2 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 3 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 4 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 5 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 6 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 7 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 8 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 9 AND user_id > 0),
        count(*) FILTER (WHERE half_stars = 10 AND user_id > 0)
    FROM core.rating
    GROUP BY movie_id
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

    DELETE FROM derived.movie_stats AS kept
    WHERE NOT EXISTS (
        SELECT FROM (SELECT DISTINCT movie_id FROM core.rating) AS rated
        WHERE rated.movie_id = kept.movie_id
    );
END;
COMMENT ON PROCEDURE api.refresh_movie_stats() IS
'Recomputes the rating statistics of every movie. The triggers keep them exact; this is for bulk
loads, which run without the triggers, and for proving that they agree.';
