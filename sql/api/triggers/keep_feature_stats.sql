-- Object: api._keep_feature_stats
-- Does:   keeps derived.feature_stats exact after every statement that writes core.movie_feature
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT * FROM derived.feature_stats ORDER BY movies DESC LIMIT 5;
CREATE FUNCTION api._keep_feature_stats()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT *, 1 AS sign FROM added'
        WHEN 'DELETE' THEN 'SELECT *, -1 AS sign FROM removed'
        ELSE 'SELECT *, 1 AS sign FROM added UNION ALL SELECT *, -1 FROM removed'
    END;
BEGIN
    EXECUTE format(
        $statement$
        INSERT INTO derived.feature_stats AS kept (feature_id, movies)
        SELECT feature_id, sum(sign) FROM (%s) AS change GROUP BY feature_id ORDER BY feature_id
        ON CONFLICT (feature_id) DO UPDATE SET movies = kept.movies + excluded.movies
        $statement$,
        changes
    );
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_feature_stats() IS
'Trigger of core.movie_feature: adds what a statement changed to derived.feature_stats.';

CREATE TRIGGER keep_feature_stats_insert AFTER INSERT ON core.movie_feature
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_feature_stats();

CREATE TRIGGER keep_feature_stats_update AFTER UPDATE ON core.movie_feature
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_feature_stats();

CREATE TRIGGER keep_feature_stats_delete AFTER DELETE ON core.movie_feature
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_feature_stats();
