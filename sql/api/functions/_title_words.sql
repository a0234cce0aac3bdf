-- Object: api._title_words
-- Does:   the telling words of a movie's title, each with what sharing it is worth
-- Grain:  one row a word
-- Reads:  core.movie, derived.title_word, derived.catalogue
-- Params: p_movie_id
-- Try:    SELECT * FROM api._title_words(603);
CREATE FUNCTION api._title_words(p_movie_id integer)
RETURNS TABLE (word text, movies integer, points integer)
-- STRICT keeps it from being inlined: who needs it not need not plan it.
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        kept.word,
        kept.movies,
        -- Whole millionths, as all points. Two fifths were best for one half of all series, and
        -- docs/quality.md says how good they are for the other.
        api._rarity(catalogue.movies, kept.movies) * 2 / 5 AS points
    FROM core.movie
    CROSS JOIN LATERAL (
        SELECT DISTINCT regexp_split_to_table(movie.title_key, ' ') COLLATE "C" AS word
    ) AS own
    CROSS JOIN derived.catalogue
    INNER JOIN derived.title_word AS kept ON kept.word = own.word
    WHERE movie.movie_id = p_movie_id
        AND NOT movie.adult
        -- “the” says nothing, and thousands of movies have it. Few movies have no common words.
        AND kept.movies BETWEEN 1 AND GREATEST(100, catalogue.movies / 100);
END;
COMMENT ON FUNCTION api._title_words(integer) IS
'The words of the title, folded, that at most 1% of all movies (or 100) have: movies as in
derived.title_word, points two fifths of api._rarity, in millionths. None for adults only.';
