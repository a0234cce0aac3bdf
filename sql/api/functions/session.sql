-- Object: api.session
-- Does:   tells who holds a token
-- Grain:  one row, or none where it is unknown, expired or revoked
-- Reads:  core.session, core.account, core.mark
-- Params: p_token_hash sha256 of the token; p_renew_after age at which a token is to be replaced
-- Try:    SELECT user_id, name FROM api.session(sha256('a long random token'));
CREATE FUNCTION api.session(
    p_token_hash bytea,
    -- a stolen token is worth a day at most, and a visitor a write a day
    p_renew_after interval DEFAULT '1 day'
)
RETURNS TABLE (
    user_id integer, name text, started_at timestamptz, expires_at timestamptz, due boolean,
    hides boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        session.user_id,
        account.name,
        session.started_at,
        session.expires_at,
        session.renewed_at + p_renew_after <= now() AS due,
        EXISTS(
            SELECT FROM core.mark WHERE mark.user_id = session.user_id AND mark.kind = 'hide'
        ) AS hides
    FROM core.session
    INNER JOIN core.account ON account.user_id = session.user_id
    WHERE session.token_hash = p_token_hash AND session.expires_at > now();
END;
COMMENT ON FUNCTION api.session(bytea, interval) IS
'Who is signed in with a token. due: it is time for api.renew_session. hides: the account hides
at least one movie from its lists.';
