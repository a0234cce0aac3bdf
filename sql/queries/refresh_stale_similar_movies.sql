-- Query:  refresh_stale_similar_movies
-- Does:   the movies whose lists are missing or void, most raters first
-- Grain:  one row a movie
-- Reads:  derived.movie_stats, core.movie_feature, api.freshness
-- Params: p_least raters; p_stale_share of all movies that changed
SELECT stats.movie_id
FROM derived.movie_stats AS stats
LEFT JOIN api.freshness
    ON freshness.movie_id = stats.movie_id AND freshness.list = 'similar_movies'
WHERE stats.raters >= :p_least
    AND EXISTS (SELECT FROM core.movie_feature WHERE movie_feature.movie_id = stats.movie_id)
    AND (freshness.movie_id IS NULL OR freshness.share > :p_stale_share)
ORDER BY stats.raters DESC, stats.movie_id
