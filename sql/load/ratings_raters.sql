-- Load:  ratings_raters
-- Does:  makes raters of a data set, in the order given, and returns their ids in that order
-- Reads: settings recsql.source, recsql.user_keys, an array of its own numbers for them
INSERT INTO core.rater (user_id, kind, source, source_key)
SELECT
    nextval('core.person_rater_id'), 'imported', current_setting('recsql.source'),
    fresh.user_key::text
FROM (
    SELECT given.user_key
    FROM
        unnest(current_setting('recsql.user_keys')::integer[])
        WITH ORDINALITY AS given (user_key, place)
    ORDER BY given.place
) AS fresh
RETURNING user_id;
