-- Load:  suggest_begin
-- Does:  whom a batch of suggestions is for, and which movies it covers
-- Reads: core.rater, core.suggestion_list, derived.movie_stats; settings recsql.users,
--        recsql.run_id (empty for popular), recsql.start, recsql.max, recsql.reuse_days
-- The tables go with the transaction, and are no other session's.
-- Nobody of them may be deleted before their suggestions stand.
CREATE TEMP TABLE asked ON COMMIT DROP AS
WITH there AS MATERIALIZED (
    SELECT rater.user_id
    FROM core.rater
    WHERE rater.user_id = ANY(current_setting('recsql.users')::integer[])
    FOR KEY SHARE
)
SELECT
    there.user_id,
    -- before any rating is read: one that comes now makes the list outdated, and not wrong
    api._basis(there.user_id) AS basis,
    -- by the same run, and young enough: more movies are added to the list
    COALESCE(
        list.created_at >= now()
        - make_interval(days => current_setting('recsql.reuse_days')::integer)
        AND list.run_id IS NOT DISTINCT FROM NULLIF(current_setting('recsql.run_id'), '')::integer,
        false
    ) AS extends
FROM there
LEFT JOIN core.suggestion_list AS list USING (user_id);

CREATE TEMP TABLE cover ON COMMIT DROP AS
SELECT pick.movie_id, pick.rank - 1 AS place, pick.likers, pick.critics
FROM api._popular(
    '{}', current_setting('recsql.max')::integer, current_setting('recsql.start')::integer,
    'any', 0
) AS pick;

ANALYZE pg_temp.asked, pg_temp.cover;

-- Whose ratings say something to the model.
CREATE TEMP TABLE voice (
    user_id integer NOT NULL,
    user_offset double precision,
    gain double precision
) ON COMMIT DROP;

CREATE TEMP TABLE score (
    points bigint NOT NULL,
    predicted_stars real NOT NULL,
    user_id integer NOT NULL,
    movie_id integer NOT NULL,
    run_id integer,
    -- of equally popular ones the first
    place integer NOT NULL DEFAULT 0
) ON COMMIT DROP;
