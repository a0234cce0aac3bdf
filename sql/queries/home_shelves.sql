-- Query:  home_shelves
-- Does:   the carousels of the home page
-- Grain:  one row a movie of a shelf
-- Reads:  api.home_shelves
-- Params: p_seed, p_shelves, p_per_shelf
SELECT shelf, place, slug, category, movie_id, title, year, poster_path, mean_stars
FROM api.home_shelves(p_seed => :p_seed, p_shelves => :p_shelves, p_per_shelf => :p_per_shelf)
ORDER BY shelf, place
