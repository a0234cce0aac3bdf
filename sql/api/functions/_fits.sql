-- Object: api._fits
-- Does:   whether a movie passes the filters that need no look at its features
-- Grain:  one value
-- Reads:  nothing
-- Params: p_year, p_runtime, p_raters, p_half_stars of the movie; p_decade, p_min_runtime,
--         p_max_runtime asked for, p_min_points 200 times the stars asked for; null for any
-- Try:    SELECT api._fits(1999::smallint, 136, 4, 39, 1990, 90, 150, 800);
CREATE FUNCTION api._fits(
    p_year smallint,
    p_runtime integer,
    p_raters integer,
    p_half_stars bigint,
    p_decade integer,
    p_min_runtime integer,
    p_max_runtime integer,
    p_min_points bigint
)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (p_decade IS NULL OR p_year BETWEEN p_decade AND p_decade + 9)
    AND (p_min_runtime IS NULL OR p_runtime >= p_min_runtime)
    AND (p_max_runtime IS NULL OR p_runtime <= p_max_runtime)
    AND (
        p_min_points IS NULL
        OR (p_raters > 0 AND 100 * p_half_stars >= p_raters * p_min_points)
    );
COMMENT ON FUNCTION api._fits(
    smallint, integer, integer, bigint, integer, integer, integer, bigint
) IS
'Of the decade, within the running times (minutes, both included), and with a mean of at least
p_min_points / 200 stars: whole numbers, for numeric takes longer than all else. What is not known does not fit a filter that asks for it.';
