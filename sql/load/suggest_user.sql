-- Load:  suggest_user
-- Does:  scores of some covered movies for all users of the batch, by a user model
-- Reads: pg_temp.*, derived.model_run, derived.model_movie, derived.rater_profile; settings
--        recsql.run_id, recsql.slice_from, recsql.slice_to (places, the latter not included)
-- As api._model_scores has it for one user.
INSERT INTO pg_temp.score (user_id, movie_id, points, predicted_stars, run_id)
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
        near.user_id,
        given.movie_id,
        round(sum(near.agreement * given.grade) / 1000000) AS points
    FROM pg_temp.near
    INNER JOIN (
        SELECT entry.user_id, entry.movie_id, entry.grade
        FROM (
            SELECT
                profile.user_id,
                unnest(profile.movies) AS movie_id,
                unnest(profile.grades) AS grade
            FROM derived.rater_profile AS profile
            WHERE profile.run_id = current_setting('recsql.run_id')::integer
        ) AS entry
        INNER JOIN pg_temp.cover ON cover.movie_id = entry.movie_id
        WHERE cover.place >= current_setting('recsql.slice_from')::integer
            AND cover.place < current_setting('recsql.slice_to')::integer
    ) AS given ON given.user_id = near.rater_id
    GROUP BY near.user_id, given.movie_id
) AS said
INNER JOIN pg_temp.voice ON voice.user_id = said.user_id
INNER JOIN derived.model_run AS run ON run.run_id = current_setting('recsql.run_id')::integer
LEFT JOIN derived.model_movie AS known
    ON known.run_id = run.run_id AND known.movie_id = said.movie_id;
