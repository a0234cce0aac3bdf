-- Object: api._basis
-- Does:   a number that tells one set of somebody's ratings from another
-- Grain:  one value
-- Reads:  core.rating
-- Params: p_user_id
-- Try:    SELECT api._basis(1);
CREATE FUNCTION api._basis(p_user_id integer)
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
-- By the primary key alone, which holds the stars. Dates would not do: an import brings old ones
-- along, and a rating that is taken back leaves none.
RETURN (
    SELECT COALESCE(
        bit_xor(hashint8extended(rating.movie_id * 16::bigint + rating.half_stars, 0)), 0
    )
    FROM core.rating
    WHERE rating.user_id = p_user_id
);
COMMENT ON FUNCTION api._basis(integer) IS
'A hash of what p_user_id has rated and how; 0 for nobody''s ratings. Another rating, other stars or
one rating less give another number, but for one chance in 2^64.';
