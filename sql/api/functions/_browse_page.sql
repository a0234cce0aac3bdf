-- Object: api._browse_page
-- Does:   a page of the movies that pass some filters, by the way that costs least
-- Grain:  one row a movie
-- Reads:  derived.listed_movie, derived.feature_stats, derived.movie_stats, core.feature,
--         core.movie, core.movie_feature
-- Params: p_features that a movie has to have, at most four, of them at most one that is no genre,
--         country or language; p_decade, p_min_runtime, p_max_runtime, p_min_stars, p_sort,
--         p_limit, p_offset as in api.browse_movies
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
    least_points CONSTANT bigint := (200 * p_min_stars)::bigint;
    rarest integer;
    held integer[];
    other integer;
    depth integer;
    listed integer[];
    skipped bigint := p_offset;
    first_title text COLLATE "C";
    last_title text COLLATE "C";
BEGIN
    -- one that is unknown, or one that is null
    IF p_features IS NULL OR array_position(p_features, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT
        array_agg(feature.feature_id) FILTER (WHERE feature.is_held),
        min(feature.feature_id) FILTER (WHERE NOT feature.is_held),
        (
            array_agg(feature.feature_id ORDER BY feature.movies, feature.feature_id)
            FILTER (WHERE feature.movies <= 3000)
        )[1]
    INTO held, other, rarest
    FROM (
        SELECT
            asked.feature_id, COALESCE(stats.movies, 0) AS movies,
            EXISTS (
                SELECT FROM core.feature AS one
                WHERE one.feature_id = asked.feature_id
                    AND one.kind IN ('genre', 'country', 'language')
            ) AS is_held
        FROM unnest(p_features) AS asked (feature_id)
        LEFT JOIN derived.feature_stats AS stats ON stats.feature_id = asked.feature_id
    ) AS feature;
    IF cardinality(held) > 3 THEN
        other := held[4];
    END IF;

    IF rarest IS NOT NULL THEN
        -- A feature that few have: look at each of them.
        SELECT array_agg(has.movie_id) INTO listed
        FROM core.movie_feature AS has
        -- fences, here and below: nobody tells the planner how few they are
        CROSS JOIN LATERAL (
            SELECT one.year, one.runtime, one.raters, one.half_stars, one.features
            FROM derived.listed_movie AS one
            WHERE one.movie_id = has.movie_id
            OFFSET 0 -- noqa: AM09
        ) AS movie
        WHERE has.feature_id = rarest
            AND api._fits(
                movie.year, movie.runtime, movie.raters, movie.half_stars,
                p_decade, p_min_runtime, p_max_runtime, least_points
            )
            AND (held IS NULL OR held <@ movie.features)
            AND (other IS NULL OR other = rarest OR EXISTS (
                SELECT FROM core.movie_feature AS also
                WHERE also.movie_id = has.movie_id AND also.feature_id = other
            ));
    ELSIF sort = 'title' AND wanted > 1500 AND p_features = '{}'
        AND num_nonnulls(p_decade, p_min_runtime, p_max_runtime, least_points) = 0 THEN
        -- Far down the alphabet: count in the index, and sort only what is on the page.
        SELECT min(part.title_begin), max(part.title_begin) INTO first_title, last_title
        FROM (
            SELECT one.title_begin
            FROM derived.listed_movie AS one
            ORDER BY one.title_begin, one.movie_id
            LIMIT p_limit OFFSET p_offset
        ) AS part;
        SELECT p_offset - count(*) INTO skipped
        FROM derived.listed_movie AS one
        WHERE one.title_begin < first_title;
        listed := ARRAY(
            SELECT one.movie_id
            FROM derived.listed_movie AS one
            WHERE one.title_begin BETWEEN first_title AND last_title
        );
    ELSIF p_decade IS NULL OR sort IN ('newest', 'oldest') THEN
        -- Filters that many pass: look from the top of the order, perhaps they fill the page. (A
        -- decade is soon looked through itself; by date its movies lie together.)
        FOREACH depth IN ARRAY '{300,1500}'::integer[] LOOP
            CONTINUE WHEN wanted > depth OR sort = 'rating';
            SELECT array_agg(top.movie_id) INTO listed
            FROM api._browse_top(sort, depth, p_decade) AS top
            CROSS JOIN LATERAL (
                SELECT one.year, one.runtime, one.raters, one.half_stars, one.features
                FROM derived.listed_movie AS one
                WHERE one.movie_id = top.movie_id
                OFFSET 0 -- noqa: AM09
            ) AS movie
            WHERE api._fits(
                    movie.year, movie.runtime, movie.raters, movie.half_stars,
                    p_decade, p_min_runtime, p_max_runtime, least_points
                )
                AND (held IS NULL OR held <@ movie.features)
                AND (other IS NULL OR EXISTS (
                    SELECT FROM core.movie_feature AS also
                    WHERE also.movie_id = top.movie_id AND also.feature_id = other
                ));
            EXIT WHEN cardinality(listed) >= wanted;
            listed := NULL;
        END LOOP;
    END IF;

    IF listed IS NULL AND rarest IS NULL THEN
        RETURN QUERY
        SELECT * FROM api._browse_all(
            held, other, p_decade, p_min_runtime, p_max_runtime, least_points, sort, p_limit,
            p_offset
        );
    ELSIF sort = 'title' THEN
        RETURN QUERY
        SELECT movie.movie_id, NULL::bigint AS height, movie.title_key AS name
        FROM unnest(listed) AS passed (movie_id)
        INNER JOIN core.movie ON movie.movie_id = passed.movie_id
        ORDER BY movie.title_key COLLATE "C", movie.movie_id
        LIMIT p_limit OFFSET skipped;
    ELSE
        RETURN QUERY
        SELECT
            one.movie_id,
            api._height(sort, one.raters, one.half_stars, one.came_out, NULL) AS height,
            NULL::text AS name
        FROM unnest(listed) AS passed (movie_id)
        INNER JOIN derived.listed_movie AS one ON one.movie_id = passed.movie_id
        ORDER BY height DESC NULLS LAST, one.movie_id
        LIMIT p_limit OFFSET p_offset;
    END IF;
END
$$;
COMMENT ON FUNCTION api._browse_page(
    integer[], integer, integer, integer, numeric, text, integer, integer
) IS
'The movies of api.browse_movies in its order, with what they are sorted by. Three ways, one answer:
each movie that has the rarest feature, where no more than 3,000 have it; the first 300 or 1,500
movies of the order, where enough of them pass; or one look at all that derived.listed_movie holds
(at its index alone for all movies by title).';
