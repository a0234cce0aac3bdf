-- Query:  leading_people
-- Does:   who directs and plays first in the movies that most people rated
-- Grain:  one row a person
-- Reads:  api.leading_people
-- Params: p_limit, p_offset
SELECT *
FROM api.leading_people(p_limit => :p_limit, p_offset => :p_offset)
ORDER BY rank
