-- Load:  stars_counted
-- Does:  as stars_recounted, where they were counted while they were read
-- Reads: staging.given
CREATE UNLOGGED TABLE staging.stars AS
SELECT
    movie_id,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 1), 0)::bigint AS stars_05,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 2), 0)::bigint AS stars_10,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 3), 0)::bigint AS stars_15,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 4), 0)::bigint AS stars_20,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 5), 0)::bigint AS stars_25,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 6), 0)::bigint AS stars_30,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 7), 0)::bigint AS stars_35,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 8), 0)::bigint AS stars_40,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 9), 0)::bigint AS stars_45,
    COALESCE(sum(raters) FILTER (WHERE half_stars = 10), 0)::bigint AS stars_50
FROM staging.given
GROUP BY movie_id;
