-- Query:  next_movie
-- Does:   what to watch next
-- Grain:  one row
-- Reads:  api.next_movie
-- Params: p_user_id null for a visitor, p_seed
SELECT *
FROM api.next_movie(p_user_id => :p_user_id, p_seed => :p_seed)
