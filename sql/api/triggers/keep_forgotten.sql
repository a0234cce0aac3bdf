-- Object: api._keep_forgotten
-- Does:   lets go of stored lists that counted a rater who is deleted
-- Grain:  one call a statement
-- Reads:  the statement's own rows, derived.also_liked_leaver
-- Params: none
-- Try:    DELETE FROM core.rater WHERE user_id = 4;
CREATE FUNCTION api._keep_forgotten()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    counted integer[];
BEGIN
    -- His ratings went before, so each list that counted him knows him as a leaver.
    SELECT array_agg(DISTINCT leaver.movie_id ORDER BY leaver.movie_id) INTO counted
    FROM derived.also_liked_leaver AS leaver
    INNER JOIN removed USING (user_id);
    IF counted IS NOT NULL THEN
        DELETE FROM derived.also_liked WHERE movie_id = ANY (counted);
        DELETE FROM derived.also_liked_change WHERE movie_id = ANY (counted);
        PERFORM pg_notify('recsql_stale', '');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_forgotten() IS
'Trigger of core.rater: drops the stored lists that rest on ratings of deleted raters, and tells
recsql refresh --watch. Their movies are reckoned live, and so exactly, until a refresh.';

CREATE TRIGGER keep_forgotten AFTER DELETE ON core.rater
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_forgotten();
