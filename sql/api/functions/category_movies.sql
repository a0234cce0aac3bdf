-- Object: api.category_movies
-- Does:   the movies of a category in one of several orders, page by page
-- Grain:  one row a movie
-- Reads:  api.feature_movies
-- Params: p_category_id; p_sort popular, rating, newest, oldest or title; p_limit, p_offset rows
-- Try:    SELECT rank, title, year FROM api.category_movies(1, 'newest', 5);
CREATE FUNCTION api.category_movies(
    p_category_id integer,
    p_sort text DEFAULT 'popular',
    p_limit integer DEFAULT 48,
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
    -- a category is a feature
    SELECT
        film.rank, film.movie_id, film.title, film.original_title, film.year, film.release_date,
        film.runtime, film.overview, film.poster_path, film.genres, film.raters, film.mean_stars,
        film.damped_stars, film.original_language
    FROM api.feature_movies(p_category_id, p_sort, p_limit, p_offset) AS film
    ORDER BY film.rank;
END;
COMMENT ON FUNCTION api.category_movies(integer, text, integer, integer) IS
'The movies of a category (api.category). p_sort  popular: most raters first; rating: best damped
mean first; newest, oldest: by release date, or year where only that is known, unknown ones last;
title. movie_id breaks all ties. Errors: RQ002 unknown sort; 2201W, 2201X negative numbers.';
