-- Query:  explain_similar_movies
-- Does:   why one movie is similar to another
-- Grain:  one row a shared feature
-- Reads:  api.explain_similar_movies
-- Params: p_movie_id, p_other_movie_id, p_method
SELECT *
FROM api.explain_similar_movies(
    p_movie_id => :p_movie_id, p_other_movie_id => :p_other_movie_id, p_method => :p_method
)
