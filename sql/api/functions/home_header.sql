-- Object: api.home_header
-- Does:   the movie at the head of the home page, drawn by a seed
-- Grain:  one row, or none where no movie is fit to be shown
-- Reads:  derived.shelf, api.movie_page
-- Params: p_seed
-- Try:    SELECT title, year, overview FROM api.home_header(7);
CREATE FUNCTION api.home_header(p_seed bigint DEFAULT (random() * 2147483647)::bigint)
RETURNS TABLE (
    movie_id integer,
    title text,
    original_title text,
    year integer,
    release_date date,
    runtime integer,
    overview text,
    tagline text,
    genres text[],
    keywords text[],
    poster_path text,
    backdrop_path text,
    raters integer,
    mean_stars numeric,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        page.movie_id, page.title, page.original_title, page.year, page.release_date,
        page.runtime, page.overview, page.tagline, page.genres, page.keywords, page.poster_path,
        page.backdrop_path, page.raters, page.mean_stars,
        page.original_language
    FROM api.movie_page AS page
    WHERE page.movie_id = (
        SELECT shelf.movie_id
        FROM derived.shelf
        WHERE shelf.category_id = 0
            AND shelf.place = (
                SELECT 1 + floor(api._draw(p_seed, 0) * max(last.place))::integer
                FROM derived.shelf AS last
                WHERE last.category_id = 0
            )
    );
END;
COMMENT ON FUNCTION api.home_header(bigint) IS
'The header movie of the home page: the same for the same p_seed, another one at each call
without it. Only movies with an overview and genres are drawn.';
