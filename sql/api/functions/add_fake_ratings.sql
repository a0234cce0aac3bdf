-- Object: api.add_fake_ratings
-- Does:   lets the fake users rate movies, famous ones more than others
-- Grain:  one row: how many ratings are new
-- Reads:  core.rater, core.movie, derived.movie_stats
-- Params: p_count ratings, spread evenly over all fake users; p_seed
-- Try:    SELECT * FROM api.add_fake_ratings(10, 7);
CREATE FUNCTION api.add_fake_ratings(
    p_count integer DEFAULT 10, p_seed bigint DEFAULT (random() * 2147483647)::bigint
)
RETURNS TABLE (added integer)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH fake AS MATERIALIZED (
        SELECT
            user_id, row_number() OVER (ORDER BY user_id DESC) AS place, count(*) OVER () AS total
        FROM core.rater
        WHERE kind = 'fake'
    ),
    famous AS MATERIALIZED (
        SELECT
            movie.movie_id,
            row_number() OVER (
                ORDER BY
                    COALESCE(stats.raters, 0) DESC, movie.popularity DESC NULLS LAST,
                    movie.movie_id
            ) AS place,
            count(*) OVER () AS total
        FROM core.movie
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
    ),
    share AS (
        SELECT
            fake.user_id,
            LEAST(
                p_count / fake.total
                + CASE WHEN fake.place <= p_count % fake.total THEN 1 ELSE 0 END,
                size.movies
            ) AS ratings,
            size.movies
        FROM fake
        CROSS JOIN (SELECT max(place) AS movies FROM famous) AS size
    ),
    -- The movies, the best known first, are cut into as many strips as one has ratings, short
    -- ones at the head and long ones at the tail, and one of each is drawn: no movie twice.
    strip AS (
        SELECT
            share.user_id, n,
            GREATEST(n - 1, floor(share.movies * ((n - 1) / share.ratings::float8) ^ 1.5)) AS start,
            GREATEST(n, floor(share.movies * (n / share.ratings::float8) ^ 1.5)) AS finish,
            share.user_id * 100003::bigint + n AS key
        FROM share
        CROSS JOIN LATERAL generate_series(1, share.ratings) AS n
    ),
    made AS (
        INSERT INTO core.rating (rated_at, user_id, movie_id, half_stars)
        SELECT
            now(), strip.user_id, famous.movie_id,
            -- around 3.5, the ends rare
            1 + floor(
                10 * LEAST(
                    0.999,
                    (
                        0.9 + api._draw(p_seed, strip.key) + api._draw(p_seed + 1, strip.key)
                        + 2 * api._draw(p_seed + 2, strip.key)
                    ) / 4.9
                )
            )
        FROM strip
        INNER JOIN famous ON famous.place = 1 + strip.start + floor(
            api._draw(p_seed, -strip.key) * (strip.finish - strip.start)
        )
        ORDER BY strip.user_id, famous.movie_id
        ON CONFLICT (user_id, movie_id) DO NOTHING
        RETURNING 1
    )
    SELECT count(*)::integer AS added FROM made;
END;
COMMENT ON FUNCTION api.add_fake_ratings(integer, bigint) IS
'Ratings by the raters of kind fake, who count nowhere. Fewer than p_count are new where a fake user
rates a movie a second time, and none without fake users or movies.';
