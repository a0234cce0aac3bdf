-- Object: api._also_liked_list
-- Does:   what a stored also-liked list has to hold to answer for every method
-- Grain:  one row per other movie that is among the first p_depth by at least one method
-- Reads:  core.rating, api.about, derived.movie_stats
-- Params: p_movie_id; p_depth rows a method
-- Try:    SELECT * FROM api._also_liked_list(1, 2);
CREATE FUNCTION api._also_liked_list(p_movie_id integer, p_depth integer)
RETURNS TABLE (
    movie_id integer, raters bigint, half_stars bigint, likes bigint, fans bigint, evidence bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH starred AS MATERIALIZED (
        SELECT given.movie_id, given.raters, given.half_stars, given.likes
        FROM api._starred_by_fans(p_movie_id) AS given
    ),
    -- How many liked each movie, to be looked up by its place among all: the same for every list of
    -- a statement, so it is gathered once. A join would read all movies for each of them.
    everybody AS MATERIALIZED (
        SELECT
            array_agg(stats.movie_id) AS movies,
            array_agg(stats.stars_40 + stats.stars_45 + stats.stars_50) AS likers,
            (SELECT about.raters FROM api.about) AS raters
        FROM (
            SELECT kept.movie_id, kept.stars_40, kept.stars_45, kept.stars_50
            FROM derived.movie_stats AS kept
            ORDER BY kept.movie_id
        ) AS stats
    ),
    scale AS MATERIALIZED (
        SELECT
            (
                SELECT count(*)
                FROM core.rating AS fan
                WHERE fan.movie_id = p_movie_id AND fan.half_stars = 10 AND fan.user_id > 0
            ) AS fans,
            (SELECT sum(raters)::bigint FROM starred) AS evidence
    ),
    -- As api.also_liked without parameters reckons and orders. Method by method, each written out:
    -- of a constant method one formula is left when the statement has been planned, and support and
    -- likes are their own order.
    leading_ones AS (
        (
            SELECT starred.*
            FROM starred
            ORDER BY
                api._also_liked_points(
                    'average', starred.half_stars, starred.likes, starred.raters, NULL,
                    NULL, NULL, 25, 0
                ) DESC,
                starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        )
        UNION
        (
            SELECT starred.*
            FROM starred
            ORDER BY
                api._also_liked_points(
                    'damped', starred.half_stars, starred.likes, starred.raters, NULL,
                    NULL, NULL, 25, 0
                ) DESC,
                starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        )
        UNION
        (
            SELECT starred.*
            FROM starred
            ORDER BY
                starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        )
        UNION
        (
            SELECT starred.*
            FROM starred
            ORDER BY
                starred.likes DESC, starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        )
        UNION
        (
            SELECT starred.*
            FROM starred
            CROSS JOIN scale
            CROSS JOIN everybody
            ORDER BY
                -- nothing of everybody is looked up where none of the fans liked it
                CASE WHEN starred.likes = 0 THEN 0 ELSE api._also_liked_points(
                    'lift', starred.half_stars, starred.likes, starred.raters, scale.fans,
                    everybody.raters,
                    everybody.likers[width_bucket(starred.movie_id, everybody.movies)], 25, 0
                ) END DESC,
                starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        )
    )
    SELECT
        leading_ones.movie_id, leading_ones.raters, leading_ones.half_stars, leading_ones.likes,
        scale.fans, scale.evidence
    FROM leading_ones
    CROSS JOIN scale
    ORDER BY leading_ones.movie_id;
END;
COMMENT ON FUNCTION api._also_liked_list(integer, integer) IS
'The rows of api._starred_by_fans that are among the first p_depth by any method of
api.also_liked with its default parameters; fans and evidence (the sum of raters over all movies)
are the same in every row.';
