-- Query:  features
-- Does:   the features of a kind, commonest first
-- Grain:  one row a feature
-- Reads:  api.features
-- Params: p_kind, p_query a part of the name, p_limit, p_offset
SELECT *
FROM api.features(
    p_kind => :p_kind, p_query => :p_query, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
