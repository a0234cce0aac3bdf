-- Query:  also_liked
-- Does:   what other users who gave a movie five stars liked
-- Grain:  one row a movie
-- Reads:  api.also_liked
-- Params: p_movie_id, p_limit, p_offset, p_method
SELECT *
FROM api.also_liked(
    p_movie_id => :p_movie_id, p_limit => :p_limit, p_offset => :p_offset, p_method => :p_method
)
ORDER BY rank
