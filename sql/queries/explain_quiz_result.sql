-- Query:  explain_quiz_result
-- Does:   why a film comes out of a quiz
-- Grain:  one row a rated film that says something
-- Reads:  api.explain_quiz_result
-- Params: p_ratings, p_movie_id, p_model
SELECT *
FROM api.explain_quiz_result(
    p_ratings => cast(:p_ratings AS jsonb), p_movie_id => :p_movie_id, p_model => :p_model
)
