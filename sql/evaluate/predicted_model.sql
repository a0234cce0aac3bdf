-- Step:  predicted_model
-- Does:  the stars that a trained model expects where ratings were held back
-- Reads: evaluating.profile, api._model_predictions; setting recsql.run_id
INSERT INTO evaluating.predicted (user_id, movie_id, stars)
SELECT profile.user_id, told.movie_id, told.expected_stars
FROM evaluating.profile
CROSS JOIN LATERAL api._model_predictions(
    current_setting('recsql.run_id')::integer, profile.movies, profile.half_stars, profile.held,
    p_user_id => profile.user_id
) AS told;
