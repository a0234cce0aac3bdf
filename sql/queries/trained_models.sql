-- Query:  trained_models
-- Does:   the models that answer now
-- Grain:  one row a model
-- Reads:  api.trained_model
-- Params: none
SELECT *
FROM api.trained_model
ORDER BY model COLLATE "C"
