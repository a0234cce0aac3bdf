-- Object: api._popular
-- Does:   the movies that most people liked; behind them those that critics alone have rated
-- Grain:  one row a movie that somebody liked, best first
-- Reads:  derived.movie_stats, core.movie, api.critic_rating
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
RETURNS TABLE (
    rank integer, movie_id integer, likers integer, raters integer, critics boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH liked AS MATERIALIZED (
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
        -- negative numbers are refused below
        LIMIT CASE WHEN p_offset::bigint + p_limit < 0 THEN 0 ELSE p_offset::bigint + p_limit END
    ),
    praised AS (
        SELECT
            given.movie_id,
            (count(*) FILTER (WHERE given.half_stars >= 8))::integer AS likers,
            count(*)::integer AS raters,
            sum(given.half_stars) AS half_stars
        FROM api.critic_rating AS given
        INNER JOIN core.movie ON movie.movie_id = given.movie_id
        -- only where people leave room
        WHERE (SELECT count(*) FROM liked) < p_offset::bigint + p_limit
            AND NOT movie.adult
            AND given.movie_id NOT IN (SELECT unnest(p_movies))
            AND CASE p_period
                WHEN 'any' THEN true
                WHEN 'old' THEN movie.year < p_boundary_year
                WHEN 'new' THEN movie.year >= p_boundary_year
            END
            AND NOT EXISTS (
                SELECT FROM derived.movie_stats AS stats
                WHERE stats.movie_id = given.movie_id AND stats.raters > 0
            )
        GROUP BY given.movie_id
        HAVING count(*) FILTER (WHERE given.half_stars >= 8) > 0
    ),
    page AS (
        SELECT movie_id, likers, raters, half_stars, critics
        FROM (
            SELECT movie_id, likers, raters, 0::bigint AS half_stars, false AS critics FROM liked
            UNION ALL
            SELECT movie_id, likers, raters, half_stars, true FROM praised
        ) AS every
        ORDER BY critics, likers DESC, half_stars DESC, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        page.likers,
        page.raters,
        page.critics
    FROM page
    WINDOW best_first AS (
        ORDER BY page.critics, page.likers DESC, page.half_stars DESC, page.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api._popular(integer[], integer, integer, text, integer) IS
'Movies by how many people gave them 4.0 or more (likers, of raters). Behind them, with
critics true, movies that critics liked and no person has rated: on the first day those are all.
Errors: RQ002 unknown period;
2201W, 2201X negative numbers.';
