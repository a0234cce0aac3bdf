-- Query:  my_browse_movies
-- Does:   a page of the movies that pass some filters, but for what the visitor hides
-- Grain:  one row a movie
-- Reads:  api.browse_movies, api.hidden_movies
-- Params: p_user_id, p_genre, p_decade, p_country, p_language, p_min_runtime, p_max_runtime,
--         p_min_stars, p_feature_id, p_sort, p_limit, p_offset
WITH hidden AS MATERIALIZED (
    SELECT movie_id FROM api.hidden_movies(p_user_id => :p_user_id)
)
SELECT
    row_number() OVER (ORDER BY listed.rank)::integer AS rank, listed.movie_id, listed.title,
    listed.original_title, listed.year, listed.release_date, listed.runtime, listed.overview,
    listed.poster_path, listed.genres, listed.raters, listed.mean_stars, listed.damped_stars,
    listed.original_language
FROM api.browse_movies(
    p_genre => :p_genre, p_decade => :p_decade, p_country => :p_country,
    p_language => :p_language, p_min_runtime => :p_min_runtime,
    p_max_runtime => :p_max_runtime, p_min_stars => :p_min_stars,
    p_feature_id => :p_feature_id, p_sort => :p_sort,
    -- as many more as may have to go
    p_limit => cast(:p_offset AS integer) + cast(:p_limit AS integer)
    + (SELECT count(*) FROM hidden)::integer
) AS listed
WHERE listed.movie_id NOT IN (SELECT hidden.movie_id FROM hidden)
ORDER BY rank
LIMIT :p_limit OFFSET :p_offset
