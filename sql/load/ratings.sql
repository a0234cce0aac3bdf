-- Load:  ratings
-- Does:  judges staged ratings and finds their raters and movies; what is good waits in
--        staging.mapped
-- Reads: staging.rating, core.movie_key; settings recsql.source, recsql.key_source,
--        recsql.ratings_file
ANALYZE staging.rating;

CREATE UNLOGGED TABLE staging.rated_movie AS
SELECT rated.movie_key, key.movie_id
FROM (SELECT DISTINCT movie_key FROM staging.rating) AS rated
INNER JOIN core.movie_key AS key
    ON key.source = current_setting('recsql.key_source') AND key.key = rated.movie_key::text;

-- Raters are people of this data set, known by its own numbers.
INSERT INTO core.rater (user_id, kind, source, source_key)
SELECT nextval('core.person_rater_id'), 'imported', current_setting('recsql.source'), fresh.user_key
FROM (
    SELECT DISTINCT user_key::text AS user_key, user_key AS numeric_order
    FROM staging.rating
    WHERE user_key > 0
        AND NOT EXISTS (
            SELECT FROM core.rater
            WHERE rater.source = current_setting('recsql.source')
                AND rater.source_key = user_key::text
        )
    ORDER BY numeric_order
) AS fresh;

CREATE UNLOGGED TABLE staging.rated_user AS
SELECT source_key::integer AS user_key, user_id
FROM core.rater
WHERE source = current_setting('recsql.source');
ANALYZE staging.rated_movie, staging.rated_user;

CREATE UNLOGGED TABLE staging.mapped AS
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

-- The rest, each with its reason. Nothing is scanned for it where all is well.
INSERT INTO staging.reject (file, line, reason, record)
SELECT
    current_setting('recsql.ratings_file'),
    rating.line,
    CASE
        WHEN rating.user_key IS NULL OR rating.user_key < 1 THEN 'userId is not above zero'
        WHEN rating.movie_key IS NULL OR rating.movie_key < 1 THEN 'movieId is not above zero'
        WHEN rating.half_stars IS NULL AND COALESCE(rating.rated_at, 0) BETWEEN 0 AND 4102444800
            THEN 'rating is not 0.5 to 5.0 in half steps'
        WHEN rating.half_stars IS NULL THEN 'timestamp is out of range'
        WHEN current_setting('recsql.key_source') <> 'movielens' OR link.movielens_id IS NULL
            THEN 'unknown movie: its id has no row in links'
        WHEN link.tmdb_id IS NULL THEN 'unknown movie: links give no TMDB id for it'
        ELSE 'unknown movie: not in the catalogue'
    END,
    concat_ws(',', rating.user_key, rating.movie_key, rating.stars, rating.rated_at)
FROM staging.rating
LEFT JOIN core.movielens_link AS link ON link.movielens_id = rating.movie_key
LEFT JOIN staging.rated_movie USING (movie_key)
WHERE (SELECT count(*) FROM staging.mapped) < (SELECT count(*) FROM staging.rating)
    AND (rating.half_stars IS NULL OR rated_movie.movie_id IS NULL);

-- Of two ratings of one movie by one rater the later counts.
CREATE UNLOGGED TABLE staging.superseded AS
SELECT line
FROM (
    SELECT
        line,
        row_number() OVER (
            PARTITION BY user_id, movie_id ORDER BY rated_at DESC NULLS LAST, line DESC
        ) AS place
    FROM staging.mapped
) AS placed
WHERE place > 1;

INSERT INTO staging.reject (file, line, reason, record)
SELECT
    current_setting('recsql.ratings_file'), rating.line,
    'rated again by the same rater: the later rating counts',
    concat_ws(',', rating.user_key, rating.movie_key, rating.stars, rating.rated_at)
FROM staging.superseded
INNER JOIN staging.rating USING (line);

DELETE FROM staging.mapped USING staging.superseded WHERE mapped.line = superseded.line;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT
    current_setting('recsql.ratings_file'), noted.outcome, noted.reason, noted.rows
FROM (
    SELECT
        count(*) AS landed,
        count(*) FILTER (WHERE rated_at IS NULL) AS no_time,
        count(DISTINCT movie_id) AS movies,
        count(DISTINCT user_id) AS raters,
        (
            SELECT count(*) FROM staging.film
            WHERE film.key_source = current_setting('recsql.key_source')
                AND NOT EXISTS (
                    SELECT FROM staging.rated_movie WHERE rated_movie.movie_key::text = film.key
                )
        ) AS unrated
    FROM staging.mapped
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'landed', NULL, counted.landed),
        (2, 'noted', 'movies rated', counted.movies),
        (3, 'noted', 'raters', counted.raters),
        (4, 'noted', 'movies of this data set that nobody rated', counted.unrated),
        (5, 'noted', 'time 0, taken as unknown', counted.no_time)
) AS noted (place, outcome, reason, rows)
WHERE noted.rows > 0 OR noted.outcome = 'landed'
ORDER BY noted.place;

ANALYZE staging.mapped;
