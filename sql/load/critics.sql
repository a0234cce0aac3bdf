-- Load:  critics
-- Does:  staged answers of OMDb into ratings by critics
-- Reads: staging.omdb, core.movie_key; setting recsql.omdb_file
CREATE UNLOGGED TABLE staging.answered AS
SELECT
    omdb.line,
    omdb.answer,
    key.movie_id,
    named.imdb_id,
    row_number() OVER (PARTITION BY named.imdb_id ORDER BY omdb.line DESC) AS place,
    ARRAY(
        SELECT score.fault FROM api._critic_scores(omdb.answer) AS score
        WHERE score.fault IS NOT NULL
        ORDER BY score.critic
    ) AS faults
FROM staging.omdb
CROSS JOIN LATERAL (SELECT staging.as_imdb_id(omdb.answer ->> 'imdbID') AS imdb_id) AS named
LEFT JOIN core.movie_key AS key ON key.source = 'imdb' AND key.key = named.imdb_id;

-- Several records may begin on one line, so the verdict goes into the row itself.
ALTER TABLE staging.answered ADD reason text;
UPDATE staging.answered SET
    reason = CASE
        WHEN lower(answer ->> 'Response') = 'false' THEN 'OMDb had no answer'
        WHEN imdb_id IS NULL THEN 'imdbID is not tt and a number'
        WHEN place > 1 THEN 'given again further down: the later record counts'
        WHEN faults <> '{}' THEN faults[1]
        WHEN movie_id IS NULL THEN 'no movie of the catalogue has this IMDb id'
    END;

INSERT INTO staging.reject (file, line, reason, record)
SELECT current_setting('recsql.omdb_file'), line, reason, left(answer::text, 200)
FROM staging.answered
WHERE reason IS NOT NULL;

DELETE FROM staging.answered WHERE reason IS NOT NULL;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT current_setting('recsql.omdb_file'), 'landed', NULL, count(*) FROM staging.answered;

INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT 'core.rating', changed.inserted, changed.updated, changed.deleted, changed.unchanged
FROM (
    SELECT
        COALESCE(array_agg(movie_id ORDER BY line), '{}') AS movie_ids,
        COALESCE(array_agg(answer ORDER BY line), '{}') AS answers
    FROM staging.answered
) AS given
CROSS JOIN LATERAL api.rate_by_critics(given.movie_ids, given.answers) AS changed;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT current_setting('recsql.omdb_file'), 'noted', noted.reason, noted.rows
FROM (
    SELECT
        'scores of ' || score.critic || ', from 0 to '
        || CASE score.critic WHEN 'IMDb' THEN 10 ELSE 100 END AS reason,
        count(*) AS rows
    FROM staging.answered
    CROSS JOIN LATERAL api._critic_scores(answered.answer) AS score
    GROUP BY score.critic
    UNION ALL
    SELECT 'without a score', count(*)
    FROM staging.answered
    WHERE NOT EXISTS (SELECT FROM api._critic_scores(answered.answer))
) AS noted
WHERE noted.rows > 0
ORDER BY noted.reason COLLATE "C";
