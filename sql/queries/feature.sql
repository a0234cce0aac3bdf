-- Query:  feature
-- Does:   a genre, keyword, company, country or language
-- Grain:  one row, or none
-- Reads:  api.feature
-- Params: p_feature_id
SELECT *
FROM api.feature
WHERE feature_id = :p_feature_id
