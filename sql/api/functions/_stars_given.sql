-- Object: api._stars_given
-- Does:   the ratings that a visitor hands over, checked
-- Grain:  one row: two arrays in step
-- Reads:  core.movie
-- Params: p_ratings as in api.recommend_for
-- Try:    SELECT * FROM api._stars_given('{"603": 5.0, "604": 0}');
CREATE FUNCTION api._stars_given(p_ratings jsonb)
RETURNS TABLE (movies integer[], half_stars integer[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    -- more than anybody rates by hand, and few enough to be answered soon
    most CONSTANT integer := 5000;
    shape CONSTANT text := 'write {"603": 5.0, "604": 3.5} or'
        ' [{"movie_id": 603, "stars": 5.0}]: movie ids, and stars from 0.5 to 5.0 in half steps;'
        ' 0 is not seen';
    entry record;
    given_stars numeric;
BEGIN
    IF p_ratings IS NULL OR jsonb_typeof(p_ratings) NOT IN ('object', 'array') THEN
        RAISE EXCEPTION 'ratings are an object or an array, not %',
            COALESCE(jsonb_typeof(p_ratings), 'null')
            USING ERRCODE = 'RQ003', HINT = shape;
    END IF;
    movies := '{}';
    half_stars := '{}';
    FOR entry IN
        SELECT field.key AS id, field.value AS stars
        FROM jsonb_each(
            CASE jsonb_typeof(p_ratings) WHEN 'object' THEN p_ratings ELSE '{}' END
        ) AS field
        UNION ALL
        SELECT
            CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value ->> 'movie_id' END,
            CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value -> 'stars' END
        FROM jsonb_array_elements(
            CASE jsonb_typeof(p_ratings) WHEN 'array' THEN p_ratings ELSE '[]' END
        ) AS part
        LIMIT most + 1
    LOOP
        IF entry.id IS NULL OR entry.id !~ '^[0-9]{1,10}$' OR entry.id::bigint > 2147483647 THEN
            RAISE EXCEPTION 'no movie id: %', left(COALESCE(entry.id, 'null'), 40)
                USING ERRCODE = 'RQ003', HINT = shape;
        END IF;
        IF jsonb_typeof(entry.stars) IS DISTINCT FROM 'number' THEN
            RAISE EXCEPTION 'the stars of movie % are no number: %',
                entry.id, left(COALESCE(entry.stars::text, 'missing'), 40)
                USING ERRCODE = 'RQ003', HINT = shape;
        END IF;
        given_stars := entry.stars::text::numeric;
        CONTINUE WHEN given_stars = 0;
        IF given_stars NOT BETWEEN 0.5 AND 5 OR given_stars * 2 <> trunc(given_stars * 2) THEN
            RAISE EXCEPTION 'stars are 0.5 to 5.0 in half steps, not %',
                left(given_stars::text, 40)
                USING ERRCODE = 'RQ003', HINT = shape;
        END IF;
        IF entry.id::integer = ANY (movies) THEN
            RAISE EXCEPTION 'movie % is rated twice', entry.id::integer
                USING ERRCODE = 'RQ003', HINT = 'give each movie once';
        END IF;
        movies := movies || entry.id::integer;
        half_stars := half_stars || (given_stars * 2)::integer;
    END LOOP;
    IF cardinality(movies) > most THEN
        RAISE EXCEPTION 'more than % ratings at once', most
            USING ERRCODE = 'RQ003', HINT = 'give fewer';
    END IF;
    SELECT unknown.movie_id AS id INTO entry
    FROM unnest(movies) AS unknown (movie_id)
    WHERE NOT EXISTS (SELECT FROM core.movie WHERE movie.movie_id = unknown.movie_id)
    ORDER BY unknown.movie_id
    LIMIT 1;
    IF entry.id IS NOT NULL THEN
        RAISE EXCEPTION 'no movie has the id %', entry.id
            USING ERRCODE = 'RQ004', HINT = 'find it with api.search_movies';
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION api._stars_given(jsonb) IS
'Movies and half-stars out of p_ratings, without those that were not seen (0 stars).
Errors: RQ003 it cannot be read, and how to write it; RQ004 unknown movie.';
