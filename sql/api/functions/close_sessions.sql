-- Object: api.close_sessions
-- Does:   signs an account out everywhere
-- Grain:  one value: how many sessions have ended
-- Reads:  core.session
-- Params: p_user_id
-- Try:    SELECT api.close_sessions(4);
CREATE FUNCTION api.close_sessions(p_user_id integer)
RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH gone AS (DELETE FROM core.session WHERE user_id = p_user_id RETURNING 1)
    SELECT count(*)::integer FROM gone;
END;
COMMENT ON FUNCTION api.close_sessions(integer) IS
'Ends all sessions of an account; their tokens are dead at once.';
