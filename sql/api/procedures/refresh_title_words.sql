-- Object: api.refresh_title_words
-- Does:   reckons derived.title_word anew
-- Grain:  a row a word of a title
-- Reads:  core.movie
-- Params: none
-- Try:    CALL api.refresh_title_words();
CREATE PROCEDURE api.refresh_title_words()
LANGUAGE sql
BEGIN ATOMIC
    DELETE FROM derived.title_word;

    INSERT INTO derived.title_word (word, movies, shortened)
    SELECT counted.word, counted.movies, api._shortened(counted.word)
    FROM (
        SELECT lexeme COLLATE "C" AS word, count(*) AS movies
        FROM core.movie
        CROSS JOIN LATERAL unnest(tsvector_to_array(movie.search_words)) AS lexeme
        WHERE NOT movie.adult
        GROUP BY lexeme COLLATE "C"
    ) AS counted;
END;
COMMENT ON PROCEDURE api.refresh_title_words() IS
'Recomputes which words titles hold. The triggers keep them exact; this is for whoever wrote behind
the triggers.';
