-- Object: api.import_ratings
-- Does:   takes over ratings that somebody gave elsewhere
-- Grain:  one row a line, with what became of it
-- Reads:  core.rating, api.matched_ratings
-- Params: p_user_id; p_lines as for api.matched_ratings; p_years by which a year may be off
-- Try:    SELECT * FROM api.import_ratings(4, '[{"line": 2, "title": "Aliens", "stars": 4}]');
CREATE FUNCTION api.import_ratings(p_user_id integer, p_lines jsonb, p_years integer DEFAULT 1)
RETURNS TABLE (
    line integer, outcome text, movie_id integer, matched_by text, problem text, title text,
    year integer, stars numeric
)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    WITH matched AS MATERIALIZED (
        SELECT * FROM api.matched_ratings(p_lines, p_years)
    ),
    before AS MATERIALIZED (
        SELECT rating.movie_id, rating.half_stars, rating.rated_at
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ),
    written AS (
        INSERT INTO core.rating AS known (rated_at, user_id, movie_id, half_stars)
        SELECT COALESCE(matched.rated_at, now()), p_user_id, matched.movie_id, matched.half_stars
        FROM matched
        LEFT JOIN before ON before.movie_id = matched.movie_id
        WHERE matched.problem IS NULL
            -- a rating given here since then is the later word
            AND (before.rated_at IS NULL OR matched.rated_at IS NULL
                OR before.rated_at <= matched.rated_at)
            AND before.half_stars IS DISTINCT FROM matched.half_stars
        ORDER BY matched.movie_id
        ON CONFLICT (user_id, movie_id) DO UPDATE SET
            rated_at = excluded.rated_at, half_stars = excluded.half_stars
        RETURNING known.movie_id
    )
    SELECT
        matched.line,
        CASE
            WHEN matched.problem IS NOT NULL THEN 'left out'
            WHEN written.movie_id IS NOT NULL AND before.movie_id IS NULL THEN 'added'
            WHEN written.movie_id IS NOT NULL THEN 'changed'
            WHEN before.half_stars = matched.half_stars THEN 'same'
            ELSE 'older'
        END AS outcome,
        matched.movie_id, matched.matched_by, matched.problem, matched.title, matched.year,
        round(matched.half_stars / 2.0, 1) AS stars
    FROM matched
    LEFT JOIN before ON before.movie_id = matched.movie_id
    LEFT JOIN written ON written.movie_id = matched.movie_id AND matched.problem IS NULL
    ORDER BY matched.line;
END;
COMMENT ON FUNCTION api.import_ratings(integer, jsonb, integer) IS
'Rates the movies that api.matched_ratings finds. outcome  added; changed; same: as it was; older:
the rating that is here was given later and stays; left out: see problem. A second time nothing
changes. Errors: 23503 unknown rater; 22P02, 22023 p_lines is not as described.';
