-- Query:  refresh_all_also_liked
-- Does:   the movies whose lists a refresh of all has still to reckon, most fans first
-- Grain:  one row a movie
-- Reads:  derived.movie_stats, derived.also_liked, derived.refresh_run
-- Params: p_least
SELECT stats.movie_id
FROM derived.movie_stats AS stats
LEFT JOIN derived.also_liked AS stored USING (movie_id)
WHERE stats.stars_50 >= :p_least
    AND (
        stored.movie_id IS NULL
        OR stored.refreshed_at < (
            SELECT run.started_at FROM derived.refresh_run AS run WHERE run.what = 'also_liked'
        )
    )
ORDER BY stats.stars_50 DESC, stats.movie_id
