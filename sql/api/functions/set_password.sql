-- Object: api.set_password
-- Does:   gives an account another password, and signs it out everywhere
-- Grain:  one value: how many sessions have ended
-- Reads:  core.session
-- Params: p_user_id; p_password_hash argon2id, in its own notation; p_keep_sessions true where the
--         password stays and only its hash is made anew
-- Try:    SELECT api.set_password(4, '$argon2id$v=19$…');
CREATE FUNCTION api.set_password(
    p_user_id integer, p_password_hash text, p_keep_sessions boolean DEFAULT false
)
RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended integer := 0;
BEGIN
    UPDATE core.account SET
        password_hash = p_password_hash,
        password_set_at = CASE WHEN p_keep_sessions THEN password_set_at ELSE now() END
    WHERE user_id = p_user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account has the id %', COALESCE(p_user_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    IF NOT p_keep_sessions THEN
        DELETE FROM core.session WHERE user_id = p_user_id;
        GET DIAGNOSTICS ended = ROW_COUNT;
    END IF;
    RETURN ended;
END
$$;
COMMENT ON FUNCTION api.set_password(integer, text, boolean) IS
'Sets the hash of a password. Whoever was signed in with the old one is signed out.
Errors: RQ004 p_user_id is no account.';
