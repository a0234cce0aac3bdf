-- Query:  movie_page
-- Does:   all that is known about a movie
-- Grain:  one row, or none
-- Reads:  api.movie_page
-- Params: p_movie_id
SELECT *
FROM api.movie_page
WHERE movie_id = :p_movie_id
