-- Object: api.allow_attempt
-- Does:   counts a try, and tells whether it may be made
-- Grain:  one row
-- Reads:  core.attempt
-- Params: p_what is tried; p_account name, p_address where it comes from (either may be null);
--         p_limit tries within p_window
-- Try:    SELECT allowed, retry_after FROM api.allow_attempt('log in', 'ada', '192.0.2.7');
CREATE FUNCTION api.allow_attempt(
    p_what text,
    p_account text,
    p_address inet,
    -- a person who has forgotten a password tries five or six
    p_limit integer DEFAULT 10,
    p_window interval DEFAULT '15 minutes'
)
RETURNS TABLE (allowed boolean, retry_after integer, tried_at timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    this_one CONSTANT timestamptz := clock_timestamp();
BEGIN
    DELETE FROM core.attempt AS old
    WHERE (old.what, old.subject) IN (
        SELECT past.what, past.subject FROM core.attempt AS past
        WHERE past.last_at < this_one - GREATEST(p_window, interval '1 day')
        ORDER BY past.last_at, past.what, past.subject
        -- a little each time, and never what another one is at
        LIMIT 20 FOR UPDATE SKIP LOCKED
    );
    RETURN QUERY
    WITH counted AS (
        INSERT INTO core.attempt AS kept (what, subject, tried_at, last_at)
        SELECT p_what, listed.subject, ARRAY[this_one], this_one
        FROM api._attempt_subjects(p_account, p_address) AS listed (subject)
        -- everybody locks rows in the same order: no deadlock between two tries
        ORDER BY listed.subject
        ON CONFLICT (what, subject) DO UPDATE SET
            -- Only tries that were let through are kept: who waits gets in.
            tried_at = (
                SELECT
                    CASE WHEN count(*) < p_limit THEN array_agg(recent ORDER BY recent) || this_one
                    ELSE array_agg(recent ORDER BY recent) END
                FROM unnest(kept.tried_at) AS recent
                WHERE recent > this_one - p_window
            ),
            last_at = this_one
        RETURNING kept.tried_at
    )
    SELECT
        COALESCE(bool_and(this_one = ANY (counted.tried_at)), true),
        COALESCE(max(
            CASE WHEN NOT this_one = ANY (counted.tried_at) THEN ceil(extract(
                epoch FROM counted.tried_at[1 + cardinality(counted.tried_at) - p_limit]
                + p_window - this_one
            )) END
        ), 0)::integer,
        this_one
    FROM counted;
END
$$;
COMMENT ON FUNCTION api.allow_attempt(text, text, inet, integer, interval) IS
'At most p_limit tries at p_what within p_window for each account and for each address (of IPv6
its /64); retry_after: seconds to wait where one is refused. A try that succeeded is given back by
api.forgive_attempt. The row of an account and of an address is locked until the transaction ends,
so tries at the same moment are counted one after the other.';
