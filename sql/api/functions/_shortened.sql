-- Object: api._shortened
-- Does:   a word, and all that is left of it when one letter is missing
-- Grain:  one value
-- Reads:  nothing
-- Params: p_word
-- Try:    SELECT api._shortened('heat');
CREATE FUNCTION api._shortened(p_word text)
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT (left(p_word, place - 1) || substr(p_word, place + 1)) COLLATE "C" AS word
    -- one place behind the last letter, where nothing is missing
    FROM generate_series(1, length(p_word) + 1) AS place
    -- of two letters everything is a neighbour; nobody types 25 of them and hopes
    WHERE length(p_word) BETWEEN 3 AND 24
    ORDER BY word
);
COMMENT ON FUNCTION api._shortened(text) IS
'heat: eat, hat, hea, heat, het. Two words with one letter wrong, missing, added or swapped have one
of these in common: how misspelt words are found without a look at all words (the deletion
neighbourhood of F. Bocek, E. Hunt and B. Stiller, 2007). {} for a word of less than 3 or more than
24 letters.';
