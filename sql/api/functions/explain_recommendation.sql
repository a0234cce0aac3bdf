-- Object: api.explain_recommendation
-- Does:   why a movie is recommended to a user: rows that add up to the score
-- Grain:  one row a rated movie that says something; for models that rank by stars one for the
--         movie and one for the user besides
-- Reads:  core.rating, core.movie and, of a run, derived.*
-- Params: p_user_id; p_movie_id the recommended movie; p_model as in api.recommend
-- Try:    SELECT * FROM api.explain_recommendation(1, 155);
CREATE FUNCTION api.explain_recommendation(
    p_user_id integer, p_movie_id integer, p_model text DEFAULT NULL
)
RETURNS TABLE (
    kind text, evidence text, amount integer, points numeric, movie_id integer, stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT why.kind, why.evidence, why.amount, why.points, why.movie_id, why.stars
    FROM (
        SELECT
            COALESCE(array_agg(rating.movie_id ORDER BY rating.movie_id), '{}') AS movies,
            COALESCE(array_agg(rating.half_stars::integer ORDER BY rating.movie_id), '{}')
                AS half_stars
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ) AS given
    CROSS JOIN LATERAL api._explained(
        given.movies, given.half_stars, p_movie_id, p_model, p_user_id
    ) AS why;
END;
COMMENT ON FUNCTION api.explain_recommendation(integer, integer, text) IS
'The score of p_movie_id in api.recommend, taken apart: the points of all rows add up to it to the
last digit. kind  rated movie: a movie of the user''s (movie_id, title as evidence, stars) and what
that rating says; nearest rater: in the quiz with five ratings or fewer; movie, user: the mean and
the offset, for models that rank by stars; popular: the number of raters, where no model speaks.
Nothing for a movie that the user has rated, or for which nothing speaks.
Errors: RQ002 a model that is not trained; RQ006 a factor model without pgvector.';
