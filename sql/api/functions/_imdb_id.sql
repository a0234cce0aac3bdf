-- Object: api._imdb_id
-- Does:   an IMDb id as core.movie_key has it
-- Grain:  one value, null where the text is none
-- Reads:  nothing
-- Params: p_text tt and a number
-- Try:    SELECT api._imdb_id(' TT0133093');
CREATE FUNCTION api._imdb_id(p_text text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN lower(btrim(p_text)) ~ '^tt0*[1-9][0-9]{0,8}$'
        THEN 'tt' || lpad(
            ltrim(lower(btrim(p_text)), 't0'),
            GREATEST(7, length(ltrim(lower(btrim(p_text)), 't0'))),
            '0'
        )
END;
COMMENT ON FUNCTION api._imdb_id(text) IS
'tt and at least seven digits; null for anything else.';
