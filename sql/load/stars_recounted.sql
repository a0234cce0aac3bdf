-- Load:  stars_recounted
-- Does:  counts the stars of all movies, where no rating was there before
-- Reads: api.recounted_stars
-- A table by itself, as parallel workers fill it; api.refresh_movie_stats counts alone.
SET LOCAL parallel_tuple_cost = 0;
CREATE UNLOGGED TABLE staging.stars AS SELECT * FROM api.recounted_stars;
SET LOCAL parallel_tuple_cost TO DEFAULT;
