-- Object: api._draw
-- Does:   a random number that the same seed and key always give
-- Grain:  one value
-- Reads:  nothing
-- Params: p_seed; p_key what is drawn for
-- Try:    SELECT api._draw(7, 603);
CREATE FUNCTION api._draw(p_seed bigint, p_key bigint)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- The upper 53 bits of the hash: as many as a double holds, so the result stays below 1.
RETURN ((hashint8extended(p_key, p_seed) >> 11) & 9007199254740991)
    / 9007199254740992.0::double precision;
COMMENT ON FUNCTION api._draw(bigint, bigint) IS
'A number from 0 (included) to 1 (excluded), evenly spread over the keys; the same for the same
seed and key on every server of the same byte order.';
