-- Load:  suggest_input
-- Does:  what the ratings of all users of a batch put into a model, and who of them has a say
-- Reads: pg_temp.asked, core.rating, derived.model_run, derived.model_movie; setting recsql.run_id
-- As api._model_inputs has it for one user.
CREATE TEMP TABLE residual ON COMMIT DROP AS
SELECT
    rating.user_id,
    rating.movie_id,
    rating.half_stars,
    rating.half_stars * 0.5::double precision - known.mean_stars AS residual
FROM pg_temp.asked
INNER JOIN core.rating ON rating.user_id = asked.user_id
INNER JOIN derived.model_movie AS known
    ON known.run_id = current_setting('recsql.run_id')::integer
    AND known.movie_id = rating.movie_id;
ANALYZE pg_temp.residual;

CREATE TEMP TABLE own ON COMMIT DROP AS
SELECT
    mine.user_id,
    mine.residuals / (mine.ratings + run.user_damping) AS user_offset,
    -- what a unit of evidence is worth: in the input already where models rank by stars
    CASE run.ranks_by WHEN 'stars' THEN 1 ELSE run.slope / power(mine.ratings, run.power) END
        AS gain,
    CASE run.ranks_by WHEN 'stars' THEN run.slope / power(mine.ratings, run.power) ELSE 1 END
        AS worth
FROM (
    SELECT user_id, sum(residual ORDER BY movie_id) AS residuals, count(*) AS ratings
    FROM pg_temp.residual
    GROUP BY user_id
) AS mine
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer;

CREATE TEMP TABLE input ON COMMIT DROP AS
SELECT user_id, movie_id, input
FROM (
    SELECT
        mine.user_id,
        mine.movie_id,
        CASE run.input
            WHEN 'grades' THEN run.grades[mine.half_stars]::double precision
            ELSE round(1000000 * (mine.residual - own.user_offset) * own.worth)
        END AS input
    FROM pg_temp.residual AS mine
    INNER JOIN pg_temp.own ON own.user_id = mine.user_id
    INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
) AS put_in
WHERE input <> 0;
ANALYZE pg_temp.input;

INSERT INTO pg_temp.voice (user_id, user_offset, gain)
SELECT own.user_id, own.user_offset, own.gain
FROM pg_temp.own
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
WHERE run.ranks_by <> 'score'
    OR EXISTS (SELECT FROM pg_temp.input WHERE input.user_id = own.user_id);
ANALYZE pg_temp.voice;
