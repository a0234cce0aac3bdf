-- Object: api._personal
-- Does:   what suits whoever gave these ratings, or what is popular where they say nothing
-- Grain:  one row a movie that is not among the rated ones, best first
-- Reads:  core.movie, api.critic_rating, api.hidden_movies and, of a run, derived.*
-- Params: p_movies rated and p_half_stars given, in step; p_limit, p_offset rows; p_model a trained
--         one, popular, quiz, or null for the best; p_period old, new or any, parted by
--         p_boundary_year; p_user_id whose hidden movies are left out, may be null
-- Try:    SELECT * FROM api._personal('{603,604}', '{10,8}', 10, 0, NULL, 'any', 2010);
CREATE FUNCTION api._personal(
    p_movies integer[],
    p_half_stars integer[],
    p_limit integer,
    p_offset integer,
    p_model text,
    p_period text,
    p_boundary_year integer,
    p_user_id integer DEFAULT NULL
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
    WITH chosen AS MATERIALIZED (
        SELECT
            api._trained_run(p_model, cardinality(p_movies)) AS run_id,
            -- the quiz of old: three nearest raters for whoever gave five ratings or fewer
            CASE WHEN p_model = 'quiz' AND cardinality(p_movies) <= 5 THEN 3 ELSE 0 END AS nearest
    ),
    mine AS MATERIALIZED (
        SELECT put_in.movie_id, put_in.input
        FROM chosen
        CROSS JOIN LATERAL api._model_inputs(chosen.run_id, p_movies, p_half_stars) AS put_in
    ),
    -- Sought once, for the list and for its reasons; null where no neighbours are heard.
    near AS MATERIALIZED (
        SELECT
            array_agg(one.user_id ORDER BY one.agreement DESC, one.user_id) AS raters,
            array_agg(one.agreement ORDER BY one.agreement DESC, one.user_id) AS agreements
        FROM chosen
        INNER JOIN derived.model_run AS run ON run.run_id = chosen.run_id
        CROSS JOIN LATERAL api._neighbours(
            chosen.run_id,
            ARRAY(SELECT mine.movie_id FROM mine ORDER BY mine.movie_id),
            ARRAY(SELECT mine.input FROM mine ORDER BY mine.movie_id),
            p_user_id
        ) AS one
        WHERE run.family = 'user'
    ),
    basis AS MATERIALIZED (
        SELECT
            chosen.run_id,
            chosen.nearest,
            near.raters,
            near.agreements,
            run.model,
            run.error_low,
            run.error_high,
            EXISTS(SELECT FROM mine WHERE mine.input <> 0 OR run.ranks_by <> 'score') AS has_voice
        FROM chosen
        CROSS JOIN near
        LEFT JOIN derived.model_run AS run ON run.run_id = chosen.run_id
    ),
    page AS MATERIALIZED (
        SELECT
            pick.rank, pick.movie_id, pick.points::bigint AS points, pick.expected_stars
        FROM basis
        CROSS JOIN LATERAL api._model_scores(
            basis.run_id, p_movies, p_half_stars, p_limit, p_offset, p_period, p_boundary_year,
            NULL, basis.nearest, p_user_id, basis.raters, basis.agreements
        ) AS pick
        WHERE basis.has_voice
    ),
    voice AS MATERIALIZED (
        SELECT
            said.for_movie_id,
            said.movie_id,
            said.half_stars,
            said.points,
            row_number() OVER (
                PARTITION BY said.for_movie_id ORDER BY said.points DESC, said.movie_id
            ) AS place
        FROM basis
        CROSS JOIN LATERAL api._model_contributions(
            basis.run_id, p_movies, p_half_stars, ARRAY(SELECT page.movie_id FROM page),
            basis.nearest, p_user_id, basis.raters, basis.agreements
        ) AS said
        WHERE basis.has_voice AND said.points > 0
    ),
    evidence AS MATERIALIZED (
        SELECT
            voice.for_movie_id,
            -- two names fit on a card, and only they are looked up
            string_agg(
                (SELECT rated.title FROM core.movie AS rated WHERE rated.movie_id = voice.movie_id)
                || ' ' || round(voice.half_stars / 2.0, 1),
                ' and ' ORDER BY voice.place
            ) FILTER (WHERE voice.place <= 2) AS names,
            count(*) AS voices
        FROM voice
        GROUP BY voice.for_movie_id
    )
    SELECT
        page.rank,
        page.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        page.points * 0.000001 AS score,
        COALESCE(
            'because you gave ' || evidence.names,
            CASE
                WHEN basis.nearest > 0 THEN basis.nearest || ' raters nearest to your taste like it'
                ELSE 'others gave it ' || round(
                    stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 1
                ) || ' on average'
            END
        ) AS reason,
        COALESCE(evidence.voices, 0)::integer AS support,
        cardinality(p_movies) AS out_of,
        round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2) AS mean_stars,
        round(GREATEST(0.5, page.expected_stars + basis.error_low)::numeric, 2) AS low,
        round(LEAST(5, page.expected_stars + basis.error_high)::numeric, 2) AS high,
        round(page.expected_stars::numeric, 2) AS predicted_stars,
        CASE WHEN p_model = 'quiz' THEN 'quiz (' || basis.model || ')' ELSE basis.model END AS model
    FROM page
    CROSS JOIN basis
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = page.movie_id
    LEFT JOIN evidence ON evidence.for_movie_id = page.movie_id
    UNION ALL
    SELECT
        pick.rank,
        pick.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        CASE WHEN pick.critics THEN 0 ELSE pick.likers END::numeric,
        'popular: liked by ' || pick.likers || ' of ' || pick.raters
        || CASE WHEN pick.critics THEN ' critics' ELSE '' END
        || CASE
            WHEN p_model = 'popular' THEN ''
            WHEN cardinality(p_movies) = 0 THEN '; you have rated nothing yet'
            WHEN basis.run_id IS NULL THEN '; no model is trained yet'
            ELSE '; what you rated says nothing to ' || basis.model
        END,
        pick.likers,
        pick.raters,
        round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2),
        NULL,
        NULL,
        COALESCE(
            critic.mean_stars, round(api._damped_stars(stats.half_stars, stats.raters), 2)
        ),
        'popular'
    FROM basis
    CROSS JOIN LATERAL api._popular(
        p_movies || ARRAY(SELECT hidden.movie_id FROM api.hidden_movies(p_user_id) AS hidden),
        p_limit, p_offset, p_period, p_boundary_year
    ) AS pick
    INNER JOIN core.movie ON movie.movie_id = pick.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = pick.movie_id
    LEFT JOIN LATERAL api.critic_stars(pick.movie_id) AS critic ON pick.critics
    WHERE NOT basis.has_voice
    ORDER BY rank;
END;
COMMENT ON FUNCTION api._personal(
    integer[], integer[], integer, integer, text, text, integer, integer
) IS
'What api.recommend and api.recommend_for share; the comment of api.recommend defines it.';
