-- Load:  ratings_merge
-- Does:  makes the ratings of a source equal to the staged ones, touching only what differs
-- Reads: staging.mapped, core.rating; setting recsql.source
WITH removed AS (
    DELETE FROM core.rating AS known
    USING core.rater
    WHERE rater.source = current_setting('recsql.source')
        AND known.user_id = rater.user_id
        AND NOT EXISTS (
            SELECT FROM staging.mapped AS wanted
            WHERE wanted.user_id = known.user_id AND wanted.movie_id = known.movie_id
        )
    RETURNING 1
),
changed AS (
    INSERT INTO core.rating AS known (rated_at, user_id, movie_id, half_stars)
    SELECT rated_at, user_id, movie_id, half_stars
    FROM staging.mapped
    ORDER BY user_id, movie_id
    ON CONFLICT (user_id, movie_id) DO UPDATE SET
        rated_at = excluded.rated_at, half_stars = excluded.half_stars
    WHERE (known.rated_at, known.half_stars)
        IS DISTINCT FROM (excluded.rated_at, excluded.half_stars)
    RETURNING (xmax = 0) AS is_new
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.rating', changed.added, changed.updated, removed.rows,
    (SELECT count(*) FROM staging.mapped) - changed.added - changed.updated
FROM
    (
        SELECT
            count(*) FILTER (WHERE is_new) AS added,
            count(*) FILTER (WHERE NOT is_new) AS updated
        FROM changed
    ) AS changed,
    (SELECT count(*) AS rows FROM removed) AS removed;
