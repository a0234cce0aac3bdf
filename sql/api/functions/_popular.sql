-- Object: api._popular
-- Does:   the movies that most people liked
-- Grain:  one row a movie that somebody liked, best first
-- Reads:  derived.movie_stats, core.movie
-- Params: p_movies to leave out; p_limit, p_offset rows; p_period old, new or any, parted by
--         p_boundary_year
-- Try:    SELECT * FROM api._popular('{603}', 10, 0, 'any', 2010);
CREATE FUNCTION api._popular(
    p_movies integer[],
    p_limit integer,
    p_offset integer,
    p_period text,
    p_boundary_year integer
)
RETURNS TABLE (rank integer, movie_id integer, likers integer, raters integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH page AS (
        SELECT
            stats.movie_id,
            stats.stars_40 + stats.stars_45 + stats.stars_50 AS likers,
            stats.raters
        FROM derived.movie_stats AS stats
        INNER JOIN core.movie ON movie.movie_id = stats.movie_id
        WHERE stats.stars_40 + stats.stars_45 + stats.stars_50 > 0
            AND NOT movie.adult
            AND stats.movie_id NOT IN (SELECT unnest(p_movies))
            AND CASE p_period
                WHEN 'any' THEN true
                WHEN 'old' THEN movie.year < p_boundary_year
                WHEN 'new' THEN movie.year >= p_boundary_year
            END
            AND api._checked('period', p_period, 'any', 'old', 'new') IS NOT NULL
        ORDER BY likers DESC, stats.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        page.likers,
        page.raters
    FROM page
    WINDOW best_first AS (ORDER BY page.likers DESC, page.movie_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api._popular(integer[], integer, integer, text, integer) IS
'Movies by how many people gave them 4.0 or more (likers, of raters). Errors: RQ002 unknown period;
2201W, 2201X negative numbers.';
