-- Query:  my_search
-- Does:   movies by words of their title, or by id, with a mark on what the visitor hides
-- Grain:  one row a movie
-- Reads:  api.search_movies, api.hidden_movies
-- Params: p_user_id, p_query, p_limit, p_offset
SELECT listed.*, hidden.movie_id IS NOT NULL AS hidden
FROM api.search_movies(
    p_query => :p_query, p_limit => :p_limit, p_offset => :p_offset
) AS listed
LEFT JOIN api.hidden_movies(p_user_id => :p_user_id) AS hidden
    ON hidden.movie_id = listed.movie_id
ORDER BY listed.rank
