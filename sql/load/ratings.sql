-- Load:  ratings
-- Does:  finds the raters and movies of staged ratings
-- Reads: staging.rating, core.movie_key; settings recsql.source, recsql.key_source
ANALYZE staging.rating;

CREATE UNLOGGED TABLE staging.rated_movie AS
SELECT rated.movie_key, key.movie_id
FROM (SELECT DISTINCT movie_key FROM staging.rating) AS rated
INNER JOIN core.movie_key AS key
    ON key.source = current_setting('recsql.key_source') AND key.key = rated.movie_key::text;

-- Raters are people of this data set, known by its own numbers. A table by itself, since a
-- statement that writes elsewhere would be denied its parallel workers.
CREATE UNLOGGED TABLE staging.user_key AS
SELECT DISTINCT user_key FROM staging.rating WHERE half_stars IS NOT NULL;

INSERT INTO core.rater (user_id, kind, source, source_key)
SELECT
    nextval('core.person_rater_id'), 'imported', current_setting('recsql.source'),
    fresh.user_key::text
FROM (
    SELECT user_key FROM staging.user_key
    WHERE NOT EXISTS (
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
ANALYZE staging.rated_movie, staging.rated_user;

-- What is good; the rest is told apart only where there is any.
CREATE VIEW staging.mapped AS
SELECT
    CASE WHEN rating.rated_at > 0 THEN to_timestamp(rating.rated_at) END AS rated_at,
    rating.line,
    rated_user.user_id,
    rated_movie.movie_id,
    rating.half_stars
FROM staging.rating
INNER JOIN staging.rated_user USING (user_key)
INNER JOIN staging.rated_movie USING (movie_key)
WHERE rating.half_stars IS NOT NULL;
