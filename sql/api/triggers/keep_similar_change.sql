-- Object: api._keep_similar_change
-- Does:   notes which movies have other features than the stored similar lists know
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT count(*) FROM derived.similar_change;
CREATE FUNCTION api._keep_similar_change()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT movie_id FROM added'
        WHEN 'DELETE' THEN 'SELECT movie_id FROM removed'
        ELSE 'SELECT movie_id FROM added UNION ALL SELECT movie_id FROM removed'
    END;
    noted integer;
BEGIN
    EXECUTE format(
        $statement$
        INSERT INTO derived.similar_change AS noted (movie_id)
        -- everybody locks rows in the same order: no deadlock between two writers
        SELECT DISTINCT movie_id FROM (%s) AS change ORDER BY movie_id
        ON CONFLICT (movie_id) DO UPDATE SET is_seen = false WHERE noted.is_seen
        $statement$,
        changes
    );
    GET DIAGNOSTICS noted = ROW_COUNT;
    IF noted > 0 AND EXISTS (SELECT FROM derived.similar_movies) THEN
        PERFORM pg_notify('recsql_stale', '');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_similar_change() IS
'Trigger of core.movie_feature: notes in derived.similar_change whose features a statement changed,
and notifies the channel recsql_stale where lists are stored.';

CREATE TRIGGER keep_similar_change_insert AFTER INSERT ON core.movie_feature
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_similar_change();

CREATE TRIGGER keep_similar_change_update AFTER UPDATE ON core.movie_feature
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_similar_change();

CREATE TRIGGER keep_similar_change_delete AFTER DELETE ON core.movie_feature
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_similar_change();
