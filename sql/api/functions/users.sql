-- Object: api.users
-- Does:   who rates here, by kind
-- Grain:  one row a rater
-- Reads:  core.rater, core.account, core.rating, core.session
-- Params: p_kind account, imported, critic or fake; p_limit, p_offset rows
-- Try:    SELECT user_id, name, ratings FROM api.users('account');
CREATE FUNCTION api.users(
    p_kind text DEFAULT 'account', p_limit integer DEFAULT 100, p_offset integer DEFAULT 0
)
RETURNS TABLE (
    user_id integer, kind text, name text, ratings integer, created_at timestamptz,
    sessions integer
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT
            rater.user_id, rater.kind, COALESCE(account.name, rater.source_key) AS name,
            account.created_at
        FROM core.rater
        LEFT JOIN core.account ON account.user_id = rater.user_id
        WHERE rater.kind = api._checked('kind', p_kind, 'account', 'imported', 'critic', 'fake')
        ORDER BY abs(rater.user_id), rater.user_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        listed.user_id, listed.kind, listed.name,
        (
            SELECT count(*) FROM core.rating WHERE rating.user_id = listed.user_id
        )::integer AS ratings,
        listed.created_at,
        (
            SELECT count(*) FROM core.session
            WHERE session.user_id = listed.user_id AND session.expires_at > now()
        )::integer AS sessions
    FROM listed
    ORDER BY abs(listed.user_id), listed.user_id;
END;
COMMENT ON FUNCTION api.users(text, integer, integer) IS
'Raters of a kind, the oldest first. sessions: in how many browsers an account is signed in.
Errors: RQ002 unknown kind; 2201W, 2201X negative p_limit, p_offset.';
