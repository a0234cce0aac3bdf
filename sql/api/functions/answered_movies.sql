-- Object: api.answered_movies
-- Does:   the films of ratings that are handed over, beside what an account gave them
-- Grain:  one row a rated film, the best first
-- Reads:  api.movie_card, core.movie, core.rating
-- Params: p_ratings as in api.recommend_for; p_user_id whose own stars to show, may be null
-- Try:    SELECT title, stars, own_stars FROM api.answered_movies('{"603": 5.0, "604": 0}', 4);
CREATE FUNCTION api.answered_movies(p_ratings jsonb, p_user_id integer DEFAULT NULL)
RETURNS TABLE (
    movie_id integer,
    title text,
    original_title text,
    year integer,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    stars numeric,
    own_stars numeric,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        card.movie_id, card.title, card.original_title, card.year, card.poster_path, card.genres,
        card.raters, card.mean_stars,
        round(answer.half_stars / 2.0, 1) AS stars,
        round(own.half_stars / 2.0, 1) AS own_stars,
        card.original_language
    FROM api._stars_given(p_ratings) AS given
    CROSS JOIN LATERAL unnest(given.movies, given.half_stars) AS answer (movie_id, half_stars)
    INNER JOIN api.movie_card AS card ON card.movie_id = answer.movie_id
    LEFT JOIN core.rating AS own
        ON own.user_id = p_user_id AND own.movie_id = answer.movie_id
    ORDER BY answer.half_stars DESC, answer.movie_id;
END;
COMMENT ON FUNCTION api.answered_movies(jsonb, integer) IS
'What was rated in p_ratings, without what was not seen (0 stars). stars: those handed over;
own_stars: those that p_user_id gave, null where none. Nothing is stored: see api.keep_ratings.
Errors: RQ003 ratings that cannot be read; RQ004 unknown movie.';
