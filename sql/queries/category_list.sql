-- Query:  category_list
-- Does:   all categories
-- Grain:  one row a category
-- Reads:  api.category
-- Params: none
SELECT *
FROM api.category
ORDER BY name COLLATE "C"
