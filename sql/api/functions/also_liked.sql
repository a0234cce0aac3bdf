-- Object: api.also_liked
-- Does:   what other users who gave a movie five stars liked as well, best first
-- Grain:  one row per other movie that at least p_min_raters fans rated; never the movie itself
-- Reads:  derived.also_liked, core.rating, api.about, core.movie, derived.movie_stats
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
    SELECT *
    FROM api._also_liked_page(
        p_movie_id, p_limit, p_offset, p_method, p_min_raters, p_damping, p_prior_stars
    );
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
