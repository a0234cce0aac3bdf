-- Query:  home_header
-- Does:   the movie at the head of the home page
-- Grain:  one row
-- Reads:  api.home_header
-- Params: p_seed
SELECT *
FROM api.home_header(p_seed => :p_seed)
