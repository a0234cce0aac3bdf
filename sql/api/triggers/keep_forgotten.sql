-- Object: api._keep_forgotten
-- Does:   lets go of stored lists that counted a rater who is deleted
-- Grain:  one call a statement
-- Reads:  the statement's own rows, derived.also_liked_leaver, core.rater
-- Params: none
-- Try:    DELETE FROM core.rater WHERE user_id = 4;
CREATE FUNCTION api._keep_forgotten()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    counted integer[];
BEGIN
    -- Where ratings go with their rater, each list that counted him has just got to know him as a
    -- leaver: triggers of a table fire in the order of their names.
    SELECT array_agg(DISTINCT leaver.movie_id ORDER BY leaver.movie_id) INTO counted
    FROM derived.also_liked_leaver AS leaver
    WHERE leaver.user_id IN (SELECT removed.user_id FROM removed)
        AND NOT EXISTS (SELECT FROM core.rater WHERE rater.user_id = leaver.user_id);
    IF counted IS NOT NULL THEN
        DELETE FROM derived.also_liked WHERE movie_id = ANY (counted);
        DELETE FROM derived.also_liked_change WHERE movie_id = ANY (counted);
        PERFORM pg_notify('recsql_stale', '');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_forgotten() IS
'Trigger of core.rater and core.rating: drops the stored lists that rest on ratings of deleted
raters, and tells recsql refresh --watch. Their movies are reckoned live, and so exactly, until a
refresh.';

-- PostgreSQL fires this one before those of the ratings that go along; so there is one for each:
-- for lists that he had left before, and for those that he leaves now.
CREATE TRIGGER keep_forgotten_rater AFTER DELETE ON core.rater
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_forgotten();

CREATE TRIGGER keep_forgotten_rating AFTER DELETE ON core.rating
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_forgotten();
