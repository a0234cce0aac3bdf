-- Object: api._also_liked_points
-- Does:   the score of a movie among the fans of another, by one of the methods
-- Grain:  one value, in millionths
-- Reads:  nothing
-- Params: p_method; p_half_stars, p_likes of p_raters among p_fans fans; p_everyone raters in all,
--         p_likers of whom liked the movie (lift only); p_damping; p_prior_stars
-- Try:    SELECT api._also_liked_points('damped', 90, 9, 10, 20, NULL, NULL, 25, 0);
CREATE FUNCTION api._also_liked_points(
    p_method text,
    p_half_stars bigint,
    p_likes bigint,
    p_raters bigint,
    p_fans bigint,
    p_everyone bigint,
    p_likers bigint,
    p_damping double precision,
    p_prior_stars double precision
)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- Whole millionths: what looks equal is equal, and evidence can add up to the last digit.
RETURN round(1000000 * CASE p_method
    WHEN 'average' THEN p_half_stars / 2.0::double precision / p_raters
    WHEN 'damped' THEN (p_half_stars / 2.0::double precision + p_damping * p_prior_stars)
        / (p_raters + p_damping)
    WHEN 'support' THEN p_raters
    WHEN 'likes' THEN p_likes
    WHEN 'lift' THEN p_everyone::double precision * p_likes
        / ((p_fans + p_damping) * (p_likers + p_damping))
END)::bigint;
COMMENT ON FUNCTION api._also_liked_points(
    text, bigint, bigint, bigint, bigint, bigint, bigint, double precision, double precision
) IS
'The score of api.also_liked in millionths, as its comment defines it.';
