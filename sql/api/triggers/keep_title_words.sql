-- Object: api._keep_title_words
-- Does:   keeps the words of titles after every statement that writes core.movie
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT word, movies FROM derived.title_word ORDER BY movies DESC LIMIT 5;
CREATE FUNCTION api._keep_title_words()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT search_words, 1 AS sign FROM added WHERE NOT adult'
        WHEN 'DELETE' THEN 'SELECT search_words, -1 AS sign FROM removed WHERE NOT adult'
        ELSE 'SELECT search_words, 1 AS sign FROM added WHERE NOT adult'
            ' UNION ALL SELECT search_words, -1 FROM removed WHERE NOT adult'
    END;
BEGIN
    EXECUTE format(
        $statement$
        INSERT INTO derived.title_word AS kept (word, movies, shortened)
        SELECT change.word, change.movies, api._shortened(change.word)
        FROM (
            SELECT lexeme COLLATE "C" AS word, sum(sign) AS movies
            FROM (%s) AS written
            CROSS JOIN LATERAL unnest(tsvector_to_array(search_words)) AS lexeme
            GROUP BY lexeme COLLATE "C"
            HAVING sum(sign) <> 0
        ) AS change
        -- everybody in one order, so that none waits for another in a circle
        ORDER BY change.word
        ON CONFLICT (word) DO UPDATE SET movies = kept.movies + excluded.movies
        $statement$,
        changes
    );
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_title_words() IS
'Trigger of core.movie: adds what a statement changed to derived.title_word.';

CREATE TRIGGER keep_title_words_insert AFTER INSERT ON core.movie
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_title_words();

CREATE TRIGGER keep_title_words_update AFTER UPDATE ON core.movie
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_title_words();

CREATE TRIGGER keep_title_words_delete AFTER DELETE ON core.movie
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_title_words();
