-- Query:  compare_movies
-- Does:   what two movies are made of side by side
-- Grain:  one row a feature or person
-- Reads:  api.compare_movies
-- Params: p_movie_id, p_other_movie_id
SELECT *
FROM api.compare_movies(p_movie_id => :p_movie_id, p_other_movie_id => :p_other_movie_id)
ORDER BY place
