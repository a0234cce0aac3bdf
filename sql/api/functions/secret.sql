-- Object: api.secret
-- Does:   gives out a key that all processes of the site share
-- Grain:  one row, or none
-- Reads:  core.secret
-- Params: p_name forms
-- Try:    SELECT length(value) FROM api.secret('forms');
CREATE FUNCTION api.secret(p_name text)
RETURNS TABLE (value text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT value FROM core.secret WHERE name = p_name;
END;
COMMENT ON FUNCTION api.secret(text) IS
'A key by its name: forms signs the tokens in forms. Grant it to the site, and to nobody else.';
