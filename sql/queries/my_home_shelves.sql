-- Query:  my_home_shelves
-- Does:   the carousels of the home page, but for what the visitor hides
-- Grain:  one row a movie of a shelf
-- Reads:  api.home_shelves, api.hidden_movies
-- Params: p_user_id, p_seed, p_shelves, p_per_shelf
SELECT *
FROM api.home_shelves(p_seed => :p_seed, p_shelves => :p_shelves, p_per_shelf => :p_per_shelf)
WHERE movie_id NOT IN (SELECT movie_id FROM api.hidden_movies(p_user_id => :p_user_id))
ORDER BY shelf, place
