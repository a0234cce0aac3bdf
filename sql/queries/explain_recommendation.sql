-- Query:  explain_recommendation
-- Does:   why a movie is recommended to a user
-- Grain:  one row a reason
-- Reads:  api.explain_recommendation
-- Params: p_user_id, p_movie_id, p_model
SELECT *
FROM api.explain_recommendation(
    p_user_id => :p_user_id, p_movie_id => :p_movie_id, p_model => :p_model
)
