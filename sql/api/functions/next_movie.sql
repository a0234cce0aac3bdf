-- Object: api.next_movie
-- Does:   what to watch next: one movie out of somebody's suggestions, drawn by a seed
-- Grain:  one row, or none where nothing is left to suggest
-- Reads:  core.rating, core.mark, core.movie, core.suggestion, api.suggestions, api.movie_page and,
--         of a run, derived.*
-- Params: p_user_id, null for a visitor; p_seed; p_among the first so many suggestions
-- Try:    SELECT title, reason, predicted_stars, next_seed FROM api.next_movie(4, 7);
CREATE FUNCTION api.next_movie(
    p_user_id integer,
    p_seed bigint DEFAULT (random() * 2147483647)::bigint,
    -- an evening of pressing "next", and none of them far from the best
    p_among integer DEFAULT 50
)
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
    directors text[],
    poster_path text,
    backdrop_path text,
    raters integer,
    mean_stars numeric,
    rank integer,
    score numeric,
    reason text,
    predicted_stars numeric,
    low numeric,
    high numeric,
    model text,
    mark text,
    is_stored boolean,
    shown_at timestamptz,
    place integer,
    among integer,
    next_seed integer,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH suggested AS MATERIALIZED (
        SELECT
            pick.movie_id, pick.rank, pick.score, pick.predicted_stars, pick.low, pick.high,
            pick.model,
            -- One circle, shuffled for each user, and the seed a place on it. So none comes twice
            -- before all have come, and none twice in a row as long as there is another one.
            row_number() OVER (
                ORDER BY api._draw(COALESCE(p_user_id, 0), pick.movie_id), pick.movie_id
            ) AS place,
            count(*) OVER () AS among
        FROM api.suggestions(p_user_id, p_among) AS pick
    ),
    chosen AS MATERIALIZED (
        SELECT suggested.*
        FROM suggested
        -- for seeds below zero, too
        WHERE suggested.place = 1 + mod(mod(p_seed, suggested.among) + suggested.among,
            suggested.among)
    )
    SELECT
        page.movie_id, page.title, page.original_title, page.year, page.release_date,
        page.runtime, page.overview, page.tagline, page.genres, page.directors,
        page.poster_path, page.backdrop_path, page.raters, page.mean_stars,
        chosen.rank, chosen.score, said.reason, chosen.predicted_stars, chosen.low, chosen.high,
        chosen.model,
        (
            SELECT mark.kind FROM core.mark
            WHERE mark.user_id = p_user_id AND mark.movie_id = chosen.movie_id
        ) AS mark,
        stored.movie_id IS NOT NULL AS is_stored,
        stored.shown_at,
        chosen.place::integer,
        chosen.among::integer,
        mod(chosen.place, chosen.among)::integer AS next_seed,
        page.original_language
    FROM chosen
    -- of this one movie
    CROSS JOIN LATERAL (
        SELECT page.*
        FROM api.movie_page AS page
        WHERE page.movie_id = chosen.movie_id
        ORDER BY page.movie_id
        LIMIT 1
    ) AS page
    CROSS JOIN LATERAL api._reasons(p_user_id, ARRAY[chosen.movie_id]) AS said
    LEFT JOIN core.suggestion AS stored
        ON stored.user_id = p_user_id AND stored.movie_id = chosen.movie_id;
END;
COMMENT ON FUNCTION api.next_movie(integer, bigint, integer) IS
'One of the first p_among rows of api.suggestions, with its details: the same for the same p_seed
and suggestions. next_seed leads to another one, until all of them have been shown; it is the seed itself
where there is only one. A visitor (null) gets what is popular.
place of among: where it stands in the shuffled order. runtime: minutes. mark: watch, or null.
predicted_stars, low, high, score, model: as in api.suggestions; reason in a few words.
is_stored, shown_at: whether the suggestion is stored, and when it was last noted (api.note_shown).
Errors: 2201W negative p_among.';
