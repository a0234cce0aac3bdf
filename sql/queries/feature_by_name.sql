-- Query:  feature_by_name
-- Does:   the features that somebody may mean by a name or a number
-- Grain:  one row a feature
-- Reads:  api.feature
-- Params: p_name in any case, or the number; p_kind, or '' for any
SELECT *
FROM api.feature
WHERE (lower(name) = lower(:p_name) OR feature_id::text = :p_name)
    AND :p_kind IN ('', kind)
ORDER BY movies DESC, feature_id
