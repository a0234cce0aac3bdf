-- Object: api.explain_also_liked
-- Does:   why the fans of one movie bring up another: rows that add up to the score
-- Grain:  one row a number of stars that the fans gave the other movie, and one for the prior
-- Reads:  core.rating, api.about, derived.movie_stats
-- Params: p_movie_id the asked movie; p_other_movie_id the recommended one; p_method; p_damping;
--         p_prior_stars as in api.also_liked
-- Try:    SELECT * FROM api.explain_also_liked(603, 155);
CREATE FUNCTION api.explain_also_liked(
    p_movie_id integer,
    p_other_movie_id integer,
    p_method text DEFAULT 'damped',
    p_damping double precision DEFAULT 25,
    p_prior_stars double precision DEFAULT 0
)
RETURNS TABLE (kind text, evidence text, amount integer, points numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS (
        SELECT theirs.half_stars, count(*) AS fans
        FROM core.rating AS fan
        INNER JOIN core.rating AS theirs
            ON theirs.user_id = fan.user_id AND theirs.movie_id = p_other_movie_id
        WHERE fan.movie_id = p_movie_id
            AND fan.half_stars = 10
            AND fan.user_id > 0
            AND p_movie_id <> p_other_movie_id
            AND api._checked(
                'method', p_method, 'average', 'damped', 'support', 'likes', 'lift'
            ) IS NOT NULL
        GROUP BY theirs.half_stars
    ),
    -- From the prior up through the stars: what the score would be with the rows so far.
    so_far AS (
        SELECT
            half_stars,
            fans,
            sum(half_stars * fans) OVER upward AS half_stars_so_far,
            sum(fans) FILTER (WHERE half_stars >= 8) OVER upward AS likes_so_far,
            sum(fans) OVER upward AS raters_so_far,
            sum(fans) OVER () AS raters
        FROM given
        WINDOW upward AS (ORDER BY half_stars)
    ),
    scale AS (
        SELECT
            (
                SELECT count(*)
                FROM core.rating AS fan
                WHERE fan.movie_id = p_movie_id AND fan.half_stars = 10 AND fan.user_id > 0
            ) AS fans,
            (SELECT about.raters FROM api.about) AS everyone,
            (
                SELECT stats.stars_40 + stats.stars_45 + stats.stars_50
                FROM derived.movie_stats AS stats
                WHERE stats.movie_id = p_other_movie_id
            ) AS likers
    ),
    sums AS (
        SELECT
            so_far.half_stars,
            so_far.fans,
            api._also_liked_points(
                p_method, so_far.half_stars_so_far::bigint,
                COALESCE(so_far.likes_so_far, 0)::bigint,
                -- a mean is divided by all who rated it, a count by nobody
                CASE p_method
                    WHEN 'support' THEN so_far.raters_so_far ELSE so_far.raters
                END::bigint,
                scale.fans, scale.everyone, scale.likers, p_damping, p_prior_stars
            ) AS points
        FROM so_far CROSS JOIN scale
        UNION ALL
        SELECT
            0,
            0,
            round(1000000 * p_damping * p_prior_stars / (max(so_far.raters) + p_damping))::bigint
        FROM so_far
        WHERE p_method = 'damped' AND p_prior_stars <> 0
        HAVING count(*) > 0
    )
    SELECT
        CASE WHEN half_stars = 0 THEN 'prior' ELSE 'stars' END AS kind,
        CASE
            WHEN half_stars = 0 THEN 'where every movie starts'
            ELSE round(half_stars / 2.0, 1) || ' stars'
        END AS evidence,
        fans::integer AS amount,
        -- Differences of rounded sums: whatever the rounding, they add up to the score.
        (points - lag(points, 1, 0::bigint) OVER (ORDER BY half_stars)) * 0.000001 AS points
    FROM sums
    ORDER BY half_stars DESC;
END;
COMMENT ON FUNCTION api.explain_also_liked(
    integer, integer, text, double precision, double precision
) IS
'The evidence for p_other_movie_id in api.also_liked(p_movie_id): how many of the fans (amount)
gave it how many stars, and the points that this is worth; the sum of points is its score.
Always counted live: where api.also_liked answers from a stored list, of whose evidence up to 1% may
have changed since (api.freshness), the two may differ by as much.
Errors: RQ002 unknown method.';
