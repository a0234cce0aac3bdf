-- Query:  similar_movies
-- Does:   the movies that share most with one movie
-- Grain:  one row a movie
-- Reads:  api.similar_movies
-- Params: p_movie_id, p_limit, p_offset, p_method
SELECT *
FROM api.similar_movies(
    p_movie_id => :p_movie_id, p_limit => :p_limit, p_offset => :p_offset, p_method => :p_method
)
ORDER BY rank
