-- Query:  browse_options
-- Does:   what the filters offer, and how many movies each choice would leave
-- Grain:  one row a choice
-- Reads:  api.browse_options
-- Params: p_genre, p_decade, p_country, p_language, p_min_runtime, p_max_runtime, p_min_stars
SELECT *
FROM api.browse_options(
    p_genre => :p_genre, p_decade => :p_decade, p_country => :p_country,
    p_language => :p_language, p_min_runtime => :p_min_runtime,
    p_max_runtime => :p_max_runtime, p_min_stars => :p_min_stars
)
ORDER BY filter, place
