-- Object: api._near_words
-- Does:   the words of titles that somebody may have meant by a misspelt one
-- Grain:  one row a word, nearest first
-- Reads:  derived.title_word
-- Params: p_word, folded; p_limit rows
-- Try:    SELECT * FROM api._near_words('matirx', 3);
CREATE FUNCTION api._near_words(p_word text, p_limit integer)
RETURNS TABLE (word text, edits integer, movies integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT near.word, near.edits, near.movies
    FROM (
        SELECT title_word.word, title_word.movies, api._edits(p_word, title_word.word) AS edits
        FROM derived.title_word
        WHERE title_word.shortened && CASE
            -- two letters too many are two slips
            WHEN length(p_word) >= 6 THEN ARRAY(
                SELECT DISTINCT twice.word
                FROM unnest(api._shortened(p_word)) AS once (word)
                CROSS JOIN LATERAL unnest(api._shortened(once.word)) AS twice (word)
            )
            ELSE api._shortened(p_word)
        END
        AND title_word.movies > 0
        AND title_word.word <> p_word
        UNION ALL
        -- Two words typed as one: spiderman.
        SELECT
            first_part.word || ' ' || last_part.word, LEAST(first_part.movies, last_part.movies), 1
        FROM generate_series(2, length(p_word) - 2) AS place
        INNER JOIN derived.title_word AS first_part ON first_part.word = left(p_word, place)
        INNER JOIN derived.title_word AS last_part ON last_part.word = substr(p_word, place + 1)
        WHERE first_part.movies > 0 AND last_part.movies > 0 AND length(p_word) <= 24
    ) AS near
    -- what is shorter than that is near to everything
    WHERE near.edits <= CASE WHEN length(p_word) >= 6 THEN 2 ELSE 1 END AND length(p_word) >= 3
    ORDER BY near.edits, near.movies DESC, near.word COLLATE "C"
    LIMIT p_limit;
END;
COMMENT ON FUNCTION api._near_words(text, integer) IS
'Words that differ by one slip (api._edits), from six letters on by two of which one is a letter too
many or wrong; or two words that were typed as one. Ties go to the word that more titles hold.';
