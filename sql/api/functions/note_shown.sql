-- Object: api.note_shown
-- Does:   notes that suggestions were shown to their user
-- Grain:  one value: how many of them are stored ones
-- Reads:  the stored suggestions of the user
-- Params: p_user_id; p_movie_ids what was shown
-- Try:    SELECT api.note_shown(1, '{603,604}');
CREATE FUNCTION api.note_shown(p_user_id integer, p_movie_ids integer[])
RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH noted AS (
        UPDATE core.suggestion SET shown_at = now()
        WHERE user_id = p_user_id AND movie_id = ANY(p_movie_ids)
        RETURNING 1
    )
    SELECT count(*)::integer FROM noted;
END;
COMMENT ON FUNCTION api.note_shown(integer, integer[]) IS
'Sets core.suggestion.shown_at of stored suggestions to now. Movies that are not stored for this
user are passed over. The note outlives a new run of recsql suggest.';
