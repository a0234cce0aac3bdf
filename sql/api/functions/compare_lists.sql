-- Object: api.compare_lists
-- Does:   lays the lists of two methods for one movie side by side
-- Grain:  one row per movie that is in either list
-- Reads:  core.movie, api.also_liked, api.similar_movies, api.similar_by_model
-- Params: p_movie_id; p_left, p_right methods; p_limit rows of each list
-- Try:    SELECT left_rank, right_rank, title FROM api.compare_lists(603);
CREATE FUNCTION api.compare_lists(
    p_movie_id integer,
    p_left text DEFAULT 'also_liked:damped',
    p_right text DEFAULT 'also_liked:average',
    p_limit integer DEFAULT 10
)
RETURNS TABLE (
    place integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    left_rank integer,
    right_rank integer,
    left_score numeric,
    right_score numeric,
    left_reason text,
    right_reason text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        (row_number() OVER together)::integer AS place,
        movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        left_list.rank AS left_rank,
        right_list.rank AS right_rank,
        left_list.score AS left_score,
        right_list.score AS right_score,
        left_list.reason AS left_reason,
        right_list.reason AS right_reason
    FROM api._method_list(p_movie_id, p_left, p_limit) AS left_list
    FULL JOIN api._method_list(p_movie_id, p_right, p_limit) AS right_list USING (movie_id)
    INNER JOIN core.movie USING (movie_id)
    WINDOW together AS (
        ORDER BY LEAST(left_list.rank, right_list.rank), left_list.rank, movie_id
    )
    ORDER BY place;
END;
COMMENT ON FUNCTION api.compare_lists(integer, text, text, integer) IS
'Two methods side by side: what both list, and what only one of them does (the other''s rank is
null). p_left and p_right are also_liked:average, also_liked:damped …, similar:overlap,
similar:rarity, similar:titles …, or a trained item or factor model such as ease. Ordered by the better of the two ranks, then the left one, then movie_id.
Errors: RQ002 unknown method; 2201W negative p_limit.';
