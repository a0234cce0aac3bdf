-- Query:  compare_lists
-- Does:   two methods' lists for one movie, side by side
-- Grain:  one row a movie that is in either list
-- Reads:  api.compare_lists
-- Params: p_movie_id, p_left, p_right, p_limit
SELECT *
FROM api.compare_lists(
    p_movie_id => :p_movie_id, p_left => :p_left, p_right => :p_right, p_limit => :p_limit
)
ORDER BY place
