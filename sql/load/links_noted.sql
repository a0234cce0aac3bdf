-- Load:  links_noted
-- Does:  says what the links lead to, once the catalogue stands
-- Reads: staging.link_judged, core.movie
INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT current_setting('recsql.links_file'), 'noted', noted.reason, noted.rows
FROM (
    SELECT
        count(*) FILTER (WHERE judged.tmdb_id IS NULL) AS no_tmdb_id,
        count(*) FILTER (WHERE judged.tmdb_id IS NOT NULL AND movie.movie_id IS NULL) AS no_movie,
        count(judged.tmdb_id) - count(DISTINCT judged.tmdb_id) AS repeated
    FROM staging.link_judged AS judged
    LEFT JOIN core.movie ON movie.movie_id = judged.tmdb_id
    WHERE judged.fault IS NULL
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'no TMDB id', counted.no_tmdb_id),
        (2, 'TMDB id of an earlier row: both MovieLens ids mean the same movie', counted.repeated),
        (3, 'movie is not in the catalogue', counted.no_movie)
) AS noted (place, reason, rows)
WHERE noted.rows > 0
ORDER BY noted.place;
