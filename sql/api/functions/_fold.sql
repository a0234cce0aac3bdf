-- Object: api._fold
-- Does:   what is typed into a search box, folded like the keys of core.movie
-- Grain:  one value
-- Reads:  nothing
-- Params: p_text
-- Try:    SELECT api._fold('AMÉLIE''s');
CREATE FUNCTION api._fold(p_text text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(trim(regexp_replace(
    -- Marks go, and apostrophes (oceans eleven), but for that of an article, which parts words
    -- (l avventura) as all other punctuation does.
    regexp_replace(
        regexp_replace(
            normalize(p_text, NFKD), '\m([a-z]|qu)[''’ʼ]', '\1 ', 'gi'
        ),
        '[\u0300-\u036f''’ʼ]', '', 'g'
    ),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
)));
COMMENT ON FUNCTION api._fold(text) IS
'The text in lower case, without accents and punctuation, as core.movie.title_key is kept.';
