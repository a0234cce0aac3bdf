-- Object: api._keep_also_liked_change
-- Does:   notes which stored lists a change of ratings touches, and by how much
-- Grain:  one call a statement
-- Reads:  the statement's own rows, core.rating, derived.also_liked
-- Params: none
-- Try:    SELECT * FROM api.freshness ORDER BY share DESC LIMIT 5;
CREATE FUNCTION api._keep_also_liked_change()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    users integer[];
    movies integer[];
    given integer[];
    noted integer;
BEGIN
    IF NOT EXISTS (SELECT FROM derived.also_liked) THEN
        RETURN NULL;
    END IF;
    -- No text put together, as in api._keep_movie_stats: plans are kept.
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(user_id), array_agg(movie_id), array_agg(half_stars)
        INTO users, movies, given
        FROM added
        WHERE user_id > 0;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(user_id), array_agg(movie_id), array_agg(half_stars)
        INTO users, movies, given
        FROM removed
        WHERE user_id > 0;
    ELSE
        -- what was before and what is now, where they differ
        SELECT array_agg(user_id), array_agg(movie_id), array_agg(half_stars)
        INTO users, movies, given
        FROM (
            (
                SELECT user_id, movie_id, half_stars FROM added
                EXCEPT
                SELECT user_id, movie_id, half_stars FROM removed
            )
            UNION ALL
            (
                SELECT user_id, movie_id, half_stars FROM removed
                EXCEPT
                SELECT user_id, movie_id, half_stars FROM added
            )
        ) AS change
        WHERE user_id > 0;
    END IF;
    IF users IS NULL THEN
        RETURN NULL;
    END IF;
    WITH change AS (
        SELECT one.user_id, one.movie_id, one.half_stars
        FROM unnest(users, movies, given) AS one (user_id, movie_id, half_stars)
    ),
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
    SELECT summed.movie_id, summed.evidence
    FROM (
        SELECT touched.movie_id, sum(touched.evidence) AS evidence
        FROM touched
        GROUP BY touched.movie_id
    ) AS summed
    -- a fence: those that a rater loves are few, and the planner would read all lists
    CROSS JOIN LATERAL (
        SELECT FROM derived.also_liked AS stored
        WHERE stored.movie_id = summed.movie_id
        OFFSET 0 -- noqa: AM09
    ) AS stored;
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
