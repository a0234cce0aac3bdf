-- Query:  category_page
-- Does:   a page of a category
-- Grain:  one row a movie
-- Reads:  api.category_movies
-- Params: p_category_id, p_sort, p_limit, p_offset
SELECT *
FROM api.category_movies(
    p_category_id => :p_category_id, p_sort => :p_sort, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
