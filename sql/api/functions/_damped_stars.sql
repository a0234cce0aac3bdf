-- Object: api._damped_stars
-- Does:   a mean of stars that few ratings cannot carry far from the prior
-- Grain:  one value
-- Reads:  nothing
-- Params: p_half_stars the sum of half-stars of p_raters; p_damping raters that the prior is worth;
--         p_prior_stars the mean it starts from
-- Try:    SELECT api._damped_stars(10, 1), api._damped_stars(10000, 1000);
CREATE FUNCTION api._damped_stars(
    p_half_stars bigint,
    p_raters bigint,
    p_damping numeric DEFAULT 25,
    -- The mean of the public MovieLens sets lies between 3.50 and 3.58. A constant, and not the
    -- mean of the moment: nobody's rating changes what other movies show.
    p_prior_stars numeric DEFAULT 3.5
)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round((p_half_stars / 2.0 + p_damping * p_prior_stars) / (p_raters + p_damping), 3);
COMMENT ON FUNCTION api._damped_stars(bigint, bigint, numeric, numeric) IS
'Damped mean (s + m*C) / (n + m) in stars, 0.5 to 5.0: s the sum and n the number of ratings,
m = p_damping ratings at the prior C = p_prior_stars. Also known as the Bayesian average.';
