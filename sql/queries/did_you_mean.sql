-- Query:  did_you_mean
-- Does:   what may have been meant by a search that finds nothing
-- Grain:  one row a search
-- Reads:  api.did_you_mean
-- Params: p_query, p_limit
SELECT *
FROM api.did_you_mean(p_query => :p_query, p_limit => :p_limit)
ORDER BY rank
