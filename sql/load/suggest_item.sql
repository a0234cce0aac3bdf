-- Load:  suggest_item
-- Does:  scores of some covered movies for all users of the batch, by an item model
-- Reads: pg_temp.*, derived.model_run, derived.model_movie; settings recsql.run_id,
--        recsql.slice_from, recsql.slice_to (places, the latter not included)
-- As api._model_scores has it for one user. A movie is a column here: a sum of products over a
-- column costs a fraction of what a row joined for each product would. Null where nothing speaks
-- for a movie.
DO $step$
DECLARE
    movies integer[];
    columns text;
    sums text;
    listed text;
BEGIN
    SELECT
        array_agg(cover.movie_id ORDER BY cover.place),
        string_agg(
            format('max(weight) FILTER (WHERE place = %1$s)::double precision AS w%1$s', place),
            ', ' ORDER BY place
        ),
        string_agg(format('sum(input.input * wide.w%1$s) AS w%1$s', place), ', ' ORDER BY place),
        string_agg(format('summed.w%s', place), ', ' ORDER BY place)
    INTO movies, columns, sums, listed
    FROM pg_temp.cover
    WHERE cover.place >= current_setting('recsql.slice_from')::integer
        AND cover.place < current_setting('recsql.slice_to')::integer;
    IF movies IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format(
        $statement$
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
                summed.user_id,
                entry.movie_id,
                round(entry.products / 1000000) AS points
            FROM (
                SELECT input.user_id, %1$s
                FROM pg_temp.input
                INNER JOIN (
                    SELECT movie_id, %2$s FROM pg_temp.weight
                    WHERE place >= current_setting('recsql.slice_from')::integer
                        AND place < current_setting('recsql.slice_to')::integer
                    GROUP BY movie_id
                ) AS wide ON wide.movie_id = input.movie_id
                GROUP BY input.user_id
            ) AS summed
            CROSS JOIN LATERAL unnest($1, ARRAY[%3$s]) AS entry (movie_id, products)
            WHERE entry.products IS NOT NULL
        ) AS said
        INNER JOIN pg_temp.voice ON voice.user_id = said.user_id
        INNER JOIN derived.model_run AS run
            ON run.run_id = current_setting('recsql.run_id')::integer
        LEFT JOIN derived.model_movie AS known
            ON known.run_id = run.run_id AND known.movie_id = said.movie_id
        $statement$,
        sums, columns, listed
    ) USING movies;
END
$step$;
