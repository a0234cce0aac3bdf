-- Query:  home_rows
-- Does:   the home page of somebody who is signed in
-- Grain:  one row a movie of the page, the header first
-- Reads:  api.home_rows
-- Params: p_user_id, p_seed, p_shelves, p_per_shelf
SELECT *
FROM api.home_rows(
    p_user_id => :p_user_id, p_seed => :p_seed, p_shelves => :p_shelves, p_per_shelf => :p_per_shelf
)
ORDER BY shelf, place
