-- Object: api._rarity
-- Does:   what sharing a feature is worth
-- Grain:  one value
-- Reads:  nothing
-- Params: p_movies all movies; p_having those that have the feature
-- Try:    SELECT api._rarity(1000, 10);
CREATE FUNCTION api._rarity(p_movies integer, p_having integer)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- In whole millionths: sums of integers do not depend on the order of addition, so equal sets of
-- features always tie, and evidence adds up to the score to the last digit.
RETURN round(1000000 * ln((1.0::double precision + p_movies) / p_having))::integer;
COMMENT ON FUNCTION api._rarity(integer, integer) IS
'ln((1 + N) / df) in millionths: N = p_movies in all, df = p_having of them with the feature
(inverse document frequency, K. Sparck Jones 1972).';
