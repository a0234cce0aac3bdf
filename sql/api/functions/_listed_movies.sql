-- Object: api._listed_movies
-- Does:   what derived.listed_movie has to hold
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_feature, core.feature, derived.movie_stats
-- Params: p_movie_ids, null for all
-- Try:    SELECT * FROM api._listed_movies('{603}');
CREATE FUNCTION api._listed_movies(p_movie_ids integer[])
RETURNS TABLE (
    movie_id integer, raters integer, half_stars bigint, came_out date, runtime integer,
    year smallint, title_begin text, features integer[]
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        movie.movie_id,
        COALESCE(stats.raters, 0) AS raters,
        COALESCE(stats.half_stars, 0) AS half_stars,
        COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1)) AS came_out,
        movie.runtime,
        movie.year,
        left(movie.title_key, 100) AS title_begin,
        COALESCE(has.features, '{}') AS features
    FROM core.movie
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
    LEFT JOIN (
        SELECT
            movie_feature.movie_id,
            array_agg(feature.feature_id ORDER BY feature.feature_id) AS features
        FROM core.movie_feature
        INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
        WHERE feature.kind IN ('genre', 'country', 'language')
            AND (p_movie_ids IS NULL OR movie_feature.movie_id = ANY(p_movie_ids))
        GROUP BY movie_feature.movie_id
    ) AS has ON has.movie_id = movie.movie_id
    WHERE NOT movie.adult
        AND (p_movie_ids IS NULL OR movie.movie_id = ANY(p_movie_ids));
END;
COMMENT ON FUNCTION api._listed_movies(integer[]) IS
'The rows of derived.listed_movie as its triggers have to leave them; none for adults only.';
