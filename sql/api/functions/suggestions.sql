-- Object: api.suggestions
-- Does:   the movies that are suggested to a user: stored ones where they are good, else live ones
-- Grain:  one row a movie that the user has not rated, best first
-- Reads:  core.suggestion, core.suggestion_list, core.rating, core.mark, core.movie,
--         derived.movie_stats, derived.model_run
-- Params: p_user_id; p_limit, p_offset rows; p_reuse_days how long stored ones are good
-- Try:    SELECT rank, title, year, predicted_stars, reason FROM api.suggestions(1, p_limit => 5);
CREATE FUNCTION api.suggestions(
    p_user_id integer,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    -- as recsql suggest makes them anew
    p_reuse_days integer DEFAULT 7
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    score numeric,
    reason text,
    support integer,
    out_of integer,
    mean_stars numeric,
    low numeric,
    high numeric,
    predicted_stars numeric,
    model text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH stored AS MATERIALIZED (
        SELECT
            suggestion.movie_id, suggestion.rank, suggestion.points, suggestion.run_id,
            suggestion.predicted_stars, suggestion.created_at
        FROM core.suggestion_list AS list
        INNER JOIN core.suggestion ON suggestion.user_id = list.user_id
        WHERE list.user_id = p_user_id
            AND list.created_at >= now() - make_interval(days => p_reuse_days)
            -- rated since, or taken back: it counts at once, for all of the list
            AND list.basis = api._basis(p_user_id)
            AND NOT EXISTS (
                SELECT FROM core.mark
                WHERE mark.user_id = p_user_id
                    AND mark.movie_id = suggestion.movie_id
                    AND mark.kind = 'hide'
            )
            AND EXISTS (
                SELECT FROM core.movie WHERE movie.movie_id = suggestion.movie_id
            )
    ),
    page AS (
        SELECT stored.movie_id, stored.rank, stored.points, stored.run_id, stored.predicted_stars,
            stored.created_at
        FROM stored
        ORDER BY stored.rank, stored.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        page.points * 0.000001 AS score,
        CASE
            WHEN page.run_id IS NULL AND page.points = 0 THEN 'popular with critics'
            WHEN page.run_id IS NULL THEN
                'popular: liked by ' || page.points / 1000000 || ' people'
            ELSE 'you may give it ' || round(page.predicted_stars::numeric, 1)
                || COALESCE('; others gave it ' || round(
                    stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 1
                ) || ' on average', '')
        END AS reason,
        NULL::integer AS support,
        NULL::integer AS out_of,
        round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2) AS mean_stars,
        CASE WHEN run.run_id IS NOT NULL THEN
            round(GREATEST(0.5, page.predicted_stars + run.error_low)::numeric, 2)
        END AS low,
        CASE WHEN run.run_id IS NOT NULL THEN
            round(LEAST(5, page.predicted_stars + run.error_high)::numeric, 2)
        END AS high,
        round(page.predicted_stars::numeric, 2) AS predicted_stars,
        CASE WHEN page.run_id IS NULL THEN 'popular' ELSE COALESCE(run.model, 'a former model') END
            AS model
    FROM page
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = page.movie_id
    LEFT JOIN derived.model_run AS run ON run.run_id = page.run_id
    WINDOW best_first AS (ORDER BY page.rank, page.movie_id)
    UNION ALL
    SELECT
        pick.rank, pick.movie_id, pick.title, pick.year, pick.poster_path, pick.score, pick.reason,
        pick.support, pick.out_of, pick.mean_stars, pick.low, pick.high, pick.predicted_stars,
        pick.model
    -- A page has to come out, also where the best model needs an extension that is not here.
    FROM (
        SELECT COALESCE(NULLIF(api._serving_model(NULL), 'also-liked'), 'popular') AS model
    ) AS serving
    CROSS JOIN LATERAL api.recommend(p_user_id, p_limit, p_offset, serving.model) AS pick
    WHERE NOT EXISTS (SELECT FROM stored)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.suggestions(integer, integer, integer, integer) IS
'What recsql suggest stored for a user, without what was hidden since; where nothing is stored, it
is older than p_reuse_days, or the user has rated since (or taken a rating back), what api.recommend
answers now, by the best model that can answer in this database. Same columns as api.recommend.
Stored ones do not know which of the user''s ratings speak for a movie: support and out_of are null
there; api.explain_recommendation tells it. Tell api.note_shown what was shown.
Errors: 2201W, 2201X negative p_limit, p_offset.';
