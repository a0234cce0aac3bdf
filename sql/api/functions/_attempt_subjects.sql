-- Object: api._attempt_subjects
-- Does:   under which names the tries of a visitor are counted
-- Grain:  one row an account and address
-- Reads:  nothing
-- Params: p_account name or null; p_address or null
-- Try:    SELECT * FROM api._attempt_subjects('ada', '2001:db8::1');
CREATE FUNCTION api._attempt_subjects(p_account text, p_address inet)
RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        'account ' || encode(sha256(convert_to(lower(normalize(p_account, NFKC)), 'UTF8')), 'hex')
    WHERE p_account IS NOT NULL
    UNION ALL
    -- A household has a whole /64 of IPv6 to itself.
    SELECT 'address ' || network(
        set_masklen(p_address, CASE family(p_address) WHEN 6 THEN 64 ELSE 32 END)
    )::text
    WHERE p_address IS NOT NULL;
END;
COMMENT ON FUNCTION api._attempt_subjects(text, inet) IS
'The subjects of core.attempt. Names are hashed, since people type passwords into that field.';
