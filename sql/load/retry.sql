-- Load:  retry
-- Does:  gives ratings whose movie was unknown another try
-- Reads: core.load_reject, core.load_run, core.movie_key, core.rater
CREATE UNLOGGED TABLE staging.retried AS
SELECT
    reject.ctid AS reject_id,
    reject.line,
    run.source,
    rater.user_id,
    key.movie_id,
    (cell.stars::real * 2)::smallint AS half_stars,
    CASE WHEN cell.rated_at::bigint > 0 THEN to_timestamp(cell.rated_at::bigint) END AS rated_at,
    cell.user_key
FROM core.load_reject AS reject
INNER JOIN core.load_run AS run ON run.run_id = reject.run_id
CROSS JOIN LATERAL (
    SELECT
        split_part(reject.record, ',', 1) AS user_key,
        split_part(reject.record, ',', 2) AS movie_key,
        split_part(reject.record, ',', 3) AS stars,
        NULLIF(split_part(reject.record, ',', 4), '') AS rated_at
) AS cell
LEFT JOIN core.movie_key AS key
    ON key.source = COALESCE(run.report ->> 'key_source', 'movielens')
    AND key.key = cell.movie_key
LEFT JOIN core.rater ON rater.source = run.source AND rater.source_key = cell.user_key
WHERE reject.reason LIKE 'unknown movie: %';

-- A rater of whom nothing landed before
INSERT INTO core.rater (user_id, kind, source, source_key)
SELECT nextval('core.person_rater_id'), 'imported', fresh.source, fresh.user_key
FROM (
    SELECT DISTINCT source, user_key FROM staging.retried
    WHERE user_id IS NULL AND movie_id IS NOT NULL
) AS fresh;

UPDATE staging.retried SET user_id = rater.user_id
FROM core.rater
WHERE retried.user_id IS NULL
    AND rater.source = retried.source
    AND rater.source_key = retried.user_key;

-- Two ids may have become one movie: as where both are read at once, the later rating counts.
CREATE UNLOGGED TABLE staging.retried_last AS
SELECT DISTINCT ON (user_id, movie_id) reject_id, rated_at, user_id, movie_id, half_stars
FROM staging.retried
WHERE movie_id IS NOT NULL
ORDER BY user_id, movie_id, rated_at DESC NULLS LAST, line DESC, reject_id;

WITH added AS (
    INSERT INTO core.rating (rated_at, user_id, movie_id, half_stars)
    SELECT rated_at, user_id, movie_id, half_stars
    FROM staging.retried_last
    ON CONFLICT (user_id, movie_id) DO NOTHING
    RETURNING user_id, movie_id
),
counted AS (
    INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
    SELECT 'core.rating', count(*), 0, 0, 0 FROM added
),
superseded AS (
    UPDATE core.load_reject AS reject
    SET reason = 'rated again by the same rater: the later rating counts'
    WHERE reject.ctid IN (
        SELECT reject_id FROM staging.retried WHERE movie_id IS NOT NULL
        EXCEPT
        SELECT retried_last.reject_id
        FROM staging.retried_last
        INNER JOIN added USING (user_id, movie_id)
    )
)
DELETE FROM core.load_reject AS reject
USING staging.retried_last
INNER JOIN added USING (user_id, movie_id)
WHERE reject.ctid = retried_last.reject_id;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT 'rejected ratings', outcome, reason, rows
FROM (
    SELECT 'read' AS outcome, NULL AS reason, count(*) AS rows, 1 AS place FROM staging.retried
    UNION ALL
    SELECT 'landed', NULL, inserted, 2 FROM staging.tally WHERE table_name = 'core.rating'
    UNION ALL
    SELECT 'noted', reject.reason, count(*), 3
    FROM core.load_reject AS reject
    WHERE reject.reason LIKE 'unknown movie: %'
    GROUP BY reject.reason
) AS said
ORDER BY place, reason;
