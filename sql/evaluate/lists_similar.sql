-- Step:  lists_similar
-- Does:  the lists of api.similar_movies
-- Reads: api.similar_movies, evaluating.asked; settings recsql.method, recsql.depth
INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT asked.query_id, near.rank, near.movie_id
FROM evaluating.asked
CROSS JOIN LATERAL api.similar_movies(
    asked.anchor_id, current_setting('recsql.depth')::integer,
    p_method => current_setting('recsql.method')
) AS near;
