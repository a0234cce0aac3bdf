-- Query:  predict_rating
-- Does:   how many stars somebody may give a movie
-- Grain:  one row
-- Reads:  api.predict_rating
-- Params: p_user_id, p_movie_id, p_model
SELECT *
FROM api.predict_rating(p_user_id => :p_user_id, p_movie_id => :p_movie_id, p_model => :p_model)
