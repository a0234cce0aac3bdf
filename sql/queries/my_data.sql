-- Query:  my_data
-- Does:   all that belongs to a rater, to be taken along
-- Grain:  one row a rating and mark
-- Reads:  api.my_data
-- Params: p_user_id
SELECT *
FROM api.my_data(p_user_id => :p_user_id)
ORDER BY list DESC, at, movie_id
