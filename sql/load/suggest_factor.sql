-- Load:  suggest_factor
-- Does:  scores of some covered movies for all users of the batch, by a factor model
-- Reads: pg_temp.*, derived.model_run, derived.model_movie, derived.movie_factor; settings
--        recsql.run_id, recsql.slice_from, recsql.slice_to (places, the latter not included)
-- As api._model_scores has it for one user.
DO $step$
BEGIN
    EXECUTE format(
        $statement$
        INSERT INTO pg_temp.score (user_id, movie_id, points, predicted_stars, run_id)
        SELECT
            said.user_id,
            said.movie_id,
            CASE run.ranks_by
                WHEN 'score' THEN 0
                WHEN 'base' THEN round(1000000 * said.base)
                ELSE round(1000000 * said.mean_stars) + round(1000000 * said.user_offset)
            END + COALESCE(said.evidence, 0),
            LEAST(5, GREATEST(
                0.5,
                said.mean_stars + said.user_offset
                + said.gain * COALESCE(said.evidence, 0) * 0.000001::double precision
            )),
            run.run_id
        FROM (
            SELECT
                voice.user_id,
                voice.user_offset,
                voice.gain,
                movie.movie_id,
                movie.base,
                movie.mean_stars,
                -- null for whoever gave what counts nothing: ranked by what is given beforehand
                round(%1$I.inner_product(movie.place, taste.taste)) AS evidence
            FROM pg_temp.voice
            LEFT JOIN pg_temp.taste ON taste.user_id = voice.user_id
            CROSS JOIN (
                SELECT
                    known.movie_id,
                    known.base,
                    known.mean_stars,
                    factor.place::%1$I.vector AS place
                FROM pg_temp.cover
                INNER JOIN derived.model_movie AS known
                    ON known.run_id = %2$s AND known.movie_id = cover.movie_id
                INNER JOIN derived.movie_factor AS factor
                    ON factor.run_id = %2$s AND factor.movie_id = cover.movie_id
                WHERE cover.place >= current_setting('recsql.slice_from')::integer
                    AND cover.place < current_setting('recsql.slice_to')::integer
                -- made a vector once, and not for each user
                OFFSET 0
            ) AS movie
        ) AS said
        INNER JOIN derived.model_run AS run ON run.run_id = %2$s
        $statement$,
        api._vector_schema(), current_setting('recsql.run_id')::integer
    );
END
$step$;
