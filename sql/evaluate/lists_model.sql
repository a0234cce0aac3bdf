-- Step:  lists_model
-- Does:  the lists of a trained model by the very function that serves them
-- Reads: evaluating.profile, api._model_scores; settings recsql.run_id,
--        recsql.depth
-- Tables made of a query may be made by several workers at once; rows that are inserted may not.
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;

CREATE UNLOGGED TABLE evaluating.scored AS
SELECT profile.user_id, pick.rank, pick.movie_id
FROM evaluating.profile
CROSS JOIN LATERAL api._model_scores(
    current_setting('recsql.run_id')::integer, profile.movies, profile.half_stars,
    current_setting('recsql.depth')::integer, p_user_id => profile.user_id
) AS pick;

INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT user_id, rank, movie_id FROM evaluating.scored;
