-- Query:  browse_movies
-- Does:   a page of the movies that pass some filters
-- Grain:  one row a movie
-- Reads:  api.browse_movies
-- Params: p_genre, p_decade, p_country, p_language, p_min_runtime, p_max_runtime, p_min_stars,
--         p_feature_id, p_sort, p_limit, p_offset
SELECT *
FROM api.browse_movies(
    p_genre => :p_genre, p_decade => :p_decade, p_country => :p_country,
    p_language => :p_language, p_min_runtime => :p_min_runtime,
    p_max_runtime => :p_max_runtime, p_min_stars => :p_min_stars,
    p_feature_id => :p_feature_id, p_sort => :p_sort, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
