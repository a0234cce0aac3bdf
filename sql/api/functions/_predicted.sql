-- Object: api._predicted
-- Does:   how many stars whoever gave these ratings may give a movie
-- Grain:  one row, or none for an unknown movie
-- Reads:  core.movie and, of a run, derived.*
-- Params: p_movies rated and p_half_stars given, in step; p_movie_id; p_model as in api.recommend;
--         p_user_id who is no neighbour of his own, may be null
-- Try:    SELECT * FROM api._predicted('{603,604}', '{10,8}', 155, NULL);
CREATE FUNCTION api._predicted(
    p_movies integer[],
    p_half_stars integer[],
    p_movie_id integer,
    p_model text,
    p_user_id integer DEFAULT NULL
)
RETURNS TABLE (
    movie_id integer, title text, predicted_stars numeric, low numeric, high numeric,
    mean_stars numeric, model text, reason text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        -- What was given to this very movie is put aside: it is asked about as if unseen.
        SELECT
            COALESCE(array_agg(rated.movie_id), '{}') AS movies,
            COALESCE(array_agg(rated.half_stars), '{}') AS half_stars
        FROM unnest(p_movies, p_half_stars) AS rated (movie_id, half_stars)
        WHERE rated.movie_id <> p_movie_id
    ),
    basis AS MATERIALIZED (
        SELECT
            given.movies,
            given.half_stars,
            CASE WHEN p_model = 'quiz' AND cardinality(given.movies) <= 5 THEN 3 ELSE 0 END
                AS nearest,
            run.run_id,
            run.model,
            run.error_low,
            run.error_high
        FROM given
        LEFT JOIN derived.model_run AS run
            ON run.run_id = api._trained_run(p_model, cardinality(given.movies))
    )
    SELECT
        movie.movie_id,
        movie.title,
        round(
            COALESCE(
                critic.mean_stars,
                said.expected_stars::numeric,
                api._damped_stars(COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0))
            ), 2
        ) AS predicted_stars,
        CASE WHEN critic.critics IS NULL AND said.expected_stars IS NOT NULL THEN
            round(GREATEST(0.5, said.expected_stars + basis.error_low)::numeric, 2)
        END AS low,
        CASE WHEN critic.critics IS NULL AND said.expected_stars IS NOT NULL THEN
            round(LEAST(5, said.expected_stars + basis.error_high)::numeric, 2)
        END AS high,
        round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2) AS mean_stars,
        CASE
            WHEN critic.critics IS NOT NULL THEN 'critics'
            WHEN said.expected_stars IS NULL THEN 'popular'
            WHEN p_model = 'quiz' THEN 'quiz (' || basis.model || ')'
            ELSE basis.model
        END AS model,
        CASE
            WHEN critic.critics IS NOT NULL THEN
                'no person has rated it yet; from ' || critic.critics
                || CASE critic.critics WHEN 1 THEN ' critic' ELSE ' critics' END
            WHEN said.evidence <> 0 THEN
                'from ' || cardinality(basis.movies)
                || CASE cardinality(basis.movies) WHEN 1 THEN ' rating' ELSE ' ratings' END
            WHEN said.expected_stars IS NOT NULL THEN
                'from the movie''s mean and how you rate in general'
            WHEN p_model = 'popular' THEN 'the damped mean of all raters'
            WHEN cardinality(basis.movies) = 0 THEN
                'the damped mean of all raters; you have rated nothing else yet'
            ELSE 'the damped mean of all raters; no model is trained yet'
        END AS reason
    FROM basis
    INNER JOIN core.movie ON movie.movie_id = p_movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
    LEFT JOIN LATERAL api._model_predictions(
        basis.run_id, basis.movies, basis.half_stars, ARRAY[p_movie_id], basis.nearest, p_user_id
    ) AS said ON cardinality(basis.movies) > 0
    -- A movie of which no person and no model has heard
    LEFT JOIN LATERAL api.critic_stars(movie.movie_id) AS critic
        ON COALESCE(stats.raters, 0) = 0
        AND NOT EXISTS (
            SELECT FROM derived.model_movie AS known
            WHERE known.run_id = basis.run_id AND known.movie_id = p_movie_id
        );
END;
COMMENT ON FUNCTION api._predicted(integer[], integer[], integer, text, integer) IS
'What api.predict_rating and api.predict_rating_for share; the comment of the former defines it.';
