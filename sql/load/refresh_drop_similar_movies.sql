-- Load:  refresh_drop_similar_movies
-- Does:  lets go of stored lists of movies that few look at any more, or that have no features
-- Reads: derived.movie_stats, core.movie_feature; setting recsql.least
DELETE FROM derived.similar_movies AS stored
WHERE NOT EXISTS (
    SELECT FROM derived.movie_stats AS stats
    WHERE stats.movie_id = stored.movie_id
        AND stats.raters >= current_setting('recsql.least')::integer
)
OR NOT EXISTS (
    SELECT FROM core.movie_feature WHERE movie_feature.movie_id = stored.movie_id
);
