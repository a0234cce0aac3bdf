-- Query:  my_ratings
-- Does:   a page of the visitor's ratings
-- Grain:  one row a rating
-- Reads:  api.my_ratings
-- Params: p_user_id, p_sort, p_query, p_stars, p_limit, p_offset
SELECT *
FROM api.my_ratings(
    p_user_id => :p_user_id, p_sort => :p_sort, p_query => :p_query, p_stars => :p_stars,
    p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
