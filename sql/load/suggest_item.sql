-- Load:  suggest_item
-- Does:  scores of some covered movies for all users of the batch, by an item model
-- Reads: suggesting.*, derived.model_run, derived.model_movie; settings recsql.run_id,
--        recsql.slice_from, recsql.slice_to (places, the latter not included)
-- As api._model_scores has it for one user, whose products are summed here for many.
INSERT INTO suggesting.score (user_id, movie_id, points, predicted_stars, run_id)
SELECT
    said.user_id,
    said.movie_id,
    said.points,
    LEAST(5, GREATEST(
        0.5,
        COALESCE(known.mean_stars, run.mean_stars) + voice.user_offset
        + voice.gain * said.points * 0.000001::double precision
    )),
    run.run_id
FROM (
    SELECT
        input.user_id,
        weight.for_movie_id AS movie_id,
        round(sum(input.input * weight.weight) / 1000000) AS points
    FROM suggesting.weight
    INNER JOIN suggesting.input ON input.movie_id = weight.movie_id
    WHERE weight.place >= current_setting('recsql.slice_from')::integer
        AND weight.place < current_setting('recsql.slice_to')::integer
    GROUP BY input.user_id, weight.for_movie_id
) AS said
INNER JOIN suggesting.voice ON voice.user_id = said.user_id
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
LEFT JOIN derived.model_movie AS known
    ON known.run_id = run.run_id AND known.movie_id = said.movie_id;
