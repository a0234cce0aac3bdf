-- Object: api._browse_page
-- Does:   a page of the movies that pass some filters, by the way that costs least
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_feature, derived.movie_stats, derived.feature_stats
-- Params: p_features that a movie has to have, at most four; p_decade, p_min_runtime,
--         p_max_runtime, p_min_stars, p_sort, p_limit, p_offset as in api.browse_movies
-- Try:    SELECT * FROM api._browse_page('{}', 1990, NULL, NULL, NULL, 'rating', 5, 0);
CREATE FUNCTION api._browse_page(
    p_features integer[],
    p_decade integer,
    p_min_runtime integer,
    p_max_runtime integer,
    p_min_stars numeric,
    p_sort text,
    p_limit integer,
    p_offset integer
)
RETURNS TABLE (movie_id integer, height bigint, name text)
-- PL/pgSQL, since which statement is the cheap one is known only when the first has come back.
-- ROWS: a page, whose cards are looked up one by one.
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50 SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    sort CONSTANT text := api._checked(
        'sort', p_sort, 'popular', 'rating', 'newest', 'oldest', 'title'
    );
    wanted CONSTANT bigint := p_offset::bigint + p_limit;
    rarest integer;
    depth integer;
    listed integer[];
BEGIN
    IF p_features IS NULL THEN
        RETURN;
    END IF;
    SELECT feature.feature_id INTO rarest
    FROM unnest(p_features) AS feature (feature_id)
    LEFT JOIN derived.feature_stats AS stats ON stats.feature_id = feature.feature_id
    WHERE COALESCE(stats.movies, 0) <= 3000
    ORDER BY stats.movies NULLS FIRST, feature.feature_id
    LIMIT 1;

    IF rarest IS NOT NULL THEN
        -- A feature that few have: look at each of them.
        RETURN QUERY
        SELECT
            movie.movie_id,
            api._height(sort, stats.raters, stats.half_stars, movie.release_date, movie.year)
                AS height,
            CASE sort WHEN 'title' THEN movie.title_key END COLLATE "C" AS name
        FROM core.movie_feature AS has
        INNER JOIN core.movie ON movie.movie_id = has.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = has.movie_id
        WHERE has.feature_id = rarest
            AND NOT movie.adult
            AND api._fits(
                movie.year, movie.runtime, stats.raters, stats.half_stars,
                p_decade, p_min_runtime, p_max_runtime, p_min_stars
            )
            AND (cardinality(p_features) = 1 OR (
                SELECT count(*) FROM core.movie_feature AS also
                WHERE also.movie_id = has.movie_id AND also.feature_id = ANY(p_features)
            ) = cardinality(p_features))
        ORDER BY height DESC NULLS LAST, name, movie_id
        LIMIT p_limit OFFSET p_offset;
        RETURN;
    END IF;

    -- Filters that many pass: look from the top of the order until the page is full.
    FOREACH depth IN ARRAY '{300,1200,4000}'::integer[] LOOP
        -- a decade is soon looked through itself; by date its movies lie together
        CONTINUE WHEN wanted > depth
            OR (p_decade IS NOT NULL AND sort IN ('popular', 'rating', 'title'));
        SELECT array_agg(passed.movie_id) INTO listed
        FROM (
            SELECT top.movie_id
            FROM api._browse_top(sort, depth, p_decade) AS top
            -- fences: nobody tells the planner how few they are, and it would read all movies
            CROSS JOIN LATERAL (
                SELECT one.year, one.runtime, one.adult
                FROM core.movie AS one
                WHERE one.movie_id = top.movie_id
                OFFSET 0 -- noqa: AM09
            ) AS movie
            LEFT JOIN LATERAL (
                SELECT kept.raters, kept.half_stars
                FROM derived.movie_stats AS kept
                WHERE kept.movie_id = top.movie_id
                OFFSET 0 -- noqa: AM09
            ) AS stats ON true
            WHERE NOT movie.adult
                AND api._fits(
                    movie.year, movie.runtime, stats.raters, stats.half_stars,
                    p_decade, p_min_runtime, p_max_runtime, p_min_stars
                )
                AND (p_features = '{}' OR (
                    SELECT count(*) FROM core.movie_feature AS also
                    WHERE also.movie_id = top.movie_id AND also.feature_id = ANY(p_features)
                ) = cardinality(p_features))
        ) AS passed;
        IF cardinality(listed) >= wanted THEN
            RETURN QUERY
            SELECT
                movie.movie_id,
                api._height(sort, stats.raters, stats.half_stars, movie.release_date, movie.year)
                    AS height,
                CASE sort WHEN 'title' THEN movie.title_key END COLLATE "C" AS name
            FROM unnest(listed) AS passed (movie_id)
            INNER JOIN core.movie ON movie.movie_id = passed.movie_id
            LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = passed.movie_id
            ORDER BY height DESC NULLS LAST, name, movie_id
            LIMIT p_limit OFFSET p_offset;
            RETURN;
        END IF;
    END LOOP;

    -- Else look at all movies.
    RETURN QUERY
    SELECT
        found.movie_id,
        api._height(sort, stats.raters, stats.half_stars, found.release_date, found.year) AS height,
        CASE sort WHEN 'title' THEN (
            SELECT movie.title_key FROM core.movie WHERE movie.movie_id = found.movie_id
        ) END COLLATE "C" AS name
    FROM api._browsed(p_features, p_decade, p_min_runtime, p_max_runtime, p_min_stars) AS found
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = found.movie_id
    ORDER BY height DESC NULLS LAST, name, movie_id
    LIMIT p_limit OFFSET p_offset;
END
$$;
COMMENT ON FUNCTION api._browse_page(
    integer[], integer, integer, integer, numeric, text, integer, integer
) IS
'The movies of api.browse_movies in its order, with what they are sorted by. Three ways, one answer:
each movie that has the rarest feature, where no more than 3,000 have it; the first 300,
1,200 or 4,000 movies of the order, where enough of them pass; or all movies.';
