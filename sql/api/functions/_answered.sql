-- Object: api._answered
-- Does:   the text in one field of a service's answer, fit to be stored
-- Grain:  one value, null where the answer does not say
-- Reads:  nothing
-- Params: p_answer; p_field its name
-- Try:    SELECT api._answered('{"Title": " Heat ", "Plot": "N/A"}', 'Title');
CREATE FUNCTION api._answered(p_answer jsonb, p_field text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    -- a list or an object where a text belongs is nothing that we know how to read
    WHEN jsonb_typeof(p_answer -> p_field) IN ('string', 'number')
        AND upper(btrim(p_answer ->> p_field)) NOT IN ('', 'N/A')
        THEN NULLIF(btrim(regexp_replace(
            -- marks that turn the direction of writing would turn that of a whole page
            regexp_replace(
                p_answer ->> p_field, '[\u200e\u200f\u202a-\u202e\u2066-\u2069]', '', 'g'
            ),
            '[\s\u0001-\u001f\u007f-\u00a0]+', ' ', 'g'
        )), '')
END;
COMMENT ON FUNCTION api._answered(jsonb, text) IS
'A text or number as text, on one line; null for "N/A", for nothing, and for what is neither.
Markup stays what it is: a text, which pages escape.';
