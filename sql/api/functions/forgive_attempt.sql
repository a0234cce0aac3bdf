-- Object: api.forgive_attempt
-- Does:   takes back a counted try that has succeeded
-- Grain:  one value: in how many rows it was counted
-- Reads:  core.attempt
-- Params: p_what, p_account, p_address as for api.allow_attempt; p_tried_at as it returned
-- Try:    SELECT api.forgive_attempt('log in', 'ada', '192.0.2.7', now());
CREATE FUNCTION api.forgive_attempt(
    p_what text, p_account text, p_address inet, p_tried_at timestamptz
)
RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH mine AS (
        SELECT kept.what, kept.subject
        FROM core.attempt AS kept
        WHERE kept.what = p_what
            AND kept.subject = ANY(ARRAY(SELECT api._attempt_subjects(p_account, p_address)))
        ORDER BY kept.subject
        FOR UPDATE
    ),
    forgiven AS (
        UPDATE core.attempt AS kept SET tried_at = array_remove(kept.tried_at, p_tried_at)
        FROM mine
        WHERE kept.what = mine.what
            AND kept.subject = mine.subject
            AND p_tried_at = ANY(kept.tried_at)
        RETURNING 1
    )
    SELECT count(*)::integer FROM forgiven;
END;
COMMENT ON FUNCTION api.forgive_attempt(text, text, inet, timestamptz) IS
'Only failures count against an account or an address. Others stay counted: whoever knows one
password cannot wipe out the tries at another.';
