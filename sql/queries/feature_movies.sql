-- Query:  feature_movies
-- Does:   the movies that have a feature
-- Grain:  one row a movie
-- Reads:  api.feature_movies
-- Params: p_feature_id, p_sort, p_limit, p_offset
SELECT *
FROM api.feature_movies(
    p_feature_id => :p_feature_id, p_sort => :p_sort, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
