-- Query:  refresh_stale_also_liked
-- Does:   the movies whose lists are missing or rest on too much that has changed, most fans first
-- Grain:  one row a movie
-- Reads:  derived.movie_stats, api.freshness
-- Params: p_least; p_stale_share of the evidence
SELECT stats.movie_id
FROM derived.movie_stats AS stats
LEFT JOIN api.freshness
    ON freshness.movie_id = stats.movie_id AND freshness.list = 'also_liked'
WHERE stats.stars_50 >= :p_least
    AND (freshness.movie_id IS NULL OR freshness.share > :p_stale_share)
ORDER BY stats.stars_50 DESC, stats.movie_id
