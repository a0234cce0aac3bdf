-- Object: api.recounted_stars
-- Does:   counts anew how many people gave each movie each number of stars
-- Grain:  one row a movie that anybody rated, a pseudo-user included
-- Reads:  core.rating
-- Params: none
-- Try:    SELECT * FROM api.recounted_stars WHERE movie_id = 1;
CREATE VIEW api.recounted_stars AS
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
-- Counted by movie and stars first: that is one look at each rating, and not ten.
FROM (
    SELECT movie_id, half_stars, count(*) FILTER (WHERE user_id > 0) AS raters
    FROM core.rating
    GROUP BY movie_id, half_stars
) AS given
GROUP BY movie_id;
COMMENT ON VIEW api.recounted_stars IS
'What derived.movie_stats has to hold, out of all ratings.';
