-- Object: api._also_liked_ranked
-- Does:   api.also_liked out of a stored list, or out of the ratings themselves
-- Grain:  one row per other movie
-- Reads:  derived.also_liked, core.rating, api.about, core.movie, derived.movie_stats
-- Params: p_stored which of the two; p_movie_id, p_limit, p_offset, p_method, p_min_raters,
--         p_damping, p_prior_stars as in api.also_liked
-- Try:    SELECT * FROM api._also_liked_ranked(false, 1, 10, 0, 'damped', 1, 25, 0);
CREATE FUNCTION api._also_liked_ranked(
    p_stored boolean,
    p_movie_id integer,
    p_limit integer,
    p_offset integer,
    p_method text,
    p_min_raters integer,
    p_damping double precision,
    p_prior_stars double precision
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
    WITH starred AS (
        -- One of the two is cut away while planning, where p_stored is a constant.
        SELECT entry.movie_id, entry.raters, entry.half_stars, entry.likes, stored.fans
        FROM derived.also_liked AS stored
        CROSS JOIN LATERAL unnest(
            stored.others, stored.raters, stored.half_stars, stored.likes
        ) AS entry (movie_id, raters, half_stars, likes)
        WHERE p_stored AND stored.movie_id = p_movie_id
        UNION ALL
        SELECT
            given.movie_id, given.raters, given.half_stars, given.likes,
            (
                SELECT count(*)
                FROM core.rating AS fan
                WHERE fan.movie_id = p_movie_id AND fan.half_stars = 10 AND fan.user_id > 0
            )
        FROM api._starred_by_fans(p_movie_id) AS given
        WHERE NOT p_stored AND given.raters >= p_min_raters
    ),
    page AS (
        SELECT
            starred.movie_id,
            starred.raters,
            starred.half_stars,
            starred.likes,
            starred.fans,
            api._also_liked_points(
                p_method, starred.half_stars, starred.likes, starred.raters, starred.fans,
                CASE WHEN p_method = 'lift' THEN (SELECT about.raters FROM api.about) END,
                -- looked up movie by movie, and only where the method asks
                CASE WHEN p_method = 'lift' THEN (
                    SELECT stats.stars_40 + stats.stars_45 + stats.stars_50
                    FROM derived.movie_stats AS stats
                    WHERE stats.movie_id = starred.movie_id
                ) END,
                p_damping, p_prior_stars
            ) AS points
        FROM starred
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
        page.raters || ' of ' || page.fans
        || CASE page.fans WHEN 1 THEN ' fan' ELSE ' fans' END || ' rated it, '
        || round(page.half_stars / 2.0 / page.raters, 1) || ' on average' AS reason,
        page.raters::integer AS support,
        page.fans::integer AS out_of,
        round(page.half_stars / 2.0 / page.raters, 2) AS mean_stars,
        api._wilson_bound(page.likes, page.raters, -1.96) AS low,
        api._wilson_bound(page.likes, page.raters, 1.96) AS high
    FROM page
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    WINDOW best_first AS (
        ORDER BY page.points DESC, page.raters DESC, page.half_stars DESC, page.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api._also_liked_ranked(
    boolean, integer, integer, integer, text, integer, double precision, double precision
) IS
'The rows of api.also_liked. p_stored: out of the stored list, which there has to be, and which
knows nothing of p_min_raters, p_damping and p_prior_stars; else out of all ratings of all fans.';
