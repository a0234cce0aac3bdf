-- Query:  my_home_header
-- Does:   the movie at the head of the home page, another one where the visitor hides it
-- Grain:  one row
-- Reads:  api.home_header, api.hidden_movies
-- Params: p_user_id, p_seed
SELECT header.*
-- the seed itself first; whoever hides a dozen in a row sees none
FROM generate_series(0, 11) AS turn
CROSS JOIN LATERAL api.home_header(
    p_seed => CASE turn WHEN 0 THEN :p_seed ELSE hashint8extended(:p_seed, turn) END
) AS header
WHERE header.movie_id NOT IN (SELECT movie_id FROM api.hidden_movies(p_user_id => :p_user_id))
ORDER BY turn
LIMIT 1
