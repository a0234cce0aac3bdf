-- Query:  person_page
-- Does:   what is known about a person
-- Grain:  one row, or none
-- Reads:  api.person_page
-- Params: p_person_id
SELECT *
FROM api.person_page
WHERE person_id = :p_person_id
