-- Query:  export_links
-- Does:   what MovieLens, IMDb and TMDB call the same movie, in MovieLens's own layout
-- Grain:  one row a movie that MovieLens knows, by its MovieLens id
-- Reads:  core.movie, core.movie_key
-- Params: p_source which load brought the movies, null for all
SELECT
    min(movie_key.key::integer) AS "movieId",
    (
        SELECT substr(min(imdb.key COLLATE "C"), 3) FROM core.movie_key AS imdb
        WHERE imdb.movie_id = movie.movie_id AND imdb.source = 'imdb'
    ) AS "imdbId",
    -- from there up they are ours
    CASE WHEN movie.movie_id < 1000000000 THEN movie.movie_id END AS "tmdbId"
FROM core.movie_key
INNER JOIN core.movie ON movie.movie_id = movie_key.movie_id
WHERE movie_key.source = 'movielens'
    AND movie.source = COALESCE(:p_source, movie.source)
GROUP BY movie.movie_id
ORDER BY "movieId"
