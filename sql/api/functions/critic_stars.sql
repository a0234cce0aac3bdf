-- Object: api.critic_stars
-- Does:   what the critics think of a movie, taken together
-- Grain:  one row, or none where no critic has rated it
-- Reads:  api.critic_rating
-- Params: p_movie_id
-- Try:    SELECT * FROM api.critic_stars(1);
CREATE FUNCTION api.critic_stars(p_movie_id integer)
RETURNS TABLE (movie_id integer, critics integer, half_stars bigint, mean_stars numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        given.movie_id,
        count(*)::integer AS critics,
        sum(given.half_stars) AS half_stars,
        round(avg(given.half_stars) / 2, 2) AS mean_stars
    FROM api.critic_rating AS given
    WHERE given.movie_id = p_movie_id
    GROUP BY given.movie_id;
END;
COMMENT ON FUNCTION api.critic_stars(integer) IS
'The mean of the critics on the scale of stars, 0.5 to 5.0, how many they are, and the sum of their
half-stars. What a movie is predicted by as long as no person has rated it.';
