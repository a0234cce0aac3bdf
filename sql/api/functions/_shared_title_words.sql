-- Object: api._shared_title_words
-- Does:   the telling words that two titles share
-- Grain:  one row a word
-- Reads:  core.movie, derived.title_word, derived.catalogue
-- Params: p_movie_id; p_other_movie_id
-- Try:    SELECT * FROM api._shared_title_words(603, 604);
CREATE FUNCTION api._shared_title_words(p_movie_id integer, p_other_movie_id integer)
RETURNS TABLE (word text, movies integer, points integer)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT mine.word, mine.movies, mine.points
    FROM api._title_words(p_movie_id) AS mine
    INNER JOIN core.movie AS other
        ON other.movie_id = p_other_movie_id
        AND NOT other.adult
        AND strpos(' ' || other.title_key || ' ', ' ' || mine.word || ' ') > 0
    WHERE p_movie_id <> p_other_movie_id;
END;
COMMENT ON FUNCTION api._shared_title_words(integer, integer) IS
'Rows of api._title_words(p_movie_id) whose word is in the title of p_other_movie_id too.';
