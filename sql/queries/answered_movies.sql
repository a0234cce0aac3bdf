-- Query:  answered_movies
-- Does:   what was rated in a quiz, beside what the account gave
-- Grain:  one row a film
-- Reads:  api.answered_movies
-- Params: p_ratings, p_user_id
SELECT *
FROM api.answered_movies(p_ratings => cast(:p_ratings AS jsonb), p_user_id => :p_user_id)
ORDER BY stars DESC, movie_id
