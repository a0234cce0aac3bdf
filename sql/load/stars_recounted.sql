-- Load:  stars_recounted
-- Does:  the statistics of all movies, where no rating was there before
-- Reads: api.recounted_stars
-- A table by itself, as parallel workers fill it; api.refresh_movie_stats counts alone.
SET LOCAL parallel_tuple_cost = 0;
CREATE UNLOGGED TABLE staging.stars AS SELECT * FROM api.recounted_stars;
SET LOCAL parallel_tuple_cost TO DEFAULT;

DELETE FROM derived.movie_stats;

INSERT INTO derived.movie_stats (
    movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
    stars_30, stars_35, stars_40, stars_45, stars_50
)
SELECT
    movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
    stars_30, stars_35, stars_40, stars_45, stars_50
FROM staging.stars
ORDER BY movie_id;
