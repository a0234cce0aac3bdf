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
        SELECT
            given.movie_id, given.raters, given.half_stars, given.likes,
            stats.stars_40 + stats.stars_45 + stats.stars_50 AS likers
        FROM api._starred_by_fans(p_movie_id) AS given
        INNER JOIN derived.movie_stats AS stats USING (movie_id)
    ),
    scale AS MATERIALIZED (
        SELECT
            (
                SELECT count(*)
                FROM core.rating AS fan
                WHERE fan.movie_id = p_movie_id AND fan.half_stars = 10 AND fan.user_id > 0
            ) AS fans,
            (SELECT about.raters FROM api.about) AS everyone,
            (SELECT sum(raters)::bigint FROM starred) AS evidence
    ),
    leading_ones AS (
        SELECT first_ones.movie_id
        FROM unnest('{average,damped,support,likes,lift}'::text[]) AS method
        CROSS JOIN LATERAL (
            SELECT starred.movie_id
            FROM starred
            CROSS JOIN scale
            ORDER BY
                -- as api.also_liked without parameters reckons and orders
                api._also_liked_points(
                    method, starred.half_stars, starred.likes, starred.raters, scale.fans,
                    scale.everyone, starred.likers, 25, 0
                ) DESC,
                starred.raters DESC, starred.half_stars DESC, starred.movie_id
            LIMIT p_depth
        ) AS first_ones
        GROUP BY first_ones.movie_id
    )
    SELECT
        starred.movie_id, starred.raters, starred.half_stars, starred.likes, scale.fans,
        scale.evidence
    FROM leading_ones
    INNER JOIN starred USING (movie_id)
    CROSS JOIN scale
    ORDER BY starred.movie_id;
END;
COMMENT ON FUNCTION api._also_liked_list(integer, integer) IS
'The rows of api._starred_by_fans that are among the first p_depth by any method of
api.also_liked with its default parameters; fans and evidence (the sum of raters over all movies)
are the same in every row.';
