-- Object: api.predict_rating
-- Does:   how many stars a user may give a movie
-- Grain:  one row, or none for an unknown movie
-- Reads:  core.rating, core.movie and, of a run, derived.*
-- Params: p_user_id; p_movie_id; p_model as in api.recommend
-- Try:    SELECT * FROM api.predict_rating(1, 155);
CREATE FUNCTION api.predict_rating(
    p_user_id integer, p_movie_id integer, p_model text DEFAULT NULL
)
RETURNS TABLE (
    movie_id integer, title text, predicted_stars numeric, low numeric, high numeric,
    mean_stars numeric, model text, reason text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        said.movie_id, said.title, said.predicted_stars, said.low, said.high, said.mean_stars,
        said.model, said.reason
    FROM (
        SELECT
            COALESCE(array_agg(rating.movie_id ORDER BY rating.movie_id), '{}') AS movies,
            COALESCE(array_agg(rating.half_stars::integer ORDER BY rating.movie_id), '{}')
                AS half_stars
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ) AS given
    CROSS JOIN LATERAL api._predicted(
        given.movies, given.half_stars, p_movie_id, p_model, p_user_id
    ) AS said;
END;
COMMENT ON FUNCTION api.predict_rating(integer, integer, text) IS
'predicted_stars, 0.5 to 5.0: the movie''s damped mean + how far the user''s ratings lie from the
means of what they rated + what the model makes of them. low to high held 95% of the ratings kept
out of training. A movie that the user has rated is predicted from the others. Who has rated nothing
gets the damped mean of all raters, and the reason says so. A movie that no person has rated and
the model does not know gets the mean of its critics (api.critic_stars).
Errors: RQ002 a model that is not trained; RQ006 a factor model without pgvector.';
