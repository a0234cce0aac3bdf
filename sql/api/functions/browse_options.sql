-- Object: api.browse_options
-- Does:   what the filters of api.browse_movies offer, and how many movies each choice would leave
-- Grain:  one row a choice, and one for all movies that the present filters leave
-- Reads:  derived.listed_movie, core.feature, core.movie_feature, derived.feature_stats,
--         derived.catalogue
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
-- PL/pgSQL: whether it is worth counting is known only when the movies are found. Planned anew each
-- time, as api._browse_all.
LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    features CONSTANT integer[] := api._browse_features(p_genre, p_country, p_language, NULL);
    least_points CONSTANT bigint := (200 * p_min_stars)::bigint;
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
        FROM api._browsed(
            features[1], features[2], features[3], NULL, p_decade, p_min_runtime, p_max_runtime,
            least_points
        ) AS passed
        WHERE features IS NOT NULL;
        total := COALESCE(cardinality(found), 0);
    ELSE
        SELECT count(*) INTO total FROM derived.listed_movie;
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
        SELECT passed.feature_id, count(*) AS movies, true AS by_count
        FROM (
            SELECT unnest(movie.features) AS feature_id
            FROM unnest(found) AS one (movie_id)
            INNER JOIN derived.listed_movie AS movie ON movie.movie_id = one.movie_id
            WHERE counted
        ) AS passed
        GROUP BY passed.feature_id
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
            movie.year - movie.year % 10 AS first_year, movie.runtime, movie.raters,
            movie.half_stars
        FROM unnest(CASE WHEN counted THEN found END) AS one (movie_id)
        INNER JOIN derived.listed_movie AS movie ON movie.movie_id = one.movie_id
    ),
    decade AS (
        SELECT passed.first_year, count(*) AS movies
        FROM passed
        WHERE passed.first_year IS NOT NULL AND p_decade IS NULL
        GROUP BY passed.first_year
        UNION ALL
        -- from the first year known to the last, without a look at what is between
        SELECT generate_series(min(movie.year) / 10 * 10, max(movie.year), 10), NULL
        FROM derived.listed_movie AS movie
        WHERE NOT counted OR p_decade IS NOT NULL
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
                    NULL, NULL, passed.raters, passed.half_stars, NULL, NULL, NULL, level.points
                )
            ) END,
            -level.points
        FROM (
            VALUES ('4.5', 900), ('4', 800), ('3.5', 700), ('3', 600), ('2', 400)
        ) AS level (value, points)
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
