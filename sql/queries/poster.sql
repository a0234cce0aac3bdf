-- Query:  poster
-- Does:   what a movie's poster is drawn from
-- Grain:  one row, or none
-- Reads:  api.movie_card
-- Params: p_movie_id
SELECT title, year, genres
FROM api.movie_card
WHERE movie_id = :p_movie_id
