-- Query:  recommend
-- Does:   what a user may like
-- Grain:  one row a movie
-- Reads:  api.recommend
-- Params: p_user_id, p_limit, p_offset, p_model, p_period, p_boundary_year
SELECT *
FROM api.recommend(
    p_user_id => :p_user_id,
    p_limit => :p_limit,
    p_offset => :p_offset,
    p_model => :p_model,
    p_period => :p_period,
    p_boundary_year => :p_boundary_year
)
ORDER BY rank
