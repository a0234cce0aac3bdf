-- Object: api.register
-- Does:   makes an account, and the rater who goes with it
-- Grain:  one row, the account
-- Reads:  nothing
-- Params: p_name as its owner writes it; p_password_hash argon2id, in its own notation
-- Try:    SELECT user_id, name FROM api.register('Grace', '$argon2id$v=19$…');
CREATE FUNCTION api.register(p_name text, p_password_hash text)
RETURNS TABLE (user_id integer, name text, created_at timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    fresh integer;
BEGIN
    IF p_name IS NULL OR char_length(p_name) NOT BETWEEN 2 AND 40 THEN
        RAISE EXCEPTION 'a name has 2 to 40 characters' USING ERRCODE = 'RQ005';
    END IF;
    -- Letters of any script, digits, and what stands inside names and addresses of mail; nothing
    -- that is invisible.
    IF replace(p_name, ' ', '.') !~ '^[^\s.](\.?[^\s.])*$'
        OR regexp_replace(normalize(p_name, NFKC), '[ ._@+''’-]', '', 'g')
        ~ '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]'
        OR p_name ~ '[\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufff0-\uffff]'
    THEN
        RAISE EXCEPTION
            'a name is of letters and digits; inside it may have single spaces and . _ @ + - '''
            USING ERRCODE = 'RQ005', HINT = 'choose another one';
    END IF;
    fresh := nextval('core.person_rater_id');
    INSERT INTO core.rater (user_id, kind, source, source_key)
    VALUES (fresh, 'account', 'account', fresh::text);
    RETURN QUERY
    INSERT INTO core.account AS made (user_id, name, password_hash)
    VALUES (fresh, p_name, p_password_hash)
    -- also where somebody else is taking it at this very moment
    ON CONFLICT (name_key) DO NOTHING
    RETURNING made.user_id, made.name, made.created_at;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the name % is taken', p_name
            USING ERRCODE = 'RQ006', HINT = 'choose another one, or log in if it is yours';
    END IF;
END
$$;
COMMENT ON FUNCTION api.register(text, text) IS
'Makes an account. Passwords never come here: hash them first (argon2id, m=19456, t=2, p=1).
Errors: RQ005 the name is too short, too long or not of letters; RQ006 it is taken.';
