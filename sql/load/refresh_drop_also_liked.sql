-- Load:  refresh_drop_also_liked
-- Does:  lets go of stored lists of movies that have become cheap to reckon live
-- Reads: derived.movie_stats; setting recsql.least
DELETE FROM derived.also_liked AS stored
USING derived.movie_stats AS stats
WHERE stats.movie_id = stored.movie_id
    AND stats.stars_50 < current_setting('recsql.least')::integer;
