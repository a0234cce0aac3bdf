-- Object: api.explain_quiz_result
-- Does:   why a film comes out of a quiz: rows that add up to the score
-- Grain:  one row a rated film that says something; more as api.explain_recommendation has
-- Reads:  core.movie, derived.movie_stats, derived.model_run, derived.also_liked
-- Params: p_ratings the answers, as in api.recommend_for; p_movie_id the film; p_model as in
--         api.quiz_results
-- Try:    SELECT * FROM api.explain_quiz_result('{"603": 5.0}', 155);
CREATE FUNCTION api.explain_quiz_result(
    p_ratings jsonb, p_movie_id integer, p_model text DEFAULT NULL
)
RETURNS TABLE (
    kind text, evidence text, amount integer, points numeric, movie_id integer, stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT given.movies, given.half_stars, api._serving_model(p_model) AS model
        FROM api._stars_given(p_ratings) AS given
    ),
    praise AS MATERIALIZED (
        SELECT
            rated.title || ': ' || said.reason AS evidence,
            said.support AS amount,
            said.points,
            said.rated_movie_id AS movie_id,
            round(said.half_stars / 2.0, 1) AS stars
        FROM given
        CROSS JOIN LATERAL api._fans_liked(given.movies, given.half_stars) AS said
        INNER JOIN core.movie AS rated ON rated.movie_id = said.rated_movie_id
        WHERE given.model = 'also-liked' AND said.movie_id = p_movie_id
    )
    SELECT found.kind, found.evidence, found.amount, found.points, found.movie_id, found.stars
    FROM (
        SELECT
            'rated movie' AS kind, praise.evidence, praise.amount, praise.points, praise.movie_id,
            praise.stars,
            row_number() OVER (ORDER BY praise.points DESC, praise.movie_id) AS place
        FROM praise
        UNION ALL
        SELECT
            why.kind, why.evidence, why.amount, why.points, why.movie_id, why.stars, why.place
        FROM given
        CROSS JOIN LATERAL api.explain_recommendation_for(
            p_ratings, p_movie_id,
            CASE given.model WHEN 'also-liked' THEN 'popular' ELSE given.model END
        )
        WITH ORDINALITY AS why (kind, evidence, amount, points, movie_id, stars, place)
        WHERE NOT EXISTS (SELECT FROM praise)
    ) AS found
    ORDER BY found.place;
END;
COMMENT ON FUNCTION api.explain_quiz_result(jsonb, integer, text) IS
'The score of p_movie_id in api.quiz_results, taken apart: the points of all rows add up to it. With
also-liked a row is a best-rated film, its fans and what they gave; else as
api.explain_recommendation_for. Errors: those of api.recommend_for.';
