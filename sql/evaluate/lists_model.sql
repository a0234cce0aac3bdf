-- Step:  lists_model
-- Does:  the lists of a trained model by the very function that serves them
-- Reads: evaluating.profile, api._model_scores; settings recsql.run_id,
--        recsql.depth
INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT profile.user_id, pick.rank, pick.movie_id
FROM evaluating.profile
CROSS JOIN LATERAL api._model_scores(
    current_setting('recsql.run_id')::integer, profile.movies, profile.half_stars,
    current_setting('recsql.depth')::integer, p_user_id => profile.user_id
) AS pick;
