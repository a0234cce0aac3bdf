-- Object: api.feature_movies
-- Does:   the movies that have a feature, in one of several orders, page by page
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_feature, core.feature, derived.listed_movie,
--         derived.movie_stats, derived.feature_stats, api.movie_card
-- Params: p_feature_id of api.feature; p_sort popular, rating, newest, oldest or title; p_limit,
--         p_offset rows
-- Try:    SELECT rank, title, year FROM api.feature_movies(5, 'newest', 5);
CREATE FUNCTION api.feature_movies(
    p_feature_id integer,
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
    SELECT
        (p_offset::bigint + row_number() OVER in_order)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.release_date, card.runtime,
        card.overview, card.poster_path, card.genres, card.raters, card.mean_stars,
        card.damped_stars, card.original_language
    FROM api._browse_page(
        ARRAY[p_feature_id], NULL, NULL, NULL, NULL, p_sort, p_limit, p_offset
    ) AS listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (
        ORDER BY listed.height DESC NULLS LAST, listed.name COLLATE "C", listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.feature_movies(integer, text, integer, integer) IS
'The movies that have a genre, keyword, company, country or language (api.feature), none for adults
only. p_sort as in api.browse_movies. Nothing for a feature that is unknown.
Errors: RQ002 unknown sort; 2201W, 2201X negative p_limit, p_offset.';
