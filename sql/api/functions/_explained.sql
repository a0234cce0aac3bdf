-- Object: api._explained
-- Does:   why a movie is recommended to whoever gave these ratings: rows that add up to the score
-- Grain:  one row a rated movie, or a nearest rater, that says something; for models that rank by
--         stars one for the movie and one for the user besides
-- Reads:  core.movie and, of a run, derived.*
-- Params: p_movies rated and p_half_stars given, in step; p_movie_id; p_model as in api.recommend;
--         p_user_id who is no neighbour of his own, may be null
-- Try:    SELECT * FROM api._explained('{603,604}', '{10,8}', 155, NULL);
CREATE FUNCTION api._explained(
    p_movies integer[],
    p_half_stars integer[],
    p_movie_id integer,
    p_model text,
    p_user_id integer DEFAULT NULL
)
RETURNS TABLE (
    kind text, evidence text, amount integer, points numeric, movie_id integer, stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH chosen AS MATERIALIZED (
        SELECT
            run.run_id,
            run.ranks_by,
            CASE WHEN p_model = 'quiz' AND cardinality(p_movies) <= 5 THEN 3 ELSE 0 END AS nearest
        FROM derived.model_run AS run
        WHERE run.run_id = api._trained_run(p_model, cardinality(p_movies))
    ),
    input AS MATERIALIZED (
        SELECT mine.user_offset
        FROM chosen
        CROSS JOIN LATERAL api._model_inputs(chosen.run_id, p_movies, p_half_stars) AS mine
        WHERE mine.input <> 0 OR chosen.ranks_by <> 'score'
    ),
    part AS MATERIALIZED (
        SELECT
            said.movie_id, said.half_stars, said.cosine, said.points,
            -- the largest comes last: what floating-point sums leave over is lost in it
            row_number() OVER (ORDER BY abs(said.points), said.movie_id, said.cosine) AS place,
            sum(said.points) OVER (
                ORDER BY abs(said.points), said.movie_id, said.cosine
                ROWS UNBOUNDED PRECEDING
            ) AS so_far,
            count(*) OVER () AS parts
        FROM chosen
        CROSS JOIN LATERAL api._model_contributions(
            chosen.run_id, p_movies, p_half_stars, ARRAY[p_movie_id], chosen.nearest, p_user_id
        ) AS said
        WHERE NOT p_movie_id = ANY(p_movies)
    ),
    total AS MATERIALIZED (
        SELECT said.points
        FROM chosen
        CROSS JOIN LATERAL api._model_evidence(
            chosen.run_id, p_movies, p_half_stars, ARRAY[p_movie_id], chosen.nearest, p_user_id
        ) AS said
    ),
    rounded AS (
        SELECT
            part.movie_id,
            part.half_stars,
            part.cosine,
            CASE WHEN part.place = part.parts THEN total.points ELSE round(part.so_far) END
            - COALESCE(lag(round(part.so_far)) OVER (ORDER BY part.place), 0) AS points
        FROM part
        CROSS JOIN total
    )
    SELECT found.kind, found.evidence, found.amount, found.points, found.movie_id, found.stars
    FROM (
        SELECT
            1 AS section,
            'movie' AS kind,
            CASE chosen.ranks_by
                WHEN 'stars' THEN 'what others gave it on average'
                ELSE 'what the model gives it before any rating'
            END AS evidence,
            1 AS amount,
            round(1000000 * CASE chosen.ranks_by
                WHEN 'stars' THEN known.mean_stars ELSE known.base
            END)::bigint * 0.000001 AS points,
            NULL::integer AS movie_id,
            NULL::numeric AS stars
        FROM chosen
        INNER JOIN derived.model_movie AS known
            ON known.run_id = chosen.run_id AND known.movie_id = p_movie_id
        WHERE chosen.ranks_by <> 'score'
            AND NOT p_movie_id = ANY(p_movies)
            AND EXISTS (SELECT FROM input)
        UNION ALL
        SELECT
            2,
            'user',
            'how much more or less than others you give',
            count(*)::integer,
            round(1000000 * max(input.user_offset))::bigint * 0.000001,
            NULL,
            NULL
        FROM input
        INNER JOIN chosen ON chosen.ranks_by = 'stars'
        INNER JOIN derived.model_movie AS known
            ON known.run_id = chosen.run_id AND known.movie_id = p_movie_id
        WHERE NOT p_movie_id = ANY(p_movies)
        HAVING count(*) > 0
        UNION ALL
        SELECT
            3,
            CASE WHEN rounded.movie_id IS NULL THEN 'nearest rater' ELSE 'rated movie' END,
            COALESCE(
                rated.title, 'cosine ' || round(rounded.cosine::numeric, 3) || ' to your taste'
            ),
            1,
            rounded.points::bigint * 0.000001,
            rounded.movie_id,
            round(rounded.half_stars / 2.0, 1)
        FROM rounded
        LEFT JOIN core.movie AS rated ON rated.movie_id = rounded.movie_id
        UNION ALL
        SELECT
            4,
            'popular',
            stats.stars_40 + stats.stars_45 + stats.stars_50 || ' raters gave it 4.0 or more',
            stats.stars_40 + stats.stars_45 + stats.stars_50,
            stats.stars_40 + stats.stars_45 + stats.stars_50,
            NULL,
            NULL
        FROM derived.movie_stats AS stats
        WHERE stats.movie_id = p_movie_id
            AND NOT p_movie_id = ANY(p_movies)
            AND stats.stars_40 + stats.stars_45 + stats.stars_50 > 0
            AND NOT EXISTS (SELECT FROM input)
    ) AS found
    ORDER BY found.section, found.points DESC, found.movie_id, found.evidence;
END;
COMMENT ON FUNCTION api._explained(integer[], integer[], integer, text, integer) IS
'What api.explain_recommendation and its form for visitors share; the comment of the former defines
it.';
