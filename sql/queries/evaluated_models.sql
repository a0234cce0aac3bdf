-- Query:  evaluated_models
-- Does:   methods compared by what was measured alike
-- Grain:  one row a model
-- Reads:  api.evaluated_models
-- Params: p_run_id, p_k
SELECT *
FROM api.evaluated_models(p_run_id => :p_run_id, p_k => :p_k)
ORDER BY rank
