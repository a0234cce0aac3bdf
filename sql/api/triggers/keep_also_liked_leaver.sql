-- Object: api._keep_also_liked_leaver
-- Does:   notes whom a stored list still counts as a fan although the 5.0 stars are gone
-- Grain:  one call a statement
-- Reads:  the statement's own rows, derived.also_liked
-- Params: none
-- Try:    SELECT * FROM derived.also_liked_leaver;
CREATE FUNCTION api._keep_also_liked_leaver()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    movies integer[];
    users integer[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT array_agg(movie_id), array_agg(user_id) INTO movies, users
        FROM removed
        WHERE half_stars = 10 AND user_id > 0;
    ELSE
        SELECT array_agg(movie_id), array_agg(user_id) INTO movies, users
        FROM (
            SELECT movie_id, user_id FROM removed WHERE half_stars = 10 AND user_id > 0
            EXCEPT
            SELECT movie_id, user_id FROM added WHERE half_stars = 10
        ) AS leaver;
    END IF;
    IF movies IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO derived.also_liked_leaver (movie_id, user_id)
    SELECT leaver.movie_id, leaver.user_id
    FROM unnest(movies, users) AS leaver (movie_id, user_id)
    WHERE EXISTS (
        SELECT FROM derived.also_liked AS stored WHERE stored.movie_id = leaver.movie_id
    )
    ORDER BY leaver.movie_id, leaver.user_id
    ON CONFLICT (movie_id, user_id) DO UPDATE SET left_by = excluded.left_by;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_also_liked_leaver() IS
'Trigger of core.rating: adds to derived.also_liked_leaver who is a fan no more of a movie whose
list is stored. Nothing where no list is stored.';

CREATE TRIGGER keep_also_liked_leaver_update AFTER UPDATE ON core.rating
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_also_liked_leaver();

CREATE TRIGGER keep_also_liked_leaver_delete AFTER DELETE ON core.rating
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_also_liked_leaver();
