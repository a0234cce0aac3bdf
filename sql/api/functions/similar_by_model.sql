-- Object: api.similar_by_model
-- Does:   the movies nearest to one movie in a trained model
-- Grain:  one row per other movie, best first; never the movie itself
-- Reads:  derived.model_run, derived.movie_weight, derived.movie_factor, core.movie,
--         derived.movie_stats
-- Params: p_movie_id; p_limit, p_offset rows; p_model an item or factor model, null for the best
-- Try:    SELECT rank, title, year, score, reason FROM api.similar_by_model(603);
CREATE FUNCTION api.similar_by_model(
    p_movie_id integer,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_model text DEFAULT NULL
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
    high numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH chosen AS MATERIALIZED (
        SELECT run.run_id, run.model, run.family
        FROM (SELECT api._trained_run(NULLIF(p_model, 'quiz'), 0) AS run_id) AS asked
        -- asked for first, and refused even where nothing is trained
        CROSS JOIN LATERAL (
            SELECT known.run_id, known.model, known.family
            FROM derived.model_run AS known
            WHERE known.run_id = asked.run_id
            ORDER BY known.run_id
            LIMIT 1
        ) AS run
        WHERE api._checked('model with movie vectors', CASE
                WHEN p_model IN ('quiz', 'popular') THEN p_model ELSE run.family
        END, 'item', 'factor') IS NOT NULL
    ),
    scored AS (
        SELECT other.movie_id, other.weight::bigint AS points
        FROM chosen
        INNER JOIN derived.movie_weight AS weight
            ON weight.run_id = chosen.run_id AND weight.movie_id = p_movie_id
        CROSS JOIN LATERAL unnest(weight.others, weight.weights) AS other (movie_id, weight)
        WHERE other.weight > 0
        UNION ALL
        SELECT near.movie_id, round(1000000 * near.cosine)::bigint
        FROM chosen
        CROSS JOIN LATERAL api._factor_cosines(chosen.run_id, p_movie_id) AS near
        -- of a vector without length no cosine can be told
        WHERE chosen.family = 'factor' AND near.cosine > 0 AND near.cosine <> 'NaN'
    ),
    page AS (
        SELECT scored.movie_id, scored.points
        FROM scored
        INNER JOIN core.movie ON movie.movie_id = scored.movie_id
        WHERE NOT movie.adult
        ORDER BY scored.points DESC, scored.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        page.points * 0.000001 AS score,
        CASE chosen.family
            WHEN 'item' THEN 'weight ' || round(page.points * 0.000001, 3) || ' in '
            ELSE 'cosine ' || round(page.points * 0.000001, 3) || ' in the factors of '
        END || chosen.model AS reason,
        NULL::integer AS support,
        NULL::integer AS out_of,
        round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2) AS mean_stars,
        NULL::numeric AS low,
        NULL::numeric AS high
    FROM page
    CROSS JOIN chosen
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = page.movie_id
    WINDOW best_first AS (ORDER BY page.points DESC, page.movie_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.similar_by_model(integer, integer, integer, text) IS
'Movies near p_movie_id in a model of api.trained_model; null: the best trained one.
score: item models (cosine, ease) the stored weight; factor models the cosine of the two vectors.
Only those above 0. Nothing for a movie that the model does not know. support, out_of, low and high
are null here. Errors: RQ002 a model that is not trained or has no vectors of movies; RQ006 a factor
model without pgvector; 2201W, 2201X negative p_limit, p_offset.';
