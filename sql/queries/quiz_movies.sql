-- Query:  quiz_movies
-- Does:   the films that a quiz asks about
-- Grain:  one row a film
-- Reads:  api.quiz_movies
-- Params: p_seed, p_count, p_old, p_pool, p_boundary_year, p_pool_of
SELECT *
FROM api.quiz_movies(
    p_seed => :p_seed,
    p_count => :p_count,
    p_old => :p_old,
    p_pool => :p_pool,
    p_boundary_year => :p_boundary_year,
    p_pool_of => :p_pool_of
)
ORDER BY place
