-- Object: api._mean_stars
-- Does:   the mean of stars, to two digits
-- Grain:  one value
-- Reads:  nothing
-- Params: p_half_stars the sum of half-stars of p_raters
-- Try:    SELECT api._mean_stars(39, 4);
CREATE FUNCTION api._mean_stars(p_half_stars bigint, p_raters bigint)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- In whole hundredths, halves up: a page has 200 of them, and numeric division takes its time.
RETURN (100 * p_half_stars + p_raters) / NULLIF(2 * p_raters, 0) * 0.01;
COMMENT ON FUNCTION api._mean_stars(bigint, bigint) IS
'p_half_stars / 2 / p_raters in stars, 0.50 to 5.00, rounded to two digits; null without raters.';
