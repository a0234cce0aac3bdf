-- Query:  collection
-- Does:   a series of films
-- Grain:  one row, or none
-- Reads:  api.collection
-- Params: p_collection_id
SELECT *
FROM api.collection
WHERE collection_id = :p_collection_id
