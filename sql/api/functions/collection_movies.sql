-- Object: api.collection_movies
-- Does:   the films of a series, in the order in which they came out
-- Grain:  one row a movie
-- Reads:  core.movie, api.movie_card
-- Params: p_collection_id; p_limit, p_offset rows
-- Try:    SELECT rank, title, year FROM api.collection_movies(2344);
CREATE FUNCTION api.collection_movies(
    p_collection_id integer,
    p_limit integer DEFAULT 200,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    original_title text,
    year integer,
    release_date date,
    runtime integer,
    overview text,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    damped_stars numeric,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT movie_id, COALESCE(release_date, make_date(year, 1, 1)) AS came_out
        FROM core.movie
        WHERE collection_id = p_collection_id AND NOT adult
        ORDER BY came_out, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER in_order)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.release_date, card.runtime,
        card.overview, card.poster_path, card.genres, card.raters, card.mean_stars,
        card.damped_stars, card.original_language
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (ORDER BY listed.came_out, listed.movie_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.collection_movies(integer, integer, integer) IS
'The movies of a collection by release date, or year where only that is known, unknown ones last;
movie_id breaks ties. Errors: 2201W, 2201X negative numbers.';
