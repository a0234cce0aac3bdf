-- Object: api._keep_also_liked_change
-- Does:   notes which stored lists a change of ratings touches, and by how much
-- Grain:  one call a statement
-- Reads:  the statement's own rows, core.rating, derived.also_liked
-- Params: none
-- Try:    SELECT * FROM api.freshness ORDER BY share DESC LIMIT 5;
CREATE FUNCTION api._keep_also_liked_change()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    changes CONSTANT text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT user_id, movie_id, half_stars FROM added'
        WHEN 'DELETE' THEN 'SELECT user_id, movie_id, half_stars FROM removed'
        -- what was before and what is now, where they differ
        ELSE '(SELECT user_id, movie_id, half_stars FROM added
               EXCEPT SELECT user_id, movie_id, half_stars FROM removed)
              UNION ALL
              (SELECT user_id, movie_id, half_stars FROM removed
               EXCEPT SELECT user_id, movie_id, half_stars FROM added)'
    END;
    noted integer;
BEGIN
    IF NOT EXISTS (SELECT FROM derived.also_liked) THEN
        RETURN NULL;
    END IF;
    EXECUTE format(
        $statement$
        WITH change AS (SELECT * FROM (%s) AS any_change WHERE user_id > 0),
        touched AS (
            -- the rated movie stands in the lists of all movies that the rater is a fan of
            SELECT fan.movie_id, count(*) AS evidence
            FROM change
            INNER JOIN core.rating AS fan
                ON fan.user_id = change.user_id
                AND fan.half_stars = 10
                AND fan.movie_id <> change.movie_id
            GROUP BY fan.movie_id
            UNION ALL
            -- a fan won or lost brings or takes all that he has rated
            SELECT change.movie_id, count(*)
            FROM change
            INNER JOIN core.rating AS theirs ON theirs.user_id = change.user_id
            WHERE change.half_stars = 10
            GROUP BY change.movie_id
        )
        INSERT INTO derived.also_liked_change (movie_id, evidence)
        SELECT touched.movie_id, sum(touched.evidence)
        FROM touched
        INNER JOIN derived.also_liked AS stored USING (movie_id)
        GROUP BY touched.movie_id
        $statement$,
        changes
    );
    GET DIAGNOSTICS noted = ROW_COUNT;
    IF noted > 0 THEN
        PERFORM pg_notify('recsql_stale', '');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_also_liked_change() IS
'Trigger of core.rating: adds to derived.also_liked_change how much evidence of which stored lists
a statement changed, and notifies the channel recsql_stale. Nothing where no list is stored.';

CREATE TRIGGER keep_also_liked_change_insert AFTER INSERT ON core.rating
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_also_liked_change();

CREATE TRIGGER keep_also_liked_change_update AFTER UPDATE ON core.rating
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_also_liked_change();

CREATE TRIGGER keep_also_liked_change_delete AFTER DELETE ON core.rating
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_also_liked_change();
