-- Object: api._model_evidence
-- Does:   what a trained model makes of somebody's ratings, whoever they are
-- Grain:  one row a movie that the ratings say something about
-- Reads:  derived.model_run, derived.model_movie, derived.movie_weight, derived.movie_factor,
--         derived.movie_rater, derived.rater_profile, derived.rater_factor
-- Params: p_run_id; p_movies rated and p_half_stars given, in step; p_only these movies, null for
--         all; p_nearest raters to ask in place of the model (svd), 0 for none; p_user_id who is
--         no neighbour of his own, may be null; p_near and p_agreements in step, from
--         api._neighbours, of a user model: null to seek them here
-- Try:    SELECT * FROM api._model_evidence(1, '{603,604}', '{10,8}');
CREATE FUNCTION api._model_evidence(
    p_run_id integer,
    p_movies integer[],
    p_half_stars integer[],
    p_only integer[] DEFAULT NULL,
    p_nearest integer DEFAULT 0,
    p_user_id integer DEFAULT NULL,
    p_near integer[] DEFAULT NULL,
    p_agreements double precision[] DEFAULT NULL
)
RETURNS TABLE (movie_id integer, points double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH mine AS MATERIALIZED (
        SELECT movie_id, input
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
    )
    -- item models: input times weight
    SELECT said.movie_id, round(sum(said.product) / 1000000) AS points
    FROM (
        SELECT unnest(weight.others) AS movie_id, mine.input * unnest(weight.weights) AS product
        FROM mine
        INNER JOIN derived.movie_weight AS weight
            ON weight.run_id = p_run_id AND weight.movie_id = mine.movie_id
        WHERE (SELECT packed.family FROM packed) = 'item'
    ) AS said
    WHERE p_only IS NULL OR said.movie_id IN (SELECT unnest(p_only))
    GROUP BY said.movie_id
    UNION ALL
    -- factor models: taste times place
    SELECT score.movie_id, round(score.evidence)
    FROM packed
    CROSS JOIN LATERAL api._factor_scores(
        p_run_id, api._taste(p_run_id, packed.movies, packed.inputs), p_only
    ) AS score
    WHERE packed.family = 'factor' AND p_nearest = 0
    UNION ALL
    -- user models: what the nearest raters gave, by how much they agree
    SELECT said.movie_id, round(sum(said.product) / 1000000)
    FROM (
        SELECT
            unnest(profile.movies) AS movie_id,
            near.agreement * unnest(profile.grades) AS product
        FROM (
            SELECT sought.user_id, sought.agreement
            FROM packed
            CROSS JOIN LATERAL api._neighbours(
                p_run_id, packed.movies, packed.inputs, p_user_id
            ) AS sought
            WHERE packed.family = 'user' AND p_near IS NULL
            UNION ALL
            SELECT known.user_id, known.agreement
            FROM unnest(p_near, p_agreements) AS known (user_id, agreement)
        ) AS near
        INNER JOIN derived.rater_profile AS profile
            ON profile.run_id = p_run_id AND profile.user_id = near.user_id
    ) AS said
    WHERE p_only IS NULL OR said.movie_id IN (SELECT unnest(p_only))
    GROUP BY said.movie_id
    UNION ALL
    -- the mean of the nearest raters' reconstructed grades
    SELECT score.movie_id, sum(round(1000000 * score.evidence / p_nearest))
    FROM packed
    CROSS JOIN LATERAL api._nearest_raters(
        p_run_id, api._taste(p_run_id, packed.movies, packed.inputs), p_nearest, p_user_id
    ) AS near
    CROSS JOIN LATERAL api._factor_scores(p_run_id, near.place, p_only) AS score
    WHERE packed.family = 'factor' AND p_nearest > 0
    GROUP BY score.movie_id;
END;
COMMENT ON FUNCTION api._model_evidence(
    integer, integer[], integer[], integer[], integer, integer, integer[], double precision[]
) IS
'points: what the ratings say for each movie, in whole millionths; rated movies are among them.
Additive: each rating of an item or factor model gives its input times its weight.
Errors: RQ006 a factor model without pgvector.';
