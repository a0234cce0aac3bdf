-- Query:  my_marks
-- Does:   a page of the visitor's watchlist, or of what they hide
-- Grain:  one row a movie
-- Reads:  api.my_marks
-- Params: p_user_id, p_kind, p_limit, p_offset
SELECT *
FROM api.my_marks(
    p_user_id => :p_user_id, p_kind => :p_kind, p_limit => :p_limit, p_offset => :p_offset
)
ORDER BY rank
