-- Load:  suggest_item_begin
-- Does:  what the ratings of all users of a batch put into an item model, and its weights
-- Reads: suggesting.asked, suggesting.cover, core.rating, derived.model_run, derived.model_movie,
--        derived.movie_weight; setting recsql.run_id
-- As api._model_inputs has it for one user.
CREATE UNLOGGED TABLE suggesting.residual AS
SELECT
    rating.user_id,
    rating.movie_id,
    rating.half_stars,
    rating.half_stars * 0.5::double precision - known.mean_stars AS residual
FROM suggesting.asked
INNER JOIN core.rating ON rating.user_id = asked.user_id
INNER JOIN derived.model_movie AS known
    ON known.run_id = current_setting('recsql.run_id')::integer
    AND known.movie_id = rating.movie_id;
ANALYZE suggesting.residual;

CREATE UNLOGGED TABLE suggesting.own AS
SELECT
    mine.user_id,
    mine.residuals / (mine.ratings + run.user_damping) AS user_offset,
    run.slope / power(mine.ratings, run.power) AS gain
FROM (
    SELECT user_id, sum(residual ORDER BY movie_id) AS residuals, count(*) AS ratings
    FROM suggesting.residual
    GROUP BY user_id
) AS mine
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer;

CREATE UNLOGGED TABLE suggesting.input AS
SELECT user_id, movie_id, input
FROM (
    SELECT
        mine.user_id,
        mine.movie_id,
        CASE run.input
            WHEN 'grades' THEN run.grades[mine.half_stars]::double precision
            ELSE round(1000000 * (mine.residual - own.user_offset))
        END AS input
    FROM suggesting.residual AS mine
    INNER JOIN suggesting.own ON own.user_id = mine.user_id
    INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
) AS put_in
WHERE input <> 0;

INSERT INTO suggesting.voice (user_id, user_offset, gain)
SELECT own.user_id, own.user_offset, own.gain
FROM suggesting.own
WHERE EXISTS (SELECT FROM suggesting.input WHERE input.user_id = own.user_id);

-- Only the weights that end at a covered movie.
CREATE UNLOGGED TABLE suggesting.weight AS
SELECT weight.movie_id, other.weight, cover.place
FROM derived.movie_weight AS weight
CROSS JOIN LATERAL unnest(weight.others, weight.weights) AS other (movie_id, weight)
INNER JOIN suggesting.cover ON cover.movie_id = other.movie_id
WHERE weight.run_id = current_setting('recsql.run_id')::integer;
ANALYZE suggesting.input, suggesting.voice, suggesting.weight;
