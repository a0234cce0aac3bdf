-- Object: api._model_scores
-- Does:   what a training recommends to whoever gave these ratings, and the stars it expects
-- Grain:  one row a movie that is not among the rated ones, best first
-- Reads:  core.movie, api.hidden_movies and, of a run, derived.*
-- Params: p_run_id of any state; p_movies rated and p_half_stars given, in step; p_limit, p_offset
--         rows; p_period old, new or any, parted by p_boundary_year; p_only these movies, null for
--         all; p_nearest as in api._model_evidence; p_user_id whose hidden movies are left out,
--         and who is no neighbour of their own, may be null; p_near, p_agreements as in
--         api._model_evidence
-- Try:    SELECT * FROM api._model_scores(1, '{603,604}', '{10,8}');
CREATE FUNCTION api._model_scores(
    p_run_id integer,
    p_movies integer[],
    p_half_stars integer[],
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_period text DEFAULT 'any',
    p_boundary_year integer DEFAULT 2010,
    p_only integer[] DEFAULT NULL,
    p_nearest integer DEFAULT 0,
    p_user_id integer DEFAULT NULL,
    p_near integer[] DEFAULT NULL,
    p_agreements double precision[] DEFAULT NULL
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    points double precision,
    evidence double precision,
    expected_stars double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH own AS MATERIALIZED (
        SELECT
            run.ranks_by,
            run.mean_stars,
            COALESCE(input.user_offset, 0) AS user_offset,
            COALESCE(input.gain, 0) AS gain
        FROM derived.model_run AS run
        LEFT JOIN LATERAL (
            SELECT mine.user_offset, mine.gain
            FROM api._model_inputs(p_run_id, p_movies, p_half_stars) AS mine
            ORDER BY mine.movie_id
            LIMIT 1
        ) AS input ON true
        WHERE run.run_id = p_run_id
    ),
    said AS MATERIALIZED (
        SELECT movie_id, points
        FROM api._model_evidence(
            p_run_id, p_movies, p_half_stars, p_only, p_nearest, p_user_id, p_near, p_agreements
        )
    ),
    scored AS (
        -- by the evidence alone: only movies that some of it speaks for
        SELECT said.movie_id, said.points, said.points AS evidence
        FROM said
        CROSS JOIN own
        WHERE own.ranks_by = 'score'
        UNION ALL
        -- else all movies of the run: what is given beforehand is points as well
        SELECT
            known.movie_id,
            CASE own.ranks_by
                WHEN 'base' THEN round(1000000 * known.base)
                ELSE round(1000000 * known.mean_stars) + round(1000000 * own.user_offset)
            END + COALESCE(said.points, 0) AS points,
            COALESCE(said.points, 0) AS evidence
        FROM own
        INNER JOIN derived.model_movie AS known ON known.run_id = p_run_id
        LEFT JOIN said ON said.movie_id = known.movie_id
        WHERE own.ranks_by <> 'score'
            AND (p_only IS NULL OR known.movie_id IN (SELECT unnest(p_only)))
    ),
    page AS (
        SELECT scored.movie_id, scored.points, scored.evidence
        FROM (
            -- Sorted first: of the movies themselves only the first few are then looked at.
            SELECT movie_id, points, evidence
            FROM scored
            WHERE movie_id NOT IN (SELECT unnest(p_movies))
            ORDER BY points DESC, movie_id
            OFFSET 0
        ) AS scored
        INNER JOIN core.movie ON movie.movie_id = scored.movie_id
        WHERE NOT movie.adult
            AND scored.movie_id NOT IN (SELECT movie_id FROM api.hidden_movies(p_user_id))
            AND CASE p_period
                WHEN 'any' THEN true
                WHEN 'old' THEN movie.year < p_boundary_year
                WHEN 'new' THEN movie.year >= p_boundary_year
            END
            AND api._checked('period', p_period, 'any', 'old', 'new') IS NOT NULL
        ORDER BY scored.points DESC, scored.movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_first)::integer AS rank,
        page.movie_id,
        page.points,
        page.evidence,
        LEAST(5, GREATEST(
            0.5,
            COALESCE(known.mean_stars, own.mean_stars) + own.user_offset
            + own.gain * page.evidence * 0.000001
        )) AS expected_stars
    FROM page
    CROSS JOIN own
    LEFT JOIN derived.model_movie AS known
        ON known.run_id = p_run_id AND known.movie_id = page.movie_id
    WINDOW best_first AS (ORDER BY page.points DESC, page.movie_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api._model_scores(
    integer, integer[], integer[], integer, integer, text, integer, integer[], integer, integer,
    integer[], double precision[]
) IS
'Scores from ratings that are handed over, and not read: those of a visitor, of a user at a time, or
of a training set. points: the score in whole millionths; evidence: the part of it that rests on the
ratings; expected_stars: 0.5 to 5.0. Adult movies are left out. Many users at once, out of any
relation of ratings:
SELECT given.user_id, pick.* FROM (
  SELECT user_id, array_agg(movie_id ORDER BY movie_id) AS movies,
    array_agg(half_stars::integer ORDER BY movie_id) AS half_stars FROM some_ratings GROUP BY user_id
) AS given CROSS JOIN LATERAL api._model_scores(run, given.movies, given.half_stars, 10) AS pick;
Errors: RQ002 unknown period; RQ006 a factor model without pgvector; 2201W, 2201X negative numbers.';
