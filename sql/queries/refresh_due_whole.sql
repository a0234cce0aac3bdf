-- Query:  refresh_due_whole
-- Does:   whether so many movies have changed that all similar lists are due
-- Grain:  one row
-- Reads:  derived.similar_change, derived.catalogue
-- Params: p_stale_share of all movies
SELECT count(*) > :p_stale_share * (SELECT catalogue.movies FROM derived.catalogue) AS is_due
FROM derived.similar_change
