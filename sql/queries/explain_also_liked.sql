-- Query:  explain_also_liked
-- Does:   why the fans of one movie bring up another
-- Grain:  one row a number of stars
-- Reads:  api.explain_also_liked
-- Params: p_movie_id, p_other_movie_id, p_method
SELECT *
FROM api.explain_also_liked(
    p_movie_id => :p_movie_id, p_other_movie_id => :p_other_movie_id, p_method => :p_method
)
