-- Query:  search_people
-- Does:   people by words of their name
-- Grain:  one row a person
-- Reads:  api.search_people
-- Params: p_query, p_limit, p_offset
SELECT *
FROM api.search_people(p_query => :p_query, p_limit => :p_limit, p_offset => :p_offset)
ORDER BY rank
