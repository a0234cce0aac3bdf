-- Object: api._checked
-- Does:   gives a name back if it is one of those known, and raises an error that lists them if not
-- Grain:  one value
-- Reads:  nothing
-- Params: p_what the kind of name, for the message; p_name; p_known
-- Try:    SELECT api._checked('method', 'overlap', 'overlap', 'rarity');
CREATE FUNCTION api._checked(p_what text, p_name text, VARIADIC p_known text[])
RETURNS text
-- IMMUTABLE: with a constant name it is answered once, while planning, and costs no row anything.
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF p_name = ANY (p_known) THEN
        RETURN p_name;
    END IF;
    RAISE EXCEPTION 'unknown %: %', p_what, COALESCE(p_name, 'null')
        USING ERRCODE = 'RQ002', HINT = 'use one of: ' || array_to_string(p_known, ', ');
END
$$;
COMMENT ON FUNCTION api._checked(text, text, text[]) IS
'The name itself if it is among those known. Errors: RQ002 otherwise, with the known ones as hint.';
