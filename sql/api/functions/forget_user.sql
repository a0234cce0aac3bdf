-- Object: api.forget_user
-- Does:   deletes a rater with all that he left, as if he had never been
-- Grain:  one row: what went
-- Reads:  core.rater, core.account, core.attempt, core.rating, core.movie, derived.movie_stats,
--         derived.shelf
-- Params: p_user_id
-- Try:    SELECT * FROM api.forget_user(4);
CREATE FUNCTION api.forget_user(p_user_id integer)
RETURNS TABLE (user_id integer, ratings integer)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    his_movies integer[];
    unfit integer[];
BEGIN
    -- A refresh under way may have read his ratings, and would store them after they are gone.
    IF NOT pg_try_advisory_xact_lock_shared(hashtext('recsql.refresh')) THEN
        RAISE EXCEPTION 'stored lists are being refreshed at this moment'
            USING ERRCODE = 'RQ007', HINT = 'nothing was deleted; try again in a few minutes';
    END IF;
    his_movies := ARRAY(
        SELECT rating.movie_id FROM core.rating WHERE rating.user_id = p_user_id
    );
    DELETE FROM core.attempt
    WHERE attempt.subject IN (
        SELECT api._attempt_subjects(account.name, NULL)
        FROM core.account
        WHERE account.user_id = p_user_id
    );
    -- All tables that name a rater follow; api._keep_forgotten lets go of the stored lists.
    DELETE FROM core.rater WHERE rater.user_id = p_user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no rater has the id %', COALESCE(p_user_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    -- A movie may have been fit to be shown only because he had seen it: its places close up.
    unfit := ARRAY(
        SELECT movie.movie_id
        FROM core.movie
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
        WHERE movie.movie_id = ANY (his_movies)
            AND movie.overview IS NULL
            AND COALESCE(stats.raters, 0) = 0
    );
    WITH shelf_of_his AS (
        SELECT DISTINCT shelf.category_id FROM derived.shelf WHERE shelf.movie_id = ANY (unfit)
    ),
    taken_down AS (
        DELETE FROM derived.shelf
        WHERE shelf.category_id IN (SELECT shelf_of_his.category_id FROM shelf_of_his)
        RETURNING
            shelf.category_id, shelf.place, shelf.movie_id, shelf.title, shelf.year,
            shelf.poster_path
    )
    INSERT INTO derived.shelf (category_id, place, movie_id, title, year, poster_path)
    SELECT
        taken_down.category_id,
        row_number() OVER (PARTITION BY taken_down.category_id ORDER BY taken_down.place),
        taken_down.movie_id,
        taken_down.title,
        taken_down.year,
        taken_down.poster_path
    FROM taken_down
    WHERE taken_down.movie_id <> ALL (unfit);
    RETURN QUERY SELECT p_user_id, cardinality(his_movies);
END
$$;
COMMENT ON FUNCTION api.forget_user(integer) IS
'Deletes a rater: account, sessions, ratings, watchlist, hidden movies. Kept counts are right in the
same transaction, and stored lists that counted him are dropped and reckoned live until a refresh.
What models have learnt from all ratings together holds a trace of his until they are trained again,
and so do suggestions stored for others.
Errors: RQ004 unknown rater; RQ007 a refresh of stored lists is running.';
