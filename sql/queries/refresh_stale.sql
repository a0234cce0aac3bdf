-- Query:  refresh_stale
-- Does:   the movies whose lists are missing or rest on too much that has changed, most fans first
-- Grain:  one row a movie
-- Reads:  derived.movie_stats, api.freshness
-- Params: p_min_fans; p_stale_share of the evidence
SELECT stats.movie_id
FROM derived.movie_stats AS stats
LEFT JOIN api.freshness USING (movie_id)
WHERE stats.stars_50 >= :p_min_fans
    AND (freshness.movie_id IS NULL OR freshness.share > :p_stale_share)
ORDER BY stats.stars_50 DESC, stats.movie_id
