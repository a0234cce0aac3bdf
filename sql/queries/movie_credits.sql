-- Query:  movie_credits
-- Does:   who plays in a movie and who made it
-- Grain:  one row a credit
-- Reads:  api.movie_credits
-- Params: p_movie_id, p_role, p_limit, p_offset
SELECT *
FROM api.movie_credits(
    p_movie_id => :p_movie_id, p_role => :p_role, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
