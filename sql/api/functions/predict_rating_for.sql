-- Object: api.predict_rating_for
-- Does:   how many stars a visitor may give a movie
-- Grain:  one row, or none for an unknown movie
-- Reads:  core.movie and, of a run, derived.*
-- Params: p_ratings as in api.recommend_for; p_movie_id; p_model as in api.recommend
-- Try:    SELECT * FROM api.predict_rating_for('{"603": 5.0}', 155);
CREATE FUNCTION api.predict_rating_for(
    p_ratings jsonb, p_movie_id integer, p_model text DEFAULT NULL
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
    FROM api._stars_given(p_ratings) AS given
    CROSS JOIN LATERAL api._predicted(
        given.movies, given.half_stars, p_movie_id, p_model, NULL
    ) AS said;
END;
COMMENT ON FUNCTION api.predict_rating_for(jsonb, integer, text) IS
'As api.predict_rating, from ratings that are handed over; nothing is stored.
Errors: RQ003 ratings that cannot be read; RQ004 unknown rated movie; and those of
api.predict_rating.';
