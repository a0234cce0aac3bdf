-- Object: api.my_marks
-- Does:   somebody's watchlist, or the movies they hide, the latest first
-- Grain:  one row a movie
-- Reads:  core.mark, core.rating, api.movie_card
-- Params: p_user_id; p_kind watch or hide; p_limit, p_offset rows
-- Try:    SELECT rank, title, marked_at FROM api.my_marks(4, 'watch');
CREATE FUNCTION api.my_marks(
    p_user_id integer,
    p_kind text DEFAULT 'watch',
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
    marked_at timestamptz,
    total integer,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT mark.movie_id, mark.marked_at, given.half_stars, count(*) OVER () AS total
        FROM core.mark
        LEFT JOIN core.rating AS given
            ON given.user_id = mark.user_id AND given.movie_id = mark.movie_id
        WHERE mark.user_id = p_user_id
            AND mark.kind = api._checked('mark', p_kind, 'watch', 'hide')
            -- What has been rated since has been watched; taken back, it is there again.
            AND (
                mark.kind = 'hide' OR given.movie_id IS NULL OR given.rated_at < mark.marked_at
            )
        ORDER BY mark.marked_at DESC, mark.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER latest_first)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.poster_path, card.genres,
        card.raters, card.mean_stars, round(listed.half_stars / 2.0, 1) AS stars,
        listed.marked_at, listed.total::integer, card.original_language
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW latest_first AS (ORDER BY listed.marked_at DESC, listed.movie_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.my_marks(integer, text, integer, integer) IS
'The movies that p_user_id wants to watch (p_kind watch) or does not want to see (hide). A rating
later than the mark takes a movie off the watchlist. total: how many there are on all pages.
Errors: RQ002 unknown kind; 2201W, 2201X negative p_limit, p_offset.';
