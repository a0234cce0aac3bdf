-- Object: api.found_at_omdb
-- Does:   what OMDb found, and which of it we have
-- Grain:  one row a title, each once
-- Reads:  core.movie_key, core.movielens_link, core.movie
-- Params: p_answer OMDb's answer to a search (s=) or to an id (i=)
-- Try:    SELECT * FROM api.found_at_omdb('{"imdbID": "tt0078748", "Title": "Alien"}');
CREATE FUNCTION api.found_at_omdb(p_answer jsonb)
RETURNS TABLE (
    rank integer,
    imdb_id text,
    title text,
    year integer,
    movie_id integer,
    fault text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT DISTINCT ON (film.imdb_id)
            given.place, film.imdb_id, film.title, film.year, film.fault
        FROM jsonb_array_elements(
            CASE
                WHEN jsonb_typeof(p_answer -> 'Search') = 'array' THEN p_answer -> 'Search'
                ELSE jsonb_build_array(p_answer)
            END
        ) WITH ORDINALITY AS given (item, place)
        CROSS JOIN LATERAL api._omdb_film(given.item) AS film
        WHERE film.imdb_id IS NOT NULL AND film.title IS NOT NULL
        ORDER BY film.imdb_id, given.place
    )
    SELECT
        (row_number() OVER (ORDER BY listed.place))::integer AS rank,
        listed.imdb_id,
        listed.title,
        listed.year,
        api._known_movie(listed.imdb_id, listed.title, listed.year),
        listed.fault
    FROM listed
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.found_at_omdb(jsonb) IS
'Titles in OMDb''s order. movie_id: ours, null where we lack it. fault: why it cannot be added (a
series, a game); null for a film. What has no readable id or title is left out.';
