-- Load:  suggest_any
-- Does:  scores of some covered movies for all users of the batch, by a model of any family
-- Reads: pg_temp.*, derived.*; settings recsql.run_id, recsql.slice_from, recsql.slice_to
--        (places, the latter not included)
INSERT INTO pg_temp.score (user_id, movie_id, points, predicted_stars, run_id)
SELECT
    given.user_id, pick.movie_id, pick.points, pick.expected_stars,
    current_setting('recsql.run_id')::integer
FROM pg_temp.given
INNER JOIN pg_temp.voice ON voice.user_id = given.user_id
CROSS JOIN LATERAL api._model_scores(
    p_run_id => current_setting('recsql.run_id')::integer,
    p_movies => given.movies,
    p_half_stars => given.half_stars,
    p_limit => NULL,
    p_only => ARRAY(
        SELECT cover.movie_id FROM pg_temp.cover
        WHERE cover.place >= current_setting('recsql.slice_from')::integer
            AND cover.place < current_setting('recsql.slice_to')::integer
    ),
    p_user_id => given.user_id
) AS pick;
