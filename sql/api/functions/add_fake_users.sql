-- Object: api.add_fake_users
-- Does:   makes raters who are nobody, to try things with
-- Grain:  one row: how many there are
-- Reads:  nothing
-- Params: p_count
-- Try:    SELECT * FROM api.add_fake_users(10);
CREATE FUNCTION api.add_fake_users(p_count integer DEFAULT 10)
RETURNS TABLE (added integer)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH made AS (
        INSERT INTO core.rater (user_id, kind, source, source_key)
        SELECT fresh.user_id, 'fake', 'fake', (-fresh.user_id)::text
        FROM (
            SELECT nextval('core.pseudo_rater_id')::integer AS user_id
            FROM generate_series(1, p_count)
        ) AS fresh
        RETURNING 1
    )
    SELECT count(*)::integer AS added FROM made;
END;
COMMENT ON FUNCTION api.add_fake_users(integer) IS
'Makes p_count raters of kind fake. Their keys are below zero: they are nobody''s fans, and no
statistic counts them. All go at once with: recsql load remove fake.';
