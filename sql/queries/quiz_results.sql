-- Query:  quiz_results
-- Does:   what to watch after a quiz
-- Grain:  one row a film
-- Reads:  api.quiz_results
-- Params: p_ratings, p_limit, p_offset, p_model, p_period, p_boundary_year, p_user_id
SELECT *
FROM api.quiz_results(
    p_ratings => cast(:p_ratings AS jsonb),
    p_limit => :p_limit,
    p_offset => :p_offset,
    p_model => :p_model,
    p_period => :p_period,
    p_boundary_year => :p_boundary_year,
    p_user_id => :p_user_id
)
ORDER BY rank
