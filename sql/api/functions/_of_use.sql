-- Object: api._of_use
-- Does:   what is kept of a service's answer
-- Grain:  one value
-- Reads:  nothing
-- Params: p_service tmdb or omdb; p_answer
-- Try:    SELECT api._of_use('omdb', '{"imdbID": "tt0113277", "Poster": "https://example.org/x"}');
CREATE FUNCTION api._of_use(p_service text, p_answer jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT COALESCE(jsonb_object_agg(field.key, field.value), '{}')
    FROM jsonb_each(
        CASE WHEN jsonb_typeof(p_answer) = 'object' THEN p_answer ELSE '{}' END
    ) AS field
    WHERE field.key = ANY(
        CASE p_service
            WHEN 'tmdb' THEN '{id,imdb_id,title,overview,poster_path,backdrop_path}'::text[]
            -- not its poster, which is somebody else's
            ELSE '{imdbID,Title,Year,Type,Released,Runtime,Genre,Director,Actors,Plot,Language,
                Country,imdbRating,Metascore,Ratings}'::text[]
        END
    )
    -- nothing that we read is longer
    AND length(field.value::text) <= 20000;
END;
COMMENT ON FUNCTION api._of_use(text, jsonb) IS
'The fields of an answer that mean something here; the rest is not stored.';
