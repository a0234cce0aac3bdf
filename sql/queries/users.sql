-- Query:  users
-- Does:   who rates here
-- Grain:  one row a rater
-- Reads:  api.users
-- Params: p_kind, p_limit, p_offset
SELECT *
FROM api.users(p_kind => :p_kind, p_limit => :p_limit, p_offset => :p_offset)
ORDER BY abs(user_id), user_id
