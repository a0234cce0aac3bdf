-- Query:  my_movie
-- Does:   what the visitor has said about a movie
-- Grain:  one row
-- Reads:  api.my_movie
-- Params: p_user_id, p_movie_id
SELECT *
FROM api.my_movie(p_user_id => :p_user_id, p_movie_id => :p_movie_id)
