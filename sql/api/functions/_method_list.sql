-- Object: api._method_list
-- Does:   the list of a method that is given by its name
-- Grain:  one row a movie
-- Reads:  api.also_liked, api.similar_movies, api.similar_by_model
-- Params: p_movie_id; p_name such as also_liked:damped, similar:rarity, or a trained model; p_limit
--         rows
-- Try:    SELECT * FROM api._method_list(1, 'also_liked:lift', 3);
CREATE FUNCTION api._method_list(p_movie_id integer, p_name text, p_limit integer)
RETURNS TABLE (rank integer, movie_id integer, score numeric, reason text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT listed.rank, listed.movie_id, listed.score, listed.reason
    FROM api.also_liked(
        p_movie_id, p_limit,
        -- a method of the other family would be refused, even where no row is asked for
        p_method => CASE
            WHEN split_part(p_name, ':', 1) = 'also_liked' THEN split_part(p_name, ':', 2)
            ELSE 'damped'
        END
    ) AS listed
    WHERE split_part(p_name, ':', 1) = 'also_liked'
    UNION ALL
    SELECT listed.rank, listed.movie_id, listed.score, listed.reason
    FROM api.similar_movies(
        p_movie_id, p_limit,
        p_method => CASE
            WHEN split_part(p_name, ':', 1) = 'similar' THEN split_part(p_name, ':', 2)
            ELSE 'overlap'
        END
    ) AS listed
    WHERE split_part(p_name, ':', 1) = 'similar'
    UNION ALL
    SELECT listed.rank, listed.movie_id, listed.score, listed.reason
    FROM api.similar_by_model(
        p_movie_id, p_limit,
        p_model => CASE
            WHEN split_part(p_name, ':', 1) NOT IN ('also_liked', 'similar') THEN p_name
        END
    ) AS listed
    WHERE split_part(p_name, ':', 1) NOT IN ('also_liked', 'similar');
END;
COMMENT ON FUNCTION api._method_list(integer, text, integer) IS
'What api.also_liked or api.similar_movies lists by the method behind the colon of p_name, or
api.similar_by_model by a model of that name. Errors: as theirs.';
