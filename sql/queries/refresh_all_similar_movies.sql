-- Query:  refresh_all_similar_movies
-- Does:   the movies whose lists a refresh of all has still to make, most raters first
-- Grain:  one row a movie
-- Reads:  derived.movie_stats, core.movie_feature, derived.similar_movies, derived.refresh_run
-- Params: p_least raters
SELECT stats.movie_id
FROM derived.movie_stats AS stats
LEFT JOIN derived.similar_movies AS stored ON stored.movie_id = stats.movie_id
WHERE stats.raters >= :p_least
    AND EXISTS (SELECT FROM core.movie_feature WHERE movie_feature.movie_id = stats.movie_id)
    AND (
        stored.movie_id IS NULL
        OR stored.refreshed_at < (
            SELECT run.started_at FROM derived.refresh_run AS run
            WHERE run.what = 'similar_movies'
        )
    )
ORDER BY stats.raters DESC, stats.movie_id
