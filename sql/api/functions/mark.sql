-- Object: api.mark
-- Does:   puts a movie on somebody's watchlist, or hides it from their lists
-- Grain:  one row, the mark as it stands now
-- Reads:  core.rater, core.movie, core.mark
-- Params: p_user_id; p_movie_id; p_kind watch, hide, or null for neither
-- Try:    SELECT * FROM api.mark(4, 2, 'watch');
CREATE FUNCTION api.mark(p_user_id integer, p_movie_id integer, p_kind text)
RETURNS TABLE (user_id integer, movie_id integer, kind text, marked_at timestamptz)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM core.rater WHERE rater.user_id = p_user_id) THEN
        RAISE EXCEPTION 'no rater has the id %', COALESCE(p_user_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    IF NOT EXISTS (SELECT FROM core.movie WHERE movie.movie_id = p_movie_id) THEN
        RAISE EXCEPTION 'no movie has the id %', COALESCE(p_movie_id::text, 'null')
            USING ERRCODE = 'RQ004', HINT = 'find it with api.search_movies';
    END IF;
    IF p_kind IS NULL THEN
        DELETE FROM core.mark WHERE mark.user_id = p_user_id AND mark.movie_id = p_movie_id;
        RETURN QUERY SELECT p_user_id, p_movie_id, NULL::text, NULL::timestamptz;
        RETURN;
    END IF;
    PERFORM api._checked('mark', p_kind, 'watch', 'hide');
    RETURN QUERY
    INSERT INTO core.mark AS made (user_id, movie_id, kind)
    VALUES (p_user_id, p_movie_id, p_kind)
    -- the same mark again keeps its date
    ON CONFLICT (user_id, movie_id) DO UPDATE SET
        kind = excluded.kind,
        marked_at = CASE
            WHEN made.kind = excluded.kind THEN made.marked_at ELSE excluded.marked_at
        END
    RETURNING made.user_id, made.movie_id, made.kind, made.marked_at;
END
$$;
COMMENT ON FUNCTION api.mark(integer, integer, text) IS
'Marks a movie, in place of the mark that it had. Errors: RQ002 unknown kind; RQ004 unknown rater
or movie.';
