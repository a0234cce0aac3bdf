-- Load:  train_analyze
-- Does:  lets the planner know how many rows a new run has: else it would look through all of them
-- Reads: derived.model_run, derived.model_movie, derived.movie_weight, derived.movie_factor,
--        derived.rater_factor, derived.movie_rater, derived.rater_profile
-- Keys alone: what is in the arrays takes long to count, and no plan depends on it.
ANALYZE derived.model_run (run_id, model, state);
ANALYZE derived.model_movie (run_id, movie_id);
ANALYZE derived.movie_weight (run_id, movie_id);
ANALYZE derived.movie_factor (run_id, movie_id);
ANALYZE derived.rater_factor (run_id, user_id);
ANALYZE derived.movie_rater (run_id, movie_id);
ANALYZE derived.rater_profile (run_id, user_id);
