-- Load:  movie_features_merge
-- Does:  makes the features of the movies that this load owns equal to the staged ones
-- Reads: staging.film, staging.film_feature, core.feature, core.movie_feature
CREATE UNLOGGED TABLE staging.movie_feature AS
SELECT DISTINCT film.movie_id, feature.feature_id
FROM staging.film_feature AS staged
INNER JOIN staging.film USING (line)
INNER JOIN core.feature ON feature.kind = staged.kind AND feature.code = staged.code
WHERE film.owned;
ANALYZE staging.movie_feature;

WITH removed AS (
    DELETE FROM core.movie_feature AS known
    USING staging.film, core.feature
    WHERE film.owned
        AND known.movie_id = film.movie_id
        AND feature.feature_id = known.feature_id
        -- a load without keywords.csv erases no keyword
        AND feature.kind IN (SELECT DISTINCT kind FROM staging.film_feature)
        AND NOT EXISTS (
            SELECT FROM staging.movie_feature AS wanted
            WHERE wanted.movie_id = known.movie_id AND wanted.feature_id = known.feature_id
        )
    RETURNING 1
),
added AS (
    INSERT INTO core.movie_feature (movie_id, feature_id)
    SELECT movie_id, feature_id FROM staging.movie_feature
    ORDER BY movie_id, feature_id
    ON CONFLICT DO NOTHING
    RETURNING 1
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.movie_feature', added.rows, 0, removed.rows,
    (SELECT count(*) FROM staging.movie_feature) - added.rows
FROM
    (SELECT count(*) AS rows FROM added) AS added,
    (SELECT count(*) AS rows FROM removed) AS removed;
