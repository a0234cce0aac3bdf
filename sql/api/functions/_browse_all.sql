-- Object: api._browse_all
-- Does:   a page of the movies that pass some filters, by a look at all movies
-- Grain:  one row a movie
-- Reads:  derived.listed_movie, core.movie, core.movie_feature
-- Params: p_held genres, countries and languages that a movie has to have, at most three; p_other a
--         feature of any kind; p_decade, p_min_runtime, p_max_runtime, p_sort, p_limit, p_offset as
--         in api.browse_movies; p_min_points as in api._fits
-- Try:    SELECT * FROM api._browse_all(NULL, NULL, 1990, 90, NULL, 800, 'rating', 5, 0);
CREATE FUNCTION api._browse_all(
    p_held integer[],
    p_other integer,
    p_decade integer,
    p_min_runtime integer,
    p_max_runtime integer,
    p_min_points bigint,
    p_sort text,
    p_limit integer,
    p_offset integer
)
RETURNS TABLE (movie_id integer, height bigint, name text)
-- Planned anew each time, so that of filters nobody asks for, and of other orders, nothing is left:
-- what each of all movies has to pass costs more than the plan.
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50 SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    IF p_sort = 'title' THEN
        RETURN QUERY
        SELECT page.movie_id, NULL::bigint AS height, movie.title_key AS name
        FROM (
            SELECT found.movie_id
            FROM api._browsed(
                p_held[1], p_held[2], p_held[3], p_other, p_decade, p_min_runtime, p_max_runtime,
                p_min_points
            ) AS found
            ORDER BY
                found.title_begin COLLATE "C",
                -- of a title that goes on, the whole of it
                CASE WHEN octet_length(found.title_begin) >= 100 THEN (
                    SELECT whole.title_key FROM core.movie AS whole
                    WHERE whole.movie_id = found.movie_id
                ) END COLLATE "C",
                found.movie_id
            LIMIT p_limit OFFSET p_offset
        ) AS page
        INNER JOIN core.movie ON movie.movie_id = page.movie_id;
    ELSE
        -- Height and key in one number, the higher the earlier: to sort numbers takes half the
        -- time that rows take, and whatever is null comes last.
        RETURN QUERY
        SELECT
            (2147483647 - (page.place & 2147483647))::integer AS movie_id,
            NULLIF(page.place >> 32, -2147483648) AS height,
            NULL::text AS name
        FROM (
            SELECT
                COALESCE(
                    api._height(p_sort, found.raters, found.half_stars, found.came_out, NULL),
                    -2147483648
                ) * 4294967296 + (2147483647 - found.movie_id) AS place
            FROM api._browsed(
                p_held[1], p_held[2], p_held[3], p_other, p_decade, p_min_runtime, p_max_runtime,
                p_min_points
            ) AS found
            ORDER BY place DESC
            LIMIT p_limit OFFSET p_offset
        ) AS page;
    END IF;
END
$$;
COMMENT ON FUNCTION api._browse_all(
    integer[], integer, integer, integer, integer, bigint, text, integer, integer
) IS
'The movies of api.browse_movies in its order, with what they are sorted by; null p_held are none.
api._browse_page asks it where no shorter way leads to the page.';
