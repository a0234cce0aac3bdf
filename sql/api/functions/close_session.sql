-- Object: api.close_session
-- Does:   signs a browser out
-- Grain:  one value: was it signed in?
-- Reads:  core.session
-- Params: p_token_hash sha256 of the token
-- Try:    SELECT api.close_session(sha256('a long random token'));
CREATE FUNCTION api.close_session(p_token_hash bytea)
RETURNS boolean
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH gone AS (DELETE FROM core.session WHERE token_hash = p_token_hash RETURNING 1)
    SELECT count(*) > 0 FROM gone;
END;
COMMENT ON FUNCTION api.close_session(bytea) IS 'Ends a session; its token is dead at once.';
