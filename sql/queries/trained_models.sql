-- Query:  trained_models
-- Does:   the models that answer now
-- Grain:  one row a trained model
-- Reads:  api.trained_model
-- Params: none
SELECT *
FROM api.trained_model
WHERE family <> 'user'
ORDER BY model COLLATE "C"
