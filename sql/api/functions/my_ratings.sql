-- Object: api.my_ratings
-- Does:   the movies that somebody has rated, in one of several orders, page by page
-- Grain:  one row a rating
-- Reads:  core.rating, core.movie, api.movie_card
-- Params: p_user_id; p_sort newest, oldest, best, worst, title or year; p_query words of the title
--         or null; p_stars only those with so many, or null; p_limit, p_offset rows
-- Try:    SELECT rank, title, stars, rated_at FROM api.my_ratings(4);
CREATE FUNCTION api.my_ratings(
    p_user_id integer,
    p_sort text DEFAULT 'newest',
    p_query text DEFAULT NULL,
    p_stars numeric DEFAULT NULL,
    p_limit integer DEFAULT 24,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    original_title text,
    year integer,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    stars numeric,
    rated_at timestamptz,
    total integer,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT
            given.movie_id,
            given.half_stars,
            given.rated_at,
            count(*) OVER () AS total,
            -- What it is sorted by, bigger first or smaller first, whichever p_sort asks for.
            CASE p_sort
                WHEN 'newest' THEN EXTRACT(EPOCH FROM given.rated_at)
                WHEN 'oldest' THEN -EXTRACT(EPOCH FROM given.rated_at)
                WHEN 'best' THEN given.half_stars
                WHEN 'worst' THEN -given.half_stars
                WHEN 'year' THEN movie.year
            END AS height,
            CASE p_sort WHEN 'title' THEN movie.title_key END COLLATE "C" AS name
        FROM core.rating AS given
        INNER JOIN core.movie ON movie.movie_id = given.movie_id
        WHERE given.user_id = p_user_id
            AND (p_stars IS NULL OR given.half_stars = p_stars * 2)
            -- every word somewhere in the title
            AND (
                p_query IS NULL OR NOT EXISTS (
                    SELECT FROM regexp_split_to_table(api._fold(p_query), ' ') AS word
                    WHERE strpos(movie.title_key, word) = 0
                        AND strpos(COALESCE(movie.original_key, ''), word) = 0
                )
            )
            AND api._checked(
                'sort', p_sort, 'newest', 'oldest', 'best', 'worst', 'title', 'year'
            ) IS NOT NULL
        ORDER BY height DESC NULLS LAST, name, given.rated_at DESC NULLS LAST, given.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER in_order)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.poster_path, card.genres,
        card.raters, card.mean_stars, round(listed.half_stars / 2.0, 1) AS stars,
        listed.rated_at, listed.total::integer, card.original_language
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (
        ORDER BY
            listed.height DESC NULLS LAST, listed.name, listed.rated_at DESC NULLS LAST,
            listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.my_ratings(integer, text, text, numeric, integer, integer) IS
'The ratings of p_user_id with the movies they are of. total: how many there are on all pages.
Ties go to the later rating, then movie_id. Errors: RQ002 unknown sort; 2201W, 2201X negative
p_limit, p_offset.';
