-- Object: api._browse_top
-- Does:   the first movies of all in some order, by the index that has this order
-- Grain:  one row a movie, p_depth of them and who ties with the last
-- Reads:  derived.movie_stats, derived.listed_movie, core.movie
-- Params: p_sort popular, newest, oldest or title; p_depth rows; p_decade null for any
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
        SELECT listed.movie_id
        FROM derived.listed_movie AS listed
        WHERE p_sort = 'title'
        -- titles that begin alike for 100 letters: which is first, the index cannot tell
        ORDER BY listed.title_begin
        FETCH FIRST (p_depth) ROWS WITH TIES
    );
END;
COMMENT ON FUNCTION api._browse_top(text, integer, integer) IS
'The beginning of the order of api.browse_movies, without its filters; by date within the decade.
Less than p_depth rows say nothing about what comes after them. There is no index of the best rated:
each rating would write it.';
