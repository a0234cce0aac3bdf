-- Load:  suggest_item_begin
-- Does:  what the ratings of all users of a batch put into an item model, and its weights
-- Reads: pg_temp.asked, pg_temp.cover, core.rating, derived.model_run, derived.model_movie,
--        derived.movie_weight; setting recsql.run_id
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
    run.slope / power(mine.ratings, run.power) AS gain
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
            ELSE round(1000000 * (mine.residual - own.user_offset))
        END AS input
    FROM pg_temp.residual AS mine
    INNER JOIN pg_temp.own ON own.user_id = mine.user_id
    INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
) AS put_in
WHERE input <> 0;

INSERT INTO pg_temp.voice (user_id, user_offset, gain)
SELECT own.user_id, own.user_offset, own.gain
FROM pg_temp.own
WHERE EXISTS (SELECT FROM pg_temp.input WHERE input.user_id = own.user_id);

-- Only the weights that end at a covered movie.
CREATE TEMP TABLE weight ON COMMIT DROP AS
SELECT weight.movie_id, other.weight, cover.place
FROM derived.movie_weight AS weight
CROSS JOIN LATERAL unnest(weight.others, weight.weights) AS other (movie_id, weight)
INNER JOIN pg_temp.cover ON cover.movie_id = other.movie_id
WHERE weight.run_id = current_setting('recsql.run_id')::integer;
ANALYZE pg_temp.input, pg_temp.voice, pg_temp.weight;
