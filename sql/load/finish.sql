-- Load:  finish
-- Does:  reckons what else is derived, and fresh statistics for the planner
-- Reads: core.*
CALL api.refresh_feature_stats();
CALL api.refresh_shelves();
CALL api.refresh_listed_movies();
ANALYZE core.movie, core.movie_key, core.feature, core.movie_feature, core.rater, core.rating,
    core.credit, core.person, derived.movie_stats, derived.feature_stats, derived.shelf,
    derived.listed_movie;
