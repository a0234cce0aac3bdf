-- Load:  critics_finish
-- Does:  fresh statistics for the planner; nothing that is derived counts a critic
-- Reads: core.rater, core.rating
ANALYZE core.rater, core.rating, derived.movie_stats;
