-- Query:  evaluation_protocols
-- Does:   which evaluations there are, newest first
-- Grain:  one row a split, seed, data and protocol
-- Reads:  api.evaluation_protocol
-- Params: none
SELECT *
FROM api.evaluation_protocol
ORDER BY run_id DESC
