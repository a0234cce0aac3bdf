-- Query:  export_movies
-- Does:   the catalogue as a file keeps it, with all ids that a movie has
-- Grain:  one row a movie, by id
-- Reads:  core.movie, core.movie_key, core.movie_feature, core.feature, core.collection,
--         derived.movie_stats
-- Params: p_source which load brought the movies, null for all
SELECT
    movie.movie_id AS "tmdbId",
    (
        SELECT min(movie_key.key COLLATE "C") FROM core.movie_key
        WHERE movie_key.movie_id = movie.movie_id AND movie_key.source = 'imdb'
    ) AS "imdbId",
    (
        SELECT min(movie_key.key::integer) FROM core.movie_key
        WHERE movie_key.movie_id = movie.movie_id AND movie_key.source = 'movielens'
    ) AS "movielensId",
    movie.title,
    movie.original_title AS "originalTitle",
    movie.year,
    movie.release_date AS "releaseDate",
    movie.runtime,
    movie.original_language AS "originalLanguage",
    listed.countries,
    listed.genres,
    listed.keywords,
    listed.companies,
    collection.name AS collection,
    movie.overview,
    COALESCE(stats.raters, 0) AS raters,
    round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 3) AS "meanStars"
FROM core.movie
LEFT JOIN core.collection ON collection.collection_id = movie.collection_id
LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
CROSS JOIN LATERAL (
    SELECT
        string_agg(feature.code, '|' ORDER BY feature.code COLLATE "C")
            FILTER (WHERE feature.kind = 'country') AS countries,
        string_agg(feature.name, '|' ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'genre') AS genres,
        string_agg(feature.name, '|' ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'keyword') AS keywords,
        string_agg(feature.name, '|' ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'company') AS companies
    FROM core.movie_feature
    INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
    WHERE movie_feature.movie_id = movie.movie_id
) AS listed
WHERE movie.source = COALESCE(:p_source, movie.source)
ORDER BY movie.movie_id
