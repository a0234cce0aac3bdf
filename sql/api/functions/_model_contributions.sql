-- Object: api._model_contributions
-- Does:   how much each rating speaks for a movie
-- Grain:  one row a movie of p_for and a rated movie, or a nearest rater, that says something
-- Reads:  derived.model_run, derived.model_movie, derived.movie_weight, derived.movie_factor,
--         derived.movie_rater, derived.rater_profile, derived.rater_factor
-- Params: p_run_id; p_movies rated and p_half_stars given, in step; p_for these movies; p_nearest,
--         p_user_id, p_near, p_agreements as in api._model_evidence
-- Try:    SELECT * FROM api._model_contributions(1, '{603,604}', '{10,8}', '{155}');
CREATE FUNCTION api._model_contributions(
    p_run_id integer,
    p_movies integer[],
    p_half_stars integer[],
    p_for integer[],
    p_nearest integer DEFAULT 0,
    p_user_id integer DEFAULT NULL,
    p_near integer[] DEFAULT NULL,
    p_agreements double precision[] DEFAULT NULL
)
RETURNS TABLE (
    for_movie_id integer, movie_id integer, half_stars integer, points double precision,
    cosine double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH mine AS MATERIALIZED (
        SELECT movie_id, half_stars, input
        FROM api._model_inputs(p_run_id, p_movies, p_half_stars)
        WHERE input <> 0
    ),
    packed AS MATERIALIZED (
        SELECT
            run.family,
            ARRAY(SELECT mine.movie_id FROM mine ORDER BY mine.movie_id) AS movies,
            ARRAY(SELECT mine.input FROM mine ORDER BY mine.movie_id) AS inputs
        FROM derived.model_run AS run
        WHERE run.run_id = p_run_id
    ),
    asked AS MATERIALIZED (
        SELECT
            one.movie_id,
            -- ten at a time are summed up beside each other: see heard
            ((one.number - 1) / 10)::integer AS part,
            ((one.number - 1) % 10)::integer + 1 AS place
        FROM unnest(p_for) WITH ORDINALITY AS one (movie_id, number)
    ),
    near AS MATERIALIZED (
        SELECT sought.user_id
        FROM packed
        CROSS JOIN LATERAL api._neighbours(
            p_run_id, packed.movies, packed.inputs, p_user_id
        ) AS sought
        WHERE packed.family = 'user' AND p_near IS NULL
        UNION ALL
        SELECT unnest(p_near)
    ),
    -- Of all that neighbours rated a few rows count, each found by a binary search. What one gave
    -- ten movies is one row: a sum over a column costs a fraction of what a row for each would.
    heard AS MATERIALIZED (
        SELECT
            found.user_id,
            found.part,
            array_agg(found.grade ORDER BY found.place) AS grades
        FROM (
            SELECT
                profile.user_id,
                asked.part,
                asked.place,
                CASE profile.movies[width_bucket(asked.movie_id, profile.movies)]
                    WHEN asked.movie_id
                    THEN profile.grades[width_bucket(asked.movie_id, profile.movies)]
                    ELSE 0
                END AS grade
            FROM near
            INNER JOIN derived.rater_profile AS profile
                ON profile.run_id = p_run_id AND profile.user_id = near.user_id
            CROSS JOIN asked
            -- one number a row goes on from here, and not two arrays
            OFFSET 0 -- noqa: AM09
        ) AS found
        GROUP BY found.user_id, found.part
    ),
    -- of each neighbour what they share with the user, one row a rating of both
    shared AS MATERIALIZED (
        SELECT
            found.movie_id,
            found.half_stars,
            found.part,
            found.input * 0.000001::double precision * found.shares[found.hit]
                * 0.000001::double precision AS agreement,
            found.grades
        FROM (
            SELECT
                mine.movie_id,
                mine.half_stars,
                mine.input,
                movie.raters,
                movie.shares,
                heard.user_id,
                heard.part,
                heard.grades,
                width_bucket(heard.user_id, movie.raters) AS hit
            FROM mine
            INNER JOIN derived.movie_rater AS movie
                ON movie.run_id = p_run_id AND movie.movie_id = mine.movie_id
            CROSS JOIN heard
        ) AS found
        WHERE found.raters[found.hit] = found.user_id
    ),
    summed AS MATERIALIZED (
        SELECT
            shared.movie_id,
            shared.half_stars,
            shared.part,
            ARRAY[
                sum(shared.agreement * shared.grades[1]), sum(shared.agreement * shared.grades[2]),
                sum(shared.agreement * shared.grades[3]), sum(shared.agreement * shared.grades[4]),
                sum(shared.agreement * shared.grades[5]), sum(shared.agreement * shared.grades[6]),
                sum(shared.agreement * shared.grades[7]), sum(shared.agreement * shared.grades[8]),
                sum(shared.agreement * shared.grades[9]), sum(shared.agreement * shared.grades[10])
            ] AS points
        FROM shared
        GROUP BY shared.movie_id, shared.half_stars, shared.part
    )
    SELECT
        found.for_movie_id,
        found.movie_id,
        found.half_stars,
        found.input * found.weights[found.place] / 1000000 AS points,
        NULL::double precision AS cosine
    FROM (
        SELECT
            asked.movie_id AS for_movie_id,
            mine.movie_id,
            mine.half_stars,
            mine.input,
            weight.others,
            weight.weights,
            -- they are sorted: this is a binary search
            width_bucket(asked.movie_id, weight.others) AS place
        FROM mine
        INNER JOIN derived.movie_weight AS weight
            ON weight.run_id = p_run_id AND weight.movie_id = mine.movie_id
        CROSS JOIN asked
        WHERE (SELECT packed.family FROM packed) = 'item'
    ) AS found
    WHERE found.others[found.place] = found.for_movie_id
    UNION ALL
    SELECT said.for_movie_id, said.movie_id, mine.half_stars, said.points, NULL
    FROM packed
    CROSS JOIN LATERAL api._factor_parts(
        p_run_id, packed.movies, packed.inputs, p_for
    ) AS said
    INNER JOIN mine ON mine.movie_id = said.movie_id
    WHERE packed.family = 'factor' AND p_nearest = 0
    UNION ALL
    SELECT
        asked.movie_id, summed.movie_id, summed.half_stars, summed.points[asked.place], NULL
    FROM summed
    INNER JOIN asked ON asked.part = summed.part
    WHERE summed.points[asked.place] <> 0
    UNION ALL
    SELECT
        score.movie_id, NULL, NULL, round(1000000 * score.evidence / p_nearest), nearest.cosine
    FROM packed
    CROSS JOIN LATERAL api._nearest_raters(
        p_run_id, api._taste(p_run_id, packed.movies, packed.inputs), p_nearest, p_user_id
    ) AS nearest
    CROSS JOIN LATERAL api._factor_scores(p_run_id, nearest.place, p_for) AS score
    WHERE packed.family = 'factor' AND p_nearest > 0;
END;
COMMENT ON FUNCTION api._model_contributions(
    integer, integer[], integer[], integer[], integer, integer, integer[], double precision[]
) IS
'The parts of the points of api._model_evidence, not rounded: what the rating of movie_id says for
for_movie_id. With p_nearest: what each nearest rater says, and the cosine to them; movie_id and
half_stars are null then.';
