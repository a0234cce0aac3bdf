-- Object: api.open_session
-- Does:   signs a browser in
-- Grain:  one row, the session
-- Reads:  core.session
-- Params: p_user_id; p_token_hash sha256 of the token; p_idle how long it lasts unused
-- Try:    SELECT expires_at FROM api.open_session(4, sha256('a long random token'));
CREATE FUNCTION api.open_session(
    p_user_id integer,
    p_token_hash bytea,
    -- who comes back within two weeks stays signed in
    p_idle interval DEFAULT '14 days'
)
RETURNS TABLE (user_id integer, expires_at timestamptz)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH expired AS (
        DELETE FROM core.session
        WHERE session.user_id = p_user_id AND session.expires_at <= now()
    )
    INSERT INTO core.session AS made (token_hash, user_id, started_at, renewed_at, expires_at)
    VALUES (p_token_hash, p_user_id, now(), now(), now() + p_idle)
    RETURNING made.user_id, made.expires_at;
END;
COMMENT ON FUNCTION api.open_session(integer, bytea, interval) IS
'Opens a session for an account whose password has just been checked. The token itself stays with
the browser; each sign-in has one of its own, so nobody can prepare it (session fixation).
Errors: 23503 p_user_id is no account.';
