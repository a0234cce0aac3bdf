-- Object: api.browse_movies
-- Does:   the movies that pass some filters, in one of several orders, page by page
-- Grain:  one row a movie
-- Reads:  core.feature, core.movie, core.movie_feature, derived.listed_movie,
--         derived.movie_stats, derived.feature_stats, api.movie_card
-- Params: p_genre as in api.category.slug; p_decade its first year; p_country, p_language ISO
--         codes; p_min_runtime, p_max_runtime minutes; p_min_stars the least mean; p_feature_id
--         one more feature; p_sort popular, rating, newest, oldest or title; p_limit, p_offset rows
-- Try:    SELECT rank, title FROM api.browse_movies('horror', p_decade => 1990, p_limit => 5);
CREATE FUNCTION api.browse_movies(
    p_genre text DEFAULT NULL,
    p_decade integer DEFAULT NULL,
    p_country text DEFAULT NULL,
    p_language text DEFAULT NULL,
    p_min_runtime integer DEFAULT NULL,
    p_max_runtime integer DEFAULT NULL,
    p_min_stars numeric DEFAULT NULL,
    p_feature_id integer DEFAULT NULL,
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
        api._browse_features(p_genre, p_country, p_language, p_feature_id), p_decade,
        p_min_runtime, p_max_runtime, p_min_stars, p_sort, p_limit, p_offset
    ) AS listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (
        ORDER BY listed.height DESC NULLS LAST, listed.name COLLATE "C", listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.browse_movies(
    text, integer, text, text, integer, integer, numeric, integer, text, integer, integer
) IS
'The movies that pass every filter that is not null; none for adults only. What is not known of a
movie does not pass: without a runtime it is neither short nor long. p_decade 1990: 1990 to 1999,
any first year will do. p_min_stars: by the plain mean of all ratings, 0.5 to 5.0.
p_sort  popular: most raters first; rating: best damped mean first; newest, oldest: by release date,
or year where only that is known, unknown ones last; title. movie_id breaks all ties.
Nothing for a genre, country, language or feature that is unknown.
Errors: RQ002 unknown sort; 2201W, 2201X negative p_limit, p_offset.';
