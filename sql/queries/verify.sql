-- Query:  verify
-- Does:   proves the kept counts equal to a recomputation
-- Grain:  one row a kept table
-- Reads:  api.verify
-- Params: none
SELECT * FROM api.verify()
