-- Query:  about
-- Does:   what this database holds
-- Grain:  one row
-- Reads:  api.about
-- Params: none
SELECT *
FROM api.about
