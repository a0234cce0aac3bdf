-- Object: api._browsed
-- Does:   all movies that pass some filters, in no order
-- Grain:  one row a movie
-- Reads:  derived.listed_movie, core.movie_feature
-- Params: p_first, p_second, p_third: a genre, country or language each that a movie has to have;
--         p_other a feature of any kind; p_decade, p_min_runtime, p_max_runtime as in
--         api.browse_movies, p_min_points as in api._fits. Null for any
-- Try:    SELECT count(*) FROM api._browsed(NULL, NULL, NULL, NULL, 1990, NULL, NULL, NULL);
CREATE FUNCTION api._browsed(
    p_first integer,
    p_second integer,
    p_third integer,
    p_other integer,
    p_decade integer,
    p_min_runtime integer,
    p_max_runtime integer,
    p_min_points bigint
)
RETURNS TABLE (
    movie_id integer, raters integer, half_stars bigint, came_out date, runtime integer,
    year smallint, title_begin text, features integer[]
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        movie.movie_id, movie.raters, movie.half_stars, movie.came_out, movie.runtime, movie.year,
        movie.title_begin, movie.features
    FROM (
        SELECT any_year.* FROM derived.listed_movie AS any_year WHERE p_decade IS NULL
        UNION ALL
        SELECT of_decade.*
        FROM derived.listed_movie AS of_decade
        WHERE of_decade.year BETWEEN p_decade AND p_decade + 9
    ) AS movie
    WHERE (p_first IS NULL OR p_first = ANY(movie.features))
        AND (p_second IS NULL OR p_second = ANY(movie.features))
        AND (p_third IS NULL OR p_third = ANY(movie.features))
        AND api._fits(
            movie.year, movie.runtime, movie.raters, movie.half_stars, NULL, p_min_runtime,
            p_max_runtime, p_min_points
        )
        AND (p_other IS NULL OR movie.movie_id IN (
            SELECT has.movie_id FROM core.movie_feature AS has WHERE has.feature_id = p_other
        ));
END;
COMMENT ON FUNCTION api._browsed(
    integer, integer, integer, integer, integer, integer, integer, bigint
) IS
'What api.browse_movies lists, unsorted, by one look at derived.listed_movie or at its decade.';
