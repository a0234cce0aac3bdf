-- Object: api._word_pattern
-- Does:   what finds the titles that hold some words
-- Grain:  one value
-- Reads:  nothing
-- Params: p_words, folded; p_begun whether the beginning of each word is enough
-- Try:    SELECT api._word_pattern('star wa', true);
CREATE FUNCTION api._word_pattern(p_words text, p_begun boolean)
RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    -- The words hold no quote: folding took them.
    SELECT string_agg(
        '''' || left(word, 100) || '''' || CASE WHEN p_begun THEN ':*' ELSE '' END, ' & '
    )::tsquery
    FROM regexp_split_to_table(replace(p_words, '\', ''), ' ') AS word
    WHERE word <> ''
);
COMMENT ON FUNCTION api._word_pattern(text, boolean) IS
'The pattern that core.movie.search_words and core.person.search_words are looked through with: all
of these words, or words that begin so. Null without a word.';
