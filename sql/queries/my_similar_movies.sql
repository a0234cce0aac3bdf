-- Query:  my_similar_movies
-- Does:   what shares most with one movie, but for what the visitor hides
-- Grain:  one row a movie
-- Reads:  api.similar_movies, api.hidden_movies
-- Params: p_user_id, p_movie_id, p_limit, p_offset, p_method
WITH hidden AS MATERIALIZED (
    SELECT movie_id FROM api.hidden_movies(p_user_id => :p_user_id)
)
SELECT
    row_number() OVER (ORDER BY listed.rank)::integer AS rank, listed.movie_id, listed.title,
    listed.year, listed.poster_path, listed.score, listed.reason, listed.support, listed.out_of,
    listed.mean_stars, listed.low, listed.high
FROM api.similar_movies(
    p_movie_id => :p_movie_id,
    -- as many more as may have to go
    p_limit => cast(:p_offset AS integer) + cast(:p_limit AS integer)
    + (SELECT count(*) FROM hidden)::integer,
    p_method => :p_method
) AS listed
WHERE listed.movie_id NOT IN (SELECT hidden.movie_id FROM hidden)
ORDER BY rank
LIMIT :p_limit OFFSET :p_offset
