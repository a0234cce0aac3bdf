-- Load:  suggest_any_begin
-- Does:  the ratings of all users of a batch, one row a user, and who of them has a say
-- Reads: pg_temp.asked, core.rating, derived.*; setting recsql.run_id
CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT
    rating.user_id,
    array_agg(rating.movie_id ORDER BY rating.movie_id) AS movies,
    array_agg(rating.half_stars::integer ORDER BY rating.movie_id) AS half_stars
FROM pg_temp.asked
INNER JOIN core.rating ON rating.user_id = asked.user_id
GROUP BY rating.user_id;

INSERT INTO pg_temp.voice (user_id)
SELECT given.user_id
FROM pg_temp.given
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
WHERE EXISTS (
    SELECT FROM api._model_inputs(run.run_id, given.movies, given.half_stars) AS mine
    WHERE mine.input <> 0 OR run.ranks_by <> 'score'
);
ANALYZE pg_temp.given, pg_temp.voice;
