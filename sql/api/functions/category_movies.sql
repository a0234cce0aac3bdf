-- Object: api.category_movies
-- Does:   the movies of a category in one of several orders, page by page
-- Grain:  one row a movie
-- Reads:  core.movie_feature, core.movie, derived.movie_stats, api.movie_card
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
    damped_stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT
            movie.movie_id,
            -- What it is sorted by, bigger first or smaller first, whichever p_sort asks for.
            CASE p_sort
                WHEN 'popular' THEN COALESCE(stats.raters, 0)
                WHEN 'rating' THEN api._damped_stars(
                    COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0)
                )
                WHEN 'newest' THEN
                    COALESCE(movie.release_date, make_date(movie.year, 1, 1)) - DATE '0001-01-01'
                WHEN 'oldest' THEN
                    DATE '0001-01-01' - COALESCE(movie.release_date, make_date(movie.year, 1, 1))
            END AS height,
            CASE p_sort WHEN 'title' THEN movie.title_key END COLLATE "C" AS name
        FROM core.movie_feature
        INNER JOIN core.movie ON movie.movie_id = movie_feature.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
        WHERE movie_feature.feature_id = p_category_id
            AND NOT movie.adult
            AND api._checked(
                'sort', p_sort, 'popular', 'rating', 'newest', 'oldest', 'title'
            ) IS NOT NULL
        ORDER BY height DESC NULLS LAST, name, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER in_order)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.release_date, card.runtime,
        card.overview, card.poster_path, card.genres, card.raters, card.mean_stars,
        card.damped_stars
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (
        ORDER BY listed.height DESC NULLS LAST, listed.name, listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.category_movies(integer, text, integer, integer) IS
'The movies of a category (api.category). p_sort  popular: most raters first; rating: best damped
mean first; newest, oldest: by release date, or year where only that is known, unknown ones last;
title. movie_id breaks all ties. Errors: RQ002 unknown sort; 2201W, 2201X negative numbers.';
