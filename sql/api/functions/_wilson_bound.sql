-- Object: api._wilson_bound
-- Does:   one end of the Wilson score interval of a share
-- Grain:  one value
-- Reads:  nothing
-- Params: p_hits of p_trials; p_z the normal quantile, negative for the lower end
-- Try:    SELECT api._wilson_bound(42, 57, -1.96), api._wilson_bound(42, 57, 1.96);
CREATE FUNCTION api._wilson_bound(p_hits bigint, p_trials bigint, p_z double precision)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_trials > 0 THEN round(LEAST(1, GREATEST(0, (
        p_hits + p_z * p_z / 2
        + p_z * sqrt(p_hits::double precision * (p_trials - p_hits) / p_trials + p_z * p_z / 4)
    ) / (p_trials + p_z * p_z)))::numeric, 4)
END;
COMMENT ON FUNCTION api._wilson_bound(bigint, bigint, double precision) IS
'One end of the Wilson score interval for p_hits of p_trials, 0 to 1; null without trials.
p_z is the normal quantile: -1.96 and 1.96 give the 95% interval.
Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.';
