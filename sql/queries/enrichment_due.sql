-- Query:  enrichment_due
-- Does:   which movies a service is to be asked about
-- Grain:  one row a movie
-- Reads:  api.enrichment_due
-- Params: p_service, p_missing, p_days, p_not_found_days, p_except, p_limit
SELECT *
FROM api.enrichment_due(
    p_service => :p_service,
    p_missing => :p_missing,
    p_older_than => make_interval(days => :p_days),
    p_not_found_older_than => make_interval(days => :p_not_found_days),
    p_except => :p_except,
    p_limit => :p_limit
)
ORDER BY rank
