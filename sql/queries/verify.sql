-- Query:  verify
-- Does:   proves the kept counts equal to a recomputation
-- Grain:  one row a kept table
-- Reads:  api.kept_counts
-- Params: none
SELECT *
FROM api.kept_counts()
ORDER BY kept
