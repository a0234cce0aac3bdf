-- Query:  pair_evidence
-- Does:   how much speaks for one movie beside another
-- Grain:  one row a list that may have it
-- Reads:  api.pair_evidence
-- Params: p_movie_id, p_other_movie_id
SELECT *
FROM api.pair_evidence(p_movie_id => :p_movie_id, p_other_movie_id => :p_other_movie_id)
ORDER BY kind DESC
