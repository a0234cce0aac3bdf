-- Object: api.renew_session
-- Does:   replaces the token of a session by a fresh one
-- Grain:  one row, or none where there is nothing to replace
-- Reads:  nothing
-- Params: p_token_hash, p_new_token_hash sha256 of the old and the new token; p_idle how long the
--         new one lasts unused; p_longest since the password was given; p_grace of the old token
-- Try:    SELECT * FROM api.renew_session(sha256('old'), sha256('new'));
CREATE FUNCTION api.renew_session(
    p_token_hash bytea,
    p_new_token_hash bytea,
    p_idle interval DEFAULT '14 days',
    -- then the password is asked for again
    p_longest interval DEFAULT '90 days',
    -- for requests that were under way with the old one
    p_grace interval DEFAULT '1 minute'
)
RETURNS TABLE (user_id integer, expires_at timestamptz)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH old AS (
        -- Of two requests at once the second finds the token replaced already.
        UPDATE core.session AS held SET expires_at = now() + p_grace
        WHERE held.token_hash = p_token_hash AND held.expires_at > now() + p_grace
        RETURNING held.user_id, held.started_at
    )
    INSERT INTO core.session AS made (token_hash, user_id, started_at, renewed_at, expires_at)
    SELECT
        p_new_token_hash, old.user_id, old.started_at, now(),
        LEAST(now() + p_idle, old.started_at + p_longest)
    FROM old
    RETURNING made.user_id, made.expires_at;
END;
COMMENT ON FUNCTION api.renew_session(bytea, bytea, interval, interval, interval) IS
'Gives a browser a fresh token, and lets the old one die within p_grace.';
