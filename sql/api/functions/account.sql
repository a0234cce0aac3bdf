-- Object: api.account
-- Does:   finds the account of a name
-- Grain:  one row, or none
-- Reads:  core.account
-- Params: p_name in any case
-- Try:    SELECT user_id, created_at FROM api.account('ada');
CREATE FUNCTION api.account(p_name text)
RETURNS TABLE (
    user_id integer, name text, password_hash text, created_at timestamptz,
    password_set_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT user_id, name, password_hash, created_at, password_set_at
    FROM core.account
    WHERE name_key = lower(normalize(p_name, NFKC));
END;
COMMENT ON FUNCTION api.account(text) IS
'The account that is called p_name, with the hash of its password: grant it to who checks
passwords, and to nobody else.';
