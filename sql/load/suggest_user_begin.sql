-- Load:  suggest_user_begin
-- Does:  whom of a user model each user of a batch agrees with
-- Reads: pg_temp.input, derived.movie_rater, derived.model_run; setting recsql.run_id
CREATE TEMP TABLE near ON COMMIT DROP AS
SELECT given.user_id, near.user_id AS rater_id, near.agreement
FROM (
    SELECT
        user_id,
        array_agg(movie_id ORDER BY movie_id) AS movies,
        array_agg(input ORDER BY movie_id) AS inputs
    FROM pg_temp.input
    GROUP BY user_id
) AS given
CROSS JOIN LATERAL api._neighbours(
    current_setting('recsql.run_id')::integer, given.movies, given.inputs, given.user_id
) AS near;
ANALYZE pg_temp.near;
