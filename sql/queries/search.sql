-- Query:  search
-- Does:   movies by words of their title, or by id
-- Grain:  one row a movie
-- Reads:  api.search_movies
-- Params: p_query, p_limit, p_offset
SELECT *
FROM api.search_movies(p_query => :p_query, p_limit => :p_limit, p_offset => :p_offset)
ORDER BY rank
