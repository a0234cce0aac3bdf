-- Object: api.browse_options
-- Does:   what the filters of api.browse_movies offer, and how many movies each choice would leave
-- Grain:  one row a choice, and one for all movies that the present filters leave
-- Reads:  core.movie, core.movie_feature, core.feature, derived.movie_stats,
--         derived.feature_stats, derived.catalogue
-- Params: p_genre, p_decade, p_country, p_language, p_min_runtime, p_max_runtime, p_min_stars as in
--         api.browse_movies; p_most movies that choices are counted for
-- Try:    SELECT * FROM api.browse_options(p_decade => 1990) WHERE filter = 'genre';
CREATE FUNCTION api.browse_options(
    p_genre text DEFAULT NULL,
    p_decade integer DEFAULT NULL,
    p_country text DEFAULT NULL,
    p_language text DEFAULT NULL,
    p_min_runtime integer DEFAULT NULL,
    p_max_runtime integer DEFAULT NULL,
    p_min_stars numeric DEFAULT NULL,
    -- Measured at 77,000 movies: counting the features of 3,000 takes some 20 ms.
    p_most integer DEFAULT 3000
)
RETURNS TABLE (filter text, place integer, value text, name text, movies integer)
-- PL/pgSQL: whether it is worth counting is known only when the movies are found.
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    features CONSTANT integer[] := api._browse_features(p_genre, p_country, p_language, NULL);
    filtered CONSTANT boolean := num_nonnulls(
        p_genre, p_decade, p_country, p_language, p_min_runtime, p_max_runtime, p_min_stars
    ) > 0;
    -- Of a filter in use each other choice would replace the present one.
    in_use CONSTANT text[] := ARRAY[
        CASE WHEN p_genre IS NOT NULL THEN 'genre' END,
        CASE WHEN p_country IS NOT NULL THEN 'country' END,
        CASE WHEN p_language IS NOT NULL THEN 'language' END
    ];
    found integer[];
    total integer;
    counted boolean;
BEGIN
    IF filtered OR p_most >= (SELECT catalogue.movies FROM derived.catalogue) THEN
        SELECT array_agg(passed.movie_id) INTO found
        FROM api._browsed(features, p_decade, p_min_runtime, p_max_runtime, p_min_stars) AS passed
        WHERE features IS NOT NULL;
        total := COALESCE(cardinality(found), 0);
    ELSE
        SELECT count(*) INTO total FROM core.movie WHERE NOT movie.adult;
    END IF;
    -- where nothing is left, all choices are there to loosen a filter by
    counted := total BETWEEN 1 AND p_most;
    RETURN QUERY SELECT 'all', 1, NULL::text, NULL::text, total;

    RETURN QUERY
    WITH offered AS MATERIALIZED (
        SELECT
            feature.feature_id, feature.kind, feature.name,
            CASE feature.kind WHEN 'genre' THEN replace(feature.code, ' ', '-') ELSE feature.code END
                AS value
        FROM core.feature
        WHERE feature.kind IN ('genre', 'country', 'language')
    ),
    having_it AS (
        SELECT has.feature_id, count(*) AS movies, true AS by_count
        FROM unnest(found) AS passed (movie_id)
        INNER JOIN core.movie_feature AS has ON has.movie_id = passed.movie_id
        WHERE counted
        GROUP BY has.feature_id
        UNION ALL
        SELECT stats.feature_id, CASE WHEN NOT filtered THEN stats.movies END, false
        FROM derived.feature_stats AS stats
        WHERE stats.movies > 0
    )
    SELECT
        offered.kind, (row_number() OVER by_name)::integer, offered.value, offered.name,
        having_it.movies::integer
    FROM offered
    INNER JOIN having_it ON having_it.feature_id = offered.feature_id
    WHERE having_it.by_count = (counted AND offered.kind <> ALL(array_remove(in_use, NULL)))
    WINDOW by_name AS (
        PARTITION BY offered.kind ORDER BY offered.name COLLATE "C", offered.value COLLATE "C"
    );

    RETURN QUERY
    WITH passed AS MATERIALIZED (
        SELECT
            movie.year - movie.year % 10 AS first_year, movie.runtime, stats.raters,
            stats.half_stars
        FROM unnest(CASE WHEN counted THEN found END) AS one (movie_id)
        INNER JOIN core.movie ON movie.movie_id = one.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = one.movie_id
    ),
    decade AS (
        SELECT passed.first_year, count(*) AS movies
        FROM passed
        WHERE passed.first_year IS NOT NULL AND p_decade IS NULL
        GROUP BY passed.first_year
        UNION ALL
        -- from the first year known to the last, without a look at what is between
        SELECT generate_series(min(movie.year) / 10 * 10, max(movie.year), 10), NULL
        FROM core.movie
        WHERE (NOT counted OR p_decade IS NOT NULL) AND NOT movie.adult
    )
    SELECT
        choice.filter,
        (row_number() OVER (PARTITION BY choice.filter ORDER BY choice.place))::integer,
        choice.value, choice.name, choice.movies::integer
    FROM (
        SELECT
            'decade' AS filter, decade.first_year::text AS value, decade.first_year || 's' AS name,
            decade.movies, -decade.first_year AS place
        FROM decade
        UNION ALL
        SELECT
            'runtime', stretch.value, stretch.name,
            CASE WHEN counted THEN (
                SELECT count(*) FROM passed
                WHERE passed.runtime BETWEEN stretch.least AND stretch.most
            ) END,
            stretch.least
        FROM (
            VALUES
                ('1-59', 'under an hour', 1, 59), ('60-89', '1 to 1½ hours', 60, 89),
                ('90-119', '1½ to 2 hours', 90, 119), ('120-149', '2 to 2½ hours', 120, 149),
                ('150-', '2½ hours and more', 150, 2147483647)
        ) AS stretch (value, name, least, most)
        UNION ALL
        SELECT
            'rating', level.value, level.value || ' stars and more',
            CASE WHEN counted THEN (
                SELECT count(*) FROM passed
                WHERE api._fits(
                    NULL, NULL, passed.raters, passed.half_stars, NULL, NULL, NULL, level.stars
                )
            ) END,
            -10 * level.stars
        FROM (
            VALUES ('4.5', 4.5), ('4', 4.0), ('3.5', 3.5), ('3', 3.0), ('2', 2.0)
        ) AS level (value, stars)
    ) AS choice;
END
$$;
COMMENT ON FUNCTION api.browse_options(
    text, integer, text, text, integer, integer, numeric, integer
) IS
'filter: all (one row, how many movies the present filters leave), genre, country, language, decade,
runtime, rating; place: in its list; value: what that filter takes, runtime as minutes from-to.
movies: how many of those that the present filters leave would be left if this were chosen as well.
Choices that would leave none are not listed, but for running times and ratings. Null, and all
choices listed, for a filter in use (they would replace the present choice), where nothing is left,
and where more than p_most are left, which are not worth counting; without any filter the kept
counts of features serve then, which count movies for adults too.
Errors: none.';
