-- Step:  predicted_mean
-- Does:  predicts the damped mean of the movie, for whoever has no other prediction yet
-- Reads: evaluating.held, evaluating.asked, evaluating.candidate
INSERT INTO evaluating.predicted (user_id, movie_id, stars)
SELECT
    held.user_id, held.movie_id,
    api._damped_stars(COALESCE(candidate.half_stars, 0), COALESCE(candidate.raters, 0))
FROM evaluating.held
INNER JOIN evaluating.asked ON asked.query_id = held.user_id
LEFT JOIN evaluating.candidate ON candidate.fold = 0 AND candidate.movie_id = held.movie_id
ON CONFLICT (user_id, movie_id) DO NOTHING;
