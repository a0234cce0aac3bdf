-- Object: api._model_contributions
-- Does:   how much each rating speaks for a movie
-- Grain:  one row a movie of p_for and a rated movie, or a nearest rater, that says something
-- Reads:  derived.model_run, derived.model_movie, derived.movie_weight, derived.movie_factor,
--         derived.movie_rater, derived.rater_profile, derived.rater_factor
-- Params: p_run_id; p_movies rated and p_half_stars given, in step; p_for these movies; p_nearest,
--         p_user_id as in api._model_evidence
-- Try:    SELECT * FROM api._model_contributions(1, '{603,604}', '{10,8}', '{155}');
CREATE FUNCTION api._model_contributions(
    p_run_id integer,
    p_movies integer[],
    p_half_stars integer[],
    p_for integer[],
    p_nearest integer DEFAULT 0,
    p_user_id integer DEFAULT NULL
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
        SELECT unnest(p_for) AS movie_id
    ),
    near AS MATERIALIZED (
        SELECT near.user_id, near.agreement
        FROM packed
        CROSS JOIN LATERAL api._neighbours(
            p_run_id, packed.movies, packed.inputs, p_user_id
        ) AS near
        WHERE packed.family = 'user'
    ),
    theirs AS MATERIALIZED (
        SELECT given.user_id, given.movie_id AS for_movie_id, given.grade
        FROM (
            SELECT
                near.user_id,
                unnest(profile.movies) AS movie_id,
                unnest(profile.grades) AS grade
            FROM near
            INNER JOIN derived.rater_profile AS profile
                ON profile.run_id = p_run_id AND profile.user_id = near.user_id
        ) AS given
        INNER JOIN asked ON asked.movie_id = given.movie_id
    ),
    -- of each neighbour what they share with the user, one row a rating of both
    shared AS MATERIALIZED (
        SELECT rated.movie_id, rated.half_stars, rated.input, near.user_id, rated.share
        FROM (
            -- Unpacked once a movie: to look 50 neighbours up would unpack it a hundred times.
            SELECT
                mine.movie_id,
                mine.half_stars,
                mine.input,
                unnest(movie.raters) AS user_id,
                unnest(movie.shares) AS share
            FROM mine
            INNER JOIN derived.movie_rater AS movie
                ON movie.run_id = p_run_id AND movie.movie_id = mine.movie_id
        ) AS rated
        INNER JOIN near ON near.user_id = rated.user_id
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
        theirs.for_movie_id,
        shared.movie_id,
        shared.half_stars,
        sum(shared.input * 0.000001 * shared.share * 0.000001 * theirs.grade),
        NULL
    FROM shared
    INNER JOIN theirs ON theirs.user_id = shared.user_id
    GROUP BY theirs.for_movie_id, shared.movie_id, shared.half_stars
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
    integer, integer[], integer[], integer[], integer, integer
) IS
'The parts of the points of api._model_evidence, not rounded: what the rating of movie_id says for
for_movie_id. With p_nearest: what each nearest rater says, and the cosine to them; movie_id and
half_stars are null then.';
