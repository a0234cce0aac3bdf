-- Load:  ratings_noted
-- Does:  says what was noticed in a file of ratings
-- Reads: staging.rated_by, staging.rated_movie, staging.rated, staging.film; settings
--        recsql.source, recsql.key_source, recsql.ratings_file
INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT
    current_setting('recsql.ratings_file'), 'noted', noted.reason, noted.rows
FROM (
    SELECT
        (SELECT sum(without_time) FROM staging.rated_by) AS no_time,
        (
            SELECT count(DISTINCT movie_id)
            FROM staging.rated_movie
            INNER JOIN staging.rated USING (movie_key)
        ) AS movies,
        (SELECT count(*) FROM core.rater WHERE source = current_setting('recsql.source'))
            AS raters,
        (
            SELECT count(*) FROM staging.film
            WHERE film.key_source = current_setting('recsql.key_source')
                AND NOT EXISTS (
                    SELECT FROM staging.rated WHERE rated.movie_key::text = film.key
                )
        ) AS unrated
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'movies rated', counted.movies),
        (2, 'raters', counted.raters),
        (3, 'movies of this data set that nobody rated', counted.unrated),
        (4, 'time 0, taken as unknown', counted.no_time)
) AS noted (place, reason, rows)
WHERE noted.rows > 0
ORDER BY noted.place;
