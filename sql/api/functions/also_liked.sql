-- Object: api.also_liked
-- Does:   what other users who gave a movie five stars liked as well, best first
-- Grain:  one row per other movie that at least p_min_raters fans rated; never the movie itself
-- Reads:  derived.also_liked, core.rating, core.rater, core.movie, derived.movie_stats
-- Params: p_movie_id; p_limit, p_offset rows; p_method average, damped, support, likes or lift;
--         p_min_raters fans; p_damping fans; p_prior_stars
-- Try:    SELECT rank, title, year, score, reason FROM api.also_liked(603, p_limit => 5);
CREATE FUNCTION api.also_liked(
    p_movie_id integer,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_method text DEFAULT 'damped',
    -- 1 is the plain rule; the damped methods need no more
    p_min_raters integer DEFAULT 1,
    -- measured on 100,000 ratings, 5 folds of users, nDCG@10: damped to zero with 25 fans .403,
    -- damped to the mean with 10 .347, plain average .027
    p_damping double precision DEFAULT 25,
    p_prior_stars double precision DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    score numeric,
    reason text,
    support integer,
    out_of integer,
    mean_stars numeric,
    low numeric,
    high numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- A stored list answers for what it was made for; all else is reckoned here and now. Callers
    -- cannot tell, but for the time it takes.
    WITH stored AS MATERIALIZED (
        SELECT fans, others, raters, half_stars, likes
        FROM derived.also_liked
        WHERE movie_id = p_movie_id
            AND p_offset::bigint + p_limit <= depth
            AND p_min_raters <= 1
            AND p_damping = 25
            AND p_prior_stars = 0
    ),
    starred AS (
        SELECT entry.movie_id, entry.raters, entry.half_stars, entry.likes
        FROM stored
        CROSS JOIN LATERAL unnest(
            stored.others, stored.raters::bigint[], stored.half_stars::bigint[],
            stored.likes::bigint[]
        ) AS entry (movie_id, raters, half_stars, likes)
        WHERE api._checked(
            'method', p_method, 'average', 'damped', 'support', 'likes', 'lift'
        ) IS NOT NULL
        UNION ALL
        SELECT movie_id, raters, half_stars, likes
        FROM api._starred_by_fans(p_movie_id)
        WHERE raters >= p_min_raters
            AND NOT EXISTS (SELECT FROM stored)
            AND api._checked(
                'method', p_method, 'average', 'damped', 'support', 'likes', 'lift'
            ) IS NOT NULL
    ),
    scale AS (
        SELECT
            COALESCE(
                (SELECT stored.fans::bigint FROM stored),
                (
                    SELECT count(*)
                    FROM core.rating AS fan
                    WHERE fan.movie_id = p_movie_id AND fan.half_stars = 10 AND fan.user_id > 0
                )
            ) AS fans,
            CASE WHEN p_method = 'lift' THEN (
                SELECT count(*) FROM core.rater WHERE rater.user_id > 0
            ) END AS everyone
    ),
    scored AS (
        SELECT
            starred.movie_id,
            starred.raters,
            starred.half_stars,
            starred.likes,
            api._also_liked_points(
                p_method, starred.half_stars, starred.likes, starred.raters, scale.fans,
                scale.everyone, stats.stars_40 + stats.stars_45 + stats.stars_50,
                p_damping, p_prior_stars
            ) AS points
        FROM starred
        CROSS JOIN scale
        LEFT JOIN derived.movie_stats AS stats
            ON p_method = 'lift' AND stats.movie_id = starred.movie_id
    ),
    page AS (
        SELECT movie_id, raters, half_stars, likes, points
        FROM scored
        -- sorted only as far as the page reaches, numbered afterwards
        ORDER BY points DESC, raters DESC, half_stars DESC, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        page.points * 0.000001 AS score,
        page.raters || ' of ' || scale.fans
        || CASE scale.fans WHEN 1 THEN ' fan' ELSE ' fans' END || ' rated it, '
        || round(page.half_stars / 2.0 / page.raters, 1) || ' on average' AS reason,
        page.raters::integer AS support,
        scale.fans::integer AS out_of,
        round(page.half_stars / 2.0 / page.raters, 2) AS mean_stars,
        api._wilson_bound(page.likes, page.raters, -1.96) AS low,
        api._wilson_bound(page.likes, page.raters, 1.96) AS high
    FROM page
    CROSS JOIN scale
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    WINDOW best_first AS (
        ORDER BY page.points DESC, page.raters DESC, page.half_stars DESC, page.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.also_liked(
    integer, integer, integer, text, integer, double precision, double precision
) IS
'What the fans of p_movie_id (raters who gave it exactly 5.0 stars) rated besides. n of the F fans
rated the other movie, with s stars in sum; c of them liked it (4.0 or more).
p_method  average: s / n, the plain rule
          damped:  (s + m*C) / (n + m), m = p_damping fans, C = p_prior_stars
          support: n
          likes:   c
          lift:    U*c / ((F + m) * (L + m)): U raters in all, L of whom liked the other movie
p_min_raters hides movies that fewer fans rated. Ties are broken by n, then s, then movie_id.
support of out_of: n of F. mean_stars: of those n. low to high: 95% Wilson interval of the share
of those n who liked it; a wide one means thin evidence.
Nothing for a movie that is unknown or has no fans.
Errors: RQ002 unknown method; 2201W, 2201X negative p_limit, p_offset.';
