-- Query:  collection_movies
-- Does:   the films of a series as they came out
-- Grain:  one row a movie
-- Reads:  api.collection_movies
-- Params: p_collection_id, p_limit, p_offset
SELECT *
FROM api.collection_movies(
    p_collection_id => :p_collection_id, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
