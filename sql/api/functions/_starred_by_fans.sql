-- Object: api._starred_by_fans
-- Does:   how the fans of a movie starred all other movies
-- Grain:  one row per other movie that a fan has rated
-- Reads:  core.rating
-- Params: p_movie_id
-- Try:    SELECT * FROM api._starred_by_fans(603) ORDER BY raters DESC LIMIT 5;
CREATE FUNCTION api._starred_by_fans(p_movie_id integer)
RETURNS TABLE (movie_id integer, raters bigint, half_stars bigint, likes bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        theirs.movie_id,
        count(*) AS raters,
        sum(theirs.half_stars) AS half_stars,
        count(*) FILTER (WHERE theirs.half_stars >= 8) AS likes
    -- Never leaves a user's own ratings: the same statement runs where they are sharded by user.
    FROM core.rating AS fan
    INNER JOIN core.rating AS theirs ON theirs.user_id = fan.user_id
    WHERE fan.movie_id = p_movie_id
        -- exactly 5.0 stars, by a person: what the index of fans holds
        AND fan.half_stars = 10
        AND fan.user_id > 0
        AND theirs.movie_id <> p_movie_id
    GROUP BY theirs.movie_id;
END;
COMMENT ON FUNCTION api._starred_by_fans(integer) IS
'For each movie that at least one fan of p_movie_id (5.0 stars) has rated: how many of the fans
rated it, the sum of their half-stars, and how many of them liked it (4.0 stars or more).';
