-- Query:  refresh_drop
-- Does:   lets go of stored lists of movies that have become cheap to reckon live
-- Grain:  one row a list
-- Reads:  derived.movie_stats
-- Params: p_min_fans
DELETE FROM derived.also_liked AS stored
USING derived.movie_stats AS stats
WHERE stats.movie_id = stored.movie_id AND stats.stars_50 < :p_min_fans
RETURNING stored.movie_id
