-- Object: api.enrich_movie
-- Does:   keeps what a service answered about a movie, and takes over what is of use
-- Grain:  one row: what became of it
-- Reads:  core.movie, core.movie_key, core.trailer, api.rate_by_critics
-- Params: p_service tmdb or omdb; p_movie_id; p_resource what was asked for; p_status 200, or 404
--         where the service knows no such movie; p_answer
-- Try:    SELECT * FROM api.enrich_movie('omdb', 1, 'tt0078748', 404);
CREATE FUNCTION api.enrich_movie(
    p_service text,
    p_movie_id integer,
    p_resource text,
    p_status integer,
    p_answer jsonb DEFAULT NULL
)
RETURNS TABLE (movie_id integer, outcome text)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    rows_changed integer;
    changed bigint := 0;
    shape CONSTANT text := '^/[A-Za-z0-9_.-]{1,100}\.(jpg|png|svg)$';
    numbered CONSTANT text := CASE
        WHEN p_service = 'tmdb' AND jsonb_typeof(p_answer -> 'id') = 'number'
            AND p_answer ->> 'id' ~ '^[1-9][0-9]{0,8}$'
            THEN p_answer ->> 'id'
    END;
    named CONSTANT text := api._imdb_id(
        api._answered(p_answer, CASE p_service WHEN 'tmdb' THEN 'imdb_id' ELSE 'imdbID' END)
    );
BEGIN
    PERFORM api._checked('service', p_service, 'tmdb', 'omdb');
    IF p_status IS NULL OR p_status NOT IN (200, 404) THEN
        RAISE EXCEPTION 'only answers with the status 200 or 404 are kept' USING ERRCODE = 'RQ009';
    END IF;
    IF NOT EXISTS (SELECT FROM core.movie WHERE movie.movie_id = p_movie_id) THEN
        RAISE EXCEPTION 'no movie has the id %', COALESCE(p_movie_id::text, 'null')
            USING ERRCODE = 'RQ004';
    END IF;
    IF p_status = 200 AND NOT (
        (p_service = 'omdb' OR numbered IS NOT NULL)
        AND (
            COALESCE(numbered = p_movie_id::text, false)
            OR EXISTS (
                SELECT FROM core.movie_key
                WHERE movie_key.movie_id = p_movie_id
                    AND (
                        movie_key.source = 'tmdb' AND movie_key.key = numbered
                        OR movie_key.source = 'imdb' AND movie_key.key = named
                    )
            )
        )
    ) THEN
        RAISE EXCEPTION 'the answer is not about this movie'
            USING ERRCODE = 'RQ009', HINT = 'its ids are not those that we have';
    END IF;

    IF p_status = 200 THEN
        UPDATE core.movie AS known SET
            poster_path = COALESCE(picture.poster_path, known.poster_path),
            backdrop_path = COALESCE(picture.backdrop_path, known.backdrop_path),
            overview = COALESCE(known.overview, picture.overview)
        FROM (
            SELECT
                CASE
                    WHEN p_service = 'tmdb' AND p_answer ->> 'poster_path' ~ shape
                        THEN p_answer ->> 'poster_path'
                END AS poster_path,
                CASE
                    WHEN p_service = 'tmdb' AND p_answer ->> 'backdrop_path' ~ shape
                        THEN p_answer ->> 'backdrop_path'
                END AS backdrop_path,
                left(api._answered(
                    p_answer, CASE p_service WHEN 'tmdb' THEN 'overview' ELSE 'Plot' END
                ), 5000) AS overview
        ) AS picture
        WHERE known.movie_id = p_movie_id
            AND (known.poster_path, known.backdrop_path, known.overview) IS DISTINCT FROM (
                COALESCE(picture.poster_path, known.poster_path),
                COALESCE(picture.backdrop_path, known.backdrop_path),
                COALESCE(known.overview, picture.overview)
            );
        GET DIAGNOSTICS rows_changed = ROW_COUNT;
        changed := changed + rows_changed;
    END IF;

    IF p_service = 'tmdb' THEN
        DELETE FROM core.trailer AS past
        WHERE past.movie_id = p_movie_id
            AND NOT EXISTS (SELECT FROM api._tmdb_trailer(p_answer));
        GET DIAGNOSTICS rows_changed = ROW_COUNT;
        changed := changed + rows_changed;
        INSERT INTO core.trailer AS past (movie_id, youtube_key, name)
        SELECT p_movie_id, given.youtube_key, given.name FROM api._tmdb_trailer(p_answer) AS given
        ON CONFLICT (movie_id) DO UPDATE SET
            youtube_key = excluded.youtube_key, name = excluded.name
        WHERE (past.youtube_key, past.name)
            IS DISTINCT FROM (excluded.youtube_key, excluded.name);
        GET DIAGNOSTICS rows_changed = ROW_COUNT;
        changed := changed + rows_changed;
        IF p_status = 200 THEN
            -- by which it is found at once from now on
            INSERT INTO core.movie_key (source, key, movie_id)
            VALUES ('tmdb', numbered, p_movie_id)
            ON CONFLICT (source, key) DO NOTHING;
        END IF;
    ELSIF p_status = 200 THEN
        SELECT changed + rated.inserted + rated.updated + rated.deleted INTO changed
        FROM api.rate_by_critics(ARRAY[p_movie_id], ARRAY[p_answer]) AS rated;
    END IF;

    INSERT INTO core.fetched AS kept (service, movie_id, resource, fetched_at, status, answer)
    VALUES (
        p_service, p_movie_id, left(p_resource, 200), now(), p_status,
        CASE WHEN p_status = 200 THEN api._of_use(p_service, p_answer) END
    )
    ON CONFLICT (service, movie_id) DO UPDATE SET
        resource = excluded.resource, fetched_at = excluded.fetched_at,
        status = excluded.status, answer = excluded.answer;

    RETURN QUERY SELECT p_movie_id, CASE
        WHEN p_status = 404 THEN 'not found'
        WHEN changed > 0 THEN 'updated'
        ELSE 'unchanged'
    END;
END
$$;
COMMENT ON FUNCTION api.enrich_movie(text, integer, text, integer, jsonb) IS
'outcome: updated, unchanged, or not found. Of TMDB: poster and backdrop, the overview where we have
none, the trailer. Of OMDb: what the critics give, the plot where we have no overview. A trailer that
is not there any more goes. Errors: RQ002 unknown service, RQ004 unknown movie, RQ009 an answer about
another movie, or with another status.';
