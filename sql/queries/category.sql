-- Query:  category
-- Does:   a category by its name in an address
-- Grain:  one row, or none
-- Reads:  api.category
-- Params: p_slug
SELECT *
FROM api.category
WHERE slug = :p_slug
