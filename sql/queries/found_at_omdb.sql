-- Query:  found_at_omdb
-- Does:   what OMDb found, and which of it we have
-- Grain:  one row a title
-- Reads:  api.found_at_omdb
-- Params: p_answer
SELECT *
FROM api.found_at_omdb(p_answer => :p_answer)
ORDER BY rank
