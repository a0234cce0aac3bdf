-- Object: api._browsed
-- Does:   all movies that pass some filters, in no order
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_feature, derived.movie_stats
-- Params: p_features that a movie has to have, at most four; p_decade, p_min_runtime,
--         p_max_runtime, p_min_stars as in api.browse_movies
-- Try:    SELECT count(*) FROM api._browsed('{}', 1990, NULL, NULL, NULL);
CREATE FUNCTION api._browsed(
    p_features integer[],
    p_decade integer,
    p_min_runtime integer,
    p_max_runtime integer,
    p_min_stars numeric
)
RETURNS TABLE (movie_id integer, year smallint, runtime integer, release_date date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Out of an index alone, and a hash of the movies that have each feature.
    SELECT movie.movie_id, movie.year, movie.runtime, movie.release_date
    FROM (
        SELECT any_year.movie_id, any_year.year, any_year.runtime, any_year.release_date
        FROM core.movie AS any_year
        WHERE p_decade IS NULL AND NOT any_year.adult
        UNION ALL
        SELECT of_decade.movie_id, of_decade.year, of_decade.runtime, of_decade.release_date
        FROM core.movie AS of_decade
        WHERE of_decade.year BETWEEN p_decade AND p_decade + 9 AND NOT of_decade.adult
    ) AS movie
    WHERE api._fits(
            movie.year, movie.runtime, 1, 10, p_decade, p_min_runtime, p_max_runtime, NULL
        )
        AND (p_features[1] IS NULL OR movie.movie_id IN (
            SELECT has.movie_id FROM core.movie_feature AS has WHERE has.feature_id = p_features[1]
        ))
        AND (p_features[2] IS NULL OR movie.movie_id IN (
            SELECT has.movie_id FROM core.movie_feature AS has WHERE has.feature_id = p_features[2]
        ))
        AND (p_features[3] IS NULL OR movie.movie_id IN (
            SELECT has.movie_id FROM core.movie_feature AS has WHERE has.feature_id = p_features[3]
        ))
        AND (p_features[4] IS NULL OR movie.movie_id IN (
            SELECT has.movie_id FROM core.movie_feature AS has WHERE has.feature_id = p_features[4]
        ))
        AND (p_min_stars IS NULL OR movie.movie_id IN (
            SELECT stats.movie_id FROM derived.movie_stats AS stats
            WHERE api._fits(
                NULL, NULL, stats.raters, stats.half_stars, NULL, NULL, NULL, p_min_stars
            )
        ));
END;
COMMENT ON FUNCTION api._browsed(integer[], integer, integer, integer, numeric) IS
'What api.browse_movies lists, unsorted; null p_features are none.';
