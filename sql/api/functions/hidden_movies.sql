-- Object: api.hidden_movies
-- Does:   the movies that somebody does not want to see in any list
-- Grain:  one row a movie
-- Reads:  core.mark
-- Params: p_user_id
-- Try:    SELECT movie_id FROM api.hidden_movies(4);
CREATE FUNCTION api.hidden_movies(p_user_id integer)
RETURNS TABLE (movie_id integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT movie_id FROM core.mark WHERE user_id = p_user_id AND kind = 'hide';
END;
COMMENT ON FUNCTION api.hidden_movies(integer) IS
'What every list of p_user_id leaves out ("not interested"), in no order.';
