-- Object: api._browse_top
-- Does:   the first movies of all in some order, by the index that has this order
-- Grain:  one row a movie, at most p_depth
-- Reads:  derived.movie_stats, core.movie
-- Params: p_sort as in api.browse_movies; p_depth rows; p_decade null for any
-- Try:    SELECT * FROM api._browse_top('newest', 5, 1990);
CREATE FUNCTION api._browse_top(p_sort text, p_depth integer, p_decade integer)
RETURNS TABLE (movie_id integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    (
        SELECT stats.movie_id
        FROM derived.movie_stats AS stats
        -- of those without ratings some are not in this table
        WHERE p_sort = 'popular' AND stats.raters > 0
        ORDER BY stats.raters DESC, stats.movie_id
        LIMIT p_depth
    )
    UNION ALL
    (
        SELECT stats.movie_id
        FROM derived.movie_stats AS stats
        WHERE p_sort = 'rating'
            -- above a movie without ratings
            AND api._height('rating', stats.raters, stats.half_stars, NULL, NULL) > 3500
        ORDER BY
            api._height('rating', stats.raters, stats.half_stars, NULL, NULL) DESC, stats.movie_id
        LIMIT p_depth
    )
    UNION ALL
    (
        SELECT movie.movie_id
        FROM core.movie
        WHERE p_sort = 'newest'
            AND NOT movie.adult
            AND COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1))
            BETWEEN COALESCE(make_date(p_decade, 1, 1), '-infinity')
            AND COALESCE(make_date(p_decade + 9, 12, 31), 'infinity')
        ORDER BY
            COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1)) DESC, movie.movie_id
        LIMIT p_depth
    )
    UNION ALL
    (
        SELECT movie.movie_id
        FROM core.movie
        WHERE p_sort = 'oldest'
            AND NOT movie.adult
            AND COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1))
            BETWEEN COALESCE(make_date(p_decade, 1, 1), '-infinity')
            AND COALESCE(make_date(p_decade + 9, 12, 31), 'infinity')
        ORDER BY
            COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1)), movie.movie_id
        LIMIT p_depth
    )
    UNION ALL
    (
        SELECT movie.movie_id
        FROM core.movie
        WHERE p_sort = 'title' AND NOT movie.adult
        ORDER BY left(movie.title_key, 100) COLLATE "C", movie.title_key COLLATE "C", movie.movie_id
        LIMIT p_depth
    );
END;
COMMENT ON FUNCTION api._browse_top(text, integer, integer) IS
'The beginning of the order of api.browse_movies, without its filters; by date within the decade.
Less than p_depth rows say nothing about what comes after them.';
