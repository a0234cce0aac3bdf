-- Object: api.explain_recommendation_for
-- Does:   why a movie is recommended to a visitor: rows that add up to the score
-- Grain:  one row a rated movie that says something; more as api.explain_recommendation has
-- Reads:  core.movie and, of a run, derived.*
-- Params: p_ratings as in api.recommend_for; p_movie_id the recommended movie; p_model as in
--         api.recommend
-- Try:    SELECT * FROM api.explain_recommendation_for('{"603": 5.0}', 155);
CREATE FUNCTION api.explain_recommendation_for(
    p_ratings jsonb, p_movie_id integer, p_model text DEFAULT NULL
)
RETURNS TABLE (
    kind text, evidence text, amount integer, points numeric, movie_id integer, stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT why.kind, why.evidence, why.amount, why.points, why.movie_id, why.stars
    FROM api._stars_given(p_ratings) AS given
    CROSS JOIN LATERAL api._explained(
        given.movies, given.half_stars, p_movie_id, p_model, NULL
    ) AS why;
END;
COMMENT ON FUNCTION api.explain_recommendation_for(jsonb, integer, text) IS
'As api.explain_recommendation, from ratings that are handed over; nothing is stored.
Errors: RQ003 ratings that cannot be read; RQ004 unknown rated movie; and those of
api.explain_recommendation.';
