-- Load:  ratings_superseded
-- Does:  of several staged ratings of one movie by one rater leaves the latest
-- Reads: staging.mapped, staging.rating; setting recsql.ratings_file
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

DELETE FROM staging.rating USING staging.superseded WHERE rating.line = superseded.line;
