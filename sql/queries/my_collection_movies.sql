-- Query:  my_collection_movies
-- Does:   the films of a series as they came out, with a mark on what the visitor hides
-- Grain:  one row a movie
-- Reads:  api.collection_movies, api.hidden_movies
-- Params: p_user_id, p_collection_id, p_limit, p_offset
SELECT listed.*, hidden.movie_id IS NOT NULL AS hidden
FROM api.collection_movies(
    p_collection_id => :p_collection_id, p_limit => :p_limit, p_offset => :p_offset
) AS listed
LEFT JOIN api.hidden_movies(p_user_id => :p_user_id) AS hidden
    ON hidden.movie_id = listed.movie_id
ORDER BY listed.rank
