-- Query:  export_movies_movielens
-- Does:   movies in MovieLens's own layout
-- Grain:  one row a movie that MovieLens knows, by its MovieLens id
-- Reads:  core.movie, core.movie_key, core.movie_feature, core.feature
-- Params: p_source which load brought the movies, null for all
SELECT
    min(movie_key.key::integer) AS "movieId",
    movie.title || COALESCE(' (' || movie.year || ')', '') AS title,
    COALESCE((
        SELECT string_agg(feature.name, '|' ORDER BY feature.name COLLATE "C")
        FROM core.movie_feature
        INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
        WHERE movie_feature.movie_id = movie.movie_id AND feature.kind = 'genre'
    ), '(no genres listed)') AS genres
FROM core.movie_key
INNER JOIN core.movie ON movie.movie_id = movie_key.movie_id
WHERE movie_key.source = 'movielens'
    AND movie.source = COALESCE(:p_source, movie.source)
GROUP BY movie.movie_id
ORDER BY "movieId"
