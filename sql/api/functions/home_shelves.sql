-- Object: api.home_shelves
-- Does:   the carousels of the home page: categories in random order, random movies in each
-- Grain:  one row a movie of a shelf
-- Reads:  core.feature, derived.shelf, derived.movie_stats
-- Params: p_seed; p_shelves categories at most; p_per_shelf movies at most
-- Try:    SELECT shelf, category, title, year FROM api.home_shelves(7, 3, 4);
CREATE FUNCTION api.home_shelves(
    p_seed bigint DEFAULT (random() * 2147483647)::bigint,
    p_shelves integer DEFAULT 20,
    p_per_shelf integer DEFAULT 10
)
RETURNS TABLE (
    shelf integer,
    category_id integer,
    slug text,
    category text,
    place integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    raters integer,
    mean_stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH filled AS (
        SELECT
            genre.feature_id AS category_id, replace(genre.code, ' ', '-') AS slug, genre.name,
            size.movies
        FROM core.feature AS genre
        CROSS JOIN LATERAL (
            SELECT max(last.place) AS movies
            FROM derived.shelf AS last
            WHERE last.category_id = genre.feature_id
        ) AS size
        WHERE genre.kind = 'genre' AND size.movies > 0
    ),
    chosen AS (
        SELECT
            row_number() OVER (ORDER BY api._draw(p_seed, category_id), category_id) AS shelf,
            category_id, slug, name, movies
        FROM filled
        ORDER BY shelf
        LIMIT p_shelves
    ),
    -- The places of a category are cut into as many even strips as it has cards, and one place
    -- is drawn from each: as random as the numbering, and no movie twice.
    drawn AS (
        SELECT
            chosen.shelf, chosen.category_id, chosen.slug, chosen.name,
            row_number() OVER (
                PARTITION BY chosen.shelf
                ORDER BY api._draw(p_seed, chosen.category_id * 100003::bigint + strip.n), strip.n
            ) AS place,
            1 + strip.start + floor(
                -- another key than for the order above, so that the two draws are unrelated
                api._draw(p_seed, -chosen.category_id * 100003::bigint - strip.n)
                * (strip.finish - strip.start)
            )::integer AS number
        FROM chosen
        CROSS JOIN LATERAL (
            SELECT
                n,
                (n - 1)::bigint * chosen.movies / cards.total AS start,
                n::bigint * chosen.movies / cards.total AS finish
            FROM (SELECT LEAST(p_per_shelf, chosen.movies) AS total) AS cards
            -- a constant end, which the planner can count with
            CROSS JOIN generate_series(1, p_per_shelf) AS n
            WHERE n <= cards.total
        ) AS strip
    )
    SELECT
        drawn.shelf::integer, drawn.category_id, drawn.slug, drawn.name AS category,
        drawn.place::integer, card.movie_id, card.title, card.year::integer, card.poster_path,
        COALESCE(stats.raters, 0) AS raters,
        api._mean_stars(stats.half_stars, stats.raters) AS mean_stars
    FROM drawn
    INNER JOIN derived.shelf AS card
        ON card.category_id = drawn.category_id AND card.place = drawn.number
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = card.movie_id
    ORDER BY drawn.shelf, drawn.place;
END;
COMMENT ON FUNCTION api.home_shelves(bigint, integer, integer) IS
'The shelves of the home page: p_shelves categories in random order and p_per_shelf random movies
in each, only such as are fit to be shown (see api.refresh_shelves). The same p_seed gives the
same shelves; without it each call draws anew. Errors: 2201W negative p_shelves.';
