-- Query:  similar_by_model
-- Does:   the movies nearest to one movie in a trained model
-- Grain:  one row a movie
-- Reads:  api.similar_by_model
-- Params: p_movie_id, p_limit, p_offset, p_model
SELECT *
FROM api.similar_by_model(
    p_movie_id => :p_movie_id, p_limit => :p_limit, p_offset => :p_offset, p_model => :p_model
)
ORDER BY rank
