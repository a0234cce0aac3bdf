-- Query:  quiz_modes
-- Does:   the ways in which a quiz can be answered
-- Grain:  one row a mode
-- Reads:  api.quiz_modes
-- Params: p_answers
SELECT *
FROM api.quiz_modes(p_answers => :p_answers)
ORDER BY place
