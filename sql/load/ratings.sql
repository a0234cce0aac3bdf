-- Load:  ratings
-- Does:  counts staged ratings, and finds their raters
-- Reads: staging.rating, staging.rated_movie; setting recsql.source
ANALYZE staging.rating;

-- Tables by themselves, since a statement that writes elsewhere would be denied its parallel
-- workers.
CREATE UNLOGGED TABLE staging.rated_by AS
SELECT
    user_key,
    count(*) AS ratings,
    count(*) FILTER (WHERE staging.is_rating(user_key, movie_key, stars, rated_at)) AS good,
    count(*) FILTER (WHERE COALESCE(rated_at, 0) = 0) AS without_time
FROM staging.standing
GROUP BY user_key;

-- Raters are people of this data set, known by its own numbers.
INSERT INTO core.rater (user_id, kind, source, source_key)
SELECT
    nextval('core.person_rater_id'), 'imported', current_setting('recsql.source'),
    fresh.user_key::text
FROM (
    SELECT user_key FROM staging.rated_by
    WHERE good > 0 AND NOT EXISTS (
        SELECT FROM core.rater
        WHERE rater.source = current_setting('recsql.source')
            AND rater.source_key = user_key::text
    )
    ORDER BY user_key
) AS fresh;

CREATE UNLOGGED TABLE staging.rated_user AS
SELECT source_key::integer AS user_key, user_id
FROM core.rater
WHERE source = current_setting('recsql.source');
ANALYZE staging.rated_user;

-- What is good; the rest is told apart only where there is any.
CREATE VIEW staging.mapped AS
SELECT
    CASE WHEN standing.rated_at > 0 THEN to_timestamp(standing.rated_at) END AS rated_at,
    standing.at,
    rated_user.user_id,
    rated_movie.movie_id,
    (standing.stars * 2)::smallint AS half_stars
FROM staging.standing
INNER JOIN staging.rated_user USING (user_key)
INNER JOIN staging.rated_movie USING (movie_key)
WHERE staging.is_rating(
    standing.user_key, standing.movie_key, standing.stars, standing.rated_at
);
